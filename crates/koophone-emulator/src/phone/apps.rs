//! The applications of a phone.

use std::sync::Arc;

use crate::phone::UserData;
use crate::phone::files::FileError;

/// An application on a phone.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) path: String,
    /// Its display name.
    pub(crate) label: String,
    pub(crate) version: String,
    pub(crate) system: bool,
}

impl Package {
    /// The number before the first dot.
    pub(crate) fn version_code(&self) -> u64 {
        self.version.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(1)
    }
}

impl UserData {
    /// Installs an app, or replaces it and stops it if it is running.
    pub(crate) fn install(
        &mut self,
        package: &str,
        label: &str,
        version: &str,
        content: &[u8],
        now_ms: i64,
    ) -> Result<(), FileError> {
        let path = format!("/data/app/{package}-1/base.apk");
        let files = Arc::make_mut(&mut self.files);
        files.make_directories(&format!("/data/app/{package}-1"), now_ms)?;
        files.make_directories(&format!("/data/data/{package}"), now_ms)?;
        files.write(&path, content, false, now_ms)?;
        self.end_processes(|process| process.name == package);
        self.event(now_ms, "install", &[package.to_owned()]);
        self.log(now_ms, 410, "PackageManager", &format!("Package {package} installed"));
        let installed = Package { path, label: label.to_owned(), version: version.to_owned(), system: false };
        Arc::make_mut(&mut self.packages).insert(package.to_owned(), installed);
        Ok(())
    }

    /// Applies the effects of a restart.
    pub(crate) fn restart(&mut self, factory: &Self, now_ms: i64) {
        self.processes = Arc::clone(&factory.processes);
        self.focus.clone_from(&factory.focus);
        self.is_screen_on = factory.is_screen_on;
        self.log.clone_from(&factory.log);
        self.event(now_ms, "reboot", &[]);
    }
}
