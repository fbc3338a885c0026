//! Asks for confirmation of calls that destroy user data or cost money, according to the core's table of operations.

use std::io::{self, BufRead, Write};

use clap::Args;
use koophone::{Error, ErrorKind, Operation, Result};

/// How many phones a question lists.
const NAMED: usize = 10;

/// The option of commands that ask for confirmation.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ConfirmArgs {
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

/// What a question is about.
#[derive(Debug)]
pub(crate) enum About<'a> {
    /// Phones, possibly with their users.
    Phones(&'a [String]),
    /// An order, as a table.
    Order(String),
}

/// Asks before a call of `operation`, unless it is harmless or --yes was given.
pub(crate) fn before(operation: &Operation, about: &About<'_>, args: ConfirmArgs, interactive: bool) -> Result<()> {
    let Some(harm) = harm(operation) else { return Ok(()) };
    // The core refuses an empty list.
    if args.yes || matches!(about, About::Phones([])) {
        return Ok(());
    }
    if !interactive {
        let message = format!("this {harm}, and there is no terminal for confirmation; add --yes to confirm");
        return Err(Error::invalid("yes", message));
    }
    ask(&question(operation, about, harm), &mut io::stdin().lock(), &mut io::stderr().lock())
}

fn harm(operation: &Operation) -> Option<&'static str> {
    match (operation.destructive, operation.costs_money) {
        (true, true) => Some("destroys user data and costs money"),
        (true, false) => Some("destroys user data"),
        (false, true) => Some("costs money"),
        (false, false) => None,
    }
}

fn question(operation: &Operation, about: &About<'_>, harm: &str) -> String {
    let what = operation.doc.split_inclusive(". ").next().unwrap_or_default().trim_end();
    let about = match about {
        About::Phones(phones) => {
            let (named, more) = phones.split_at(phones.len().min(NAMED));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            format!("Phones ({} in all): {}{more}", phones.len(), named.join(", "))
        }
        About::Order(table) => table.trim_end().to_owned(),
    };
    format!("{what}\n{about}\nThis {harm}.")
}

/// Asks `question`; anything but "yes" means no.
fn ask(question: &str, answers: &mut impl BufRead, screen: &mut impl Write) -> Result<()> {
    let dead = |cause| Error::invalid("terminal", format!("the terminal cannot be read: {cause}"));
    write!(screen, "{question}\nType yes to continue: ").and_then(|()| screen.flush()).map_err(dead)?;
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
            let about = About::Phones(&phones);
            let asked = before(operation, &about, ConfirmArgs { yes: false }, false);
            let harmful = operation.destructive || operation.costs_money;
            assert_eq!(asked.is_err(), harmful, "{}", operation.name);
            assert!(before(operation, &about, ConfirmArgs { yes: true }, false).is_ok(), "{}", operation.name);
        }
        assert!(before(operation("reset_instances"), &About::Phones(&[]), ConfirmArgs { yes: false }, false).is_ok());
    }

    #[test]
    fn a_question_says_what_is_done_to_whom() {
        let phones: Vec<String> = (0..12).map(|number| format!("phone{number}")).collect();
        let text = question(operation("reset_instances"), &About::Phones(&phones), "destroys user data");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Returns phones to factory state.");
        assert!(lines[1].starts_with("Phones (12 in all): phone0, ") && lines[1].ends_with("phone9 and 2 more"));
        assert_eq!(lines[2..], ["This destroys user data."]);
    }

    #[test]
    fn a_question_about_an_order_shows_it() {
        let about = About::Order("FIELD   VALUE\nphones  2\n".into());
        let text = question(operation("create_instances"), &about, "costs money");
        let expected = ["Orders phones, paid by the month or year.", "FIELD   VALUE", "phones  2", "This costs money."];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn only_yes_confirms() {
        for (answer, continues) in
            [("yes\n", true), ("  yes \r\n", true), ("y\n", false), ("YES\n", false), ("", false)]
        {
            let mut screen = Vec::new();
            let result = ask("All is lost.", &mut answer.as_bytes(), &mut screen);
            assert_eq!(result.is_ok(), continues, "{answer:?}");
            assert!(String::from_utf8(screen).unwrap().starts_with("All is lost.\nType yes"));
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::Cancelled);
            }
        }
    }
}
