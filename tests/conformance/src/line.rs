//! A line of the protocol between judge and runner (see PROTOCOL.md).

use std::fmt;

/// Words, then `name=value` fields; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// One or two words that say what to do.
    pub words: Vec<String>,
    /// What to do it with, in order.
    pub fields: Vec<(String, String)>,
}

impl Line {
    /// A line that starts with these words.
    pub fn new(words: &[&str]) -> Self {
        Self { words: words.iter().map(|word| (*word).to_owned()).collect(), fields: Vec::new() }
    }

    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.fields.push((name.into(), value.into()));
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field that may repeat.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.fields.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join("\t"))?;
        for (name, value) in &self.fields {
            let value = value.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r");
            write!(f, "\t{name}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        let mut line = Line::new(&["call", "run_command"]);
        line.push("command", "a\tb\\\n=");
        assert_eq!(line.to_string(), "call\trun_command\tcommand=a\\tb\\\\\\n=");
    }
}
