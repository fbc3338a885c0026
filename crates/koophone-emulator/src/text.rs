//! The output of a command as text in a response: truncated to 1,024 bytes, and broken if a quirk says so.

use crate::quirk::{Quirk, Quirks};

/// Maximum bytes of output in a response.
const LIMIT: usize = 1024;

// A JSON value cannot contain invalid UTF-8 or a lone surrogate. Until the body is bytes, private characters stand for
// them: U+F780..=U+F7FF for the bytes 0x80..=0xFF, and U+F700 for a surrogate.
const RAW_BYTE_BASE: u32 = 0xF700;
const SURROGATE: char = '\u{F700}';

/// The text of an output.
pub(crate) fn response_text(output: &[u8], quirks: Quirks) -> String {
    let text = String::from_utf8_lossy(output);
    let text =
        if quirks.has(Quirk::FinalNewlineKept) { text.as_ref() } else { text.strip_suffix('\n').unwrap_or(&text) };
    // The phone's own private characters must not be mistaken for ours.
    let text: String = text.chars().map(|character| if is_ours(character) { '\u{FFFD}' } else { character }).collect();
    if text.len() <= LIMIT {
        return text;
    }
    let end = (0..=LIMIT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let mut cut = text[..end].to_owned();
    if end < LIMIT {
        let broken = &text.as_bytes()[end..LIMIT];
        if quirks.has(Quirk::CutInsideCharacter) {
            cut.extend(broken.iter().filter_map(|byte| char::from_u32(RAW_BYTE_BASE + u32::from(*byte))));
        } else if quirks.has(Quirk::CutAsLoneSurrogate) {
            cut.push(SURROGATE);
        } else if quirks.has(Quirk::CutAsReplacement) {
            cut.push('\u{FFFD}');
        }
    }
    cut
}

fn is_ours(character: char) -> bool {
    character == SURROGATE || ('\u{F780}'..='\u{F7FF}').contains(&character)
}

/// Serialised JSON as bytes, with private characters replaced by what they stand for.
pub(crate) fn restore_raw_bytes(json: String) -> Vec<u8> {
    if !json.contains(is_ours) {
        return json.into_bytes();
    }
    let mut bytes = Vec::with_capacity(json.len());
    let mut buffer = [0; 4];
    for character in json.chars() {
        if character == SURROGATE {
            bytes.extend_from_slice(b"\\ud83d");
        } else if is_ours(character) {
            bytes.extend(u8::try_from(u32::from(character) - RAW_BYTE_BASE));
        } else {
            bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(quirk: Option<Quirk>) -> Vec<u8> {
        let output = format!("{}\u{1F4F1}tail", "x".repeat(1022));
        restore_raw_bytes(response_text(output.as_bytes(), Quirks::new(quirk)))
    }

    #[test]
    fn output_is_cut_on_a_boundary_unless_a_quirk_breaks_it() {
        let plain = "x".repeat(1022).into_bytes();
        assert_eq!(cut(None), plain);
        assert_eq!(cut(Some(Quirk::CutInsideCharacter)), [plain.as_slice(), b"\xF0\x9F"].concat());
        assert_eq!(cut(Some(Quirk::CutAsLoneSurrogate)), [plain.as_slice(), b"\\ud83d"].concat());
        assert_eq!(cut(Some(Quirk::CutAsReplacement)), [plain.as_slice(), "\u{FFFD}".as_bytes()].concat());
    }

    #[test]
    fn one_line_break_at_the_end_is_removed() {
        assert_eq!(response_text(b"a\n\n", Quirks::default()), "a\n");
        assert_eq!(response_text(b"a\n", Quirks::new([Quirk::FinalNewlineKept])), "a\n");
        assert_eq!(response_text("\u{F7FF}".as_bytes(), Quirks::default()), "\u{FFFD}");
    }
}
