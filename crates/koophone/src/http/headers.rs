//! The header lines of an answer, as they came.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderMap;

/// Kept as text: of an answer's headers one or two are ever asked for, which a map of all of them does not pay for.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers(Bytes);

impl Headers {
    /// From the head of an answer. It was checked to be HTTP; its first line is none of the headers.
    pub fn of_head(head: Bytes) -> Self {
        Self(head)
    }

    /// The first header of that name, when it is readable text.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.lines().find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))?;
        std::str::from_utf8(value).ok().filter(|text| text.is_ascii())
    }

    fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.split(|byte| *byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
    }
}

impl From<&HeaderMap> for Headers {
    fn from(map: &HeaderMap) -> Self {
        let mut lines = BytesMut::new();
        for (name, value) in map {
            [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].into_iter().for_each(|part| lines.put(part));
        }
        Self(lines.freeze())
    }
}

impl fmt::Debug for Headers {
    /// Names only: the identity service gives a token in a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lines().map(|(name, _)| String::from_utf8_lossy(name))).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::{DATE, HeaderName};

    use super::*;

    #[test]
    fn headers_are_found_by_name_in_any_case() {
        let head = b"HTTP/1.1 200 it: works\r\nX-Request-Id:  7 \r\nx-request-id: 8\nempty:\r\nbad: \xff\r\n\r\n";
        let headers = Headers::of_head(Bytes::from_static(head));
        assert_eq!(headers.get("x-request-id"), Some("7"));
        assert_eq!(headers.get("EMPTY"), Some(""));
        assert_eq!(headers.get("bad"), None);
        assert_eq!(headers.get("request-id"), None);
        assert_eq!(headers.get("works"), None);
    }

    #[test]
    fn a_map_reads_the_same() {
        let name = HeaderName::from_static("x-subject-token");
        let map = HeaderMap::from_iter([
            (DATE, HeaderValue::from_static("now: or never")),
            (name, HeaderValue::from_static("s3cret")),
        ]);
        let headers = Headers::from(&map);
        assert_eq!((headers.get("date"), headers.get("x-subject-token")), (Some("now: or never"), Some("s3cret")));
        assert_eq!(format!("{headers:?}"), r#"["date", "x-subject-token"]"#);
    }
}
