//! The operations: one file each, or one for a few similar ones, and the table of all.
//!
//! To add an operation, add a file with its handler, and here its constant and its row in [`TABLE`].

mod assign_instances;
mod back_up_instances;
mod batch;
mod command;
mod create_instances;
mod delete_instances;
mod device_token;
mod envelope;
mod fields;
mod get_prepare_progress;
mod install_app;
mod list_apps;
mod list_instances;
mod list_skus;
mod new_task;
mod prepare_instances;
mod reboot_instances;
mod release_session;
mod reset;
mod routing;
mod status;
mod stop_streaming;
mod targets;
mod task;
#[cfg(test)]
mod test_support;
mod unassign_instances;
mod video;

use serde::{Deserialize, Deserializer};

pub(crate) use routing::{Route, named_phones, route};

use crate::auth::identity;
use crate::operation::{Facts, Kind, Operation, Phones, RequestId};
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// Executes a request of a known caller. The text is the id in the path, decoded; empty where the path has none.
pub(crate) type Handler = fn(&mut World, &Received, &str) -> Result<Reply, Refusal>;

/// Every operation that is served.
const TABLE: &[(Operation, Handler)] = &[
    (Operation::RunCommand, command::run_command),
    (Operation::StartCommand, command::start_command),
    (Operation::GetTask, task::get_task),
    (Operation::SetVideoSettings, video::set_video_settings),
    (Operation::QueryStatus, status::query_status),
    (Operation::ResetInstances, reset::reset_instances),
    (Operation::GetDeviceToken, device_token::get_device_token),
    (Operation::ListInstances, list_instances::list_instances),
    (Operation::AssignInstances, assign_instances::assign_instances),
    (Operation::UnassignInstances, unassign_instances::unassign_instances),
    (Operation::RebootInstances, reboot_instances::reboot_instances),
    (Operation::BackUpInstances, back_up_instances::back_up_instances),
    (Operation::PrepareInstances, prepare_instances::prepare_instances),
    (Operation::GetPrepareProgress, get_prepare_progress::get_prepare_progress),
    (Operation::StopStreaming, stop_streaming::stop_streaming),
    (Operation::ReleaseSession, release_session::release_session),
    (Operation::ListSkus, list_skus::list_skus),
    (Operation::CreateInstances, create_instances::create_instances),
    (Operation::DeleteInstances, delete_instances::delete_instances),
    (Operation::InstallApp, install_app::install_app),
    (Operation::ListApps, list_apps::list_apps),
    (Operation::CreateToken, identity::create_token),
    (Operation::ListProjects, identity::list_projects),
    (Operation::ListAuthProjects, identity::list_auth_projects),
    (Operation::ListDomains, identity::list_domains),
];

#[allow(non_upper_case_globals, reason = "they are named as the variants of an enumeration would be")]
impl Operation {
    /// `POST /v1/instances/sync-command`
    pub const RunCommand: Self = Self(&write(
        "run_command",
        "POST",
        "/v1/instances/sync-command",
        Phones::InBody("instance_ids"),
        RequestId::Older,
    ));
    /// `POST /v1/instances/async-command`
    pub const StartCommand: Self = Self(&write(
        "start_command",
        "POST",
        "/v1/instances/async-command",
        Phones::InBody("instance_ids"),
        RequestId::Older,
    ));
    /// `GET /v1/instances/tasks/{task_id}`
    pub const GetTask: Self =
        Self(&read("get_task", "GET", "/v1/instances/tasks/{task_id}", Phones::OfTask, RequestId::Older));
    /// `PUT /v1/instances/video-setting`
    pub const SetVideoSettings: Self = Self(&write(
        "set_video_settings",
        "PUT",
        "/v1/instances/video-setting",
        Phones::InBody("instance_ids"),
        RequestId::Older,
    ));
    /// `POST /v1/instances/batch-query-status`
    pub const QueryStatus: Self = Self(&write(
        "query_status",
        "POST",
        "/v1/instances/batch-query-status",
        Phones::InBody("instance_ids"),
        RequestId::Older,
    ));
    /// `POST /v1/instances/batch-reset`
    pub const ResetInstances: Self = Self(&write(
        "reset_instances",
        "POST",
        "/v1/instances/batch-reset",
        Phones::InBody("instance_ids"),
        RequestId::Older,
    ));
    /// `POST /v1/instances/{instance_id}/auth`
    pub const GetDeviceToken: Self =
        Self(&write("get_device_token", "POST", "/v1/instances/{instance_id}/auth", Phones::InPath, RequestId::Never));
    /// `GET /v1/instances/batch-query`
    pub const ListInstances: Self =
        Self(&newer(read("list_instances", "GET", "/v1/instances/batch-query", Phones::None, RequestId::Always)));
    /// `POST /v1/instances/assign`
    pub const AssignInstances: Self = Self(&newer(write(
        "assign_instances",
        "POST",
        "/v1/instances/assign",
        Phones::InBody("user_instances"),
        RequestId::Never,
    )));
    /// `POST /v1/instances/unassign`
    pub const UnassignInstances: Self = Self(&newer(write(
        "unassign_instances",
        "POST",
        "/v1/instances/unassign",
        Phones::InBody("user_instances"),
        RequestId::Never,
    )));
    /// `POST /v1/instances/reboot`
    pub const RebootInstances: Self = Self(&newer(write(
        "reboot_instances",
        "POST",
        "/v1/instances/reboot",
        Phones::InBody("instance_ids"),
        RequestId::Never,
    )));
    /// `POST /v1/instances/backup`
    pub const BackUpInstances: Self = Self(&newer(write(
        "back_up_instances",
        "POST",
        "/v1/instances/backup",
        Phones::InBody("instance_ids"),
        RequestId::Never,
    )));
    /// `POST /v1/instances/prepare`
    pub const PrepareInstances: Self = Self(&newer(write(
        "prepare_instances",
        "POST",
        "/v1/instances/prepare",
        Phones::InBody("instance_ids"),
        RequestId::Never,
    )));
    /// `POST /v1/instances/prepare-progress`
    pub const GetPrepareProgress: Self = Self(&newer(read(
        "get_prepare_progress",
        "POST",
        "/v1/instances/prepare-progress",
        Phones::InBody("instance_id"),
        RequestId::Never,
    )));
    /// `POST /v1/instances/streaming/stop`
    pub const StopStreaming: Self = Self(&newer(write(
        "stop_streaming",
        "POST",
        "/v1/instances/streaming/stop",
        Phones::InBody("instance_id"),
        RequestId::Always,
    )));
    /// `POST /v1/instances/session/release`
    pub const ReleaseSession: Self = Self(&newer(write(
        "release_session",
        "POST",
        "/v1/instances/session/release",
        Phones::InBody("instance_id"),
        RequestId::Always,
    )));
    /// `GET /v1/instances/sku`
    pub const ListSkus: Self =
        Self(&newer(read("list_skus", "GET", "/v1/instances/sku", Phones::None, RequestId::Never)));
    /// `POST /v1/instances/create`
    pub const CreateInstances: Self =
        Self(&newer(write("create_instances", "POST", "/v1/instances/create", Phones::None, RequestId::Never)));
    /// `POST /v1/instances/delete`
    pub const DeleteInstances: Self = Self(&newer(write(
        "delete_instances",
        "POST",
        "/v1/instances/delete",
        Phones::InBody("instanceIdList"),
        RequestId::Never,
    )));
    /// `POST /v1/instances/app/install`
    pub const InstallApp: Self = Self(&newer(write(
        "install_app",
        "POST",
        "/v1/instances/app/install",
        Phones::InBody("instance_id_list"),
        RequestId::Never,
    )));
    /// `GET /v1/instances/{instance_id}/app-list`
    pub const ListApps: Self = Self(&newer(read(
        "list_apps",
        "GET",
        "/v1/instances/{instance_id}/app-list",
        Phones::InPath,
        RequestId::Always,
    )));
    /// `POST /v3/auth/tokens`
    pub const CreateToken: Self = Self(&identity_call("create_token", "POST", "/v3/auth/tokens"));
    /// `GET /v3/projects`
    pub const ListProjects: Self = Self(&identity_call("list_projects", "GET", "/v3/projects"));
    /// `GET /v3/auth/projects`
    pub const ListAuthProjects: Self = Self(&identity_call("list_auth_projects", "GET", "/v3/auth/projects"));
    /// `GET /v3/auth/domains`
    pub const ListDomains: Self = Self(&identity_call("list_domains", "GET", "/v3/auth/domains"));
    /// Anything else; the response is 404 APIGW.0101.
    pub const Unknown: Self = Self(&read("unknown", "", "", Phones::None, RequestId::Never));
}

type Text = &'static str;

const fn read(name: Text, method: Text, path: Text, phones: Phones, request_id: RequestId) -> Facts {
    Facts { name, method, path, kind: Kind::Read, phones, request_id, is_newer: false }
}

const fn write(name: Text, method: Text, path: Text, phones: Phones, request_id: RequestId) -> Facts {
    Facts { name, method, path, kind: Kind::Write, phones, request_id, is_newer: false }
}

const fn newer(facts: Facts) -> Facts {
    Facts { is_newer: true, ..facts }
}

const fn identity_call(name: Text, method: Text, path: Text) -> Facts {
    let (kind, phones, request_id) = (Kind::Identity, Phones::None, RequestId::Never);
    Facts { name, method, path, kind, phones, request_id, is_newer: false }
}

/// All operations that a fault or a logged request may refer to.
fn all() -> impl Iterator<Item = Operation> {
    TABLE.iter().map(|(operation, _)| *operation).chain([Operation::Unknown])
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        all().find(|operation| operation.name() == name).ok_or_else(|| {
            let names: Vec<String> = all().map(|operation| format!("`{}`", operation.name())).collect();
            serde::de::Error::custom(format!("unknown operation `{name}`, expected one of {}", names.join(", ")))
        })
    }
}

#[cfg(feature = "describe")]
impl schemars::JsonSchema for Operation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Operation".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let variant = |operation: Operation| {
            let text = match operation {
                Operation::Unknown => "Anything else; the response is 404 APIGW.0101.".to_owned(),
                _ => format!("`{} {}`", operation.0.method, operation.0.path),
            };
            serde_json::json!({"description": text, "type": "string", "const": operation.name()})
        };
        let variants: Vec<serde_json::Value> = all().map(variant).collect();
        schemars::json_schema!({
            "description": "An operation of KooPhone or of the identity service.",
            "oneOf": variants,
        })
    }
}

/// What executes an operation; none for the unknown one.
pub(crate) fn handler(operation: Operation) -> Option<Handler> {
    TABLE.iter().find(|(other, _)| *other == operation).map(|(_, handler)| *handler)
}
