//! SDK-HMAC-SHA256 and V11-HMAC-SHA256: the signature of a request, computed from the request as received.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// The algorithm for the service's own host.
pub(crate) const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A key derived for a day, a region and a service (docs/spec/auth.md, 1.3).
pub(crate) const DERIVED_ALGORITHM: &str = "V11-HMAC-SHA256";

/// The parts of an `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The access key.
    pub access_key: String,
    /// The scope of a derived key, such as `20260131/cn-north-4/koophone`.
    pub scope: Option<String>,
    /// Names of the signed headers, lower case.
    pub signed_headers: Vec<String>,
    /// The signature, hexadecimal.
    pub signature: String,
}

impl Authorization {
    /// Reads `SDK-HMAC-SHA256 Access=<ak>, SignedHeaders=<a;b>, Signature=<hex>`, or
    /// `V11-HMAC-SHA256 Credential=<ak>/<scope>, SignedHeaders=<a;b>, Signature=<hex>`.
    pub fn parse(header: &str) -> Option<Self> {
        let (algorithm, fields) = header.trim().split_once(' ')?;
        let is_derived = algorithm == DERIVED_ALGORITHM;
        if !is_derived && algorithm != ALGORITHM {
            return None;
        }
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            match field.trim().split_once('=')? {
                ("Access", value) if !is_derived => credential = Some((value.to_owned(), None)),
                ("Credential", value) if is_derived => {
                    let (access_key, scope) = value.split_once('/')?;
                    credential = Some((access_key.to_owned(), Some(scope.to_owned())));
                }
                ("SignedHeaders", value) => {
                    signed_headers = Some(value.split(';').map(str::to_ascii_lowercase).collect());
                }
                ("Signature", value) => signature = Some(value.to_owned()),
                _ => return None,
            }
        }
        let (access_key, scope) = credential?;
        Some(Self { access_key, scope, signed_headers: signed_headers?, signature: signature? })
    }

    /// The algorithm of a header, whatever follows.
    pub(crate) fn algorithm(header: &str) -> &str {
        header.split_whitespace().next().unwrap_or_default()
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
        // Writing to a String cannot fail.
        let _ = writeln!(canonical, "{name}:{}", header_value(headers, name));
    }
    let _ = write!(canonical, "\n{}\n{}", names.join(";"), payload_hash(headers, body));
    canonical
}

/// The signature of a canonical request with `secret_key`.
pub fn sign(canonical_request: &str, date: &str, secret_key: &str) -> String {
    let to_sign = format!("{ALGORITHM}\n{date}\n{}", hex(&Sha256::digest(canonical_request.as_bytes())));
    hex(&hmac(secret_key.as_bytes(), to_sign.as_bytes()))
}

/// The same with a key derived for `scope` by HKDF with one round, used as hexadecimal text.
pub fn sign_derived(canonical_request: &str, date: &str, scope: &str, access_key: &str, secret_key: &str) -> String {
    let extracted = hmac(access_key.as_bytes(), secret_key.as_bytes());
    let key = hex(&hmac(&extracted, &[scope.as_bytes(), &[1]].concat()));
    let hash = hex(&Sha256::digest(canonical_request.as_bytes()));
    let to_sign = format!("{DERIVED_ALGORITHM}\n{date}\n{scope}\n{hash}");
    hex(&hmac(key.as_bytes(), to_sign.as_bytes()))
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC accepts keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Checks a signature. The error is the emulator's canonical request.
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
    let date = header_value(headers, "x-sdk-date");
    let expected = match &authorization.scope {
        None => sign(&canonical, &date, secret_key),
        Some(scope) => sign_derived(&canonical, &date, scope, &authorization.access_key, secret_key),
    };
    if date_is_signed && !expected.is_empty() && expected == authorization.signature { Ok(()) } else { Err(canonical) }
}

/// All values of a header joined, without surrounding white space.
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

/// Sorted by the decoded text; `+` is a plus, not a space.
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

/// The hash of the received body. The header can only disable hashing; a hash in it is ignored.
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
