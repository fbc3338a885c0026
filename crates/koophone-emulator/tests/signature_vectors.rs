//! The signature check against the vectors made by the official signer.

use koophone_emulator::signature::{Authorization, canonical_request, verify};
use serde_json::Value;

/// Decodes base64, as far as the binary bodies need it.
fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| {
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|other| *other == byte)
    };
    let (mut bits, mut count, mut bytes) = (0_usize, 0, Vec::new());
    for value in text.bytes().filter_map(digit) {
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xFF) as u8);
        }
    }
    bytes
}

fn pairs(object: &Value) -> Vec<(String, String)> {
    object.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

#[test]
fn every_normative_vector_is_accepted() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/signing.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut checked, mut derived) = (0, 0);
    for vector in all["vectors"].as_array().unwrap() {
        if vector["normative"] != true {
            continue;
        }
        let name = vector["name"].as_str().unwrap();
        let (method, url) = (vector["method"].as_str().unwrap(), vector["url"].as_str().unwrap());
        let body = match (vector["body"].as_str(), vector["body_base64"].as_str()) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(text)) => base64(text),
            (None, None) => Vec::new(),
        };
        let mut headers = pairs(&vector["headers"]);
        let added = pairs(&vector["expected"]["headers_added_by_signer"]);
        let known: Vec<String> = headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        headers.extend(added.into_iter().filter(|(name, _)| !known.contains(&name.to_lowercase())));
        let authorization = Authorization::parse(vector["expected"]["authorization"].as_str().unwrap()).unwrap();
        let canonical = canonical_request(method, url, &headers, &body, &authorization.signed_headers);
        assert_eq!(canonical, vector["expected"]["canonical_request"].as_str().unwrap(), "{name}");
        let secret = vector["sk"].as_str().unwrap();
        assert_eq!(verify(&authorization, method, url, &headers, &body, secret), Ok(()), "{name}");
        let refused = verify(&authorization, method, url, &headers, b"another body", secret);
        let unsigned = canonical.ends_with("UNSIGNED-PAYLOAD");
        assert_eq!(refused.is_ok(), unsigned, "{name}: a changed body");
        assert!(verify(&authorization, method, url, &headers, &body, "another key").is_err(), "{name}");
        checked += 1;
        derived += i32::from(authorization.scope.is_some());
    }
    assert!(checked >= 57 && derived >= 2, "only {checked} vectors, {derived} with derived keys");
}

#[test]
fn a_claimed_hash_is_ignored() {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let signed = ["host".to_owned(), "x-sdk-content-sha256".to_owned(), "x-sdk-date".to_owned()];
    let headers = [
        header("Host", "h"),
        header("X-Sdk-Content-Sha256", &"0".repeat(64)),
        header("X-Sdk-Date", "20260101T000000Z"),
    ];
    let canonical = canonical_request("POST", "/x", &headers, b"{}", &signed);
    assert!(canonical.ends_with("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"), "{canonical}");
}
