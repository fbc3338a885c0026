//! Phones with their users: as pairs, with one user for all phones, or from a file.

use std::path::PathBuf;

use clap::Args;
use koophone::{Assignment, Error, Result};
use serde::Deserialize;

use crate::phone_args::PhoneArgs;
use crate::session::Session;

/// The name of a file's content in errors.
const WHAT: &str = "the list of phones and users";

/// Phones with their users. The core checks both.
#[derive(Args, Debug)]
pub(crate) struct AssignmentArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    /// The user of all these phones; without it, write each phone as PHONE=USER, also in a --file
    #[arg(short, long, value_name = "USER")]
    user: Option<String>,
    /// File with phones and users: CSV with the columns instance_id and user_id, or a JSON list of such objects; - is
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ids", "file", "all", "name", "user"])]
    assignments: Option<PathBuf>,
}

impl AssignmentArgs {
    /// All assignments, in the order given.
    pub fn read(&self, session: &Session) -> Result<Vec<Assignment>> {
        if let Some(path) = &self.assignments {
            return parse(&session.input.text(path, "assignments", WHAT)?);
        }
        match &self.user {
            Some(user) => Ok(self.phones.read(session)?.into_iter().map(|id| Assignment::new(id, user)).collect()),
            None => self.phones.named(session)?.iter().map(|pair| of_pair(pair)).collect(),
        }
    }
}

/// The assignments as text.
pub(crate) fn pairs(assignments: &[Assignment]) -> Vec<String> {
    assignments.iter().map(|one| format!("{}={}", one.instance_id, one.user_id)).collect()
}

/// `PHONE=USER`. Users' names may contain any character, ids of phones have no `=`.
fn of_pair(pair: &str) -> Result<Assignment> {
    let (id, user) = pair.split_once('=').ok_or_else(|| {
        let message = format!("{pair:?} has no user; write PHONE=USER, or give all phones one user with --user USER");
        Error::invalid("assignments", message)
    })?;
    Ok(Assignment::new(id.trim(), user.trim()))
}

/// The content of a file.
fn parse(text: &str) -> Result<Vec<Assignment>> {
    let text = text.trim_start_matches('\u{feff}');
    let wrong = |cause: &dyn std::fmt::Display| {
        let right = "it must be CSV with the columns instance_id and user_id, or a JSON list of such objects";
        Error::invalid("assignments", format!("{WHAT} is wrong: {cause}; {right}"))
    };
    // No CSV begins like this, and broken JSON should be refused as JSON.
    if text.trim_start().starts_with(['[', '{']) {
        return serde_json::from_str(text).map_err(|cause| wrong(&cause));
    }
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = table.headers().map_err(|cause| wrong(&cause))?;
    let missing = ["instance_id", "user_id"].into_iter().find(|name| !columns.iter().any(|column| column == *name));
    // Otherwise a single row without a header would be an empty table.
    if let Some(name) = missing.filter(|_| !columns.is_empty()) {
        return Err(wrong(&format!("its first line has no column {name}")));
    }
    let rows = table.deserialize::<Row>().map(|row| row.map(|row| Assignment::new(row.instance_id, row.user_id)));
    rows.collect::<std::result::Result<_, _>>().map_err(|cause| wrong(&cause))
}

/// A row of the table; other columns are ignored.
#[derive(Deserialize)]
struct Row {
    instance_id: String,
    user_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_split_at_the_first_equals_sign() {
        assert_eq!(of_pair("a1 = tester=7").unwrap(), Assignment::new("a1", "tester=7"));
        let error = of_pair("a1").unwrap_err();
        assert!(error.message().contains("\"a1\" has no user; write PHONE=USER"), "{error}");
    }

    #[test]
    fn a_file_is_json_or_csv() {
        let expected = [Assignment::new("a1", "tester-07"), Assignment::new("b2", "00 7")];
        for text in [
            r#" [{"instance_id": "a1", "user_id": "tester-07"}, {"user_id": "00 7", "instance_id": "b2"}]"#,
            "instance_id,user_id\na1,tester-07\nb2, 00 7\n",
            "\u{feff}name,user_id,instance_id\r\nx,tester-07,a1\r\ny,\"00 7\",b2",
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text:?}");
        }
        assert!(parse("instance_id,user_id\n").unwrap().is_empty());
        for (text, what) in [
            ("a1,tester-07\nb2,7\n", "no column instance_id"),
            ("a1,tester-07\n", "no column instance_id"),
            ("instance_id,user\n", "no column user_id"),
            ("instance_id,user_id\na1\n", "line: 2"),
            (r#"{"a1": "7"}"#, "expected a sequence"),
            (r#"[{"instance_id": "a1"}]"#, "user_id"),
            (r#"[{"instance_id": "a1", "user_id": "7", "use": 1}]"#, "use"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.argument(), Some("assignments"));
            assert!(error.message().contains(what) && error.message().contains("CSV"), "{text:?}: {error}");
        }
    }
}
