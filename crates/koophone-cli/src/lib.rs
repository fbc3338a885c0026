//! The `koophone` command as a library: [`run`] is what the binary, the Python wheel and the npm package call.
//!
//! Nothing here knows the service: validation, retries and limits are the core's. This crate turns arguments into
//! calls, and results into tables, JSON and exit codes.
//!
//! ```
//! let code = koophone_cli::run(["koophone", "errors", "--json"].map(Into::into));
//! assert_eq!(code, 0);
//! ```

mod args;
mod assignment_args;
mod commands;
mod confirm;
mod credential_args;
mod failure;
mod follow;
mod help;
mod input;
mod interrupt;
mod json_file;
mod outcomes;
mod output;
mod page_args;
mod phone_args;
mod progress;
mod repeat_args;
mod session;
mod setting_args;
mod table;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use koophone::ErrorKind;

use crate::failure::Failure;
use crate::interrupt::{Event, Interrupt};
use crate::session::Session;

/// Stack size of the thread that runs the command: the parser of a large command line needs a deep stack.
const STACK: usize = 8 << 20;

/// Runs the command line `args`, the program's name first, and returns the exit code: 0, or the number of the error's
/// kind (see `koophone errors`), or 74 when only the output could not be written. Writes to standard output and
/// standard error; never ends the process.
///
/// Ctrl-C (and SIGTERM, and SIGHUP unless it is ignored) cancels the call under way, and the code is 13. A second one
/// returns at once, even if something still blocks: the caller should then exit. While it runs, SIGINT and SIGTERM
/// reach this function as well as handlers that the host program has installed.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match args::parse(&args) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let output = cli.output();
    let (events, inbox) = mpsc::channel();
    let interrupt = Interrupt::default();
    let _listener = interrupt::listen(events.clone());
    let worker_interrupt = interrupt.clone();
    let work = move || {
        let output = cli.output();
        let session = Session::new(output, cli.settings, cli.credentials, cli.traceparent, args, worker_interrupt);
        let done = catch_unwind(AssertUnwindSafe(|| commands::run(cli.command, args::command, &session)));
        let done = done.unwrap_or_else(|panic| Err(koophone::binding_support::panic_error(&*panic).into()));
        session.tell_stats();
        let code = match done {
            Ok(()) => session.output.finish(),
            Err(failure) => session.output.failure(&failure),
        };
        // The receiver is gone only if the code is no longer needed.
        let _ = events.send(Event::Finished(code));
    };
    if let Err(cause) = thread::Builder::new().name("koophone-cli".into()).stack_size(STACK).spawn(work) {
        let limits = "raise the limit of the process's threads (ulimit -u; in a container pids.max)";
        let message = format!("the system refuses to start the command's thread ({cause}); {limits}");
        return output.failure(&Failure::from(koophone::Error::new(ErrorKind::Configuration, message)));
    }
    loop {
        match inbox.recv() {
            Ok(Event::Finished(code)) => return code,
            // Anything but a call, such as a prompt, cannot be cancelled; after a second signal there is no more
            // waiting.
            Ok(Event::Signal) if interrupt.cancel() => {}
            Ok(Event::Signal) | Err(_) => return ErrorKind::Cancelled.number(),
        }
    }
}
