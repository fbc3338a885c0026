//! The header by which a request belongs to a distributed trace (W3C Trace Context).

use crate::model::{Error, Result};

/// Length of `00-<trace-id>-<parent-id>-<flags>`.
const LENGTH: usize = 55;

/// Checks a `traceparent` by the grammar of version 00. A later version may be followed by more fields.
pub(super) fn check(text: &str) -> Result<()> {
    if is_valid(text) {
        return Ok(());
    }
    let message = "traceparent must be of the form 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, in lower case \
        and neither id all zero (W3C Trace Context)";
    Err(Error::invalid("traceparent", message))
}

fn is_valid(text: &str) -> bool {
    let hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let id = |text: &str, length| hex(text, length) && text.bytes().any(|byte| byte != b'0');
    let Some((first, more)) = text.split_at_checked(LENGTH) else { return false };
    let mut parts = first.split('-');
    let mut next = || parts.next().unwrap_or_default();
    let (version, trace, parent, flags) = (next(), next(), next(), next());
    let ends_well = match version {
        "00" => more.is_empty(),
        _ => more.is_empty() || more.starts_with('-') && more.bytes().all(|byte| byte.is_ascii_graphic()),
    };
    hex(version, 2) && version != "ff" && id(trace, 32) && id(parent, 16) && hex(flags, 2) && ends_well
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_w3cs() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        for text in [
            good,
            &good.replace("-01", "-ff"),
            &good.replacen("00", "cc", 1),
            &format!("{}-more", good.replacen("00", "01", 1)),
        ] {
            assert!(check(text).is_ok(), "{text}");
        }
        let zeros = |count: usize| "0".repeat(count);
        for text in [
            "",
            "00",
            &good[..54],
            &format!("{good}-more"),
            &format!("{}+more", good.replacen("00", "01", 1)),
            &format!("{}-\r\nmore: 1", good.replacen("00", "01", 1)),
            &good.to_uppercase(),
            &good.replacen("00", "ff", 1),
            &good.replace('-', "_"),
            &good.replace("4bf92f3577b34da6a3ce929d0e0e4736", &zeros(32)),
            &good.replace("00f067aa0ba902b7", &zeros(16)),
            &good.replace("4bf9", "4bfg"),
            &good.replace("4bf9", "ä4f"),
            &format!(" {good}"),
            &format!("{good}\n"),
        ] {
            let error = check(text).expect_err(text);
            assert_eq!(error.argument(), Some("traceparent"), "{text}");
        }
    }
}
