//! `{id}/app-list`: the apps of one phone, page by page.

use http::Method;
use serde::{Deserialize, Serialize};

use super::page::Page;
use super::validate;
use crate::model::{InstanceId, Operation, Param, ParamKind, Result, Returns, Target};
use crate::pipeline::{CallContext, Parts};
use crate::wire::envelope;

pub(crate) const OPERATION: Operation = Operation {
    name: "list_apps",
    service_name: "app-list",
    method: Method::GET,
    path: "/v1/instances/{}/app-list",
    doc: "Lists the apps of one phone. An app appears once the job of its installation has succeeded.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::Phone,
    params: &[
        Param {
            name: "app_type",
            kind: ParamKind::Integer,
            doc: "Which apps: 1 for system apps, 2 for installed ones, 0 for all",
            default: Some("0"),
            secret: false,
        },
        Param {
            name: "page_no",
            kind: ParamKind::Integer,
            doc: "Number of the page, from 1",
            default: Some("1"),
            secret: false,
        },
        Param {
            name: "page_size",
            kind: ParamKind::Integer,
            doc: "Maximum number of apps per page: 1 to 200",
            default: Some("200"),
            secret: false,
        },
    ],
    returns: Returns::Page("AppPage"),
    payload: &["result", "total_count"],
};

/// An app on a phone. Any field may be missing.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct App {
    /// Its package name, such as `com.example.game`.
    pub package: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Address of its icon, signed and valid for a short time. Secret, because it contains an access key.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub icon_url: Option<String>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("package", &self.package)
            .field("name", &self.name)
            .field("version", &self.version)
            .field("icon_url", &self.icon_url.as_ref().map(|_| "***"))
            .finish()
    }
}

/// One page of the list of apps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AppPage {
    /// The apps, in the service's order. None after the last page.
    pub items: Vec<App>,
    /// Number of this page, from 1.
    pub page_no: i64,
    /// Maximum number of apps per page.
    pub page_size: i64,
    /// Total number of apps when this page was read, according to the service.
    pub total_count: Option<i64>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Data {
    #[serde(default, deserialize_with = "envelope::list")]
    result: Vec<WireApp>,
    #[serde(default, deserialize_with = "envelope::number")]
    total_count: Option<i64>,
}

#[derive(Deserialize)]
struct WireApp {
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    app_name: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    app_version: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    app_pkg: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    icon_url: Option<String>,
}

impl From<WireApp> for App {
    fn from(wire: WireApp) -> Self {
        Self { package: wire.app_pkg, name: wire.app_name, version: wire.app_version, icon_url: wire.icon_url }
    }
}

impl Page for AppPage {
    type Item = App;

    fn into_parts(self) -> (Vec<App>, Option<i64>) {
        (self.items, self.total_count)
    }

    fn id(item: &App) -> &str {
        item.package.as_deref().unwrap_or_default()
    }
}

/// Reads one page.
pub(crate) async fn page(
    context: &CallContext,
    instance_id: InstanceId,
    app_type: i64,
    page_no: i64,
    page_size: i64,
) -> Result<AppPage> {
    validate::page(page_no, page_size)?;
    validate::number("app_type", app_type, 0, i64::MAX)?;
    let mut query = vec![("page_no", page_no.to_string()), ("page_size", page_size.to_string())];
    if app_type > 0 {
        query.push(("app_type", app_type.to_string()));
    }
    let parts = Parts { id: Some(instance_id.as_str()), query, ..Parts::default() };
    let (data, _) = context.send::<Data>(&OPERATION, parts).await?;
    let data = data.unwrap_or_default();
    let items = data.result.into_iter().map(App::from).collect();
    Ok(AppPage { items, page_no, page_size, total_count: data.total_count })
}
