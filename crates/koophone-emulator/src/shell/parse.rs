//! From a command line to words and operators.

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text; quoted text is neither split nor treated as a pattern.
    Text { text: String, quoted: bool },
    /// `$NAME`, `${NAME}`, `$?`.
    Variable { name: String, quoted: bool },
    /// `$(command)` or the same in backquotes.
    Command { text: String, quoted: bool },
}

/// A word before expansion.
pub(crate) type Word = Vec<Part>;

/// Where a stream goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redirect {
    /// `< file`
    Input(Word),
    /// `> file`, `>> file`, `2> file`
    File { stderr: bool, append: bool, to: Word },
    /// `2>&1` (true) or `>&2` (false)
    Join { stderr_to_stdout: bool },
}

/// One command with its redirections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Simple {
    pub(crate) words: Vec<Word>,
    pub(crate) redirects: Vec<Redirect>,
}

/// When a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Always,
    /// After `&&`.
    IfGood,
    /// After `||`.
    IfBad,
}

/// Commands joined by pipes, and when they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub(crate) condition: Condition,
    /// Whether `!` precedes it.
    pub(crate) inverted: bool,
    pub(crate) commands: Vec<Simple>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(Word),
    /// `>`, `>>`, `<`, `2>`, `2>>`: the file name is the next word.
    Redirect {
        stderr: bool,
        append: bool,
        input: bool,
    },
    Join {
        stderr_to_stdout: bool,
    },
    Operator(&'static str),
}

/// A syntax error, as the shell reports it.
pub(crate) type SyntaxError = String;

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    tokens: Vec<Token>,
    word: Word,
    /// Whether a word has begun, even if it is empty so far (`''`).
    in_word: bool,
}

/// Reads a whole line.
pub(crate) fn parse(line: &str) -> Result<Vec<Pipeline>, SyntaxError> {
    let mut lexer = Lexer { rest: line.chars().peekable(), tokens: Vec::new(), word: Vec::new(), in_word: false };
    lexer.run()?;
    group(lexer.tokens)
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), SyntaxError> {
        while let Some(character) = self.rest.next() {
            match character {
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' => self.operator(";"),
                '\'' => {
                    let text = self.until('\'')?;
                    self.push(Part::Text { text, quoted: true });
                }
                '"' => self.double_quoted()?,
                '\\' => match self.rest.next() {
                    Some('\n') | None => {}
                    Some(next) => self.push(Part::Text { text: next.to_string(), quoted: true }),
                },
                '$' => self.dollar(false)?,
                '`' => {
                    let text = self.until('`')?;
                    self.push(Part::Command { text, quoted: false });
                }
                ';' => self.operator(";"),
                '&' => match self.rest.next_if_eq(&'&') {
                    Some(_) => self.operator("&&"),
                    None => return Err("syntax error: unexpected '&'".to_owned()),
                },
                '|' => {
                    let operator = if self.rest.next_if_eq(&'|').is_some() { "||" } else { "|" };
                    self.operator(operator);
                }
                '>' | '<' => self.redirect(character)?,
                '#' if !self.in_word => while self.rest.next_if(|next| *next != '\n').is_some() {},
                '(' | ')' => return Err(format!("syntax error: unexpected '{character}'")),
                other => self.plain(other),
            }
        }
        self.end_word();
        Ok(())
    }

    fn plain(&mut self, character: char) {
        self.in_word = true;
        if let Some(Part::Text { text, quoted: false }) = self.word.last_mut() {
            text.push(character);
        } else {
            self.word.push(Part::Text { text: character.to_string(), quoted: false });
        }
    }

    fn push(&mut self, part: Part) {
        self.in_word = true;
        self.word.push(part);
    }

    fn end_word(&mut self) {
        if self.in_word {
            self.tokens.push(Token::Word(std::mem::take(&mut self.word)));
            self.in_word = false;
        }
    }

    fn operator(&mut self, operator: &'static str) {
        self.end_word();
        self.tokens.push(Token::Operator(operator));
    }

    fn until(&mut self, end: char) -> Result<String, SyntaxError> {
        let mut text = String::new();
        for character in self.rest.by_ref() {
            if character == end {
                return Ok(text);
            }
            text.push(character);
        }
        Err("no closing quote".to_owned())
    }

    fn double_quoted(&mut self) -> Result<(), SyntaxError> {
        let mut text = String::new();
        loop {
            match self.rest.next() {
                None => return Err("no closing quote".to_owned()),
                Some('"') => break,
                Some('\\') => match self.rest.next() {
                    Some(next @ ('"' | '\\' | '$' | '`')) => text.push(next),
                    Some(next) => text.extend(['\\', next]),
                    None => return Err("no closing quote".to_owned()),
                },
                Some('$') => {
                    self.push(Part::Text { text: std::mem::take(&mut text), quoted: true });
                    self.dollar(true)?;
                }
                Some('`') => {
                    self.push(Part::Text { text: std::mem::take(&mut text), quoted: true });
                    let command = self.until('`')?;
                    self.push(Part::Command { text: command, quoted: true });
                }
                Some(other) => text.push(other),
            }
        }
        self.push(Part::Text { text, quoted: true });
        Ok(())
    }

    fn dollar(&mut self, quoted: bool) -> Result<(), SyntaxError> {
        let mut name = String::new();
        match self.rest.peek() {
            Some('?') => {
                self.rest.next();
                name.push('?');
            }
            Some('{') => {
                self.rest.next();
                name = self.until('}')?;
            }
            Some('(') => {
                self.rest.next();
                let text = self.parenthesised()?;
                self.push(Part::Command { text, quoted });
                return Ok(());
            }
            _ => {
                while let Some(next) = self.rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                    name.push(next);
                }
            }
        }
        let part =
            if name.is_empty() { Part::Text { text: "$".to_owned(), quoted } } else { Part::Variable { name, quoted } };
        self.push(part);
        Ok(())
    }

    fn parenthesised(&mut self) -> Result<String, SyntaxError> {
        let (mut text, mut depth) = (String::new(), 1);
        for character in self.rest.by_ref() {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(text);
            }
            text.push(character);
        }
        Err("syntax error: unexpected EOF, expected ')'".to_owned())
    }

    fn redirect(&mut self, character: char) -> Result<(), SyntaxError> {
        // A word that is just `1` or `2` directly before the sign is the number of the stream.
        let number = match self.word.as_slice() {
            [Part::Text { text, quoted: false }] if self.in_word && (text == "1" || text == "2") => Some(text == "2"),
            _ => None,
        };
        if number.is_some() {
            self.word.clear();
            self.in_word = false;
        }
        self.end_word();
        let stderr = number.unwrap_or(false);
        if character == '<' {
            self.tokens.push(Token::Redirect { stderr, append: false, input: true });
            return Ok(());
        }
        if self.rest.next_if_eq(&'&').is_some() {
            let target = self.rest.next();
            let join = match (stderr, target) {
                (true, Some('1')) => Token::Join { stderr_to_stdout: true },
                (false, Some('2')) => Token::Join { stderr_to_stdout: false },
                _ => return Err("bad file descriptor".to_owned()),
            };
            self.tokens.push(join);
            return Ok(());
        }
        let append = self.rest.next_if_eq(&'>').is_some();
        self.tokens.push(Token::Redirect { stderr, append, input: false });
        Ok(())
    }
}

fn group(tokens: Vec<Token>) -> Result<Vec<Pipeline>, SyntaxError> {
    let mut pipelines = Vec::new();
    let mut condition = Condition::Always;
    let mut commands: Vec<Simple> = Vec::new();
    let mut simple = Simple::default();
    let mut inverted = false;
    let mut tokens = tokens.into_iter();
    let unexpected = |what: &str| Err(format!("syntax error: unexpected '{what}'"));
    let is_empty = |simple: &Simple| simple.words.is_empty() && simple.redirects.is_empty();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => {
                let is_bang = word == [Part::Text { text: "!".to_owned(), quoted: false }];
                if is_bang && is_empty(&simple) && commands.is_empty() {
                    inverted = !inverted;
                } else {
                    simple.words.push(word);
                }
            }
            Token::Join { stderr_to_stdout } => simple.redirects.push(Redirect::Join { stderr_to_stdout }),
            Token::Redirect { stderr, append, input } => match tokens.next() {
                Some(Token::Word(word)) if input => simple.redirects.push(Redirect::Input(word)),
                Some(Token::Word(to)) => simple.redirects.push(Redirect::File { stderr, append, to }),
                Some(Token::Operator(operator)) => return unexpected(operator),
                _ => return unexpected("newline"),
            },
            Token::Operator(operator) => {
                if is_empty(&simple) {
                    // An empty command between semicolons is an error; a line break counts as a semicolon here.
                    if operator == ";" && commands.is_empty() && !inverted {
                        continue;
                    }
                    return unexpected(operator);
                }
                commands.push(std::mem::take(&mut simple));
                if operator == "|" {
                    continue;
                }
                pipelines.push(Pipeline { condition, inverted, commands: std::mem::take(&mut commands) });
                inverted = false;
                condition = match operator {
                    "&&" => Condition::IfGood,
                    "||" => Condition::IfBad,
                    _ => Condition::Always,
                };
            }
        }
    }
    if is_empty(&simple) {
        if !commands.is_empty() || inverted || condition != Condition::Always {
            return Err("syntax error: unexpected EOF".to_owned());
        }
    } else {
        commands.push(simple);
        pipelines.push(Pipeline { condition, inverted, commands });
    }
    Ok(pipelines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_errors_and_nothing_panics() {
        for line in ["'a", "\"a", "a &", "| a", "a |", "a && ", "a >", "a > ; b", "$(a", "${a", "(a)", "a 2>&3", "! "] {
            assert!(parse(line).is_err(), "{line}");
        }
        for line in ["", " ", ";", "a;", "a;;b", "''", "# c", "a # c", "$", "a\\", "a 2>&1 >x <y"] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn operators_group_commands() {
        let list = parse("a x | b && ! c || d; e").unwrap();
        let shape: Vec<_> =
            list.iter().map(|pipeline| (pipeline.condition, pipeline.inverted, pipeline.commands.len())).collect();
        assert_eq!(
            shape,
            [
                (Condition::Always, false, 2),
                (Condition::IfGood, true, 1),
                (Condition::IfBad, false, 1),
                (Condition::Always, false, 1)
            ]
        );
    }
}
