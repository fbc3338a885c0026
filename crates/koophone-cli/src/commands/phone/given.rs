//! The arguments of a verb, as words NAME=VALUE.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use koophone::{Before, Error, Operation, Param, ParamKind, Predicate, Result};

/// The arguments of one call.
pub(super) struct Given {
    verb: &'static Operation,
    pairs: Vec<(String, String)>,
}

impl Given {
    /// Refuses names that the verb does not have, names that are repeated, and missing arguments.
    pub fn new(verb: &'static Operation, pairs: Vec<(String, String)>) -> Result<Self> {
        let is_list = |param: &Param| matches!(param.kind, ParamKind::TextPerPhone(_));
        for (at, (name, _)) in pairs.iter().enumerate() {
            let Some(param) = verb.params.iter().find(|param| param.name == name) else {
                return Err(Error::invalid(name, format!("{} has no argument {name}; {}", verb.name, takes(verb))));
            };
            if !is_list(param) && pairs[..at].iter().any(|(other, _)| other == name) {
                return Err(Error::invalid(name, format!("{name} is given twice; give it once")));
            }
        }
        let is_given = |param: &Param| pairs.iter().any(|(name, _)| name == param.name);
        match verb.params.iter().find(|param| param.default.is_none() && !is_given(param)) {
            Some(param) => Err(Error::invalid(param.name, format!("{} is missing; {}", param.name, takes(verb)))),
            None => Ok(Self { verb, pairs }),
        }
    }

    /// The text of an argument, or its default.
    pub fn text(&self, name: &str) -> &str {
        let given = self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let default = || self.verb.params.iter().find(|param| param.name == name).and_then(|param| param.default);
        given.or_else(default).unwrap_or_default()
    }

    pub fn integer(&self, name: &str) -> Result<i64> {
        self.parsed(name, "a whole number")
    }

    pub fn number(&self, name: &str) -> Result<f64> {
        self.parsed(name, "a number")
    }

    /// A length of time in milliseconds.
    pub fn duration(&self, name: &str) -> Result<Duration> {
        self.parsed(name, "a whole number of milliseconds, 0 or more").map(Duration::from_millis)
    }

    /// A text for each phone, in as many words.
    pub fn texts(&self, name: &str) -> Before {
        let texts: Vec<String> =
            self.pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect();
        if texts.is_empty() { Before::Unknown } else { Before::Boots(texts) }
    }

    /// Whether the output contains the text.
    pub fn predicate(&self, name: &str) -> Predicate {
        let part = self.text(name).to_owned();
        Predicate::new(move |text| text.contains(&part))
    }

    fn parsed<T: FromStr<Err: Display>>(&self, name: &str, right: &str) -> Result<T> {
        let text = self.text(name);
        text.parse().map_err(|cause| Error::invalid(name, format!("{name} is {text:?} ({cause}); it must be {right}")))
    }
}

/// What a verb takes, in words.
fn takes(verb: &Operation) -> String {
    if verb.params.is_empty() {
        return format!("{} takes only phones", verb.name);
    }
    let params = verb.params.iter().map(|param| {
        let default = param.default.map(|default| format!("; default: {default:?}")).unwrap_or_default();
        format!("{}=... ({}{default})", param.name, param.doc)
    });
    format!("{} takes {}", verb.name, params.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(verb: &str, pairs: &[(&str, &str)]) -> Result<Given> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Given::new(super::super::named(verb).unwrap(), pairs)
    }

    #[test]
    fn an_argument_has_its_kind_or_its_default() {
        let swipe = [("x1", "1"), ("y1", "2"), ("x2", "3"), ("y2", "4")];
        let swipe = given("swipe", &swipe).ok().unwrap();
        assert_eq!(swipe.integer("y2").unwrap(), 4);
        assert_eq!(swipe.duration("duration").unwrap(), Duration::from_millis(500));
        let boots = given("wait_for_boot", &[("before", "1"), ("before", "2")]).ok().unwrap();
        assert_eq!(boots.texts("before"), Before::Boots(vec!["1".to_owned(), "2".to_owned()]));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        let message = |verb, pairs: &[(&str, &str)]| given(verb, pairs).err().unwrap().to_string();
        assert!(
            message("app_info", &[])
                .contains("package is missing; app_info takes package=... (The package, for example")
        );
        assert!(message("battery", &[("x", "1")]).contains("battery has no argument x; battery takes only phones"));
        assert!(message("getprop", &[("name", "a"), ("name", "b")]).contains("name is given twice"));
        let click = given("click", &[("x", "one"), ("y", "2")]).ok().unwrap();
        let error = click.integer("x").unwrap_err();
        assert_eq!(error.argument(), Some("x"));
        assert!(error.message().contains("it must be a whole number"), "{error}");
    }
}
