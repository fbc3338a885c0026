//! `koophone completions`

use clap::Args;
use clap_complete::{Shell, generate};

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

pub(crate) fn run(args: &CompletionsArgs, session: &Session) -> Outcome {
    let mut script = Vec::new();
    generate(args.shell, &mut args::command(), "koophone", &mut script);
    session.output.text(&String::from_utf8_lossy(&script));
    Ok(())
}
