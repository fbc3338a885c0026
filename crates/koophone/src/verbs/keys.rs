//! Keys, and the text that can be typed with them.

use super::key_names::KEY_NAMES;
use super::words;
use crate::model::{Error, Result};
use crate::settings::nearest::nearest;

/// Most bytes of text in one command: `input text ` and this are far below the service's limit.
const LONGEST_TEXT: usize = 512;
/// Most keys in one command.
const MOST_KEYS: usize = 32;

/// Characters that a word cannot have, and the key that types each.
const KEYS: &[(char, u16)] = &[
    ('\t', 61),
    (' ', 62),
    ('\n', 66),
    ('#', 18),
    ('*', 17),
    ('+', 81),
    (',', 55),
    (';', 74),
    ('=', 70),
    ('@', 77),
    ('[', 71),
    (']', 72),
    ('\\', 73),
    ('\'', 75),
    ('`', 68),
];

/// The key as Android takes it: `HOME` and `KEYCODE_HOME` are one key, 3 is its number.
pub(crate) fn key_name(key: &str) -> Result<String> {
    let wrong = || {
        let message =
            format!("key is {key:?}; it must be one of Android's key codes, as a name or a number: HOME or 3");
        Error::invalid("key", message)
    };
    if !key.is_empty() && key.len() <= 3 && key.bytes().all(|byte| byte.is_ascii_digit()) {
        return key.parse::<u16>().map(|number| number.to_string()).map_err(|_| wrong());
    }
    let upper = key.to_ascii_uppercase();
    let name = upper.strip_prefix("KEYCODE_").unwrap_or(&upper);
    if KEY_NAMES.contains(&name) {
        return Ok(format!("KEYCODE_{name}"));
    }
    match nearest(name, KEY_NAMES.iter().map(|&known| (known, known))) {
        Some(meant) => {
            Err(Error::invalid("key", format!("key is {key:?}, which Android does not know; did you mean {meant}?")))
        }
        None => Err(wrong()),
    }
}

/// One command of a text that is typed: what it is, and how many characters it types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stroke {
    pub command: String,
    pub characters: usize,
}

/// The commands that type a text, in order.
pub(crate) fn strokes(text: &str) -> Result<Vec<Stroke>> {
    let mut strokes: Vec<Stroke> = Vec::new();
    let mut rest = text;
    let mut place = 0;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c| !words::is_taken(c)).unwrap_or(rest.len()).min(LONGEST_TEXT);
        // `input text -x` would be an option: a minus at the beginning is a key.
        let stroke = if first != '-' && word > 0 {
            Stroke { command: format!("input text {}", &rest[..word]), characters: word }
        } else {
            let keys: Vec<String> = rest.chars().map_while(key_of).take(MOST_KEYS).map(|key| key.to_string()).collect();
            if keys.is_empty() {
                let message = format!(
                    "text has {first:?} at place {}, for which there is no key; letters, digits, blank and _ . / : - # \
                     * + , ; = @ [ ] \\ ' ` can be typed. Pass any other text to the application in hexadecimal \
                     digits, for example with am broadcast",
                    place + 1
                );
                return Err(Error::invalid("text", message));
            }
            Stroke { characters: keys.len(), command: format!("input keyevent {}", keys.join(" ")) }
        };
        place += stroke.characters;
        // All that a stroke types are characters of one byte.
        rest = &rest[stroke.characters..];
        strokes.push(stroke);
    }
    if strokes.is_empty() {
        return Err(Error::invalid("text", "text is empty; pass at least one character"));
    }
    Ok(strokes)
}

fn key_of(c: char) -> Option<u16> {
    if c == '-' {
        return Some(69);
    }
    KEYS.iter().find(|(known, _)| *known == c).map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<String> {
        strokes(text).unwrap().into_iter().map(|stroke| stroke.command).collect()
    }

    #[test]
    fn a_text_is_typed_by_words_and_keys() {
        assert_eq!(commands("abc-1"), ["input text abc-1"]);
        assert_eq!(
            commands("a b@c.de"),
            ["input text a", "input keyevent 62", "input text b", "input keyevent 77", "input text c.de"]
        );
        assert_eq!(commands("-x"), ["input keyevent 69", "input text x"]);
        assert_eq!(commands("  \n"), ["input keyevent 62 62 66"]);
        assert_eq!(strokes(&"a".repeat(1000)).unwrap().iter().map(|s| s.characters).collect::<Vec<_>>(), [512, 488]);
        assert!(strokes(&"a ".repeat(3000)).unwrap().iter().all(|s| s.command.len() <= 1024));
    }

    #[test]
    fn what_cannot_be_typed_is_named_with_its_place() {
        for (text, part) in
            [("ab!c", "'!' at place 3"), ("你好", "'你' at place 1"), ("a b\u{7}", "place 4"), ("", "is empty")]
        {
            let error = strokes(text).unwrap_err();
            assert!(error.message().contains(part) && error.argument() == Some("text"), "{error}");
        }
    }

    #[test]
    fn keys_have_names_and_numbers() {
        for (key, taken) in [("home", "KEYCODE_HOME"), ("KEYCODE_BACK", "KEYCODE_BACK"), ("3", "3"), ("0", "0")] {
            assert_eq!(key_name(key).unwrap(), taken);
        }
        for key in ["", "a b", "$x", "KEYCODE_", "键", "home;reboot", "NO_SUCH"] {
            assert_eq!(key_name(key).unwrap_err().argument(), Some("key"), "{key}");
        }
        assert!(key_name("VOLUMEUP").unwrap_err().message().ends_with("did you mean VOLUME_UP?"));
    }
}
