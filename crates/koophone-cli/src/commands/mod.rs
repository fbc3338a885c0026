//! One file per command.

mod apps;
mod assign;
mod backup;
mod completions;
mod create;
mod delete;
mod device_token;
mod doctor;
mod emulator;
mod exec;
mod explain;
mod help;
mod identity;
mod install;
mod list;
mod long_verbs;
pub(crate) mod phone;
mod prepare;
mod reboot;
mod reset;
mod sign;
mod skus;
mod status;
mod streaming;
mod tables;
mod task;
mod verbs;
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
    Explain(explain::ExplainArgs),
    Tap(verbs::TapArgs),
    Swipe(verbs::SwipeArgs),
    Key(verbs::KeyArgs),
    Type(verbs::TypeArgs),
    Start(verbs::StartArgs),
    Stop(verbs::StopArgs),
    Getprop(verbs::GetpropArgs),
    WaitBoot(long_verbs::WaitBootArgs),
    Pull(long_verbs::PullArgs),
    Logcat(long_verbs::LogcatArgs),
    Phone(phone::VerbArgs),
    #[command(subcommand)]
    Task(task::TaskCommand),
    #[command(subcommand)]
    Video(video::VideoCommand),
    Reboot(reboot::RebootArgs),
    Reset(reset::ResetArgs),
    Install(install::InstallArgs),
    Apps(apps::AppsArgs),
    DeviceToken(device_token::DeviceTokenArgs),
    #[command(subcommand)]
    Stream(streaming::StreamCommand),
    #[command(subcommand)]
    Session(streaming::SessionCommand),
    Assign(assign::AssignArgs),
    Unassign(assign::UnassignArgs),
    Backup(backup::BackupArgs),
    Prepare(prepare::PrepareArgs),
    Skus(skus::SkusArgs),
    Create(create::CreateArgs),
    Delete(delete::DeleteArgs),
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

/// Runs one command and prints its result; errors are left to the caller. `grammar` builds the whole command line's
/// grammar, for completion scripts and help.
pub(crate) fn run(command: Command, grammar: fn() -> clap::Command, session: &Session) -> RunResult {
    match command {
        Command::List(args) => list::run(&args, session),
        Command::Status(args) => status::run(&args, session),
        Command::Exec(args) => exec::run(&args, session),
        Command::Explain(args) => explain::run(&args, session),
        Command::Tap(args) => verbs::tap(&args, session),
        Command::Swipe(args) => verbs::swipe(&args, session),
        Command::Key(args) => verbs::key(&args, session),
        Command::Type(args) => verbs::type_text(&args, session),
        Command::Start(args) => verbs::start(&args, session),
        Command::Stop(args) => verbs::stop(&args, session),
        Command::Getprop(args) => verbs::getprop(&args, session),
        Command::WaitBoot(args) => long_verbs::wait_boot(&args, session),
        Command::Pull(args) => long_verbs::pull(&args, session),
        Command::Logcat(args) => long_verbs::logcat(&args, session),
        Command::Phone(args) => phone::run(&args, session),
        Command::Task(command) => task::run(&command, session),
        Command::Video(command) => video::run(&command, session),
        Command::Reboot(args) => reboot::run(&args, session),
        Command::Reset(args) => reset::run(&args, session),
        Command::Install(args) => install::run(&args, session),
        Command::Apps(args) => apps::run(&args, session),
        Command::DeviceToken(args) => device_token::run(&args, session),
        Command::Stream(command) => streaming::stream(&command, session),
        Command::Session(command) => streaming::session(&command, session),
        Command::Assign(args) => assign::assign(&args, session),
        Command::Unassign(args) => assign::unassign(&args, session),
        Command::Backup(args) => backup::run(&args, session),
        Command::Prepare(args) => prepare::run(&args, session),
        Command::Skus(_) => skus::run(session),
        Command::Create(args) => create::run(&args, session),
        Command::Delete(args) => delete::run(&args, session),
        Command::Login(_) => identity::login(session),
        Command::Whoami(_) => identity::whoami(session),
        Command::Sign(args) => sign::run(&args, session),
        Command::Emulator(args) => emulator::run(&args, session),
        Command::Doctor(args) => doctor::run(&args, session),
        Command::Settings(_) => tables::settings(session),
        Command::Errors(args) => tables::errors(&args, session),
        Command::Completions(args) => completions::run(&args, grammar(), session),
        Command::Help(args) => help::run(&args, grammar(), session),
    }
}
