//! `koophone task`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use koophone::{Error, Result, Task};

use crate::failure::RunResult;
use crate::follow;
use crate::output::brief_without_output;
use crate::progress;
use crate::session::Session;
use crate::table::Table;

const EXAMPLES: &str = "\
Examples:
  koophone task show 6837531fd3f54550927b930180a706bf
  koophone task wait 6837531fd3f54550927b930180a706bf --timeout 10m";

const SHOW_EXAMPLES: &str = "\
Examples:
  koophone task show 6837531fd3f54550927b930180a706bf
  # the text that exec --async --detach printed contains which job belongs to which phone
  koophone task show --file task.txt";

const WAIT_EXAMPLES: &str = "\
Examples:
  koophone task wait 6837531fd3f54550927b930180a706bf --timeout 10m
  koophone exec a44uhlf7 --async --detach -- sleep 30 > task.txt
  koophone task wait --file task.txt --json
  koophone exec a44uhlf7 --async --detach -- sleep 30 | koophone task wait";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  koophone exec a44uhlf7 --async --detach -- sleep 30 > task.txt
  koophone task describe --file task.txt --json";

/// Show tasks (任务), or wait for them
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) enum TaskCommand {
    /// Show every job of a task as it is now (查询任务状态)
    ///
    /// Jobs that are still running are not failures.
    #[command(after_help = SHOW_EXAMPLES)]
    Show(TaskArgs),
    /// Wait until every job of a task has ended
    ///
    /// Waits without limit unless the option --timeout is given. After a timeout or Ctrl-C the task itself continues,
    /// and can be waited for again.
    #[command(after_help = WAIT_EXAMPLES)]
    Wait(TaskArgs),
    /// Show the content of a saved task: which job belongs to which phone. Sends nothing
    #[command(after_help = DESCRIBE_EXAMPLES)]
    Describe(TaskArgs),
}

/// Which task.
#[derive(Args, Debug)]
pub(crate) struct TaskArgs {
    /// The text that --detach printed, or task ids separated by commas; - is standard input, which is also read if it
    /// is a pipe and no task is given
    #[arg(conflicts_with = "file", value_name = "TASK")]
    task: Option<String>,
    /// File with that text: a task of very many phones is too long for a command line
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl TaskArgs {
    fn resume(&self, session: &Session) -> Result<Task> {
        let read = |path: &Path| session.input.text(path, "task", "the task");
        let saved = match (&self.task, &self.file) {
            (Some(dash), _) if dash == "-" => read(Path::new("-"))?,
            (Some(task), _) => task.clone(),
            (None, Some(path)) => read(path)?,
            (None, None) if session.input.is_piped() => read(Path::new("-"))?,
            (None, None) => return Err(Error::invalid("task", "name a TASK, or give its text on standard input")),
        };
        session.client()?.resume_task(&saved)
    }
}

pub(crate) fn run(command: &TaskCommand, session: &Session) -> RunResult {
    match command {
        TaskCommand::Show(args) => show(&args.resume(session)?, session),
        TaskCommand::Wait(args) => follow::wait(session, &args.resume(session)?),
        TaskCommand::Describe(args) => describe(&args.resume(session)?, session),
    }
}

fn describe(task: &Task, session: &Session) -> RunResult {
    Ok(session.output.show(&follow::description(task), || {
        let mut table = Table::new(["PHONE", "JOB", "TASK", "ERROR"]);
        let text = |text: &Option<String>| text.clone().unwrap_or_default().into();
        for phone in task.phones() {
            let error = brief_without_output(phone.error.as_ref()).into();
            table.row([phone.instance_id.as_str().into(), text(&phone.job_id), text(&phone.task_id), error]);
        }
        table
    })?)
}

fn show(task: &Task, session: &Session) -> RunResult {
    let status = session.call(task.poll())?;
    follow::show_jobs(session, &status, &status.jobs)?;
    session.output.note(&progress::line(&status.progress));
    match status.jobs.iter().find_map(|job| job.error.clone()) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}
