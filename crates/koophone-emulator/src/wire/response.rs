//! Converts a response for hyper.

use http::Response;

use crate::wire::body::StepBody;

/// Status and headers were checked when the fault or the reply was created; what still cannot be sent is omitted.
pub(crate) fn response(status: u16, headers: &[(String, String)], body: StepBody) -> Response<StepBody> {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::from_bytes(name.as_bytes()), http::HeaderValue::from_str(value))
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
