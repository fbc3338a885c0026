//! What testers do with a phone all day: tap, type, start, get a property. Each verb is one command of `run_command`,
//! whose output is read, and one row of the table, which says whether it may be repeated.
//!
//! To add a verb: copy the nearest one, change it, add its row to [`VERBS`], and give [`Phone`](crate::Phone) its
//! method (`client/phone.rs`).

pub(crate) mod apps;
pub(crate) mod input;
mod key_names;
pub(crate) mod keys;
mod output;
mod results;
pub(crate) mod screen;
pub(crate) mod system;
pub(crate) mod typing;
mod words;

use http::Method;
use serde::Serialize;

pub(crate) use self::output::Output;
#[cfg(feature = "describe")]
pub(crate) use self::results::describe;
pub use self::results::{
    AppInfo, AppInfoResult, AppOnScreen, AppOnScreenResult, Battery, BatteryResult, DoneResult, FlagResult,
    NumberListResult, NumberResult, TextListResult, TextResult, VerbResult, WindowSize, WindowSizeResult,
};
use crate::model::{Error, ErrorKind, InstanceId, JobState, Operation, Param, ParamKind, Result, Returns};
use crate::operations::per_phone::PerPhone;
use crate::operations::run_command::{self, CommandRequest, Data, WireResult};
use crate::pipeline::{Trace, batch};
use crate::settings::Settings;

/// Every verb, as an operation of its own that is sent as `sync-command`. Generators, tests and tools read this table.
pub const VERBS: &[&Operation] = &[
    &system::GETPROP,
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
];

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

/// What differs between the verbs. A value of it holds the arguments of one call.
pub(crate) trait Verb: Send + Sync + 'static {
    /// Its row of the table.
    const OPERATION: &'static Operation;
    /// What it gives for each phone.
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

/// Runs a verb as the operation that its row is.
pub(crate) struct ByCommand<V>(pub V);

impl<V: Verb> PerPhone for ByCommand<V> {
    const OPERATION: &'static Operation = V::OPERATION;
    type Data = Data;
    type Result = VerbResult<V::Value>;

    fn validate(&self, _settings: &Settings) -> Result<()> {
        self.0.validate()
    }

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(CommandRequest { instance_ids: phones, command: self.0.command().into() })
    }

    fn results(&self, phones: &[InstanceId], data: Option<Data>, trace: &Trace) -> Vec<Self::Result> {
        let items = data.map(|data| data.cmd_results).unwrap_or_default();
        let missing = |id| Self::failed(id, trace.missing(V::OPERATION).about(id));
        batch::join(phones, items, |id, item| self.result(id, item, trace), missing)
    }

    fn failed(instance_id: InstanceId, error: Error) -> Self::Result {
        let request_id = error.request_id().map(str::to_owned);
        VerbResult { instance_id, value: None, raw: String::new(), truncated: false, request_id, error: Some(error) }
    }
}

impl<V: Verb> ByCommand<V> {
    fn result(&self, instance_id: InstanceId, item: WireResult, trace: &Trace) -> VerbResult<V::Value> {
        let output = Output { text: &item.execute_msg, truncated: item.is_cut(), operation: V::OPERATION };
        let value = match item.state() {
            JobState::Succeeded => self.0.read(&output).map_err(|error| trace.attach_to(error)),
            JobState::Failed => {
                let error = self.failure(&item, trace);
                // A phone that ran nothing has failed too, and has printed nothing either.
                let ran = error.kind() == ErrorKind::CommandFailed;
                ran.then(|| self.0.read_failed(&output)).flatten().ok_or(error)
            }
            _ => Err(trace.unreadable(V::OPERATION)),
        };
        let (value, error) = match value {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error.about(instance_id))),
        };
        VerbResult {
            instance_id,
            value,
            truncated: item.is_cut(),
            request_id: Some(trace.request_id().to_owned()),
            error,
            raw: item.execute_msg,
        }
    }

    fn failure(&self, item: &WireResult, trace: &Trace) -> Error {
        let unreadable = || trace.unreadable(V::OPERATION);
        let nothing_changed = V::OPERATION.read_only;
        item.error(trace).unwrap_or_else(unreadable).with(|error| error.maybe_executed &= !nothing_changed)
    }
}

#[cfg(all(test, feature = "describe"))]
mod tests {
    use super::*;

    #[test]
    fn every_result_of_the_table_is_described() {
        let described: Vec<_> = describe().into_iter().map(|(name, _)| name).collect();
        for verb in VERBS {
            let Returns::PerPhone(of) = verb.returns else { panic!("{} gives no results", verb.name) };
            assert!(described.contains(&of), "{}: {of} is not in describe()", verb.name);
        }
    }
}
