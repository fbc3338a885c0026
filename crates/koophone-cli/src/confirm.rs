//! Asking before something is lost.

use std::io::{BufRead, Write};

use koophone::{Error, ErrorKind, Result};

/// Asks `question`; anything but "yes" is a no.
pub(crate) fn ask(question: &str, answers: &mut impl BufRead, screen: &mut impl Write) -> Result<()> {
    let dead = |cause| Error::invalid("terminal", format!("the terminal gives no answer: {cause}"));
    write!(screen, "{question}\nType yes to go on: ").and_then(|()| screen.flush()).map_err(dead)?;
    let mut answer = String::new();
    answers.read_line(&mut answer).map_err(dead)?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err(Error::new(ErrorKind::Cancelled, "nothing was done: the answer was not yes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_a_yes() {
        for (answer, goes_on) in [("yes\n", true), ("  yes \r\n", true), ("y\n", false), ("YES\n", false), ("", false)]
        {
            let mut screen = Vec::new();
            let result = ask("All is lost.", &mut answer.as_bytes(), &mut screen);
            assert_eq!(result.is_ok(), goes_on, "{answer:?}");
            assert!(String::from_utf8(screen).unwrap().starts_with("All is lost.\nType yes"));
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::Cancelled);
            }
        }
    }
}
