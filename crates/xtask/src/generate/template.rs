//! Templates of generated files: minijinja, with the spellings and comments that every language needs.

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;

/// Writes a file from its template. Names that the template misspells are errors.
///
/// Filters: `camel`, `pascal` and `upper_first` spell a name, `comment(prefix)` makes comment lines of a text, at most
/// 120 columns wide with `indent` blanks before them, and `lines(indent)` wraps a text alike without a prefix; with
/// `hang(indent)` lines after the first are indented by four more. `rst` writes code as Python's documentation does,
/// and `tsdoc(indent)` makes the comment of a TypeScript declaration.
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
    environment.add_filter("tsdoc", |text: &str, indent: usize| tsdoc(text, indent));
    environment.add_filter("lines", |text: &str, indent: usize| wrap(text, &" ".repeat(indent)));
    environment.add_filter("hang", |text: &str, indent: usize| hang(text, indent));
    environment.add_filter("rst", |text: &str| rst(text));
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

/// `JobState` as `JOB_STATE`.
pub fn constant(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_uppercase());
    }
    text
}

fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Documentation in TSDoc form: on one line where it is short.
fn tsdoc(text: &str, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    let text = text.trim().replace("*/", "* /");
    if !text.contains('\n') && text.chars().count() < 100 {
        return format!("{blanks}/** {text} */");
    }
    format!("{blanks}/**\n{}\n{blanks} */", wrap(&text, &format!("{blanks} * ")))
}

/// Lines of at most 120 columns, each with `prefix`. The lines of a paragraph are joined first, however its source is
/// wrapped; empty lines separate paragraphs, and an item of a list begins a line.
fn wrap(text: &str, prefix: &str) -> String {
    const WIDTH: usize = 120;
    let mut lines: Vec<String> = Vec::new();
    let mut continues = false;
    for source in text.split('\n') {
        let mut line = match lines.pop_if(|_| continues && !begins_item(source) && !source.trim().is_empty()) {
            Some(begun) => begun,
            None => prefix.to_owned(),
        };
        for word in source.split_whitespace() {
            let empty = line.len() == prefix.len();
            if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::replace(&mut line, prefix.to_owned()));
            }
            if line.len() > prefix.len() {
                line.push(' ');
            }
            line.push_str(word);
        }
        continues = !source.trim().is_empty();
        lines.push(line);
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

fn begins_item(line: &str) -> bool {
    line.starts_with(['*', '-', '@', ' ', '|']) || line.starts_with("```")
}

/// The same with all lines but the first indented further.
fn hang(text: &str, indent: usize) -> String {
    wrap(text, &" ".repeat(indent + 4)).chars().skip(4).collect()
}

/// Code in double backquotes; links of rustdoc become code.
pub fn rst(text: &str) -> String {
    text.replace("[`", "`").replace("`]", "`").replace('`', "``").replace("````", "``")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hang_and_code_is_written_as_in_python() {
        let text = format!("name: {}and `code` or ``code``", "word ".repeat(30));
        let made = render("test", "{{ text|rst|hang(8) }}", minijinja::context! { text }).unwrap();
        let lines: Vec<&str> = made.lines().collect();
        assert!(lines[0].starts_with("        name: word") && lines[1].starts_with("            word"), "{made}");
        assert!(made.ends_with("``code`` or ``code``"), "{made}");
    }

    #[test]
    fn names_are_spelt_and_texts_wrapped() {
        let template = "{{ name|camel }} {{ name|pascal }}\n{{ text|comment('/// ') }}\n";
        let text = format!("{}\n\nend", "word ".repeat(30));
        let made = render("test", template, minijinja::context! { name => "query_status", text }).unwrap();
        let lines: Vec<&str> = made.lines().collect();
        assert_eq!(lines[0], "queryStatus QueryStatus");
        assert_eq!(constant("VideoSpec"), "VIDEO_SPEC");
        assert!(lines[1].starts_with("/// word") && lines[1].len() <= 120, "{}", lines[1]);
        assert_eq!(lines[2].matches("word").count() + lines[1].matches("word").count(), 30);
        assert_eq!(lines[3..], ["///", "/// end"]);
    }

    #[test]
    fn a_paragraph_is_wrapped_once_and_lists_keep_their_items() {
        let source = format!("{}\nas it goes on.\n\n* one\n* two\n  of it", "word ".repeat(22).trim());
        let lines = wrap(&source, "    /// ");
        let lines: Vec<&str> = lines.lines().map(|line| line.trim_start_matches("    /// ")).collect();
        assert_eq!(lines[1], "it goes on.", "{lines:?}");
        assert_eq!(lines[2..], ["    ///", "* one", "* two", "of it"]);
    }

    #[test]
    fn a_short_tsdoc_stands_on_one_line_and_a_long_one_is_wrapped() {
        assert_eq!(tsdoc("Short: `*/`.", 2), "  /** Short: `* /`. */");
        let long = tsdoc(&"word ".repeat(30), 2);
        let lines: Vec<&str> = long.lines().collect();
        assert_eq!((lines[0], lines[3], lines.len()), ("  /**", "   */", 4));
        assert!(lines[1].starts_with("   * word") && lines[1].len() <= 120);
    }

    #[test]
    fn a_name_that_nobody_gave_is_an_error() {
        assert!(render("test", "{{ nobody }}", ()).is_err());
    }
}
