//! One file per operation: its declaration, its request and its response.
//!
//! To add an operation: copy the nearest file, change it, add it to [`OPERATIONS`], add its method to the client
//! (`client/`: `operations.rs`, `fleet.rs` or `apps.rs`), and run `cargo xtask generate`, which writes it into every
//! language. CONTRIBUTING.md has every step.

pub(crate) mod assign_instances;
pub(crate) mod back_up_instances;
pub(crate) mod create_instances;
pub(crate) mod delete_instances;
pub(crate) mod get_device_token;
pub(crate) mod get_prepare_progress;
pub(crate) mod get_task;
pub(crate) mod install_app;
pub(crate) mod list_apps;
pub(crate) mod list_instances;
pub(crate) mod list_skus;
pub(crate) mod page;
pub(crate) mod per_phone;
pub(crate) mod prepare_instances;
pub(crate) mod query_status;
pub(crate) mod reboot_instances;
pub(crate) mod release_session;
pub(crate) mod reset_instances;
pub(crate) mod run_command;
pub(crate) mod set_video_settings;
pub(crate) mod start_command;
pub(crate) mod stop_streaming;
pub(crate) mod unassign_instances;
pub(crate) mod validate;

#[cfg(any(test, fuzzing))]
use serde::de::DeserializeOwned;

#[cfg(any(test, fuzzing))]
use self::per_phone::PerPhone;
use crate::model::Operation;
#[cfg(any(test, fuzzing))]
use crate::wire::envelope;

/// The operation of this name.
pub(crate) fn of_name(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().copied().find(|operation| operation.name == name)
}

/// Every operation. Generators, tests and tools read this table.
pub const OPERATIONS: &[&Operation] = &[
    &run_command::OPERATION,
    &start_command::OPERATION,
    &get_task::OPERATION,
    &set_video_settings::OPERATION,
    &query_status::OPERATION,
    &reset_instances::OPERATION,
    &get_device_token::OPERATION,
    &list_instances::OPERATION,
    &assign_instances::OPERATION,
    &unassign_instances::OPERATION,
    &reboot_instances::OPERATION,
    &back_up_instances::OPERATION,
    &prepare_instances::OPERATION,
    &get_prepare_progress::OPERATION,
    &stop_streaming::OPERATION,
    &release_session::OPERATION,
    &list_skus::OPERATION,
    &create_instances::OPERATION,
    &delete_instances::OPERATION,
    &install_app::OPERATION,
    &list_apps::OPERATION,
];

/// The public types that are declared next to the only operation that uses them.
pub mod types {
    #[cfg(feature = "describe")]
    use crate::model::{self, described};

    pub use super::assign_instances::Assignment;
    pub use super::create_instances::{InstanceOrder, Order, OrderedInstance, PeriodUnit};
    pub use super::get_prepare_progress::{PrepareProgress, PrepareStage};
    pub use super::install_app::AppPackage;
    pub use super::list_apps::{App, AppPage};
    pub use super::list_instances::{Instance, InstanceFilter, InstancePage};
    pub use super::list_skus::{Sku, SkuImage, SkuList};
    pub use super::prepare_instances::{PrepareState, PreparedInstance};

    /// All result types, as JSON Schemas by name, for the generator of the language bindings.
    #[cfg(feature = "describe")]
    pub fn describe() -> Vec<(&'static str, serde_json::Value)> {
        let mut types = model::describe();
        types.extend([
            described::<Instance>("Instance"),
            described::<InstancePage>("InstancePage"),
            described::<PrepareState>("PrepareState"),
            described::<PreparedInstance>("PreparedInstance"),
            described::<PrepareStage>("PrepareStage"),
            described::<PrepareProgress>("PrepareProgress"),
            described::<SkuImage>("SkuImage"),
            described::<Sku>("Sku"),
            described::<SkuList>("SkuList"),
            described::<OrderedInstance>("OrderedInstance"),
            described::<Order>("Order"),
            described::<App>("App"),
            described::<AppPage>("AppPage"),
        ]);
        types
    }

    /// All argument types, apart from text and numbers.
    #[cfg(feature = "describe")]
    pub fn describe_arguments() -> Vec<(&'static str, serde_json::Value)> {
        let mut types = model::describe_arguments();
        types.extend([
            described::<InstanceFilter>("InstanceFilter"),
            described::<Assignment>("Assignment"),
            described::<PeriodUnit>("PeriodUnit"),
            described::<InstanceOrder>("InstanceOrder"),
            described::<AppPackage>("AppPackage"),
        ]);
        types
    }
}

/// How the response of an operation is read.
#[cfg(any(test, fuzzing))]
type Reader = (&'static Operation, fn(&[u8], &Operation));

/// One for each operation; a test checks that none is missing.
#[cfg(any(test, fuzzing))]
const READERS: &[Reader] = &[
    of_phones::<run_command::RunCommand>(),
    of_phones::<start_command::StartCommand>(),
    (&get_task::OPERATION, read::<get_task::Data>),
    of_phones::<set_video_settings::SetVideoSettings>(),
    of_phones::<query_status::QueryStatus>(),
    of_phones::<reset_instances::ResetInstances>(),
    (&get_device_token::OPERATION, read::<get_device_token::Data>),
    (&list_instances::OPERATION, read::<list_instances::Data>),
    of_phones::<assign_instances::AssignInstances>(),
    of_phones::<unassign_instances::UnassignInstances>(),
    of_phones::<reboot_instances::RebootInstances>(),
    of_phones::<back_up_instances::BackUpInstances>(),
    of_phones::<prepare_instances::PrepareInstances>(),
    of_phones::<get_prepare_progress::GetPrepareProgress>(),
    of_phones::<stop_streaming::StopStreaming>(),
    of_phones::<release_session::ReleaseSession>(),
    (&list_skus::OPERATION, read::<list_skus::Data>),
    (&create_instances::OPERATION, read::<create_instances::Data>),
    of_phones::<delete_instances::DeleteInstances>(),
    of_phones::<install_app::InstallApp>(),
    (&list_apps::OPERATION, read::<list_apps::Data>),
];

#[cfg(any(test, fuzzing))]
const fn of_phones<P: PerPhone>() -> Reader {
    (P::OPERATION, read::<P::Data>)
}

#[cfg(any(test, fuzzing))]
fn read<D: DeserializeOwned>(body: &[u8], of: &Operation) {
    let _ = envelope::read::<D>(body, of.payload, of.results());
    let _ = envelope::read_error(body, of.results());
}

/// Reads `body` as the response of each operation, and as an error.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_as_each(body: &[u8]) {
    READERS.iter().for_each(|(of, read)| read(body, of));
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::{Returns, Target};

    #[test]
    fn every_operation_has_a_reader() {
        let readers: Vec<_> = READERS.iter().map(|(operation, _)| operation.name).collect();
        assert_eq!(readers, OPERATIONS.iter().map(|operation| operation.name).collect::<Vec<_>>());
    }

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
            let per_phone = matches!(operation.returns, Returns::PerPhone(_) | Returns::Task { .. });
            assert!(!per_phone || operation.max_batch().is_some(), "{name}: results per phone need a list of phones");
            assert!(operation.doc.ends_with('.'), "{name}: its documentation has sentences");
            if let Returns::Task { otherwise } = operation.returns {
                assert!(names.contains(otherwise), "{name}: {otherwise} is not an operation");
            }
        }
    }

    #[cfg(feature = "describe")]
    #[test]
    fn every_type_of_the_table_is_described() {
        use crate::model::ParamKind;

        let results: HashSet<_> = types::describe().into_iter().map(|(name, _)| name).collect();
        let described = types::describe_arguments();
        let arguments: HashSet<_> = described.iter().map(|(name, _)| *name).collect();
        let is_secret =
            |of: &str| described.iter().any(|(name, schema)| *name == of && schema.to_string().contains("x-secret"));
        for operation in OPERATIONS {
            if let Returns::PerPhone(of) | Returns::Value(of) | Returns::Page(of) = operation.returns {
                assert!(results.contains(of), "{}: {of} is not in describe()", operation.name);
            }
            for param in operation.params {
                if let ParamKind::Struct(of) | ParamKind::StructList(of) = param.kind {
                    assert!(arguments.contains(of), "{}: {of} is not in describe_arguments()", operation.name);
                    assert_eq!(param.secret, is_secret(of), "{}: whether {of} holds a secret", operation.name);
                }
            }
        }
    }
}
