//! SDK-HMAC-SHA256: the signature of a request, computed from the request as received.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// The only algorithm KooPhone's gateway needs.
pub(crate) const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The parts of an `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The access key.
    pub access_key: String,
    /// Names of the signed headers, lower case.
    pub signed_headers: Vec<String>,
    /// The signature, hexadecimal.
    pub signature: String,
}

impl Authorization {
    /// Reads `SDK-HMAC-SHA256 Access=<ak>, SignedHeaders=<a;b>, Signature=<hex>`.
    pub fn parse(header: &str) -> Option<Self> {
        let fields = header.trim().strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let (mut access_key, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            match field.trim().split_once('=')? {
                ("Access", value) => access_key = Some(value.to_owned()),
                ("SignedHeaders", value) => {
                    signed_headers = Some(value.split(';').map(str::to_ascii_lowercase).collect());
                }
                ("Signature", value) => signature = Some(value.to_owned()),
                _ => return None,
            }
        }
        Some(Self { access_key: access_key?, signed_headers: signed_headers?, signature: signature? })
    }
}

/// The canonical request of what was received. `target` is an absolute URL or a path with an optional query,
/// `headers` are name and value in any case and order.
pub fn canonical_request(
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
    signed_headers: &[String],
) -> String {
    let (path, query) = split_target(target);
    let mut names: Vec<String> = signed_headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    let mut canonical =
        format!("{}\n{}\n{}\n", method.to_ascii_uppercase(), canonical_path(path), canonical_query(query));
    for name in &names {
        // Writing to a String does not fail.
        let _ = writeln!(canonical, "{name}:{}", header_value(headers, name));
    }
    let _ = write!(canonical, "\n{}\n{}", names.join(";"), payload_hash(headers, body));
    canonical
}

/// The signature that `secret_key` gives to a canonical request.
pub fn sign(canonical_request: &str, date: &str, secret_key: &str) -> String {
    let to_sign = format!("{ALGORITHM}\n{date}\n{}", hex(&Sha256::digest(canonical_request.as_bytes())));
    // HMAC takes keys of every length.
    match Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()) {
        Ok(mut mac) => {
            mac.update(to_sign.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
        Err(_) => String::new(),
    }
}

/// Checks a signature. The error is the canonical request as this side sees it.
pub fn verify(
    authorization: &Authorization,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
    secret_key: &str,
) -> Result<(), String> {
    let canonical = canonical_request(method, target, headers, body, &authorization.signed_headers);
    let date_is_signed = authorization.signed_headers.iter().any(|name| name == "x-sdk-date");
    let expected = sign(&canonical, &header_value(headers, "x-sdk-date"), secret_key);
    if date_is_signed && !expected.is_empty() && expected == authorization.signature { Ok(()) } else { Err(canonical) }
}

/// All values of a header joined, outer white space taken away.
fn header_value(headers: &[(String, String)], wanted: &str) -> String {
    let values: Vec<&str> =
        headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim()).collect();
    values.join(",")
}

/// Path and query of an absolute URL or an origin-form target.
fn split_target(target: &str) -> (&str, &str) {
    let rest = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find(['/', '?']).map_or("/", |start| &rest[start..]),
        _ => target,
    };
    let rest = rest.split('#').next().unwrap_or(rest);
    rest.split_once('?').unwrap_or((rest, ""))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decoded once, every part encoded again, and always with a slash at the end.
fn canonical_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut canonical = decoded.split('/').map(encode).collect::<Vec<_>>().join("/");
    if !canonical.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// Sorted by the decoded text; `+` is a plus, not a blank.
fn canonical_query(query: &str) -> String {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    pairs.sort_unstable();
    pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect::<Vec<_>>().join("&")
}

/// The hash of the body that really arrived. The header can only switch the hashing off; a hash it claims is not believed.
fn payload_hash(headers: &[(String, String)], body: &[u8]) -> String {
    const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
    if !body.is_empty() && header_value(headers, "x-sdk-content-sha256") == UNSIGNED {
        UNSIGNED.to_owned()
    } else {
        hex(&Sha256::digest(body))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
