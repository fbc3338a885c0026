//! Files and standard input, which can be read once.

use std::cell::Cell;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use koophone::{Error, ErrorKind, Result};

use crate::interrupt::Interrupt;

/// Where input comes from.
pub(crate) struct Input {
    /// The purpose that standard input was read for.
    taken: Cell<Option<&'static str>>,
    interrupt: Interrupt,
}

impl Input {
    pub fn new(interrupt: Interrupt) -> Self {
        Self { taken: Cell::new(None), interrupt }
    }

    /// Whether it is a terminal, where a user can answer.
    pub fn is_interactive(&self) -> bool {
        self.taken.get().is_none() && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether standard input is a pipe or a file that has not been read yet.
    pub fn is_piped(&self) -> bool {
        self.taken.get().is_none() && !io::stdin().is_terminal()
    }

    /// Reads the text of `path`, `-` for standard input. `what` names it in errors, `argument` is its option.
    pub fn text(&self, path: &Path, argument: &'static str, what: &'static str) -> Result<String> {
        let bytes = self.bytes(path, argument, what)?;
        // The bytes may be a secret, so they are not shown.
        String::from_utf8(bytes)
            .map_err(|_| Error::invalid(argument, format!("{what} in {} is not UTF-8 text", name(path))))
    }

    /// Reads the bytes of `path`, `-` for standard input.
    pub fn bytes(&self, path: &Path, argument: &'static str, what: &'static str) -> Result<Vec<u8>> {
        let read = if path == Path::new("-") {
            if let Some(other) = self.taken.replace(Some(what)) {
                let message = format!("standard input was already read for {other}; give {what} in a file");
                return Err(Error::invalid(argument, message));
            }
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        read.map_err(|cause| Error::invalid(argument, format!("{what} cannot be read from {}: {cause}", name(path))))
    }

    /// Asks for a secret on the terminal, without showing it.
    pub fn secret(&self, question: &str) -> Result<String> {
        // Ctrl-C is returned as an error after the terminal is restored; exiting earlier would leave it without echo.
        let answer = self.interrupt.during(|_| rpassword::prompt_password(format!("{question}: ")));
        answer.map_err(|cause| match cause.kind() {
            io::ErrorKind::Interrupted => {
                Error::new(ErrorKind::Cancelled, "cancelled while asking for a secret; nothing was sent")
            }
            _ => Error::invalid("terminal", format!("the terminal cannot be read: {cause}")),
        })
    }
}

fn name(path: &Path) -> String {
    match path == Path::new("-") {
        true => "standard input".into(),
        false => path.display().to_string(),
    }
}
