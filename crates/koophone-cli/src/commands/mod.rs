//! One file per command.

pub(crate) mod completions;
pub(crate) mod device_token;
pub(crate) mod doctor;
pub(crate) mod emulator;
pub(crate) mod exec;
pub(crate) mod identity;
pub(crate) mod reset;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod tables;
pub(crate) mod task;
pub(crate) mod video;

use crate::args::Command;
use crate::failure::Outcome;
use crate::session::Session;

/// Runs one command. What fails is the caller's to tell; what went well has been printed.
pub(crate) fn run(command: Command, session: &Session) -> Outcome {
    match command {
        Command::Status(args) => status::run(&args, session),
        Command::Exec(args) => exec::run(&args, session),
        Command::Task(command) => task::run(&command, session),
        Command::Video(command) => video::run(&command, session),
        Command::Reset(args) => reset::run(&args, session),
        Command::DeviceToken(args) => device_token::run(&args, session),
        Command::Login(_) => identity::login(session),
        Command::Whoami(_) => identity::whoami(session),
        Command::Sign(args) => sign::run(&args, session),
        Command::Emulator(args) => emulator::run(&args, session),
        Command::Doctor(args) => doctor::run(&args, session),
        Command::Settings(_) => tables::settings(session),
        Command::Errors(_) => tables::errors(session),
        Command::Completions(args) => completions::run(&args, session),
    }
}
