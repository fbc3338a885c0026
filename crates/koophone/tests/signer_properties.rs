//! Any request that is signed here is accepted by the emulator's own verifier, which is a second reading of the rules,
//! and no part of it can be changed.

use koophone::signing::{SigningRequest, sign};
use koophone_emulator::signature::{Authorization, verify};
use proptest::prelude::*;

type Headers = Vec<(String, String)>;

/// A percent-encoded piece of a URL: letters, escaped bytes of any text, and what may be unescaped.
fn piece() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => "[A-Za-z0-9._~-]".prop_map(String::from),
        1 => any::<char>().prop_map(|c| c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()),
        1 => "[+!*'():@$]".prop_map(String::from),
    ];
    proptest::collection::vec(character, 0..8).prop_map(|characters| characters.concat())
}

fn url() -> impl Strategy<Value = String> {
    let path = proptest::collection::vec(piece(), 0..5).prop_map(|pieces| pieces.join("/"));
    let pair = (piece(), proptest::option::of(piece())).prop_map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name,
    });
    let query = proptest::collection::vec(pair, 0..4).prop_map(|pairs| pairs.join("&"));
    ("[a-z]{1,8}\\.example(:[1-9][0-9]{1,3})?", path, proptest::option::of(query)).prop_map(|(host, path, query)| {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("https://{host}/{path}{query}")
    })
}

fn headers() -> impl Strategy<Value = Headers> {
    let header = ("x-[a-z]{3,10}", "[ -~]{0,20}");
    proptest::collection::btree_map(header.0, header.1, 0..4)
        .prop_map(|map| map.into_iter().filter(|(name, _)| !name.starts_with("x-sdk")).collect())
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted_and_cannot_be_changed(
        method in "(GET|POST|PUT|DELETE|PATCH)",
        url in url(),
        mut sent in headers(),
        body in proptest::collection::vec(any::<u8>(), 0..200),
        access_key in "[A-Z0-9]{8,20}",
        secret_key in "\\PC{1,40}",
    ) {
        let given: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = SigningRequest { method: &method, url: &url, headers: &given, body: &body, ..Default::default() };
        let signed = sign(&request, &access_key, &secret_key).unwrap();
        sent.extend(signed.added_headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let authorization = Authorization::parse(&signed.authorization).unwrap();
        prop_assert_eq!(&authorization.access_key, &access_key);
        let check = |method: &str, url: &str, headers: &Headers, body: &[u8], key: &str| {
            verify(&authorization, method, url, headers, body, key)
        };
        prop_assert_eq!(check(&method, &url, &sent, &body, &secret_key), Ok(()), "here: {}", signed.canonical_request);
        // No part of it can be changed.
        let other_key = format!("{secret_key}x");
        prop_assert!(check(&method, &url, &sent, &body, &other_key).is_err());
        prop_assert!(check("HEAD", &url, &sent, &body, &secret_key).is_err());
        let other_body = [&body[..], b"x"].concat();
        prop_assert!(check(&method, &url, &sent, &other_body, &secret_key).is_err());
        let other_url = url.replacen(".example", ".example/more", 1);
        prop_assert!(url.contains(":") && check(&method, &other_url, &sent, &body, &secret_key).is_err());
        for at in 0..sent.len() {
            let mut other = sent.clone();
            other[at].1.push('x');
            let checked = check(&method, &url, &other, &body, &secret_key);
            prop_assert!(checked.is_err(), "header {} is not signed", sent[at].0);
        }
    }

    #[test]
    fn nothing_makes_the_signer_panic(
        method in "\\PC{0,8}", url in "\\PC{0,60}", name in "\\PC{0,10}", value in "\\PC{0,20}",
    ) {
        let headers = [(name.as_str(), value.as_str())];
        let request = SigningRequest { method: &method, url: &url, headers: &headers, ..Default::default() };
        let _ = sign(&request, "key", "secret");
    }
}
