//! What the service does not accept in a command, and what to do instead.

use std::fmt::Write;

use crate::operations::validate::{MAX_COMMAND, is_documented};

/// Why the service may refuse this command (`KOOPHONE.API.1000`): `None`, or one line for each character that it does
/// not document, with the positions and what to do instead. Nothing is sent.
///
/// Quoting and escaping do not help: the service documents letters, digits, space and `_ . / : -`, and nothing else.
///
/// ```
/// use koophone::command::why_not;
///
/// assert_eq!(why_not("getprop ro.product.model"), None);
/// let why = why_not("ls /sdcard | wc -l").unwrap_or_default();
/// assert!(why.contains("'|' at place 12: one program for each command"), "{why}");
/// ```
pub fn why_not(command: &str) -> Option<String> {
    let mut lines = Vec::new();
    if command.trim().is_empty() {
        lines.push("it is empty: pass a shell command such as getprop ro.product.model".to_owned());
    }
    if command.len() > MAX_COMMAND {
        lines.push(format!(
            "it has {} bytes, and the service accepts {MAX_COMMAND}: split it into several commands",
            command.len()
        ));
    }
    let mut seen = Vec::new();
    for c in command.chars().filter(|&c| !is_documented(c)) {
        if !seen.contains(&c) {
            seen.push(c);
            lines.push(format!("{c:?} at {}: {}", places(command, c), instead(c)));
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The positions of a character, counted from 1; of many, only the first ones and how many more there are.
fn places(command: &str, c: char) -> String {
    let mut places = command.chars().enumerate().filter(|(_, other)| *other == c).map(|(at, _)| at + 1);
    let first: Vec<String> = places.by_ref().take(4).map(|place| place.to_string()).collect();
    let mut text = format!("{} {}", if first.len() == 1 { "place" } else { "places" }, first.join(", "));
    let more = places.count();
    if more > 0 {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {more} more");
    }
    text
}

fn instead(c: char) -> &'static str {
    match c {
        '|' => {
            "one program for each command; filter the output in your own program, or use the tool's own options (pm \
             list packages NAME)"
        }
        ';' | '&' | '\n' | '\r' => "one command for each call; send the next one when this one has returned",
        '>' | '<' => "no redirection; use the tool's own option for a file (logcat -d -f FILE, screencap FILE)",
        '$' | '`' => "no variables and no substitution; read the value with one call and put it into the next",
        '*' | '?' | '[' | ']' | '{' | '}' | '~' => "no patterns; list the folder and name the files",
        '"' | '\'' | '\\' => {
            "nothing can be quoted or escaped; an argument with a space in it cannot be passed (send_keys can type one)"
        }
        '=' => "no assignments; options that take name and value separately work (--es NAME VALUE)",
        '(' | ')' | '!' | '#' | '%' | '^' => {
            "it has a meaning for the shell or the service's filter; leave it out (send_keys can type some)"
        }
        '\t' => "separate words with spaces",
        c if c.is_control() => "remove it",
        c if !c.is_ascii() => "only ASCII; put such text into a file of your package, or use ASCII names",
        _ => "not one of the documented characters; leave it out",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::validate;

    #[test]
    fn a_command_is_explained_if_and_only_if_the_strict_check_refuses_it() {
        for command in
            ["ls -l /system", "a|b", "", " ", "é", "a\0b", "echo \"x\"", &"a".repeat(1025), "x=1", "pm list packages"]
        {
            assert_eq!(why_not(command).is_none(), validate::command(command, true).is_ok(), "{command:?}");
        }
        for c in (0..=0x17f).filter_map(char::from_u32) {
            let command = format!("a{c}b");
            assert_eq!(why_not(&command).is_none(), validate::command(&command, true).is_ok(), "{c:?}");
        }
    }

    #[test]
    fn each_character_has_one_line_with_its_positions() {
        let why = why_not("a;b;c;d;e;f > /x").unwrap();
        assert_eq!(why.lines().count(), 2, "{why}");
        assert!(why.starts_with("';' at places 2, 4, 6, 8 and 1 more: one command for each call"), "{why}");
        assert!(why.contains("'>' at place 13: no redirection"), "{why}");
    }
}
