//! Asking before a call that destroys user data or costs money, because the core's table of operations says so.

use std::io::{self, BufRead, Write};

use clap::Args;
use koophone::{Error, ErrorKind, Operation, Result, Target};

/// Phones that a question names.
const NAMED: usize = 10;

/// The option of commands that ask.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ConfirmArgs {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Asks before a call of `operation` about these phones, unless it does no harm or --yes was given.
pub(crate) fn before(operation: &Operation, phones: &[String], args: ConfirmArgs, interactive: bool) -> Result<()> {
    let Some(harm) = harm(operation) else { return Ok(()) };
    // An empty list is the core's to refuse.
    let about_none = matches!(operation.target, Target::Phones { .. }) && phones.is_empty();
    if args.yes || about_none {
        return Ok(());
    }
    if !interactive {
        let message = format!("this {harm}, and there is no terminal to ask on; add --yes if you mean it");
        return Err(Error::invalid("yes", message));
    }
    ask(&question(operation, phones, harm), &mut io::stdin().lock(), &mut io::stderr().lock())
}

fn harm(operation: &Operation) -> Option<&'static str> {
    match (operation.destructive, operation.costs_money) {
        (true, true) => Some("destroys user data and costs money"),
        (true, false) => Some("destroys user data"),
        (false, true) => Some("costs money"),
        (false, false) => None,
    }
}

fn question(operation: &Operation, phones: &[String], harm: &str) -> String {
    let what = operation.doc.split_inclusive(". ").next().unwrap_or_default().trim_end();
    let (named, more) = phones.split_at(phones.len().min(NAMED));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let about = match phones.len() {
        0 => String::new(),
        count => format!("\nPhones ({count} in all): {}{more}", named.join(", ")),
    };
    format!("{what}{about}\nThis {harm}.")
}

/// Asks `question`; anything but "yes" means no.
fn ask(question: &str, answers: &mut impl BufRead, screen: &mut impl Write) -> Result<()> {
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
    use koophone::OPERATIONS;

    use super::*;

    fn operation(name: &str) -> &'static Operation {
        OPERATIONS.iter().find(|operation| operation.name == name).unwrap()
    }

    #[test]
    fn who_is_asked_is_decided_by_the_table() {
        let phones = ["a".to_owned()];
        for operation in OPERATIONS {
            let asked = before(operation, &phones, ConfirmArgs { yes: false }, false);
            let harmful = operation.destructive || operation.costs_money;
            assert_eq!(asked.is_err(), harmful, "{}", operation.name);
            assert!(before(operation, &phones, ConfirmArgs { yes: true }, false).is_ok(), "{}", operation.name);
        }
        assert!(before(operation("reset_instances"), &[], ConfirmArgs { yes: false }, false).is_ok());
    }

    #[test]
    fn a_question_says_what_is_done_to_whom() {
        let phones: Vec<String> = (0..12).map(|number| format!("phone{number}")).collect();
        let text = question(operation("reset_instances"), &phones, "destroys user data");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Returns phones to factory state.");
        assert!(lines[1].starts_with("Phones (12 in all): phone0, ") && lines[1].ends_with("phone9 and 2 more"));
        assert_eq!(lines[2..], ["This destroys user data."]);
    }

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
