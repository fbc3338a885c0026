//! Adding a credential to a request.

use std::time::SystemTime;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use super::credentials::AccessKey;
use super::signing;
use crate::http::HttpRequest;
use crate::model::{Error, ErrorKind, Result};

/// Largest body that may be signed (docs/spec/wire-notes.md#55).
const MAX_SIGNED_BODY: usize = 12 << 20;

/// Adds date, project and signature to a request.
pub(super) fn sign_request(
    request: &mut HttpRequest,
    key: &AccessKey,
    project_id: Option<&str>,
    now: SystemTime,
) -> Result<()> {
    if request.body.len() > MAX_SIGNED_BODY {
        let message = "the request is larger than 12 MB, the limit for signed requests; log in with a password instead";
        return Err(Error::invalid("body", message));
    }
    let unreadable = |name: &str| Error::internal(format!("the header {name} cannot be encoded"));
    let header = |name: &'static str, text: &str| HeaderValue::from_str(text).map_err(|_| unreadable(name));
    if let Some(project_id) = project_id {
        request.headers.insert("x-project-id", header("x-project-id", project_id)?);
    }
    if let Some(token) = &key.security_token {
        let mut value = header("x-security-token", token.expose())?;
        value.set_sensitive(true);
        request.headers.insert("x-security-token", value);
    }
    let date = signing::date_of(now);
    request.headers.insert("x-sdk-date", header("x-sdk-date", &date)?);
    // An earlier attempt's signature is not part of what is signed.
    request.headers.remove(AUTHORIZATION);
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str().map_err(|_| unreadable(name.as_str()))?)))
        .collect::<Result<_>>()?;
    let signed = signing::sign(
        &signing::SigningRequest {
            method: request.method.as_str(),
            url: request.url.as_str(),
            headers: &headers,
            body: &request.body,
            ..Default::default()
        },
        &key.id,
        key.secret.expose(),
    )?;
    let mut authorization = header("authorization", &signed.authorization)?;
    authorization.set_sensitive(true);
    request.headers.insert(AUTHORIZATION, authorization);
    Ok(())
}

/// A header value whose memory is wiped with its last copy, and which `Debug` does not print.
pub(super) fn token_header(token: Zeroizing<String>) -> Result<HeaderValue> {
    let bytes = bytes::Bytes::from_owner(token);
    let mut header = HeaderValue::from_maybe_shared(bytes)
        .map_err(|_| Error::new(ErrorKind::Protocol, "the token contains characters that a header cannot carry"))?;
    header.set_sensitive(true);
    Ok(header)
}
