//! The package manager and the activity manager.

use std::sync::Arc;

use crate::phone::factory::LAUNCHER;
use crate::phone::files::name;
use crate::shell::Shell;
use crate::shell::output::Output;

/// The version of every app that `pm install` installs: files are not parsed.
const VERSION: &str = "1.0";

impl Shell<'_> {
    pub(super) fn call_packages(&mut self, command: &str, arguments: &[String]) -> Option<Output> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Some(match command {
            "pm" => self.pm(&words),
            "am" => self.am(&words),
            "cmd" if words.first() == Some(&"package") => self.pm(&words[1..]),
            "cmd" if words.first() == Some(&"activity") => self.am(&words[1..]),
            "monkey" => self.monkey(&words),
            _ => return None,
        })
    }

    fn pm(&mut self, words: &[&str]) -> Output {
        match words {
            ["list", "packages", options @ ..] => self.list_packages(options),
            ["path", package] => match self.phone.data.packages.get(*package) {
                Some(package) => Output::text(format!("package:{}\n", package.path)),
                None => Output::status(1),
            },
            ["install", options @ ..] => match options.iter().rfind(|word| !word.starts_with('-')) {
                Some(path) => self.install(path),
                None => Output::error(1, "Error: must either specify a package size or an APK file\n"),
            },
            ["uninstall", options @ ..] => self.uninstall(options.iter().rfind(|word| !word.starts_with('-')).copied()),
            ["clear", package] => self.clear(package),
            [] => Output::error(
                1,
                "Package manager (package) commands:\n  list packages, path, install, uninstall, clear\n",
            ),
            [other, ..] => Output::error(255, format!("Unknown command: {other}\n")),
        }
    }

    fn list_packages(&self, options: &[&str]) -> Output {
        let filter = options.iter().find(|word| !word.starts_with('-')).copied().unwrap_or("");
        let mut output = Output::default();
        for (name, package) in self.phone.data.packages.iter() {
            let hidden = (options.contains(&"-3") && package.system) || (options.contains(&"-s") && !package.system);
            if hidden || !name.contains(filter) {
                continue;
            }
            let path = if options.contains(&"-f") { format!("{}=", package.path) } else { String::new() };
            let version = if options.contains(&"--show-versioncode") {
                format!(" versionCode:{}", package.version_code())
            } else {
                String::new()
            };
            output.out(format!("package:{path}{name}{version}\n"));
        }
        output
    }

    /// The package has the name of its file without `.apk`, for example `/sdcard/com.example.game.apk`.
    fn install(&mut self, path: &str) -> Output {
        let full = self.path(path);
        let Ok(content) = self.phone.data.files.read(&full) else {
            return Output::error(
                1,
                format!("Error: Unable to open file: {path}\nConsider using a file under /data/local/tmp/\n"),
            );
        };
        let content = content.to_vec();
        let Some(package) = name(&full).strip_suffix(".apk").filter(|package| !package.is_empty()).map(str::to_owned)
        else {
            return Output::error(1, "Failure [INSTALL_PARSE_FAILED_NOT_APK: Failed to parse the file]\n");
        };
        if self.phone.data.packages.get(&package).is_some_and(|package| package.system) {
            return Output::error(1, "Failure [INSTALL_FAILED_ALREADY_EXISTS: Package is a system package]\n");
        }
        let (label, now) = (package.rsplit('.').next().unwrap_or(&package).to_owned(), self.now_ms());
        match self.phone.data.install(&package, &label, VERSION, &content, now) {
            Ok(()) => Output::text("Success\n"),
            Err(problem) => Output::error(1, format!("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE: {problem}]\n")),
        }
    }

    fn uninstall(&mut self, package: Option<&str>) -> Output {
        let Some(package) = package else {
            return Output::error(1, "Error: package name not specified\n");
        };
        match self.phone.data.packages.get(package) {
            Some(known) if !known.system => {}
            _ => return Output::error(1, "Failure [DELETE_FAILED_INTERNAL_ERROR]\n"),
        }
        Arc::make_mut(&mut self.phone.data.packages).remove(package);
        self.remove_directory(&format!("/data/app/{package}-1"));
        self.remove_directory(&format!("/data/data/{package}"));
        self.stop(package);
        Output::text("Success\n")
    }

    fn clear(&mut self, package: &str) -> Output {
        if !self.phone.data.packages.contains_key(package) {
            return Output::error(1, "Failed\n");
        }
        let (directory, now) = (format!("/data/data/{package}"), self.now_ms());
        self.remove_directory(&directory);
        if let Err(problem) = Arc::make_mut(&mut self.phone.data.files).make_directories(&directory, now) {
            return Output::error(1, format!("Failed: {problem}\n"));
        }
        self.stop(package);
        Output::text("Success\n")
    }

    fn remove_directory(&mut self, path: &str) {
        // It may not exist; then there is nothing to do.
        let _ = Arc::make_mut(&mut self.phone.data.files).remove(path);
    }

    /// Ends the application's process and removes it from the screen.
    fn stop(&mut self, package: &str) {
        let now = self.now_ms();
        let data = &mut self.phone.data;
        data.end_processes(|process| process.name == package);
        if data.focus.as_ref().is_some_and(|focus| focus.split('/').next() == Some(package)) {
            data.focus = Some(LAUNCHER.to_owned());
        }
        data.event(now, "stop", &[package.to_owned()]);
    }

    fn am(&mut self, words: &[&str]) -> Output {
        match words {
            ["start" | "start-activity", options @ ..] => self.start_activity(options),
            ["force-stop", package] => {
                self.stop(package);
                Output::default()
            }
            ["broadcast", options @ ..] => self.broadcast(options),
            ["kill-all"] => Output::default(),
            ["kill", package] => {
                self.phone.data.end_processes(|process| process.name == *package);
                Output::default()
            }
            [] => Output::error(1, "Activity manager (activity) commands:\n  start, force-stop, broadcast\n"),
            [other, ..] => Output::error(255, format!("Unknown command: {other}\n")),
        }
    }

    fn start_activity(&mut self, options: &[&str]) -> Output {
        let intent = Intent::read(options);
        let Some(shown) = intent.shown() else {
            return Output::error(1, "Error: Bad component name or missing intent\n");
        };
        let mut output = Output::text(format!("Starting: Intent {{ {shown} }}\n"));
        let Some(component) = intent.component else {
            let now = self.now_ms();
            self.phone.data.event(now, "start", &[intent.action.unwrap_or_default(), intent.data.unwrap_or_default()]);
            return output;
        };
        let full = full_component(&component);
        let package = component.split('/').next().unwrap_or_default().to_owned();
        if !component.contains('/') || !self.phone.data.packages.contains_key(&package) {
            output.err(format!("Error type 3\nError: Activity class {{{full}}} does not exist.\n"));
            output.status = 1;
            return output;
        }
        self.show(&package, full);
        output
    }

    /// Brings an application to the front.
    fn show(&mut self, package: &str, component: String) {
        let now = self.now_ms();
        let crashes = self.phone.faults.crash_after_ms;
        let ends_ms = crashes.map(|after| now.saturating_add(i64::try_from(after).unwrap_or(i64::MAX)));
        let data = &mut self.phone.data;
        let pid = data.spawn(package, "u0_a100", ends_ms);
        data.log(now, 410, "ActivityTaskManager", &format!("START u0 {{cmp={component}}} pid {pid}"));
        data.event(now, "start", std::slice::from_ref(&component));
        data.focus = Some(component);
    }

    fn broadcast(&mut self, options: &[&str]) -> Output {
        let intent = Intent::read(options);
        let Some(shown) = intent.shown() else {
            return Output::error(1, "Error: missing intent\n");
        };
        let now = self.now_ms();
        self.phone.data.event(now, "broadcast", &[intent.action.or(intent.component).unwrap_or_default()]);
        Output::text(format!("Broadcasting: Intent {{ {shown} }}\nBroadcast completed: result=0\n"))
    }

    /// `monkey -p PACKAGE 1`, the usual way to start an application without knowing its activity.
    fn monkey(&mut self, words: &[&str]) -> Output {
        let package = words.iter().position(|word| *word == "-p").and_then(|at| words.get(at + 1));
        match package {
            Some(package) if self.phone.data.packages.contains_key(*package) => {
                self.show(package, format!("{package}/{package}.MainActivity"));
                Output::text("Events injected: 1\n")
            }
            _ => Output::error(252, "** No activities found to run, monkey aborted.\n"),
        }
    }
}

#[derive(Default)]
struct Intent {
    action: Option<String>,
    data: Option<String>,
    component: Option<String>,
}

impl Intent {
    fn read(options: &[&str]) -> Self {
        let mut intent = Self::default();
        let mut rest = options.iter();
        while let Some(option) = rest.next() {
            match *option {
                "-a" => intent.action = rest.next().map(|word| (*word).to_owned()),
                "-d" => intent.data = rest.next().map(|word| (*word).to_owned()),
                "-n" => intent.component = rest.next().map(|word| (*word).to_owned()),
                "-c" | "-t" | "-f" | "-p" | "--user" => drop(rest.next()),
                // Extras: a key and a value.
                "-e" | "--es" | "--ei" | "--ez" | "--el" | "--ef" => {
                    rest.next();
                    rest.next();
                }
                word if !word.starts_with('-') && word.contains('/') => intent.component = Some(word.to_owned()),
                _ => {}
            }
        }
        intent
    }

    fn shown(&self) -> Option<String> {
        let parts = [("act", &self.action), ("dat", &self.data), ("cmp", &self.component)];
        let parts: Vec<String> =
            parts.iter().filter_map(|(key, value)| value.as_ref().map(|value| format!("{key}={value}"))).collect();
        if parts.is_empty() { None } else { Some(parts.join(" ")) }
    }
}

/// `com.a/.B` is short for `com.a/com.a.B`.
fn full_component(component: &str) -> String {
    match component.split_once('/') {
        Some((package, class)) if class.starts_with('.') => format!("{package}/{package}{class}"),
        _ => component.to_owned(),
    }
}
