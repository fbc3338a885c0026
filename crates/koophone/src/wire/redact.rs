//! Removes secrets from errors. The service may quote the request: when a signature is wrong, the gateway prints the
//! request with its security token, and that text becomes part of the error.
//!
//! Errors are redacted after they have been classified: no replacement can change the meaning of a response.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::HeaderMap;

use crate::model::ErrorDetails;

const MASK: &str = "***";
/// Shorter secrets are not searched: a short text may be in a message by chance.
const SHORTEST_SECRET: usize = 8;
/// A quotation may be truncated: a prefix of this many characters reveals a secret as well.
const LONG_PREFIX: usize = 16;

/// The secrets among the headers of a request.
pub(crate) fn secrets_of(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let texts = headers.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
    // The rest of a signed request's Authorization is public, and helps to debug a wrong signature.
    texts.map(|text| text.rsplit_once("Signature=").map_or(text, |(_, signature)| signature))
}

/// Removes `secrets` from every text that the service may have written.
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

/// Removes queries and passwords from all URLs in a text: a signed URL is a credential.
pub(crate) fn without_queries(text: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut copied = 0;
    while let Some(at) = text[copied..].find("://").map(|at| copied + at) {
        let ends = |c: char| c.is_whitespace() || "\"'<>".contains(c);
        let end = text[at..].find(ends).map_or(text.len(), |length| at + length);
        let start = at + "://".len();
        clean.push_str(&text[copied..start]);
        let address = &text[start..end];
        let (address, query) = address.split_once('?').map_or((address, false), |(address, _)| (address, true));
        let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
        match host.rsplit_once('@') {
            Some((_, host)) => clean.extend([MASK, "@", host]),
            None => clean.push_str(host),
        }
        clean.extend([path, if query { "?***" } else { "" }]);
        copied = end;
    }
    if copied == 0 { Cow::Borrowed(text) } else { Cow::Owned(clean + &text[copied..]) }
}

/// `text` without `secret`, however it is escaped, and without its long prefixes.
fn without<'a>(text: &'a str, secret: &str) -> Cow<'a, str> {
    let mut clean = Cow::Borrowed(text);
    let mut hide = |read: Reader, needle: &str, base64: bool| {
        if let Some(hidden) = hide(&clean, read, needle, base64) {
            clean = Cow::Owned(hidden);
        }
    };
    hide(first, secret, false);
    // Without escapes, the other readers would only find the same again.
    let has = |character: char, escaped: &str| text.contains(character) || text.contains(escaped);
    if has('%', "u0025") {
        hide(first_of_url, secret, false);
        hide(first_of_nested_url, secret, false);
    }
    if has('&', "u0026") {
        hide(first_of_html, secret, false);
    }
    for needle in base64_of(secret) {
        hide(first_of_url, &needle, true);
    }
    clean
}

/// `text` without the quotations of `needle` in the spelling that `read` reads; none if there are none.
fn hide(text: &str, read: Reader, needle: &str, base64: bool) -> Option<String> {
    let mut clean = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some((_, width)) = read(&text[at..]) {
        let Some(mut length) = quoted(&text[at..], read, needle, base64) else {
            at += width;
            continue;
        };
        clean.push_str(&text[copied..at]);
        if base64 {
            // The characters at the secret's ends also encode the bytes next to it.
            clean.truncate(clean.trim_end_matches(is_base64).len());
            while let Some((_, width)) = read(&text[at + length..]).filter(|(next, _)| is_base64(*next)) {
                length += width;
            }
        }
        clean.push_str(MASK);
        at += length;
        copied = at;
    }
    (copied > 0).then(|| clean + &text[copied..])
}

/// How many bytes at the start of `text` quote `needle`, whether or not in its case: hexadecimal digits have two.
fn quoted(text: &str, read: Reader, needle: &str, base64: bool) -> Option<usize> {
    let is_same = |found: char, wanted: char| match found {
        '-' if base64 => wanted == '+',
        '_' if base64 => wanted == '/',
        _ if base64 => found == wanted,
        '+' if wanted == ' ' => true,
        _ => found.eq_ignore_ascii_case(&wanted),
    };
    let (mut at, mut compared, mut same) = (0, 0, 0);
    while let Some((wanted, width)) = first(&needle[compared..]) {
        match read(&text[at..]) {
            Some((found, length)) if found == wanted || is_same(found, wanted) => {
                at += length;
                compared += width;
                same += 1;
            }
            _ => return (same >= LONG_PREFIX).then_some(at),
        }
    }
    (same > 0).then_some(at)
}

/// What the base64 form of any text that contains `secret` contains, depending on how many bytes precede it: three
/// bytes are four characters. The beginning is enough: what follows it is hidden as well.
fn base64_of(secret: &str) -> impl Iterator<Item = String> {
    const ENOUGH: usize = 18;
    (0..3).filter_map(|skipped| {
        let whole = secret.as_bytes().get(skipped..)?;
        let whole = &whole[..whole.len().min(ENOUGH) / 3 * 3];
        (whole.len() >= SHORTEST_SECRET - 2).then(|| STANDARD_NO_PAD.encode(whole))
    })
}

fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_')
}

/// Returns the first character of a text, and its width.
type Reader = fn(&str) -> Option<(char, usize)>;

/// As [`first`], with `%2f` for `/`.
fn first_of_url(text: &str) -> Option<(char, usize)> {
    percent_decoded(text, first)
}

/// As [`first_of_url`], of what is encoded twice: `%252f`.
fn first_of_nested_url(text: &str) -> Option<(char, usize)> {
    percent_decoded(text, first_of_url)
}

fn percent_decoded(text: &str, read: Reader) -> Option<(char, usize)> {
    let (mut bytes, mut at) = ([0; 4], 0);
    for length in 1..=bytes.len() {
        let Some((byte, width)) = percent_byte(&text[at..], read) else { break };
        bytes[length - 1] = byte;
        at += width;
        match std::str::from_utf8(&bytes[..length]).ok().and_then(|text| text.chars().next()) {
            // Escapes of the secret's own are skipped, as [`first`] does.
            Some('\\') => return percent_decoded(&text[at..], read).map(|(next, width)| (next, at + width)),
            Some(character) => return Some((character, at)),
            None => {}
        }
    }
    read(text)
}

fn percent_byte(text: &str, read: Reader) -> Option<(u8, usize)> {
    let mut at = 0;
    let mut next = || {
        let (character, width) = read(&text[at..])?;
        at += width;
        Some(character)
    };
    if next()? != '%' {
        return None;
    }
    let (high, low) = (next()?.to_digit(16)?, next()?.to_digit(16)?);
    Some((u8::try_from(high * 16 + low).ok()?, at))
}

/// As [`first`], with `&#47;`, `&#x2f;` and the names of the characters that HTML escapes.
fn first_of_html(text: &str) -> Option<(char, usize)> {
    /// No name or number is longer.
    const LONGEST: usize = 10;
    let (character, mut at) = first(text)?;
    let mut name = String::new();
    while character == '&' && name.len() < LONGEST {
        let Some((next, width)) = first(&text[at..]) else { break };
        at += width;
        if next == ';' {
            return html_character(&name).map(|character| (character, at)).or_else(|| first(text));
        }
        name.push(next);
    }
    first(text)
}

fn html_character(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 6] =
        [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("sol", '/')];
    let number = |digits: &str| match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    };
    match name.strip_prefix('#') {
        Some(digits) => number(digits).and_then(char::from_u32),
        None => NAMES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character),
    }
}

/// The first character of `text` and its width: `/`, `\/`, `\u002f` and, in JSON quoted by JSON, `\\/` are the same.
/// Secret and text are read alike, so it does no harm that a backslash which belongs to the secret is skipped.
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
    fn the_query_of_an_address_is_cut() {
        for (text, clean) in [
            ("no address? none", "no address? none"),
            ("http://a/b", "http://a/b"),
            ("GET 'https://a/b?c=d&e=f', then http://g?h", "GET 'https://a/b?***', then http://g?***"),
            ("a://b?c://d?e f://g ?", "a://b?*** f://g ?"),
            ("at https://user:pass@a/b@c?d, at http://t@a.", "at https://***@a/b@c?*** at http://***@a."),
            ("a://", "a://"),
        ] {
            assert_eq!(without_queries(text), clean);
        }
    }

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
    fn a_secret_is_found_as_urls_html_and_headers_write_it() {
        let password = "Pa55 \"w\u{f6}rd\\&<'/%2f>\u{1f600}";
        let url =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let html = |text: &str| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            text.replace('"', "&quot;").replace('\'', "&#39;").replace('/', "&#x2F;")
        };
        for secret in [TOKEN, password] {
            for text in [
                url(secret),
                url(secret).to_lowercase(),
                url(secret).replace("%20", "+"),
                url(&url(secret)),
                html(secret),
                html(secret).replace('&', "\\u0026"),
                secret.to_uppercase().replace('\u{d6}', "\u{f6}"),
                secret.to_lowercase(),
            ] {
                assert_eq!(without(&format!("a=<{text}>,{text}"), secret), "a=<***>,***", "{text}");
            }
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_whatever_surrounds_it() {
        use base64::engine::general_purpose::{STANDARD, URL_SAFE};
        let secret = "s3cret-\u{f6}\u{ff}";
        for before in ["", "u", "us", "use", "user:"] {
            for after in ["", ":", ":x", ":xy"] {
                let text = format!("{before}{secret}{after}");
                for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    for encoded in
                        [encoded.replace('/', "%2F").replace('+', "%2b"), encoded.replace('/', "\\/"), encoded]
                    {
                        let clean = without(&format!("Basic {encoded}, sent"), secret).replace('=', "");
                        assert!(
                            clean == "Basic ***, sent" || clean == "Basic ***%3D, sent",
                            "{text} {encoded}: {clean}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_only_resembles_a_secret_is_kept() {
        let secret = "12345678";
        for text in ["1234567", "1234567%3", "12%33456 78", "100% of &#49;&#50; &amp; &unknown; & %zz %", "MTIzNDU="] {
            assert_eq!(without(text, secret), text);
        }
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
    fn every_text_of_an_error_is_redacted_except_short_secrets() {
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
