//! Tables: aligned columns without borders, with optional colour.

use comfy_table::{Attribute, Cell as Drawn, Color, ContentArrangement, presets};

/// A table under construction.
pub(crate) struct Table {
    headers: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// One cell; made from anything that is text.
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

/// The meaning of a cell, for its colour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Warning,
    Bad,
}

impl Cell {
    pub fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: harmless(text.as_ref()), tone }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

impl Table {
    pub fn new(headers: impl IntoIterator<Item = &'static str>) -> Self {
        Self { headers: headers.into_iter().collect(), rows: Vec::new() }
    }

    /// Names and values, one per line; unknown values are omitted.
    pub fn of_fields(fields: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Self {
        let mut table = Self::new(["FIELD", "VALUE"]);
        for (name, value) in fields {
            if let Some(value) = value {
                table.row([name.into(), value.into()]);
            }
        }
        table
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Renders the table. Long cells are wrapped to `width`, that of the terminal; none for a pipe.
    pub fn render(&self, color: bool, width: Option<u16>) -> String {
        // A column without any value is omitted.
        let kept: Vec<usize> = (0..self.headers.len())
            .filter(|&column| self.rows.is_empty() || self.rows.iter().any(|row| !row[column].text.is_empty()))
            .collect();
        let mut drawn = comfy_table::Table::new();
        drawn.load_preset(presets::NOTHING);
        match width {
            Some(width) => drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
            None => drawn.set_content_arrangement(ContentArrangement::Disabled),
        };
        match color {
            true => drawn.enforce_styling(),
            false => drawn.force_no_tty(),
        };
        drawn.set_header(kept.iter().map(|&column| match color {
            true => Drawn::new(self.headers[column]).add_attribute(Attribute::Bold),
            false => Drawn::new(self.headers[column]),
        }));
        for row in &self.rows {
            drawn.add_row(kept.iter().map(|&column| draw(&row[column])));
        }
        for column in drawn.column_iter_mut() {
            column.set_padding((0, 2));
        }
        drawn.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
    }
}

fn draw(cell: &Cell) -> Drawn {
    let drawn = Drawn::new(&cell.text);
    match cell.tone {
        Tone::Plain => drawn,
        Tone::Good => drawn.fg(Color::Green),
        Tone::Warning => drawn.fg(Color::Yellow),
        Tone::Bad => drawn.fg(Color::Red),
    }
}

/// Text from phones and servers, without control characters that would move a terminal's cursor or change its title.
pub(crate) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.trim_end().replace("\r\n", "\n").chars() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push_str("    "),
            c if is_invisible(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

/// Characters that change how others are displayed: control characters, line and paragraph separators, and those that
/// reverse the writing direction, so that a text looks different from what it is.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["PHONE", "STATE", "ERROR"]);
        table.row(["a1".into(), Cell::toned("running", Tone::Good), "".into()]);
        table.row(["longer".into(), "line one\nline two".into(), "".into()]);
        table
    }

    #[test]
    fn columns_line_up_and_empty_ones_are_left_out() {
        let text = sample().render(false, None);
        assert_eq!(text, "PHONE   STATE\na1      running\nlonger  line one\n        line two\n");
    }

    #[test]
    fn there_is_colour_only_if_requested() {
        assert!(!sample().render(false, Some(80)).contains('\u{1b}'));
        assert!(sample().render(true, Some(80)).contains("\u{1b}[38;5;10mrunning"));
    }

    #[test]
    fn a_phone_cannot_move_the_cursor() {
        assert_eq!(harmless("\u{1b}[2Jhi\u{7}\tthere\r\n"), "\\u{1b}[2Jhi\\u{7}    there");
    }

    #[test]
    fn a_phone_cannot_reverse_the_writing_direction() {
        assert_eq!(harmless("a\u{202e}b\u{2066}c\u{200f}d\u{2028}e"), "a\\u{202e}b\\u{2066}c\\u{200f}d\\u{2028}e");
        assert_eq!(harmless("云手机 שלום"), "云手机 שלום", "letters of any direction stay");
    }
}
