//! Templates of generated files: minijinja, with the spellings and comments that every language needs.

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;

/// Writes a file from its template. Names that the template misspells are errors.
///
/// Filters: `camel`, `pascal` and `upper_first` spell a name, `comment(prefix)` makes comment lines of a text, at most 120
/// columns wide with `indent` blanks before them, and `lines(indent)` wraps a text alike without a prefix.
pub fn render(name: &str, template: &str, context: impl Serialize) -> Result<String, String> {
    render_with(name, template, context, |_| Ok(()))
}

/// The same with filters and further templates of one language, which `prepare` adds.
pub fn render_with(
    name: &str,
    template: &str,
    context: impl Serialize,
    prepare: impl FnOnce(&mut Environment<'_>) -> Result<(), Error>,
) -> Result<String, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_keep_trailing_newline(true);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_filter("camel", |name: &str| camel(name));
    environment.add_filter("pascal", |name: &str| pascal(name));
    environment.add_filter("upper_first", |text: &str| upper_first(text));
    environment.add_filter("comment", |text: &str, prefix: &str| wrap(text, prefix));
    environment.add_filter("lines", |text: &str, indent: usize| wrap(text, &" ".repeat(indent)));
    environment.add_function("fail", |why: &str| -> Result<String, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, why.to_owned()))
    });
    prepare(&mut environment)
        .and_then(|()| environment.render_named_str(name, template, context))
        .map_err(|error| format!("the template {name}: {:#}", error))
}

/// `query_status` as `queryStatus`.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &upper_first(word))
}

/// `query_status` as `QueryStatus`.
pub fn pascal(name: &str) -> String {
    upper_first(&camel(name))
}

fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Lines of at most 120 columns, each with `prefix`. Empty lines separate paragraphs.
fn wrap(text: &str, prefix: &str) -> String {
    const WIDTH: usize = 120;
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = prefix.to_owned();
        let mut empty = true;
        for word in paragraph.split_whitespace() {
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::replace(&mut line, prefix.to_owned()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_and_texts_wrapped() {
        let template = "{{ name|camel }} {{ name|pascal }}\n{{ text|comment('/// ') }}\n";
        let text = format!("{}\n\nend", "word ".repeat(30));
        let made = render("test", template, minijinja::context! { name => "query_status", text }).unwrap();
        let lines: Vec<&str> = made.lines().collect();
        assert_eq!(lines[0], "queryStatus QueryStatus");
        assert!(lines[1].starts_with("/// word") && lines[1].len() <= 120, "{}", lines[1]);
        assert_eq!(lines[2].matches("word").count() + lines[1].matches("word").count(), 30);
        assert_eq!(lines[3..], ["///", "/// end"]);
    }

    #[test]
    fn a_name_that_nobody_gave_is_an_error() {
        assert!(render("test", "{{ nobody }}", ()).is_err());
    }
}
