//! The words of a verb's command. The service takes few characters and none of them can be escaped, so that a word is
//! refused before anything is sent.

use crate::model::{Error, Result};
use crate::operations::validate;

/// Most bytes of a word.
const LONGEST: usize = 255;

/// Whether the service takes this character inside a word.
pub(crate) fn is_taken(c: char) -> bool {
    c != ' ' && validate::is_documented(c)
}

/// Checks one word of a command.
pub(crate) fn word(name: &'static str, value: &str) -> Result<()> {
    if value.is_empty() || value.len() > LONGEST {
        return wrong(name, format!("{name} has {} bytes; it must have 1 to {LONGEST}", value.len()));
    }
    if let Some((place, c)) = value.chars().enumerate().find(|(_, c)| !is_taken(*c)) {
        return wrong(
            name,
            format!(
                "{name} has {c:?} at place {}; the service takes letters, digits and _ . / : - in it, and nothing can \
                 be escaped",
                place + 1
            ),
        );
    }
    if value.starts_with('-') {
        return wrong(
            name,
            format!("{name} begins with -, which the phone would take for an option; write it without"),
        );
    }
    Ok(())
}

/// The same for a value that may be a negative number.
pub(crate) fn value(name: &'static str, value: &str) -> Result<()> {
    let digits = value.strip_prefix('-').filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    word(name, digits.unwrap_or(value))
}

/// Checks the name of a package.
pub(crate) fn package(name: &'static str, value: &str) -> Result<()> {
    word(name, value)?;
    if value.contains(['/', ':', '-']) {
        return wrong(name, format!("{name} is {value:?}; it must be a package such as com.example.game"));
    }
    Ok(())
}

/// Checks an absolute path on the phone.
pub(crate) fn path(name: &'static str, value: &str) -> Result<()> {
    word(name, value)?;
    if !value.starts_with('/') {
        return wrong(name, format!("{name} is {value:?}; it must begin with /, such as /sdcard/game.apk"));
    }
    Ok(())
}

fn wrong(name: &'static str, message: String) -> Result<()> {
    Err(Error::invalid(name, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_the_service_does_not_take_is_refused_with_character_and_place() {
        assert!(word("name", "ro.product.model").is_ok());
        for (value, part) in [
            ("", "0 bytes"),
            ("a b", "' ' at place 2"),
            ("价格", "'价' at place 1"),
            ("a$(reboot)", "'$' at place 2"),
            ("-rf", "begins with -"),
            (&"a".repeat(256), "256 bytes"),
        ] {
            let error = word("name", value).unwrap_err();
            assert!(error.message().contains(part) && error.argument() == Some("name"), "{value:?}: {error}");
        }
    }

    #[test]
    fn a_value_may_be_a_negative_number_and_no_option() {
        assert!(value("value", "-1").is_ok() && value("value", "1").is_ok());
        for option in ["--user", "-r", "-"] {
            assert!(value("value", option).unwrap_err().message().contains("begins with -"), "{option}");
        }
    }

    #[test]
    fn packages_and_paths_look_like_ones() {
        assert!(package("package", "com.example.game").is_ok());
        assert!(package("package", "com.example.game/.Main").unwrap_err().message().contains("com.example.game"));
        assert!(path("path", "/sdcard/game.apk").is_ok());
        assert!(path("path", "game.apk").unwrap_err().message().contains("begin with /"));
    }
}
