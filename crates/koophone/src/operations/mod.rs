//! One file per operation: its declaration, its request, its response, and its method on [`Client`].
//!
//! To add an operation: copy the nearest file, change it, add it to [`OPERATIONS`], and run `cargo xtask generate`, which
//! writes it into every language. CONTRIBUTING.md has every step.

mod body;
mod get_device_token;
pub(crate) mod get_task;
pub(crate) mod query_status;
mod reset_instances;
pub(crate) mod run_command;
pub(crate) mod set_video_settings;
mod start_command;

use bytes::Bytes;
use futures_util::FutureExt;
use serde::de::DeserializeOwned;

use crate::batch;
use crate::call::{CallContext, Trace};
use crate::client::Client;
#[cfg(any(test, fuzzing))]
use crate::envelope;
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::model::{PhoneResult, TaskPhone};
use crate::operation::Operation;
use crate::request::Call;
use crate::settings::Settings;
use crate::task::Task;
use crate::validate::Phones;

/// Every operation. Generators, tests and tools read this table.
pub const OPERATIONS: &[&Operation] = &[
    &run_command::OPERATION,
    &start_command::OPERATION,
    &get_task::OPERATION,
    &set_video_settings::OPERATION,
    &query_status::OPERATION,
    &reset_instances::OPERATION,
    &get_device_token::OPERATION,
];

/// Reads `body` as the response of each operation, and as an error.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_as_each(body: &[u8]) {
    fn read<D: DeserializeOwned>(body: &[u8], of: &Operation) {
        let _ = envelope::read::<D>(body, of.payload, of.results());
        let _ = envelope::read_error(body, of.results());
    }
    read::<serde_json::Value>(body, &set_video_settings::OPERATION);
    read::<run_command::Data>(body, &run_command::OPERATION);
    read::<start_command::TaskData>(body, &start_command::OPERATION);
    read::<get_task::Data>(body, &get_task::OPERATION);
    read::<query_status::Data>(body, &query_status::OPERATION);
    read::<get_device_token::Data>(body, &get_device_token::OPERATION);
}

/// What differs between the operations about a list of phones. A value of it holds the further arguments of one call.
pub(crate) trait PerPhone: Send + Sync + 'static {
    /// Its row of the table.
    const OPERATION: &'static Operation;
    /// The data of a response.
    type Data: DeserializeOwned + Send;
    /// What the caller gets for each phone.
    type Result: PhoneResult + Clone + Send;

    /// Checks the arguments, before anything is sent.
    fn validate(&self, _settings: &Settings) -> Result<()> {
        Ok(())
    }

    /// The request for a batch of phones.
    fn body(&self, phones: &[InstanceId]) -> Result<Bytes>;

    /// What a response says about each phone of the batch.
    fn results(&self, phones: &[InstanceId], data: Option<Self::Data>, trace: &Trace) -> Vec<Self::Result>;

    /// The result of a phone whose request failed.
    fn failed(instance_id: InstanceId, error: Error) -> Self::Result;
}

/// Makes a call about a list of phones.
pub(crate) async fn per_phone<O: PerPhone>(context: &CallContext, phones: Phones, call: &O) -> Result<Vec<O::Result>> {
    call.validate(context.settings())?;
    let request = |batch| {
        async move {
            let (data, trace) = context.send::<O::Data>(O::OPERATION, None, Some(call.body(batch)?)).await?;
            Ok(call.results(batch, data, &trace))
        }
        .boxed()
    };
    batch::over_phones(context, O::OPERATION, &phones, request, |id, error| O::failed(id, error.clone().about(id)))
        .await
}

impl Client {
    /// A call that returns one result per phone.
    fn per_phone<O: PerPhone>(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        call: O,
    ) -> Call<Vec<O::Result>> {
        let phones = Phones::new(instance_ids);
        self.call(async move |context| per_phone(&context, phones?, &call).await)
    }

    /// A call that starts a task.
    fn start_task<O: PerPhone<Result = TaskPhone>>(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        call: O,
    ) -> Call<Task> {
        let phones = Phones::new(instance_ids);
        self.call(async move |context| {
            let phones = per_phone(&context, phones?, &call).await?;
            Ok(Task::started(context.core(), O::OPERATION, phones))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::operation::{Returns, Target};

    #[test]
    fn the_table_is_consistent() {
        let names: HashSet<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
        assert_eq!(names.len(), OPERATIONS.len(), "two operations have the same name");
        for operation in OPERATIONS {
            let name = operation.name;
            assert!(!operation.read_only || operation.idempotent, "{name}: what only reads may be repeated");
            assert!(!(operation.destructive || operation.costs_money) || !operation.read_only, "{name}");
            let has_id = matches!(operation.target, Target::Phone | Target::Task);
            assert_eq!(operation.path.contains("{}"), has_id, "{name}: its path has a place for the id");
            let per_phone = matches!(operation.returns, Returns::PerPhone(_) | Returns::Task);
            assert!(!per_phone || operation.max_batch().is_some(), "{name}: results per phone need a list of phones");
            assert!(operation.doc.ends_with('.'), "{name}: its documentation has sentences");
        }
    }

    #[cfg(feature = "describe")]
    #[test]
    fn every_type_of_the_table_is_described() {
        use crate::operation::ParamKind;

        let results: HashSet<_> = crate::model::describe().into_iter().map(|(name, _)| name).collect();
        let arguments: HashSet<_> = crate::video::describe_arguments().into_iter().map(|(name, _)| name).collect();
        for operation in OPERATIONS {
            if let Returns::PerPhone(of) | Returns::Value(of) | Returns::Page(of) = operation.returns {
                assert!(results.contains(of), "{}: {of} is not in describe()", operation.name);
            }
            for param in operation.params {
                if let ParamKind::Struct(of) | ParamKind::StructList(of) = param.kind {
                    assert!(arguments.contains(of), "{}: {of} is not in describe_arguments()", operation.name);
                }
            }
        }
    }
}
