//! `koophone completions`

use clap::{Args, Command, ValueEnum};
use clap_complete::{Generator, generate, shells};

use crate::failure::RunResult;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  koophone completions bash > ~/.local/share/bash-completion/completions/koophone
  koophone completions zsh > ~/.zfunc/_koophone
  koophone completions fish > ~/.config/fish/completions/koophone.fish
  koophone completions powershell >> profile.ps1";

/// Print a completion script for a shell
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// The supported shells; `clap_complete::Shell` has one more.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

pub(crate) fn run(args: &CompletionsArgs, grammar: Command, session: &Session) -> RunResult {
    session.output.text(&match args.shell {
        Shell::Bash => script(shells::Bash, grammar),
        Shell::Zsh => script(shells::Zsh, grammar),
        Shell::Fish => script(shells::Fish, grammar),
        Shell::Powershell => script(shells::PowerShell, grammar),
    });
    Ok(())
}

fn script(shell: impl Generator, mut grammar: Command) -> String {
    let mut script = Vec::new();
    generate(shell, &mut grammar, "koophone", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
