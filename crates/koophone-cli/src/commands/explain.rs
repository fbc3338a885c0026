//! `koophone explain`

use clap::Args;
use koophone::Error;
use koophone::command::why_not;
use serde_json::json;

use crate::failure::RunResult;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  koophone explain -- 'ls /sdcard | wc -l'
  koophone explain -- getprop ro.product.model";

/// Explain which characters of a command the service does not accept (解释命令限制)
///
/// Nothing is sent. The exit code is 1 if the command is not accepted.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// The command
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) fn run(args: &ExplainArgs, session: &Session) -> RunResult {
    let command = args.command.join(" ");
    let why = why_not(&command);
    if session.output.style.json {
        session.output.json(&json!({"command": command, "why_not": why}))?;
    }
    match why {
        None => {
            session.output.note("the service accepts this command");
            Ok(())
        }
        Some(why) => Err(Error::invalid("command", why).into()),
    }
}
