//! One file per command.

mod completions;
mod device_token;
mod doctor;
mod emulator;
mod exec;
mod help;
mod identity;
mod list;
mod reset;
mod sign;
mod status;
mod tables;
mod task;
mod video;

use clap::Subcommand;

use crate::failure::RunResult;
use crate::session::Session;

/// The commands.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    List(list::ListArgs),
    Status(status::StatusArgs),
    Exec(exec::ExecArgs),
    #[command(subcommand)]
    Task(task::TaskCommand),
    #[command(subcommand)]
    Video(video::VideoCommand),
    Reset(reset::ResetArgs),
    DeviceToken(device_token::DeviceTokenArgs),
    Login(identity::LoginArgs),
    Whoami(identity::WhoamiArgs),
    Sign(sign::SignArgs),
    Emulator(Box<emulator::EmulatorArgs>),
    Doctor(doctor::DoctorArgs),
    Settings(tables::SettingsArgs),
    Errors(tables::ErrorsArgs),
    Completions(completions::CompletionsArgs),
    Help(help::HelpArgs),
}

/// Runs one command and prints its result; errors are left to the caller. `grammar` makes the whole command line's
/// grammar, which completion scripts and help are made from.
pub(crate) fn run(command: Command, grammar: fn() -> clap::Command, session: &Session) -> RunResult {
    match command {
        Command::List(args) => list::run(&args, session),
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
        Command::Completions(args) => completions::run(&args, grammar(), session),
        Command::Help(args) => help::run(&args, grammar(), session),
    }
}
