//! The examples of the operations, which are data beside the templates.

use std::collections::HashMap;

use serde::Serialize;

const TEXT: &str = include_str!("../../../templates/python/examples.txt");

/// What the docstring of an operation shows.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    lines: Vec<&'static str>,
    value: &'static str,
    output: &'static str,
}

/// By the name of the operation.
pub fn examples() -> Result<HashMap<&'static str, Example>, String> {
    TEXT.split("\n\n").skip(1).map(example).collect()
}

fn example(text: &'static str) -> Result<(&'static str, Example), String> {
    let wrong = || format!("templates/python/examples.txt: not a name, lines, a value and its output:\n{text}");
    let (name, rest) = text.trim().split_once('\n').ok_or_else(wrong)?;
    let (lines, output) = rest.rsplit_once('\n').ok_or_else(wrong)?;
    let mut lines: Vec<&str> = lines.lines().collect();
    let value = lines.pop().and_then(|line| line.strip_prefix("return ")).ok_or_else(wrong)?;
    Ok((name, Example { lines, value, output }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_lines_a_value_and_an_output() {
        let expected = Example { lines: vec!["x = 1"], value: "x", output: "1" };
        assert_eq!(example("name\nx = 1\nreturn x\n1\n"), Ok(("name", expected)));
        assert!(example("name\nx = 1\n1").is_err());
    }
}
