//! `koophone completions`

use clap::{Args, ValueEnum};
use clap_complete::{Generator, generate, shells};

use crate::args;
use crate::failure::Outcome;
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

/// The shells that people have; `clap_complete::Shell` would bring one more.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

pub(crate) fn run(args: &CompletionsArgs, session: &Session) -> Outcome {
    session.output.text(&match args.shell {
        Shell::Bash => script(shells::Bash),
        Shell::Zsh => script(shells::Zsh),
        Shell::Fish => script(shells::Fish),
        Shell::Powershell => script(shells::PowerShell),
    });
    Ok(())
}

fn script(shell: impl Generator) -> String {
    let mut script = Vec::new();
    generate(shell, &mut args::command(), "koophone", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
