//! Commands of the shell itself.

use crate::phone::files::absolute;
use crate::shell::Shell;
use crate::shell::output::Output;

/// Maximum time that one command line can sleep: ten years, which keeps sums from overflowing.
const MOST_SLEEP_MS: u64 = 10 * 365 * 24 * 60 * 60 * 1000;

impl Shell<'_> {
    pub(super) fn call_system(&mut self, name: &str, arguments: &[String], input: &[u8]) -> Option<Output> {
        Some(match name {
            "true" | ":" => Output::default(),
            "false" => Output::status(1),
            "exit" => self.exit(arguments),
            "sleep" => self.sleep(arguments),
            "cd" => self.change_directory(arguments),
            "pwd" => Output::text(format!("{}\n", self.directory)),
            "sh" => self.sh(arguments, input),
            "export" => self.export(arguments),
            "test" => test_status(self.test(arguments)),
            "[" => match arguments.split_last() {
                Some((last, arguments)) if last == "]" => test_status(self.test(arguments)),
                _ => Output::error(2, "/system/bin/sh: [: missing ]\n"),
            },
            _ => return None,
        })
    }

    fn exit(&mut self, arguments: &[String]) -> Output {
        let status = match arguments.first() {
            None => self.status,
            Some(text) => match text.parse::<i64>() {
                // A process has eight bits for its status.
                Ok(number) => i32::try_from(number.rem_euclid(256)).unwrap_or(0),
                Err(_) => return Output::error(1, format!("/system/bin/sh: exit: {text}: bad number\n")),
            },
        };
        self.exited = true;
        Output::status(status)
    }

    fn sleep(&mut self, arguments: &[String]) -> Output {
        if arguments.is_empty() {
            return Output::error(1, "sleep: Needs 1 argument (see \"sleep --help\")\n");
        }
        for text in arguments {
            let Some(milliseconds) = duration_ms(text) else {
                return Output::error(1, format!("sleep: Unknown suffix '{text}'\n"));
            };
            self.elapsed_ms = self.elapsed_ms.saturating_add(milliseconds).min(MOST_SLEEP_MS);
        }
        Output::default()
    }

    fn change_directory(&mut self, arguments: &[String]) -> Output {
        let wanted = arguments.first().map_or("/", String::as_str);
        let path = absolute(&self.directory, wanted);
        match self.phone.data.files.get(&path) {
            Some(node) if node.is_directory() => {
                self.directory = path;
                Output::default()
            }
            Some(_) => Output::error(2, format!("/system/bin/sh: cd: {wanted}: Not a directory\n")),
            None => Output::error(2, format!("/system/bin/sh: cd: {wanted}: No such file or directory\n")),
        }
    }

    fn sh(&mut self, arguments: &[String], input: &[u8]) -> Output {
        match arguments {
            [option, line, ..] if option == "-c" => self.run_in_subshell(line, input),
            [option] if option == "-c" => Output::error(1, "/system/bin/sh: -c: requires an argument\n"),
            [script, ..] => match self.phone.data.files.read(&self.path(script)) {
                Ok(content) => {
                    let line = String::from_utf8_lossy(content).into_owned();
                    self.run_in_subshell(&line, input)
                }
                Err(problem) => Output::error(127, format!("/system/bin/sh: {script}: {problem}\n")),
            },
            [] => {
                let line = String::from_utf8_lossy(input).into_owned();
                self.run_in_subshell(&line, &[])
            }
        }
    }

    fn export(&mut self, arguments: &[String]) -> Output {
        for argument in arguments {
            if let Some((name, value)) = argument.split_once('=') {
                self.variables.insert(name.to_owned(), value.to_owned());
            }
        }
        Output::default()
    }

    /// `test`: true, false, or what is wrong with the expression.
    fn test(&self, arguments: &[String]) -> Result<bool, String> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => Ok(false),
            [text] => Ok(!text.is_empty()),
            ["!", rest @ ..] => self.test(&arguments[arguments.len() - rest.len()..]).map(|good| !good),
            ["-n", text] => Ok(!text.is_empty()),
            ["-z", text] => Ok(text.is_empty()),
            [option, path] => {
                let path = self.path(path);
                let node = self.phone.data.files.get(&path);
                match *option {
                    "-e" | "-r" | "-w" | "-x" => Ok(node.is_some() || path == "/dev/null"),
                    "-f" => Ok(node.is_some_and(|node| !node.is_directory())),
                    "-d" => Ok(node.is_some_and(|node| node.is_directory())),
                    "-s" => Ok(node.is_some_and(|node| node.size() > 0)),
                    other => Err(format!("{other}: unexpected operator/operand")),
                }
            }
            [left, "=" | "==", right] => Ok(left == right),
            [left, "!=", right] => Ok(left != right),
            [left, operator, right] => {
                let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("bad number '{text}'"));
                let order = number(left)?.cmp(&number(right)?);
                match *operator {
                    "-eq" => Ok(order.is_eq()),
                    "-ne" => Ok(order.is_ne()),
                    "-lt" => Ok(order.is_lt()),
                    "-le" => Ok(order.is_le()),
                    "-gt" => Ok(order.is_gt()),
                    "-ge" => Ok(order.is_ge()),
                    other => Err(format!("{other}: unexpected operator/operand")),
                }
            }
            [_, _, _, last, ..] => Err(format!("{last}: unexpected operator/operand")),
        }
    }
}

fn test_status(result: Result<bool, String>) -> Output {
    match result {
        Ok(good) => Output::status(i32::from(!good)),
        Err(problem) => Output::error(2, format!("/system/bin/sh: test: {problem}\n")),
    }
}

/// `1`, `0.5`, `2m`, `1h`, `1d`.
fn duration_ms(text: &str) -> Option<u64> {
    let (number, unit_ms) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) if text.ends_with('m') => (number, 60_000.0),
        Some(number) if text.ends_with('h') => (number, 3_600_000.0),
        Some(number) if text.ends_with('d') => (number, 86_400_000.0),
        Some(number) => (number, 1000.0),
        None => (text, 1000.0),
    };
    let is_number = number.chars().all(|character| character.is_ascii_digit() || character == '.');
    let value = number.parse::<f64>().ok().filter(|value| is_number && value.is_finite())?;
    // The cast saturates; nothing negative gets here.
    Some(((value * unit_ms).round() as u64).min(MOST_SLEEP_MS))
}
