//! A small shell: enough of Android's for scripts, tests and errors to behave as on a phone.
//!
//! Commands run at once. `sleep` only adds to the duration of the command; the caller decides how to apply it.

mod android;
mod budget;
mod byte_commands;
mod expand;
mod file_commands;
mod output;
mod packages;
mod parse;
mod processes;
mod system_commands;
mod text_commands;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::phone::Phone;
use crate::phone::files::{FileError, absolute};
use budget::Budget;
use output::Output;
use parse::{Condition, Pipeline, Redirect, Simple};

/// Maximum nesting of `sh -c` and `$(...)`.
const MOST_DEPTH: u32 = 8;

/// Commands that need Android's services, which exist once the phone has booted.
const SERVICES: [&str; 8] = ["am", "cmd", "dumpsys", "input", "monkey", "pm", "settings", "wm"];

/// The result of a command line.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Standard output and errors, in the order they were written.
    pub(crate) output: Vec<u8>,
    pub(crate) exit_status: i32,
    pub(crate) duration_ms: u64,
}

/// Runs a command line on a phone.
pub(crate) fn run(phone: &mut Phone, now_ms: i64, line: &str) -> Finished {
    phone.crash_due(now_ms);
    let mut shell = Shell {
        phone: &mut *phone,
        start_ms: now_ms,
        elapsed_ms: 0,
        directory: "/".to_owned(),
        variables: BTreeMap::from([
            ("HOME".to_owned(), "/".to_owned()),
            (
                "PATH".to_owned(),
                "/product/bin:/apex/com.android.runtime/bin:/system/bin:/system/xbin:/vendor/bin".to_owned(),
            ),
            ("USER".to_owned(), "root".to_owned()),
        ]),
        status: 0,
        exited: false,
        depth: 0,
        budget: Budget::new(),
        pending_err: Vec::new(),
    };
    let output = shell.run_line(line, &[]);
    let (exit_status, duration_ms) = (output.status, shell.elapsed_ms);
    let mut noise = noise(phone.faults.noise_bytes);
    noise.append(&mut output.merged());
    Finished { exit_status, output: noise, duration_ms }
}

/// Warnings of this many bytes.
fn noise(bytes: usize) -> Vec<u8> {
    b"WARNING: linker: unsupported flags DT_FLAGS_1=0x8000001\n".iter().copied().cycle().take(bytes).collect()
}

/// Whether a line is more than one simple command. A single one takes no time.
pub(crate) fn may_take_long(line: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || " _./:-,=@%+".contains(character);
    let program = line.split_whitespace().next().and_then(|word| word.rsplit('/').next());
    program == Some("sh") || !line.chars().all(plain)
}

/// A running shell.
struct Shell<'a> {
    phone: &'a mut Phone,
    start_ms: i64,
    elapsed_ms: u64,
    directory: String,
    variables: BTreeMap<String, String>,
    /// `$?`
    status: i32,
    /// Whether `exit` was called.
    exited: bool,
    depth: u32,
    budget: Budget,
    /// What substituted commands wrote to standard error; it precedes the output of the command they are part of.
    pending_err: Vec<u8>,
}

impl Shell<'_> {
    /// The phone's time, sleeps included.
    fn now_ms(&self) -> i64 {
        self.start_ms.saturating_add(i64::try_from(self.elapsed_ms).unwrap_or(i64::MAX))
    }

    fn path(&self, path: &str) -> String {
        absolute(&self.directory, path)
    }

    /// The end of a line that exceeds its budget.
    fn killed(&mut self) -> Output {
        self.exited = true;
        Output::error(137, "Killed\n")
    }

    fn write_file(&mut self, path: &str, content: &[u8], append: bool) -> Result<(), FileError> {
        let (path, now) = (self.path(path), self.now_ms());
        // What is appended to is copied.
        let old = if append { self.phone.data.files.read(&path).map_or(0, <[u8]>::len) } else { 0 };
        self.budget.bytes(old.saturating_add(content.len()));
        Arc::make_mut(&mut self.phone.data.files).write(&path, content, append, now)
    }

    /// Runs a line in a subshell: directory, variables and `exit` have no effect outside.
    fn run_in_subshell(&mut self, line: &str, input: &[u8]) -> Output {
        if self.depth >= MOST_DEPTH {
            return Output::error(126, "/system/bin/sh: nested too deeply\n");
        }
        let (directory, variables) = (self.directory.clone(), self.variables.clone());
        self.depth += 1;
        let output = self.run_line(line, input);
        self.depth -= 1;
        self.directory = directory;
        self.variables = variables;
        self.exited = false;
        output
    }

    fn run_line(&mut self, line: &str, input: &[u8]) -> Output {
        match parse::parse(line) {
            Ok(pipelines) => self.run_pipelines(&pipelines, input),
            Err(problem) => {
                self.status = 1;
                Output::error(1, format!("/system/bin/sh: {problem}\n"))
            }
        }
    }

    fn run_pipelines(&mut self, pipelines: &[Pipeline], input: &[u8]) -> Output {
        let mut all = Output::default();
        self.status = 0;
        for pipeline in pipelines {
            let runs = match pipeline.condition {
                Condition::Always => true,
                Condition::IfGood => self.status == 0,
                Condition::IfBad => self.status != 0,
            };
            if !runs {
                continue;
            }
            let output = self.run_pipeline(&pipeline.commands, input);
            self.status = if pipeline.inverted { i32::from(output.status == 0) } else { output.status };
            all.append(output);
            if self.exited {
                break;
            }
        }
        all.status = self.status;
        all
    }

    fn run_pipeline(&mut self, commands: &[Simple], input: &[u8]) -> Output {
        let mut all = Output::default();
        let mut input = input.to_vec();
        let last = commands.len().saturating_sub(1);
        for (number, command) in commands.iter().enumerate() {
            let output = self.run_simple(command, &input);
            all.status = output.status;
            if number == last {
                all.append(output);
            } else {
                let (out, err) = output.split();
                input = out;
                all.err_bytes(&err);
                // In a pipe `exit` ends only its own part.
                self.exited = false;
            }
        }
        all
    }

    fn run_simple(&mut self, command: &Simple, input: &[u8]) -> Output {
        let output = self.expand_and_run(command, input);
        let mut all = Output::status(output.status);
        all.err_bytes(&std::mem::take(&mut self.pending_err));
        all.append(output);
        all
    }

    fn expand_and_run(&mut self, command: &Simple, input: &[u8]) -> Output {
        if !self.budget.command() || !self.budget.bytes(input.len()) {
            return self.killed();
        }
        let (mut words, assignments) = match self.expand_words(&command.words) {
            Ok(expanded) => expanded,
            Err(output) => return output,
        };
        let mut input = input.to_vec();
        for redirect in &command.redirects {
            if let Redirect::Input(word) = redirect {
                let path = self.expand_to_text(word);
                match self.phone.data.files.read(&self.path(&path)) {
                    Ok(content) => input = content.to_vec(),
                    Err(problem) => return Output::error(1, format!("/system/bin/sh: can't open {path}: {problem}\n")),
                }
            }
        }
        if words.is_empty() {
            self.variables.extend(assignments);
            return self.redirect(Output::default(), &command.redirects);
        }
        let saved: Vec<(String, Option<String>)> =
            assignments.iter().map(|(name, _)| (name.clone(), self.variables.get(name).cloned())).collect();
        self.variables.extend(assignments);
        if words[0].contains('/') {
            let name = words[0].rsplit('/').next().unwrap_or_default().to_owned();
            if words[0].starts_with("/system/bin/") || words[0].starts_with("/system/xbin/") {
                words[0] = name;
            }
        }
        let output = self.call(&words, &input);
        self.budget.bytes(output.len());
        for (name, value) in saved {
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        self.redirect(output, &command.redirects)
    }

    fn redirect(&mut self, mut output: Output, redirects: &[Redirect]) -> Output {
        for redirect in redirects {
            match redirect {
                Redirect::Input(_) => {}
                Redirect::Join { stderr_to_stdout } => output.join(*stderr_to_stdout),
                Redirect::File { stderr, append, to } => {
                    let path = self.expand_to_text(to);
                    let bytes = output.take(*stderr);
                    if let Err(problem) = self.write_file(&path, &bytes, *append) {
                        output.err(format!("/system/bin/sh: can't create {path}: {problem}\n"));
                        output.status = 1;
                    }
                }
            }
        }
        output
    }

    /// Finds the command and runs it.
    fn call(&mut self, words: &[String], input: &[u8]) -> Output {
        let (name, arguments) = match words.split_first() {
            Some((name, arguments)) => (name.as_str(), arguments),
            None => return Output::default(),
        };
        if SERVICES.contains(&name) && !self.phone.has_booted(self.now_ms()) {
            return Output::error(20, format!("cmd: Can't find service: {name}\n"));
        }
        self.call_system(name, arguments, input)
            .or_else(|| self.call_files(name, arguments, input))
            .or_else(|| self.call_text(name, arguments, input))
            .or_else(|| self.call_bytes(name, arguments, input))
            .or_else(|| self.call_processes(name, arguments))
            .or_else(|| self.call_packages(name, arguments))
            .or_else(|| self.call_android(name, arguments))
            .unwrap_or_else(|| Output::error(127, format!("/system/bin/sh: {name}: inaccessible or not found\n")))
    }
}

#[cfg(test)]
mod tests;
