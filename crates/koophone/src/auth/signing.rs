//! AK/SK request signatures (请求签名): `SDK-HMAC-SHA256`, and the derived `V11-HMAC-SHA256` for private domains.
//!
//! The client signs by itself. This module is public for debugging a refused signature: the gateway prints its
//! canonical request, and [`sign`] returns ours.
//!
//! ```
//! use koophone::signing::{SigningRequest, sign};
//!
//! let request = SigningRequest {
//!     method: "GET",
//!     url: "https://koophone.myhuaweicloud.com/v1/instances/tasks/6837531f",
//!     date: Some("20240419T080910Z"),
//!     ..Default::default()
//! };
//! let signed = sign(&request, "AKEXAMPLE", "SKEXAMPLE")?;
//! assert!(signed.canonical_request.starts_with("GET\n/v1/instances/tasks/6837531f/\n"));
//! assert!(signed.authorization.starts_with("SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=host;x-sdk-date, "));
//! # Ok::<(), koophone::Error>(())
//! ```

use std::borrow::Cow;
use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::{Error, Result};

/// Everything but `A-Z a-z 0-9 - _ . ~` is encoded, in queries and path segments alike.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const UNRESERVED_OR_SLASH: &AsciiSet = &UNRESERVED.remove(b'/');
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const CONTENT_SHA256: &str = "x-sdk-content-sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What is signed.
#[derive(Clone, Debug, Default)]
pub struct SigningRequest<'a> {
    /// HTTP method in any case.
    pub method: &'a str,
    /// Absolute URL as it is sent: percent-encoded, with its query.
    pub url: &'a str,
    /// Every header to sign. `Host` and `X-Sdk-Date` are added if they are missing. Names with `_` are not signed.
    pub headers: &'a [(&'a str, &'a str)],
    /// The exact bytes sent.
    pub body: &'a [u8],
    /// `YYYYMMDDTHHMMSSZ`; by default the header `X-Sdk-Date`, or the current time without one.
    pub date: Option<&'a str>,
    /// How to sign.
    pub algorithm: Algorithm<'a>,
}

/// How to sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm<'a> {
    /// `SDK-HMAC-SHA256`, for every public endpoint.
    #[default]
    HmacSha256,
    /// `V11-HMAC-SHA256` with a key derived for a region (`globe` for none) and a service. Only for private domains.
    Derived {
        /// Region of the key.
        region: &'a str,
        /// Service of the key.
        service: &'a str,
    },
}

/// A signature, with every step that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Signed {
    /// The request in the form both sides hash.
    pub canonical_request: String,
    /// Algorithm, date and the hash of the canonical request.
    pub string_to_sign: String,
    /// Names of the signed headers, separated by `;`.
    pub signed_headers: String,
    /// Lower-case hex.
    pub signature: String,
    /// The value of the `Authorization` header.
    pub authorization: String,
    /// Headers to send besides those given: `Host`, `X-Sdk-Date`, `X-Sdk-Content-Sha256`.
    pub added_headers: Vec<(&'static str, String)>,
}

/// Signs `request` with an access key (AK) and secret key (SK). The secret is used as its UTF-8 bytes.
///
/// # Errors
///
/// `invalid_argument` for a URL without a host and for a date of another form.
///
/// ```
/// use koophone::signing::{SigningRequest, sign};
///
/// let request = SigningRequest { method: "GET", url: "https://example.com/v1/things", ..Default::default() };
/// let signed = sign(&request, "HPUA1EXAMPLE", "a-secret")?;
/// assert!(signed.authorization.starts_with("SDK-HMAC-SHA256 Access=HPUA1EXAMPLE"));
/// # koophone::Result::<()>::Ok(())
/// ```
pub fn sign(request: &SigningRequest<'_>, access_key: &str, secret_key: &str) -> Result<Signed> {
    let (authority, path, query) = split(request.url)?;
    let given = |name: &str| request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim());
    let mut added_headers = Vec::new();
    let date = match given("x-sdk-date") {
        Some(date) => Cow::Borrowed(date),
        None => {
            let date = request.date.map_or_else(|| Cow::Owned(date_of(SystemTime::now())), Cow::Borrowed);
            added_headers.push(("X-Sdk-Date", date.clone().into_owned()));
            date
        }
    };
    check_date(&date)?;
    if given("host").is_none() {
        added_headers.push(("Host", authority.to_owned()));
    }
    let json = |kind: &str| kind.starts_with("application/json") || kind.starts_with("application/bson");
    if given("content-type").is_some_and(|kind| !json(kind)) && given(CONTENT_SHA256).is_none() {
        added_headers.push(("X-Sdk-Content-Sha256", UNSIGNED.to_owned()));
    }
    let added = added_headers.iter().map(|(name, value)| (*name, value.as_str()));
    let headers = canonical_headers(request.headers.iter().copied().chain(added));
    let payload = match headers.iter().find(|(name, _)| name == CONTENT_SHA256) {
        _ if request.body.is_empty() => Cow::Borrowed(EMPTY_SHA256),
        Some((_, value)) => Cow::Borrowed(*value),
        None => Cow::Owned(hex(&Sha256::digest(request.body))),
    };

    let mut canonical = String::with_capacity(512);
    canonical.extend(request.method.chars().map(|c| c.to_ascii_uppercase()));
    canonical.push('\n');
    push_path(&mut canonical, path);
    canonical.push('\n');
    push_query(&mut canonical, query);
    canonical.push('\n');
    let mut signed_headers = String::with_capacity(128);
    for (name, value) in &headers {
        canonical.extend([name, ":", value, "\n"]);
        if !signed_headers.is_empty() {
            signed_headers.push(';');
        }
        signed_headers.push_str(name);
    }
    canonical.extend(["\n", &signed_headers, "\n", &payload]);

    let hash = hex(&Sha256::digest(canonical.as_bytes()));
    let (string_to_sign, signature, credential) = match request.algorithm {
        Algorithm::HmacSha256 => {
            let text = format!("SDK-HMAC-SHA256\n{date}\n{hash}");
            let signature = hex(&hmac(secret_key.as_bytes(), text.as_bytes()));
            (text, signature, format!("SDK-HMAC-SHA256 Access={access_key}"))
        }
        Algorithm::Derived { region, service } => {
            let scope = format!("{}/{region}/{service}", &date[..8]);
            let text = format!("V11-HMAC-SHA256\n{date}\n{scope}\n{hash}");
            let key = derived_key(access_key, secret_key, &scope);
            let signature = hex(&hmac(key.as_bytes(), text.as_bytes()));
            (text, signature, format!("V11-HMAC-SHA256 Credential={access_key}/{scope}"))
        }
    };
    let authorization = format!("{credential}, SignedHeaders={signed_headers}, Signature={signature}");
    Ok(Signed { canonical_request: canonical, string_to_sign, signed_headers, signature, authorization, added_headers })
}

/// `time` in the format of `X-Sdk-Date`.
pub(crate) fn date_of(time: SystemTime) -> String {
    // A time before 1970 or after 9999 means a broken clock: the gateway's response then has the right time.
    let time = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The time of an `X-Sdk-Date`.
pub(crate) fn time_of(date: &str) -> Option<SystemTime> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().into())
}

fn check_date(date: &str) -> Result<()> {
    let bytes = date.as_bytes();
    let right = |(at, byte): (usize, &u8)| match at {
        8 => *byte == b'T',
        15 => *byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    if bytes.len() == 16 && bytes.iter().enumerate().all(right) {
        return Ok(());
    }
    Err(Error::invalid("date", format!("the date {date:?} must have the form 20240419T080910Z, in UTC")))
}

/// Authority, path and query of an absolute URL, as they are.
fn split(url: &str) -> Result<(&str, &str, &str)> {
    let wrong = || Error::invalid("url", format!("{url:?} must be an absolute URL, like https://host/path?query"));
    let (_, rest) = url.split_once("://").ok_or_else(wrong)?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let slash = before.find('/').unwrap_or(before.len());
    let (authority, path) = before.split_at(slash);
    if authority.is_empty() || authority.contains('@') {
        return Err(wrong());
    }
    Ok((authority, path, query))
}

/// The signed headers: lower-case name, trimmed value, sorted by name; names with `_` are left out, as in the official
/// Python SDK (many proxies drop them).
fn canonical_headers<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(Cow<'a, str>, &'a str)> {
    let lower = |name: &'a str| match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    };
    let mut sorted: Vec<(Cow<'a, str>, &str)> = Vec::with_capacity(16);
    for (name, value) in headers.filter(|(name, _)| !name.contains('_')) {
        let name = lower(name);
        // A stable sort: a header given twice keeps its order.
        let place = sorted.partition_point(|(other, _)| *other <= name);
        sorted.insert(place, (name, value.trim()));
    }
    sorted
}

/// Decoded once, encoded once, with a trailing slash that is not on the wire.
fn push_path(out: &mut String, path: &str) {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    if path.bytes().all(plain) {
        out.push_str(path);
    } else {
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        out.extend(utf8_percent_encode(&decoded, UNRESERVED_OR_SLASH));
    }
    if !out.ends_with('/') {
        out.push('/');
    }
}

/// Sorted by decoded key, then by decoded value.
fn push_query(out: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let decode = |text| percent_decode_str(text).decode_utf8_lossy();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    pairs.sort_unstable();
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push('&');
        }
        out.extend(utf8_percent_encode(key, UNRESERVED));
        out.push('=');
        out.extend(utf8_percent_encode(value, UNRESERVED));
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// HKDF-SHA256 for one block; the key is the hex text itself.
fn derived_key(access_key: &str, secret_key: &str, scope: &str) -> zeroize::Zeroizing<String> {
    let extracted = hmac(access_key.as_bytes(), secret_key.as_bytes());
    let info = [scope.as_bytes(), &[1]].concat();
    zeroize::Zeroizing::new(hex(&hmac(&extracted, &info)))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

impl Signed {
    /// The canonical request as the gateway prints it in its error text, with `|` for line breaks, for comparison.
    pub fn canonical_request_as_gateway_prints_it(&self) -> String {
        self.canonical_request.replace('\n', "|")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors() -> Vec<Value> {
        let text = include_str!("../../../../tests/vectors/signing.json");
        let mut file: Value = serde_json::from_str(text).unwrap();
        serde_json::from_value(file["vectors"].take()).unwrap()
    }

    fn body_of(vector: &Value) -> Vec<u8> {
        use base64::Engine;
        match (vector["body"].as_str(), vector["body_base64"].as_str()) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(text)) => base64::engine::general_purpose::STANDARD.decode(text).unwrap(),
            (None, None) => Vec::new(),
        }
    }

    #[test]
    fn every_vector_is_reproduced_and_the_foreign_algorithm_is_not_offered() {
        let mut passed = 0;
        for vector in vectors() {
            let name = vector["name"].as_str().unwrap();
            let derived = &vector["derived"];
            let algorithm = match vector["algorithm"].as_str().unwrap() {
                "SDK-HMAC-SHA256" => Algorithm::HmacSha256,
                "V11-HMAC-SHA256" => Algorithm::Derived {
                    region: derived["region"].as_str().unwrap(),
                    service: derived["service"].as_str().unwrap(),
                },
                // Optional, and only for regions that ask for SM3: there is no variant for it.
                other => {
                    assert_eq!((other, vector["normative"].as_bool()), ("SDK-HMAC-SM3", Some(false)));
                    continue;
                }
            };
            let headers: Vec<(&str, &str)> =
                vector["headers"].as_object().unwrap().iter().map(|(k, v)| (k.as_str(), v.as_str().unwrap())).collect();
            let body = body_of(&vector);
            let request = SigningRequest {
                method: vector["method"].as_str().unwrap(),
                url: vector["url"].as_str().unwrap(),
                headers: &headers,
                body: &body,
                date: vector["x_sdk_date"].as_str(),
                algorithm,
            };
            let signed = sign(&request, vector["ak"].as_str().unwrap(), vector["sk"].as_str().unwrap()).unwrap();
            let expected = &vector["expected"];
            assert_eq!(signed.canonical_request, expected["canonical_request"].as_str().unwrap(), "{name}");
            assert_eq!(signed.string_to_sign, expected["string_to_sign"].as_str().unwrap(), "{name}");
            assert_eq!(signed.signed_headers, expected["signed_headers"].as_str().unwrap(), "{name}");
            assert_eq!(signed.signature, expected["signature"].as_str().unwrap(), "{name}");
            assert_eq!(signed.authorization, expected["authorization"].as_str().unwrap(), "{name}");
            passed += 1;
        }
        assert_eq!(passed, 63);
    }

    // docs/spec/wire-notes.md#35
    #[test]
    fn a_space_in_a_query_is_percent_20() {
        let mut out = String::new();
        push_query(&mut out, "begin=2023-08-15%2014%3A30%3A45&a=+");
        assert_eq!(out, "a=%2B&begin=2023-08-15%2014%3A30%3A45");
    }

    #[test]
    fn invalid_input_is_refused_and_the_argument_named() {
        let request = |url, date| SigningRequest { method: "GET", url, date: Some(date), ..Default::default() };
        let argument =
            |request: SigningRequest<'_>| sign(&request, "a", "s").unwrap_err().argument().map(str::to_owned).unwrap();
        assert_eq!(argument(request("/v1", "20240419T080910Z")), "url");
        assert_eq!(argument(request("https://", "20240419T080910Z")), "url");
        for date in ["", "2024-04-19T08:09:10Z", "20240419T080910", "20240419T0809é0Z"] {
            assert_eq!(argument(request("https://h/", date)), "date", "{date}");
        }
    }
}
