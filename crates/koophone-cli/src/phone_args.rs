//! Which phones: named as arguments, in a file, or on standard input.

use std::path::{Path, PathBuf};

use clap::Args;
use koophone::Result;

use crate::session::Session;

/// The phones of a call. The core checks every id.
#[derive(Args, Debug)]
pub(crate) struct PhoneArgs {
    /// Instance ids of the phones (云手机实例ID)
    #[arg(value_name = "PHONE")]
    ids: Vec<String>,
    /// File with one instance id a line, # begins a comment; - is standard input, which is also read when it is a pipe
    /// and no phone is named
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl PhoneArgs {
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

    /// Only the phones named or in a file, for commands that do without any.
    pub fn named(&self, session: &Session) -> Result<Vec<String>> {
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
