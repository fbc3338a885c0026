//! The lines that make a shell use an emulator, in the shell's own language.

use clap::ValueEnum;

/// A shell, by its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Dialect {
    /// sh, bash, zsh, Git Bash
    Posix,
    /// PowerShell, on every system
    #[value(name = "powershell")]
    PowerShell,
    /// The command prompt of Windows
    Cmd,
}

impl Dialect {
    /// The one that most likely reads the lines. cmd and PowerShell start a program the same way, so one is chosen.
    pub fn likely() -> Self {
        let is_posix = !cfg!(windows) || ["MSYSTEM", "SHELL"].iter().any(|name| std::env::var_os(name).is_some());
        if is_posix { Self::Posix } else { Self::PowerShell }
    }

    /// Sets variables: one statement.
    pub fn set(self, variables: &[(&str, &str)]) -> String {
        let each = |one: fn(&str, &str) -> String, between: &str| {
            variables.iter().map(|(name, value)| one(name, value)).collect::<Vec<_>>().join(between)
        };
        match self {
            Self::Posix => format!("export {}", each(|name, value| format!("{name}={}", posix(value)), " ")),
            Self::PowerShell => each(|name, value| format!("$env:{name} = '{}'", value.replace('\'', "''")), "; "),
            Self::Cmd => each(|name, value| format!("set \"{name}={value}\""), " & "),
        }
    }

    /// Removes variables, whether they are set or not.
    pub fn unset(self, names: &[&str]) -> String {
        let each = |before: &str, after: &str, between: &str| {
            names.iter().map(|name| format!("{before}{name}{after}")).collect::<Vec<_>>().join(between)
        };
        match self {
            Self::Posix => format!("unset {}", each("", "", " ")),
            Self::PowerShell => format!("Remove-Item -ErrorAction Ignore {}", each("Env:", "", ", ")),
            Self::Cmd => each("set \"", "=\"", " & "),
        }
    }

    /// The start of a comment line.
    pub fn comment(self) -> &'static str {
        match self {
            Self::Posix | Self::PowerShell => "#",
            Self::Cmd => "rem",
        }
    }

    /// Ends a process.
    pub fn kill(self, process: u32) -> String {
        match self {
            Self::Posix => format!("kill {process}"),
            Self::PowerShell => format!("Stop-Process {process}"),
            Self::Cmd => format!("taskkill /F /PID {process}"),
        }
    }
}

/// `text` as one word of a POSIX shell.
fn posix(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_word_stays_one_word() {
        let set = |shell: Dialect| shell.set(&[("A", "it's $HOME"), ("B", "2")]);
        assert_eq!(set(Dialect::Posix), r"export A='it'\''s $HOME' B='2'");
        assert_eq!(set(Dialect::PowerShell), "$env:A = 'it''s $HOME'; $env:B = '2'");
        assert_eq!(set(Dialect::Cmd), r#"set "A=it's $HOME" & set "B=2""#);
    }

    #[test]
    fn variables_are_removed_in_each_language() {
        let unset = |shell: Dialect| shell.unset(&["A", "B"]);
        assert_eq!(unset(Dialect::Posix), "unset A B");
        assert_eq!(unset(Dialect::PowerShell), "Remove-Item -ErrorAction Ignore Env:A, Env:B");
        assert_eq!(unset(Dialect::Cmd), r#"set "A=" & set "B=""#);
    }
}
