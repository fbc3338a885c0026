//! `koophone stream` and `koophone session`

use clap::{Args, Subcommand};
use koophone::PhoneResults;

use crate::failure::RunResult;
use crate::outcomes;
use crate::phone_args::PhoneArgs;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  koophone stream stop a44uhlf7
  # and let the next user in at once
  koophone session release a44uhlf7";

/// End streams (云手机推流)
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) enum StreamCommand {
    /// End the streams of phones (停止推流)
    ///
    /// A phone that does not stream is left unchanged. The session remains for a while; koophone session release ends
    /// it.
    #[command(after_help = EXAMPLES)]
    Stop(StopArgs),
}

/// End the sessions that streams leave behind (会话)
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) enum SessionCommand {
    /// End the sessions of phones (释放会话), so that the next user does not have to wait
    ///
    /// Use it after koophone stream stop: its effect on a running stream is not documented.
    #[command(after_help = EXAMPLES)]
    Release(StopArgs),
}

/// Which phones.
#[derive(Args, Debug)]
pub(crate) struct StopArgs {
    #[command(flatten)]
    phones: PhoneArgs,
}

pub(crate) fn stream(command: &StreamCommand, session: &Session) -> RunResult {
    let StreamCommand::Stop(args) = command;
    let ids = args.phones.read(session)?;
    let phones = session.call(session.client()?.stop_streaming(ids))?;
    outcomes::show(session, &phones, "STREAM", "stopped")?;
    Ok(phones.raise_for_errors()?)
}

pub(crate) fn session(command: &SessionCommand, session: &Session) -> RunResult {
    let SessionCommand::Release(args) = command;
    let ids = args.phones.read(session)?;
    let phones = session.call(session.client()?.release_session(ids))?;
    outcomes::show(session, &phones, "SESSION", "released")?;
    Ok(phones.raise_for_errors()?)
}
