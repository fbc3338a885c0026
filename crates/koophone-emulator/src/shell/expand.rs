//! Variables, command substitution, splitting into words and file name patterns.

use crate::phone::files::absolute;
use crate::rule::glob_fits;
use crate::shell::Shell;
use crate::shell::output::Output;
use crate::shell::parse::{Part, Word};

/// Maximum number of bytes that one expansion may produce.
const MOST_BYTES: usize = 128 * 1024;

/// Words, and the assignments that preceded them.
type Expanded = (Vec<String>, Vec<(String, String)>);

/// The fields a word has become so far.
#[derive(Default)]
struct Fields {
    done: Vec<(String, bool)>,
    current: Option<String>,
    /// Whether the current field contains an unquoted `*` or `?`.
    pattern: bool,
}

impl Fields {
    fn add(&mut self, text: &str, quoted: bool) {
        self.pattern |= !quoted && text.contains(['*', '?']);
        self.current.get_or_insert_default().push_str(text);
    }

    /// The value of an unquoted variable: white space divides it.
    fn add_divided(&mut self, text: &str) {
        let blank = |character: char| matches!(character, ' ' | '\t' | '\n');
        if text.starts_with(blank) {
            self.end();
        }
        let mut words = text.split(blank).filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            self.add(word, false);
            if words.peek().is_some() || text.ends_with(blank) {
                self.end();
            }
        }
    }

    fn end(&mut self) {
        if let Some(field) = self.current.take() {
            self.done.push((field, self.pattern));
        }
        self.pattern = false;
    }
}

impl Shell<'_> {
    pub(super) fn expand_words(&mut self, words: &[Word]) -> Result<Expanded, Output> {
        let (mut expanded, mut assignments) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        for word in words {
            if expanded.is_empty()
                && let Some((name, value)) = assignment(word)
            {
                let value = self.expand_to_text(&value);
                assignments.push((name, value));
                continue;
            }
            let mut fields = Fields::default();
            for part in word {
                self.expand_part(part, &mut fields);
            }
            fields.end();
            for (field, pattern) in fields.done {
                let matches = if pattern { self.matching_files(&field) } else { Vec::new() };
                let found = if matches.is_empty() { vec![field] } else { matches };
                bytes += found.iter().map(String::len).sum::<usize>();
                if bytes > MOST_BYTES {
                    return Err(Output::error(126, "/system/bin/sh: Argument list too long\n"));
                }
                expanded.extend(found);
            }
        }
        Ok((expanded, assignments))
    }

    /// A word as one text, neither divided nor treated as a pattern.
    pub(super) fn expand_to_text(&mut self, word: &Word) -> String {
        let mut all = String::new();
        for part in word {
            let text = match part {
                Part::Text { text, .. } => text.clone(),
                Part::Variable { name, .. } => self.variable(name),
                Part::Command { text, .. } => self.substitute(text),
            };
            all.push_str(beginning(&text, MOST_BYTES - all.len()));
        }
        all
    }

    fn expand_part(&mut self, part: &Part, fields: &mut Fields) {
        let (value, quoted) = match part {
            Part::Text { text, quoted } => return fields.add(text, *quoted),
            Part::Variable { name, quoted } => (self.variable(name), *quoted),
            Part::Command { text, quoted } => (self.substitute(text), *quoted),
        };
        if quoted { fields.add(&value, true) } else { fields.add_divided(&value) }
    }

    fn variable(&self, name: &str) -> String {
        if name == "?" {
            return self.status.to_string();
        }
        if name == "PWD" {
            return self.directory.clone();
        }
        match name.split_once(":-") {
            Some((name, other)) => {
                self.variables.get(name).filter(|value| !value.is_empty()).map_or(other, String::as_str).to_owned()
            }
            None => self.variables.get(name).cloned().unwrap_or_default(),
        }
    }

    fn substitute(&mut self, command: &str) -> String {
        let (out, err) = self.run_in_subshell(command, &[]).split();
        self.pending_err.extend(err);
        let text = String::from_utf8_lossy(&out);
        beginning(&text, MOST_BYTES).trim_end_matches('\n').to_owned()
    }

    fn matching_files(&self, pattern: &str) -> Vec<String> {
        let full = absolute(&self.directory, pattern);
        let fits = |path: &str| glob_fits(full.as_bytes(), path.as_bytes(), |byte| byte != b'/');
        let found =
            self.phone.data.files.iter().map(|(path, _)| path).filter(|path| path.as_str() != "/" && fits(path));
        if pattern.starts_with('/') {
            return found.cloned().collect();
        }
        let base = if self.directory == "/" { "/".to_owned() } else { format!("{}/", self.directory) };
        found.map(|path| path.strip_prefix(&base).unwrap_or(path).to_owned()).collect()
    }
}

/// At most this many bytes of a text.
fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// `NAME=value` at the beginning of a command.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Text { text, quoted: false }) = word.first() else {
        return None;
    };
    let (name, value) = text.split_once('=')?;
    let is_name = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if !is_name {
        return None;
    }
    let mut rest = vec![Part::Text { text: value.to_owned(), quoted: true }];
    rest.extend(word[1..].iter().cloned());
    Some((name.to_owned(), rest))
}
