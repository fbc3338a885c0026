//! What testers do with a phone all day: tap, type, start, get a property. A verb is one or more commands of
//! `run_command`, whose output is read, and one row of the table, which says whether it may be repeated.
//!
//! To add a verb: copy the nearest one, change it, add its row to [`VERBS`], and give [`Phone`](crate::Phone) its
//! method (`client/phone.rs`).

pub(crate) mod apps;
pub(crate) mod boot;
pub(crate) mod files;
pub(crate) mod goals;
pub(crate) mod input;
mod key_names;
pub(crate) mod keys;
pub(crate) mod logcat;
mod output;
mod pages;
mod predicate;
pub(crate) mod ratio;
mod results;
mod run;
pub(crate) mod screen;
pub(crate) mod system;
pub(crate) mod typing;
pub(crate) mod waits;
mod words;

use http::Method;

pub use self::boot::Before;
pub use self::files::{FileContent, PulledFile};
pub use self::logcat::LogTail;
pub(crate) use self::output::Output;
pub use self::pages::PageOptions;
pub use self::predicate::Predicate;
#[cfg(feature = "describe")]
pub(crate) use self::results::describe;
pub use self::results::{
    AppInfo, AppInfoResult, AppOnScreen, AppOnScreenResult, Battery, BatteryResult, DoneResult, FileContentResult,
    FlagResult, LogTailResult, NumberListResult, NumberResult, PulledFileResult, TextListResult, TextResult,
    VerbResult, Waited, WaitedDone, WaitedDoneResult, WaitedNumberList, WaitedNumberListResult, WaitedText,
    WaitedTextResult, WindowSize, WindowSizeResult,
};
pub(crate) use self::run::run;
use crate::model::{Error, InstanceId, Operation, Param, ParamKind, Result, Returns};
use crate::operations::run_command;

/// Every verb, as a separate operation that is sent as `sync-command`. Generators, tests and tools read this table.
pub const VERBS: &[&Operation] = &[
    &system::GETPROP,
    &boot::BOOT_ID,
    &screen::WINDOW_SIZE,
    &screen::ROTATION,
    &screen::IS_SCREEN_ON,
    &system::BATTERY,
    &apps::APP_CURRENT,
    &apps::LIST_PACKAGES,
    &apps::APP_INFO,
    &apps::PIDOF,
    &apps::APP_STOP,
    &apps::APP_CLEAR,
    &screen::WAKE,
    &system::SETTINGS_PUT,
    &input::CLICK,
    &input::LONG_CLICK,
    &input::SWIPE,
    &input::DRAG,
    &input::KEYEVENT,
    &input::BACK,
    &input::HOME,
    &typing::SEND_KEYS,
    &apps::APP_START,
    &apps::INSTALL_REMOTE,
    &apps::UNINSTALL,
    &ratio::CLICK_RATIO,
    &screen::SCREENCAP,
    &files::READ_FILE,
    &files::PULL,
    &logcat::LOGCAT_TAIL,
];

/// The waits: verbs that repeat another one until every phone is ready. In addition to their own arguments, all of them
/// take a timeout and a progress callback, in every language.
pub const WAITS: &[&Operation] =
    &[&goals::WAIT_FOR_BOOT, &goals::APP_WAIT, &goals::APP_WAIT_GONE, &goals::WAIT_PROP, &goals::WAIT_UNTIL];

/// What a verb does to a phone, which decides whether it may be repeated after a lost response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It only reads: it is retried.
    Reads,
    /// It is idempotent: it is retried.
    SameState,
    /// It is idempotent and destructive: it is retried.
    Clears,
    /// It is not idempotent: it is never sent twice.
    Acts,
    /// It is not idempotent, and destructive: it is never sent twice.
    Removes,
}

/// A row of the table.
const fn row(
    name: &'static str,
    doc: &'static str,
    effect: Effect,
    params: &'static [Param],
    returns: &'static str,
) -> Operation {
    Operation {
        name,
        service_name: run_command::OPERATION.service_name,
        method: Method::POST,
        path: run_command::OPERATION.path,
        doc,
        idempotent: !matches!(effect, Effect::Acts | Effect::Removes),
        read_only: matches!(effect, Effect::Reads),
        destructive: matches!(effect, Effect::Clears | Effect::Removes),
        costs_money: false,
        target: run_command::OPERATION.target,
        params,
        returns: Returns::PerPhone(returns),
        payload: run_command::OPERATION.payload,
    }
}

const fn param(name: &'static str, kind: ParamKind, doc: &'static str, default: Option<&'static str>) -> Param {
    Param { name, kind, doc, default, secret: false }
}

const fn text(name: &'static str, doc: &'static str) -> Param {
    param(name, ParamKind::Text, doc, None)
}

const fn integer(name: &'static str, doc: &'static str) -> Param {
    param(name, ParamKind::Integer, doc, None)
}

/// A verb: commands on a phone, one after the other, until there is a value. It holds the arguments of one call.
pub(crate) trait Verb: Send + Sync + 'static {
    /// Its row of the table.
    const OPERATION: &'static Operation;
    /// Whether it may be so many commands that the client's timeout is for each of them.
    const LONG: bool = false;
    /// What it returns for each phone.
    type Value: Clone + Send + 'static;
    /// What is known of a phone between two commands.
    type Known: Default + Send;

    /// Checks the arguments, before anything is sent.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// What is known of a phone before the first command.
    fn begin(&self, _instance_id: InstanceId) -> Self::Known {
        Self::Known::default()
    }

    /// The next command on a phone.
    fn next(&self, known: &Self::Known) -> Step;

    /// Reads what a command that succeeded printed: the value, or none where another command follows.
    fn read(&self, known: &mut Self::Known, output: &Output<'_>) -> Result<Option<Self::Value>>;

    /// The same for a command that failed, where failing means something; otherwise it is the phone's error.
    fn read_failed(&self, _output: &Output<'_>) -> Option<Self::Value> {
        None
    }

    /// Keeps a failure after which one more command follows, which cleans up; returns it if nothing follows.
    fn clean_up(&self, _known: &mut Self::Known, failure: Error) -> Option<Error> {
        Some(failure)
    }

    /// How much was done so far, for an error; none if nothing.
    fn done_so_far(&self, _known: &Self::Known) -> Option<String> {
        None
    }
}

/// A command of a verb.
pub(crate) struct Step {
    /// The row that says whether this command may be repeated.
    pub operation: &'static Operation,
    /// Words of the characters that the service takes, with blanks between.
    pub command: String,
}

/// A verb that is one command.
pub(crate) trait OneCommand: Send + Sync + 'static {
    /// Its row of the table.
    const OPERATION: &'static Operation;
    /// What it returns for each phone.
    type Value: Clone + Send + 'static;

    /// Checks the arguments, before anything is sent.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// The command: words of the characters that the service takes, with blanks between.
    fn command(&self) -> String;

    /// Reads what a command that succeeded printed.
    fn read(&self, output: &Output<'_>) -> Result<Self::Value>;

    /// The same for a command that failed, where failing means something; otherwise it is the phone's error.
    fn read_failed(&self, _output: &Output<'_>) -> Option<Self::Value> {
        None
    }
}

impl<V: OneCommand> Verb for V {
    const OPERATION: &'static Operation = <V as OneCommand>::OPERATION;
    type Value = <V as OneCommand>::Value;
    type Known = ();

    fn validate(&self) -> Result<()> {
        OneCommand::validate(self)
    }

    fn next(&self, (): &()) -> Step {
        Step { operation: <V as OneCommand>::OPERATION, command: self.command() }
    }

    fn read(&self, (): &mut (), output: &Output<'_>) -> Result<Option<Self::Value>> {
        OneCommand::read(self, output).map(Some)
    }

    fn read_failed(&self, output: &Output<'_>) -> Option<Self::Value> {
        OneCommand::read_failed(self, output)
    }
}

#[cfg(all(test, feature = "describe"))]
mod tests {
    use super::*;

    #[test]
    fn every_result_of_the_table_is_described() {
        let described: Vec<_> = describe().into_iter().map(|(name, _)| name).collect();
        for verb in VERBS.iter().chain(WAITS) {
            let Returns::PerPhone(of) = verb.returns else { panic!("{} returns no results", verb.name) };
            assert!(described.contains(&of), "{}: {of} is not in describe()", verb.name);
        }
    }

    #[test]
    fn no_description_has_a_period_in_code() {
        // Doxygen would end the first sentence there, inside the code.
        for verb in VERBS.iter().chain(WAITS) {
            assert!(!verb.doc.split('`').skip(1).step_by(2).any(|code| code.contains('.')), "{}", verb.name);
        }
    }
}
