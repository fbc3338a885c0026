//! Selects phones: arguments, a file or standard input, or the account's list.

use std::path::{Path, PathBuf};

use clap::Args;
use glob::Pattern;
use koophone::{Error, Instance, InstanceFilter, Result};

use crate::session::Session;

/// Phones by their ids.
#[derive(Args, Clone, Debug)]
pub(crate) struct NamedArgs {
    /// Instance ids of the phones (云手机实例ID)
    #[arg(value_name = "PHONE")]
    ids: Vec<String>,
    /// File with one instance id per line, # begins a comment; - is standard input, also read if it is a pipe
    /// and no phone is given
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// The phones of a call. The core checks every id.
#[derive(Args, Clone, Debug)]
pub(crate) struct PhoneArgs {
    #[command(flatten)]
    named: NamedArgs,
    /// All phones of the account
    #[arg(long, conflicts_with_all = ["ids", "file", "name"])]
    all: bool,
    /// The account's phones whose name matches, with * and ? as in a shell
    #[arg(long, value_name = "PATTERN", value_parser = pattern, conflicts_with_all = ["ids", "file"])]
    name: Option<Pattern>,
}

impl PhoneArgs {
    /// Separates the words NAME=VALUE from the ids, which have no equals sign.
    pub fn without_pairs(&self) -> (Self, Vec<(String, String)>) {
        let mut phones = self.clone();
        let pair = |word: &String| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pairs = self.named.ids.iter().filter_map(pair).collect();
        phones.named.ids.retain(|word| !word.contains('='));
        (phones, pairs)
    }

    /// All phones in the order given: those named, then those of the file; or those of the account, as the service
    /// lists them.
    pub fn read(&self, session: &Session) -> Result<Vec<String>> {
        if !self.is_listed() {
            return self.named.read(session);
        }
        let mut phones = session.all(session.client()?.list_instances(InstanceFilter::default()))?;
        phones.retain(|phone| fits(self.name.as_ref(), phone));
        if phones.is_empty() {
            return Err(match &self.name {
                Some(name) => {
                    let message =
                        format!("no phone of the account has a name that matches {name}; koophone list shows them");
                    Error::invalid("name", message)
                }
                None => Error::invalid("all", "the account has no phones"),
            });
        }
        Ok(with_ids(phones, session).map(|phone| phone.instance_id).collect())
    }

    /// The arguments for phones, for commands whose arguments are more than ids.
    pub fn named(&self, session: &Session) -> Result<Vec<String>> {
        if self.is_listed() {
            return Err(Error::invalid("user", "--all and --name select phones without a user; add --user USER"));
        }
        self.named.read(session)
    }

    /// Whether the phones are selected from the account's list.
    fn is_listed(&self) -> bool {
        self.all || self.name.is_some()
    }
}

/// A pattern for names. An empty one would match all phones without a name, and is most likely an unset variable.
pub(crate) fn pattern(text: &str) -> std::result::Result<Pattern, String> {
    if text.is_empty() {
        return Err("the pattern is empty; write a name, with * and ? as in a shell".into());
    }
    Pattern::new(text).map_err(|cause| cause.to_string())
}

/// Whether a phone's name matches the pattern, if there is one.
pub(crate) fn fits(pattern: Option<&Pattern>, phone: &Instance) -> bool {
    pattern.is_none_or(|pattern| pattern.matches(phone.name.as_deref().unwrap_or_default()))
}

/// Those of the list that can be called, with a note about the others.
pub(crate) fn with_ids(phones: Vec<Instance>, session: &Session) -> impl Iterator<Item = Instance> {
    let without = phones.iter().filter(|phone| phone.instance_id.is_empty()).count();
    if without > 0 {
        session.output.note(&format!("{without} of the list's entries have no instance id, and are left out"));
    }
    phones.into_iter().filter(|phone| !phone.instance_id.is_empty())
}

impl NamedArgs {
    /// All phones in the order given: those named, then those of the file.
    pub fn read(&self, session: &Session) -> Result<Vec<String>> {
        let mut ids = self.ids.clone();
        match &self.file {
            Some(path) => ids.extend(lines(&session.input.text(path, "file", "the list of phones")?)),
            None if ids.is_empty() && session.input.is_piped() => {
                ids.extend(lines(&session.input.text(Path::new("-"), "instance_ids", "the list of phones")?));
            }
            None => {}
        }
        Ok(ids)
    }

    /// Only the phones given as arguments or in a file, for commands where they are optional.
    pub fn given(&self, session: &Session) -> Result<Vec<String>> {
        if self.ids.is_empty() && self.file.is_none() { Ok(Vec::new()) } else { self.read(session) }
    }
}

fn lines(text: &str) -> impl Iterator<Item = String> {
    let without_comment = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
    text.trim_start_matches('\u{feff}').lines().map(without_comment).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    #[test]
    fn comments_blank_lines_and_blanks_around_ids_are_left_out() {
        let ids: Vec<String> = super::lines("\u{feff}# fleet\n a1 \r\n\nb2 # the slow one\n#c3\n").collect();
        assert_eq!(ids, ["a1", "b2"]);
    }
}
