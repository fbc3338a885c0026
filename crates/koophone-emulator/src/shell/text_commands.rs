//! Commands about text.

use crate::shell::Shell;
use crate::shell::file_commands::split_options;
use crate::shell::output::Output;

impl Shell<'_> {
    pub(super) fn call_text(&mut self, name: &str, arguments: &[String], input: &[u8]) -> Option<Output> {
        Some(match name {
            "echo" => echo(arguments),
            "printf" => printf(arguments),
            "grep" => self.grep(arguments, input),
            "head" | "tail" => self.head_or_tail(name, arguments, input),
            "wc" => self.wc(arguments, input),
            _ => return None,
        })
    }

    /// The content of the named files, or the input if none is named.
    fn read_all(&mut self, command: &str, paths: &[&str], input: &[u8]) -> Result<Vec<u8>, Output> {
        if paths.is_empty() {
            return Ok(input.to_vec());
        }
        let mut all = Vec::new();
        for path in paths {
            match self.phone.data.files.read(&self.path(path)) {
                Ok(content) if self.budget.bytes(content.len()) => all.extend_from_slice(content),
                Ok(_) => return Err(self.killed()),
                Err(problem) => return Err(Output::error(1, format!("{command}: {path}: {problem}\n"))),
            }
        }
        Ok(all)
    }

    /// `grep [-i] [-v] [-c] [-q] text [file...]`. The text is literal, except for `^` and `$` at its ends.
    fn grep(&mut self, arguments: &[String], input: &[u8]) -> Output {
        let (options, others) = split_options(arguments);
        let Some((pattern, paths)) = others.split_first() else {
            return Output::error(2, "grep: no REGEX\n");
        };
        let content = match self.read_all("grep", paths, input) {
            Ok(content) => content,
            Err(mut output) => {
                output.status = output.status.max(2);
                return output;
            }
        };
        let ignore_case = options.contains(&'i');
        let fold = |text: &str| if ignore_case { text.to_lowercase() } else { text.to_owned() };
        let pattern = fold(pattern);
        let (pattern, at_start) = pattern.strip_prefix('^').map_or((pattern.as_str(), false), |rest| (rest, true));
        let (pattern, at_end) = pattern.strip_suffix('$').map_or((pattern, false), |rest| (rest, true));
        let text = String::from_utf8_lossy(&content);
        let found: Vec<&str> = text
            .lines()
            .filter(|line| {
                let line = fold(line);
                let fits = match (at_start, at_end) {
                    (true, true) => line == pattern,
                    (true, false) => line.starts_with(pattern),
                    (false, true) => line.ends_with(pattern),
                    (false, false) => line.contains(pattern),
                };
                fits != options.contains(&'v')
            })
            .collect();
        let mut output = Output::status(i32::from(found.is_empty()));
        if options.contains(&'c') {
            output.out(format!("{}\n", found.len()));
        } else if !options.contains(&'q') {
            found.iter().for_each(|line| output.out(format!("{line}\n")));
        }
        output
    }

    fn head_or_tail(&mut self, name: &str, arguments: &[String], input: &[u8]) -> Output {
        let (mut count, mut paths) = (Some(10_usize), Vec::new());
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.strip_prefix('-') {
                Some("n") => count = rest.next().and_then(|number| number.parse().ok()),
                Some(number) if !number.is_empty() => count = number.trim_start_matches('n').parse().ok(),
                _ => paths.push(argument.as_str()),
            }
        }
        let Some(count) = count else {
            return Output::error(1, format!("{name}: bad number\n"));
        };
        match self.read_all(name, &paths, input) {
            Err(output) => output,
            Ok(content) => {
                let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
                let shown = if name == "head" {
                    &lines[..count.min(lines.len())]
                } else {
                    &lines[lines.len() - count.min(lines.len())..]
                };
                Output::text(shown.concat())
            }
        }
    }

    fn wc(&mut self, arguments: &[String], input: &[u8]) -> Output {
        let (options, paths) = split_options(arguments);
        let content = match self.read_all("wc", &paths, input) {
            Ok(content) => content,
            Err(output) => return output,
        };
        let text = String::from_utf8_lossy(&content);
        let counts = [
            ('l', content.iter().filter(|byte| **byte == b'\n').count()),
            ('w', text.split_whitespace().count()),
            ('c', content.len()),
            ('m', text.chars().count()),
        ];
        let wanted = |letter: char| if options.is_empty() { letter != 'm' } else { options.contains(&letter) };
        let mut words: Vec<String> =
            counts.iter().filter(|(letter, _)| wanted(*letter)).map(|(_, count)| count.to_string()).collect();
        words.extend(paths.first().map(|path| (*path).to_owned()));
        Output::text(format!("{}\n", words.join(" ")))
    }
}

fn echo(arguments: &[String]) -> Output {
    let (mut newline, mut escapes, mut words) = (true, false, arguments);
    while let Some((first, rest)) = words.split_first() {
        match first.as_str() {
            "-n" => newline = false,
            "-e" => escapes = true,
            "-E" => escapes = false,
            _ => break,
        }
        words = rest;
    }
    let text = words.join(" ");
    let text = if escapes { unescape(&text) } else { text };
    Output::text(if newline { text + "\n" } else { text })
}

/// `printf FORMAT [ARGUMENT...]` with `%s`, `%d`, `%x`, `%c`, `%%`; the format is used again while arguments are left.
fn printf(arguments: &[String]) -> Output {
    let Some((format, arguments)) = arguments.split_first() else {
        return Output::error(1, "printf: Needs 1 argument (see \"printf --help\")\n");
    };
    let format = unescape(format);
    let mut output = Output::default();
    let mut rest = arguments.iter();
    loop {
        let before = rest.len();
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                output.out(character.to_string());
                continue;
            }
            match characters.next() {
                Some('%') => output.out("%"),
                Some('s') => output.out(rest.next().map_or("", String::as_str)),
                Some('c') => {
                    output.out(rest.next().and_then(|text| text.chars().next()).map(String::from).unwrap_or_default())
                }
                Some(kind @ ('d' | 'i' | 'u' | 'x')) => {
                    let text = rest.next().map_or("0", String::as_str);
                    match text.trim().parse::<i64>() {
                        Ok(number) if kind == 'x' => output.out(format!("{number:x}")),
                        Ok(number) => output.out(number.to_string()),
                        Err(_) => {
                            output.err(format!("printf: bad number '{text}'\n"));
                            output.status = 1;
                        }
                    }
                }
                other => {
                    let other = other.map(String::from).unwrap_or_default();
                    return Output::error(1, format!("printf: bad format '%{other}'\n"));
                }
            }
        }
        if rest.len() == 0 || rest.len() == before || output.is_full() {
            return output;
        }
    }
}

fn unescape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('0') => result.push('\0'),
            Some('\\') => result.push('\\'),
            Some(other) => result.extend(['\\', other]),
            None => result.push('\\'),
        }
    }
    result
}
