//! Applications.

use super::{Effect, OneCommand, Output, param, row, text, words};
use crate::model::{Operation, Param, ParamKind, Result};
use crate::verbs::{AppInfo, AppOnScreen};

pub(super) const PACKAGE: Param = text("package", "The package, for example com.example.game");

pub(crate) const APP_CURRENT: Operation =
    row("app_current", "Reads which application is in the foreground.", Effect::Reads, &[], "AppOnScreenResult");

pub(crate) struct AppCurrent;

impl OneCommand for AppCurrent {
    const OPERATION: &'static Operation = &APP_CURRENT;
    type Value = AppOnScreen;

    fn command(&self) -> String {
        "dumpsys window displays".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<AppOnScreen> {
        // mCurrentFocus=Window{3ab81e1 u0 com.example.game/com.example.game.MainActivity}
        let window = output.after("mCurrentFocus=").and_then(|text| text.strip_suffix('}'));
        let title = window.and_then(|window| window.splitn(3, ' ').nth(2)).ok_or_else(|| output.unreadable("focus"))?;
        // Dialogs of the system: `Application Not Responding: com.example.game`.
        let name = title.rsplit(' ').next().unwrap_or(title);
        Ok(match name.split_once('/') {
            Some((package, activity)) => {
                AppOnScreen { package: package.to_owned(), activity: Some(activity.to_owned()) }
            }
            None => AppOnScreen { package: name.to_owned(), activity: None },
        })
    }
}

pub(crate) const LIST_PACKAGES: Operation = row(
    "list_packages",
    "Reads the packages whose name contains `part`. The service cuts the output at 1,024 bytes, about 30 names: more \
     than that is an error, whose output has the first of them, and a longer `part` finds fewer.",
    Effect::Reads,
    &[text("part", "Part of the name, for example com.example")],
    "TextListResult",
);

pub(crate) struct ListPackages {
    pub part: String,
}

impl OneCommand for ListPackages {
    const OPERATION: &'static Operation = &LIST_PACKAGES;
    type Value = Vec<String>;

    fn validate(&self) -> Result<()> {
        words::package("part", &self.part)
    }

    fn command(&self) -> String {
        format!("pm list packages {}", self.part)
    }

    fn read(&self, output: &Output<'_>) -> Result<Vec<String>> {
        if output.truncated {
            return Err(output.cut("packages are missing; a longer part finds fewer"));
        }
        let name = |line: &str| line.strip_prefix("package:").map(str::to_owned);
        output.lines().map(name).collect::<Option<_>>().ok_or_else(|| output.failed())
    }
}

pub(crate) const APP_INFO: Operation =
    row("app_info", "Reads where an application is and its version.", Effect::Reads, &[PACKAGE], "AppInfoResult");

pub(crate) struct ReadAppInfo {
    pub package: String,
}

impl OneCommand for ReadAppInfo {
    const OPERATION: &'static Operation = &APP_INFO;
    type Value = AppInfo;

    fn validate(&self) -> Result<()> {
        words::package("package", &self.package)
    }

    fn command(&self) -> String {
        format!("pm list packages -f --show-versioncode {}", self.package)
    }

    fn read(&self, output: &Output<'_>) -> Result<AppInfo> {
        // package:/data/app/~~x==/com.example.game-y==/base.apk=com.example.game versionCode:12
        let info = output.lines().find_map(|line| {
            let (path, rest) = line.strip_prefix("package:")?.rsplit_once('=')?;
            let (package, version) = rest.split_once(" versionCode:")?;
            let version_code = version.trim().parse().ok()?;
            (package == self.package).then(|| AppInfo {
                package: package.to_owned(),
                path: path.to_owned(),
                version_code,
            })
        });
        info.ok_or_else(|| output.unreadable(&format!("package {}", self.package)))
    }
}

pub(crate) const PIDOF: Operation = row(
    "pidof",
    "Reads the process ids of an application or program; none where it does not run.",
    Effect::Reads,
    &[text("name", "Package or name of the program")],
    "NumberListResult",
);

pub(crate) struct Pidof {
    pub name: String,
}

impl OneCommand for Pidof {
    const OPERATION: &'static Operation = &PIDOF;
    type Value = Vec<i64>;

    fn validate(&self) -> Result<()> {
        words::word("name", &self.name)
    }

    fn command(&self) -> String {
        format!("pidof {}", self.name)
    }

    fn read(&self, output: &Output<'_>) -> Result<Vec<i64>> {
        if output.truncated {
            return Err(output.cut("process ids are missing"));
        }
        let id = |text: &str| text.parse().ok().filter(|id| *id > 0);
        output.text.split_whitespace().map(id).collect::<Option<_>>().ok_or_else(|| output.failed())
    }

    /// It fails without a message if no such process runs.
    fn read_failed(&self, output: &Output<'_>) -> Option<Vec<i64>> {
        output.text.trim().is_empty().then(Vec::new)
    }
}

pub(crate) const APP_STOP: Operation =
    row("app_stop", "Ends an application.", Effect::SameState, &[PACKAGE], "DoneResult");

pub(crate) struct AppStop {
    pub package: String,
}

impl OneCommand for AppStop {
    const OPERATION: &'static Operation = &APP_STOP;
    type Value = ();

    fn validate(&self) -> Result<()> {
        words::package("package", &self.package)
    }

    fn command(&self) -> String {
        format!("am force-stop {}", self.package)
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

pub(crate) const APP_CLEAR: Operation =
    row("app_clear", "Ends an application and deletes its data.", Effect::Clears, &[PACKAGE], "DoneResult");

pub(crate) struct AppClear {
    pub package: String,
}

impl OneCommand for AppClear {
    const OPERATION: &'static Operation = &APP_CLEAR;
    type Value = ();

    fn validate(&self) -> Result<()> {
        words::package("package", &self.package)
    }

    fn command(&self) -> String {
        format!("pm clear {}", self.package)
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.says("Success")
    }
}

pub(crate) const APP_START: Operation = row(
    "app_start",
    "Starts an application, or brings it to the front.",
    Effect::Acts,
    &[
        PACKAGE,
        param(
            "activity",
            ParamKind::Text,
            "The activity, for example .MainActivity; empty for the one that the launcher starts",
            Some(""),
        ),
    ],
    "DoneResult",
);

pub(crate) struct AppStart {
    pub package: String,
    pub activity: String,
}

impl OneCommand for AppStart {
    const OPERATION: &'static Operation = &APP_START;
    type Value = ();

    fn validate(&self) -> Result<()> {
        words::package("package", &self.package)?;
        if self.activity.is_empty() { Ok(()) } else { words::package("activity", &self.activity) }
    }

    fn command(&self) -> String {
        match self.activity.as_str() {
            "" => format!("monkey -p {} -c android.intent.category.LAUNCHER 1", self.package),
            activity => format!("am start -n {}/{activity}", self.package),
        }
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        let failed = output.lines().any(|line| line.starts_with("Error"));
        let started = if self.activity.is_empty() { "Events injected: 1" } else { "Starting: Intent" };
        if failed { Err(output.failed()) } else { output.says(started) }
    }
}

pub(crate) const INSTALL_REMOTE: Operation = row(
    "install_remote",
    "Installs a package that is already on the phone, and keeps the data of an older version. For a package elsewhere \
     see install_app.",
    Effect::Acts,
    &[text("path", "Where it is on the phone, for example /sdcard/game.apk")],
    "DoneResult",
);

pub(crate) struct InstallRemote {
    pub path: String,
}

impl OneCommand for InstallRemote {
    const OPERATION: &'static Operation = &INSTALL_REMOTE;
    type Value = ();

    fn validate(&self) -> Result<()> {
        words::path("path", &self.path)
    }

    fn command(&self) -> String {
        format!("pm install -r {}", self.path)
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.says("Success")
    }
}

pub(crate) const UNINSTALL: Operation =
    row("uninstall", "Removes an application and its data.", Effect::Removes, &[PACKAGE], "DoneResult");

pub(crate) struct Uninstall {
    pub package: String,
}

impl OneCommand for Uninstall {
    const OPERATION: &'static Operation = &UNINSTALL;
    type Value = ();

    fn validate(&self) -> Result<()> {
        words::package("package", &self.package)
    }

    fn command(&self) -> String {
        format!("pm uninstall {}", self.package)
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.says("Success")
    }
}
