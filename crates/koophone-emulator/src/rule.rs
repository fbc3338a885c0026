//! User-defined rules: what a phone prints for a command, instead of the built-in shell.

use serde::{Deserialize, Serialize};

use crate::error::OptionsError;
use crate::json::from_json;

/// The output of a command, which takes precedence over the built-in commands.
///
/// ```
/// # use koophone_emulator::Rule;
/// let rules = Rule::list_from_toml(r#"
///     [[rules]]
///     command = "am start -n com.example.game/*"
///     stdout = "Starting: Intent"
///     duration_ms = 300
/// "#)?;
/// assert_eq!(rules[0].exit_status, 0);
/// # Ok::<(), koophone_emulator::OptionsError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The whole command; `*` matches any characters, `?` one. They cannot be escaped.
    pub command: String,
    /// Only on these phones; empty is all.
    #[serde(default)]
    pub instance_ids: Vec<String>,
    /// What the command prints.
    #[serde(default)]
    pub stdout: String,
    /// Its exit status.
    #[serde(default)]
    pub exit_status: i32,
    /// How long it takes.
    #[serde(default)]
    pub duration_ms: u64,
    /// How many runs the rule applies to (each phone counts); 0 for no limit.
    #[serde(default)]
    pub times: u32,
}

/// A TOML file cannot be a bare list, so both forms are `rules = [...]`; JSON may also be the bare list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rules: Vec<Rule>,
}

impl Rule {
    /// Reads `[{...}, ...]` or `{"rules": [...]}`.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, OptionsError> {
        let problem = |error: serde_json::Error| OptionsError::new(format!("rules: {error}"));
        if text.trim_start().starts_with('[') {
            from_json(text).map_err(problem)
        } else {
            from_json::<RuleFile>(text).map(|file| file.rules).map_err(problem)
        }
    }

    /// Reads `[[rules]]` tables.
    pub fn list_from_toml(text: &str) -> Result<Vec<Self>, OptionsError> {
        toml::from_str::<RuleFile>(text)
            .map(|file| file.rules)
            .map_err(|error| OptionsError::new(format!("rules: {error}")))
    }

    /// Reads a file: JSON if its name ends in `.json`, otherwise TOML.
    pub(crate) fn list_from_file(path: &std::path::Path) -> Result<Vec<Self>, OptionsError> {
        let problem =
            |error: &dyn std::fmt::Display| OptionsError::new(format!("rules file {}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
        let is_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        if is_json { Self::list_from_json(&text) } else { Self::list_from_toml(&text) }.map_err(|error| problem(&error))
    }

    fn check(&self, is_phone: impl Fn(&str) -> bool, check: impl Fn(&str) -> Result<(), String>) -> Result<(), String> {
        if let Some(id) = self.instance_ids.iter().find(|id| !is_phone(id)) {
            return Err(format!("`{id}` is not the id of a phone of this emulator"));
        }
        // The shortest command that matches: one valid character for each `?`, and one for a pattern of only `*`.
        let shortest = self.command.replace('*', "").replace('?', "x");
        let shortest = if shortest.is_empty() && !self.command.is_empty() { "x" } else { shortest.as_str() };
        check(shortest).map_err(|problem| {
            format!(
                "the service accepts no command that matches `{}`: {problem} (see the quirk `any_character`)",
                self.command
            )
        })
    }

    fn fits(&self, instance_id: &str, command: &str) -> bool {
        (self.instance_ids.is_empty() || self.instance_ids.iter().any(|id| id == instance_id))
            && glob_fits(self.command.as_bytes(), command.as_bytes(), |_| true)
    }
}

/// Simple glob: `*` is any number of bytes that `star` allows, `?` is one of them.
pub(crate) fn glob_fits(pattern: &[u8], text: &[u8], star: fn(u8) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    // The position of the last `*`, and how much it has matched, for backtracking.
    let mut back: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == b'*' {
            back = Some((p, t));
            p += 1;
        } else if t < text.len()
            && p < pattern.len()
            && (pattern[p] == text[t] || (pattern[p] == b'?' && star(text[t])))
        {
            p += 1;
            t += 1;
        } else if t == text.len() && p == pattern.len() {
            return true;
        } else {
            match back {
                Some((star_at, eaten)) if eaten < text.len() && star(text[eaten]) => {
                    back = Some((star_at, eaten + 1));
                    p = star_at + 1;
                    t = eaten + 1;
                }
                _ => return false,
            }
        }
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Rule>);

impl Rules {
    /// Adds all of them, or none if one could never be used: `is_phone` knows the phones, `check` the commands.
    pub(crate) fn add(
        &mut self,
        rules: impl IntoIterator<Item = Rule>,
        is_phone: impl Fn(&str) -> bool,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Result<(), OptionsError> {
        let rules: Vec<Rule> = rules.into_iter().collect();
        for (number, rule) in rules.iter().enumerate() {
            rule.check(&is_phone, &check).map_err(|problem| OptionsError::new(format!("rule {number}: {problem}")))?;
        }
        self.0.extend(rules);
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first matching rule, decrementing its count.
    pub(crate) fn take(&mut self, instance_id: &str, command: &str) -> Option<Rule> {
        let index = self.0.iter().position(|rule| rule.fits(instance_id, command))?;
        let rule = self.0[index].clone();
        match rule.times {
            0 => {}
            1 => drop(self.0.remove(index)),
            _ => self.0[index].times -= 1,
        }
        Some(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("ls", "ls", true),
            ("ls", "ls -l", false),
            ("ls *", "ls -l", true),
            ("*a*b", "xaxbxb", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("*", "", true),
            ("a*", "b", false),
            ("*/x", "/a/b/x", true),
        ] {
            assert_eq!(glob_fits(pattern.as_bytes(), text.as_bytes(), |_| true), fits, "{pattern} {text}");
        }
        assert!(!glob_fits(b"/sdcard/*.png", b"/sdcard/a/b.png", |byte| byte != b'/'));
    }

    #[test]
    fn a_rule_is_used_up() {
        let mut rules = Rules::default();
        let list = Rule::list_from_json(r#"[{"command":"ls*","times":2,"instance_ids":["a"],"stdout":"x"}]"#).unwrap();
        rules.add(list, |_| true, |_| Ok(())).unwrap();
        assert!(rules.take("b", "ls").is_none());
        assert!(rules.take("a", "ls").is_some() && rules.take("a", "ls -l").is_some());
        assert!(rules.take("a", "ls").is_none());
    }

    #[test]
    fn mistakes_are_named() {
        assert!(Rule::list_from_json(r#"[{"comand":"x"}]"#).unwrap_err().to_string().contains("comand"));
        assert!(
            Rule::list_from_toml("[[rules]]\ncommand = 'x'\nstdot = ''").unwrap_err().to_string().contains("stdot")
        );
        let missing = Rule::list_from_file(std::path::Path::new("no-such-file.toml")).unwrap_err().to_string();
        assert!(missing.contains("no-such-file.toml"), "{missing}");
    }
}
