//! Commands about bytes, as in toybox.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::phone::files::FileError;
use crate::shell::Shell;
use crate::shell::output::Output;

/// Bytes in a line of `xxd -p`.
const BYTES_IN_LINE: usize = 30;

impl Shell<'_> {
    pub(super) fn call_bytes(&mut self, name: &str, arguments: &[String], input: &[u8]) -> Option<Output> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Some(match name {
            "sha256sum" => self.sha256sum(&words, input),
            "xxd" => self.xxd(&words, input),
            _ => return None,
        })
    }

    fn sha256sum(&self, paths: &[&str], input: &[u8]) -> Output {
        if paths.is_empty() {
            return Output::text(format!("{}  -\n", hex(&Sha256::digest(input))));
        }
        let mut output = Output::default();
        for path in paths {
            match self.phone.data.files.read(&self.path(path)) {
                Ok(content) => output.out(format!("{}  {path}\n", hex(&Sha256::digest(content)))),
                Err(problem) => {
                    output.err(format!("sha256sum: {path}: {problem}\n"));
                    output.status = 1;
                }
            }
        }
        output
    }

    /// `xxd -p [-s N] [-l N] FILE`
    fn xxd(&self, words: &[&str], input: &[u8]) -> Output {
        let (mut skip, mut most, mut path, mut plain) = (0, usize::MAX, None, false);
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            match *word {
                "-p" => plain = true,
                "-s" | "-l" => {
                    let text = rest.next().copied().unwrap_or_default();
                    let Ok(number) = text.parse::<usize>() else {
                        return Output::error(1, format!("xxd: not integer: {text}\n"));
                    };
                    *(if *word == "-s" { &mut skip } else { &mut most }) = number;
                }
                word => path = Some(word),
            }
        }
        if !plain {
            return Output::error(1, "xxd: only -p is emulated\n");
        }
        let content = match path {
            None | Some("-") => input,
            Some(path) => match self.phone.data.files.read(&self.path(path)) {
                Ok(content) => content,
                Err(problem @ FileError::IsADirectory) => return Output::error(1, format!("xxd: read: {problem}\n")),
                Err(problem) => return Output::error(1, format!("xxd: {path}: {problem}\n")),
            },
        };
        let shown = content.get(skip..).unwrap_or_default();
        // toybox treats a limit of 0 as none.
        let shown = if most == 0 { shown } else { &shown[..most.min(shown.len())] };
        // It ends each group of bytes with a space, and a whole line is a group.
        let end = |line: &[u8]| if line.len() == BYTES_IN_LINE { " \n" } else { "\n" };
        shown.chunks(BYTES_IN_LINE).map(|line| hex(line) + end(line)).collect::<String>().into()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
