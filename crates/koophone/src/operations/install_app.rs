//! `app/install`: installs an app from object storage.

use http::Method;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::per_phone::PerPhone;
use super::start_command::{TaskData, failed, join};
use super::validate;
use crate::model::{Error, InstanceId, Operation, Param, ParamKind, Result, Returns, Target, TaskPhone};
use crate::pipeline::Trace;
use crate::settings::Settings;

pub(crate) const OPERATION: Operation = Operation {
    name: "install_app",
    service_name: "app/install",
    method: Method::POST,
    path: "/v1/instances/app/install",
    doc: "Installs an app from object storage on phones, or replaces it there. The service believes the package's \
        name and version and does not read them from the file. If the response is lost, `list_apps` shows whether the \
        app is there.",
    idempotent: false,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: &[Param {
        name: "app",
        kind: ParamKind::Struct("AppPackage"),
        doc: "The app, and where it is",
        default: None,
        secret: true,
    }],
    returns: Returns::Task { otherwise: "list_apps" },
    payload: &["task_id", "cmd_jobs"],
};

/// An app to install. Contains an address that is usually signed, and is shown as `***` when the package is printed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AppPackage {
    /// Where the service downloads it: an http or https address in object storage, at most 2,000 characters. Secret:
    /// anyone who has a signed address can download the app.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub url: String,
    /// Package name, such as `com.example.game`: at most 100 characters.
    pub package: String,
    /// Its version: at most 100 characters.
    pub version: String,
    /// Name of the file, such as `game.apk`: at most 100 characters.
    pub file_name: String,
    /// Its size in MB, rounded up.
    pub size_mb: u32,
    /// MD5 of the file: at most 200 characters.
    pub md5: String,
    /// Whether to use the service's fast installation (`fast_install`).
    #[serde(default)]
    pub fast: bool,
}

impl std::fmt::Debug for AppPackage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppPackage")
            .field("url", &"***")
            .field("package", &self.package)
            .field("version", &self.version)
            .field("file_name", &self.file_name)
            .field("size_mb", &self.size_mb)
            .field("md5", &self.md5)
            .field("fast", &self.fast)
            .finish()
    }
}

impl AppPackage {
    /// The address, and each value of its query by itself: a response may quote only part of the address.
    fn secrets(&self) -> Vec<String> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let values = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
        let spellings = values.flat_map(|value| {
            let decoded = percent_decode_str(value).decode_utf8_lossy().into_owned();
            [value.to_owned(), decoded]
        });
        let mut secrets: Vec<String> = std::iter::once(self.url.clone()).chain(spellings).collect();
        secrets.dedup();
        secrets
    }
}

pub(crate) struct InstallApp {
    pub app: AppPackage,
}

// docs/spec/wire-notes.md#68: numbers go as text.
#[derive(Serialize)]
struct Request<'a> {
    fast_install: &'static str,
    object_name: &'a str,
    file_name: &'a str,
    object_version: &'a str,
    object_size: String,
    biz_type: &'static str,
    content_type: &'static str,
    content_md5: &'a str,
    install_package_url: &'a str,
    instance_id_list: &'a [InstanceId],
}

impl PerPhone for InstallApp {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = TaskData;
    type Result = TaskPhone;

    fn validate(&self, _settings: &Settings) -> Result<()> {
        let app = &self.app;
        validate::text("url", &app.url, 2000)?;
        if !app.url.starts_with("https://") && !app.url.starts_with("http://") {
            return Err(Error::invalid(
                "url",
                "url must begin with https:// or http://; the service downloads the app from it",
            ));
        }
        for (name, value, most) in [
            ("package", &app.package, 100),
            ("version", &app.version, 100),
            ("file_name", &app.file_name, 100),
            ("md5", &app.md5, 200),
        ] {
            validate::text(name, value, most)?;
        }
        validate::number("size_mb", app.size_mb.into(), 1, i64::from(u32::MAX))
    }

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        let app = &self.app;
        Ok(Request {
            fast_install: if app.fast { "1" } else { "0" },
            object_name: &app.package,
            file_name: &app.file_name,
            object_version: &app.version,
            object_size: app.size_mb.to_string(),
            biz_type: "apk",
            content_type: "application/octet-stream",
            content_md5: &app.md5,
            install_package_url: &app.url,
            instance_id_list: phones,
        })
    }

    fn secrets(&self) -> Vec<String> {
        self.app.secrets()
    }

    fn results(&self, phones: &[InstanceId], data: Option<TaskData>, trace: &Trace) -> Vec<TaskPhone> {
        join(phones, data, || Some(trace.missing(&OPERATION)))
    }

    fn failed(instance_id: InstanceId, error: Error) -> TaskPhone {
        failed(instance_id, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn app() -> AppPackage {
        AppPackage {
            url: "https://bucket.obs.example/game.apk?sig=demo".into(),
            package: "com.example.game".into(),
            version: "1.4.0".into(),
            file_name: "game.apk".into(),
            size_mb: 120,
            md5: "9e107d9d372bb6826bd81d3542a419d6".into(),
            fast: false,
        }
    }

    #[test]
    fn each_part_of_a_signed_address_is_secret() {
        let url = "https://b.example/a?Key=KEY0&Signature=q0%2Fr%3D&flag";
        let secrets = AppPackage { url: url.into(), ..app() }.secrets();
        assert_eq!(secrets, [url, "KEY0", "q0%2Fr%3D", "q0/r=", "flag"]);
        assert_eq!(AppPackage { url: "https://b.example/a".into(), ..app() }.secrets(), ["https://b.example/a", ""]);
    }

    #[test]
    fn a_bad_package_is_refused_and_its_address_is_never_shown() {
        let check = |app: AppPackage| InstallApp { app }.validate(&Settings::default());
        assert!(check(app()).is_ok());
        for url in ["", "ftp://bucket/game.apk?sig=demo", "bucket.obs.example/game.apk?sig=demo"] {
            let error = check(AppPackage { url: url.into(), ..app() }).unwrap_err();
            assert_eq!(error.argument(), Some("url"));
            assert!(!error.to_string().contains("demo"), "{error}");
        }
        assert_eq!(check(AppPackage { size_mb: 0, ..app() }).unwrap_err().argument(), Some("size_mb"));
        assert_eq!(check(AppPackage { md5: String::new(), ..app() }).unwrap_err().argument(), Some("md5"));
        assert!(!format!("{:?}", app()).contains("demo"));
    }
}
