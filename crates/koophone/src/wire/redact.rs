//! Taking secrets out of errors. The service may quote what it was sent: when a signature is wrong, the gateway prints the
//! request it looked at, security token and all, and its words become our error's.
//!
//! Errors are redacted after they were classified, so that no replacement can change what an answer means.

use std::borrow::Cow;

use http::HeaderMap;

use crate::model::ErrorDetails;

const MASK: &str = "***";
/// Shorter secrets are not looked for: so short a text may stand in a message by chance.
const SHORTEST_SECRET: usize = 8;
/// A quotation may be cut: a beginning of this many characters gives a secret away as well.
const LONG_PREFIX: usize = 16;

/// The secrets among the headers of a request.
pub(crate) fn secrets_of(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let texts = headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
    // Of a signed request's Authorization the rest is public, and helps to find out why a signature is wrong.
    texts.map(|text| text.rsplit_once("Signature=").map_or(text, |(_, signature)| signature))
}

/// Takes `secrets` out of every text that the service may have written.
pub(crate) fn redact<'a>(error: &mut ErrorDetails, secrets: impl IntoIterator<Item = &'a str>) {
    for secret in secrets.into_iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        let texts = [Some(&mut error.message), error.code.as_mut(), error.server_request_id.as_mut()];
        let more = error.excerpt.iter_mut().chain(&mut error.causes);
        for text in texts.into_iter().flatten().chain(more) {
            if let Cow::Owned(clean) = without(text, secret) {
                *text = clean;
            }
        }
    }
}

/// `text` without `secret`, however it is escaped, and without its long prefixes.
fn without<'a>(text: &'a str, secret: &str) -> Cow<'a, str> {
    let mut clean = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some((_, width)) = first(&text[at..]) {
        match quoted(&text[at..], secret) {
            Some(length) => {
                clean.push_str(&text[copied..at]);
                clean.push_str(MASK);
                at += length;
                copied = at;
            }
            None => at += width,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[copied..]);
    Cow::Owned(clean)
}

/// How many bytes at the start of `text` quote `secret`.
fn quoted(text: &str, secret: &str) -> Option<usize> {
    let (mut read, mut compared, mut same) = (0, 0, 0);
    while let Some((wanted, width)) = first(&secret[compared..]) {
        match first(&text[read..]) {
            Some((found, length)) if found == wanted => {
                read += length;
                compared += width;
                same += 1;
            }
            _ => return (same >= LONG_PREFIX).then_some(read),
        }
    }
    (same > 0).then_some(read)
}

/// The first character of `text` and its width: `/`, `\/`, `\u002f` and, in JSON quoted by JSON, `\\/` are the same. Secret
/// and text are read alike, so it does no harm that a backslash which belongs to the secret is skipped.
fn first(text: &str) -> Option<(char, usize)> {
    let mut at = 0;
    loop {
        let bare = text[at..].trim_start_matches('\\');
        at = text.len() - bare.len();
        match (at > 0).then(|| unicode_escape(bare)).flatten() {
            Some(('\\', width)) => at += width,
            Some((character, width)) => return Some((character, at + width)),
            None => return bare.chars().next().map(|character| (character, at + character.len_utf8())),
        }
    }
}

/// Reads `u002f`, and the pair of two such for a character outside of the basic plane.
fn unicode_escape(text: &str) -> Option<(char, usize)> {
    const WIDTH: usize = 5;
    let unit = |text: &str| u16::from_str_radix(text.get(..WIDTH)?.strip_prefix('u')?, 16).ok();
    let high = unit(text)?;
    if let Some(character) = char::from_u32(high.into()) {
        return Some((character, WIDTH));
    }
    let rest = &text[WIDTH..];
    let bare = rest.trim_start_matches('\\');
    let pair = char::decode_utf16([high, unit(bare)?]).next()?;
    Some((pair.ok()?, WIDTH + (rest.len() - bare.len()) + WIDTH))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::model::{Error, ErrorKind};

    const TOKEN: &str = "MIIF/token+with=33-characters/end";

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        for text in [
            TOKEN.to_owned(),
            TOKEN.replace('/', "\\/"),
            TOKEN.replace('/', "\\\\/"),
            TOKEN.replace('M', "\\u004d").replace('/', "\\u002F"),
            TOKEN.replace('t', "\\\\u0074"),
        ] {
            assert_eq!(without(&format!("<{text}>,{text}"), TOKEN), "<***>,***", "{text}");
        }
        let password = "Pa55-\"w\u{f6}rd\\word\u{1f600}";
        for text in [
            password.to_owned(),
            "Pa55-\\\"w\\u00f6rd\\\\word\\ud83d\\ude00".to_owned(),
            "Pa55-\\u0022w\\u00f6rd\\u005cword\\ud83d\\ude00".to_owned(),
            serde_json::to_string(password).unwrap().trim_matches('"').to_owned(),
            serde_json::to_string(&serde_json::to_string(password).unwrap().trim_matches('"'))
                .unwrap()
                .trim_matches('"')
                .to_owned(),
        ] {
            assert_eq!(without(&format!("{{\"password\":\"{text}\"}}"), password), "{\"password\":\"***\"}", "{text}");
        }
        assert_eq!(without("a\\\\b: secret-1\\\\\"", "secret-1\\"), "a\\\\b: ***\\\\\"");
    }

    #[test]
    fn long_prefixes_are_secrets_too_and_short_ones_are_not() {
        let cut = |length: usize| format!("token {}...", &TOKEN[..length]);
        assert_eq!(without(&cut(16), TOKEN), "token ***...");
        assert_eq!(without(&cut(15), TOKEN), cut(15));
        assert_eq!(without("\\", TOKEN), "\\");
        assert_eq!(without("\\u00", "\\u00"), "***");
        assert_eq!(without("\\ud83d \\ud83d\\u0041 \u{e4}\\u\u{e4}", TOKEN), "\\ud83d \\ud83d\\u0041 \u{e4}\\u\u{e4}");
    }

    #[test]
    fn every_text_of_an_error_is_redacted_and_short_secrets_are_let_be() {
        let mut headers = HeaderMap::new();
        for (name, value, secret) in [
            ("x-auth-token", TOKEN, true),
            (
                "authorization",
                "SDK-HMAC-SHA256 Access=AKAKAKAKAK, SignedHeaders=host, Signature=0123456789abcdef",
                true,
            ),
            ("x-short", "E", true),
            ("x-project-id", "the-project-id", false),
        ] {
            let mut value = HeaderValue::from_static(value);
            value.set_sensitive(secret);
            headers.insert(name, value);
        }
        let text = format!("ERROR {TOKEN} the-project-id SDK-HMAC-SHA256 Access=AKAKAKAKAK 0123456789abcdef");
        let mut error = Error::new(ErrorKind::Rejected, text.as_str()).with(|details| {
            details.code = Some(text.clone());
            details.server_request_id = Some(text.clone());
            details.excerpt = Some(text.clone());
            details.causes = vec![text.clone(), text.clone()];
        });
        redact(error.details_mut(), secrets_of(&headers));
        let clean = "ERROR *** the-project-id SDK-HMAC-SHA256 Access=AKAKAKAKAK ***";
        let texts = [error.code(), error.server_request_id(), error.excerpt()].map(Option::unwrap);
        assert_eq!((error.message(), texts), (clean, [clean; 3]));
        assert_eq!(error.causes(), [clean, clean]);
    }
}
