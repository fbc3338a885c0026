//! Properties, input, screen, settings and logs.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::phone::factory::LAUNCHER;
use crate::shell::Shell;
use crate::shell::output::Output;

/// A picture of one black pixel: the smallest PNG that a viewer opens.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xaeB\x60\x82";

/// The screen's own size.
const SIZE: &str = "720x1280";

impl Shell<'_> {
    pub(super) fn call_android(&mut self, name: &str, arguments: &[String]) -> Option<Output> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Some(match name {
            "getprop" => self.getprop(&words),
            "setprop" => self.setprop(&words),
            "input" => self.input(arguments),
            "wm" => self.wm(&words),
            "settings" => self.settings(&words),
            "screencap" => self.screencap(&words),
            "logcat" => self.logcat(&words),
            "log" => self.write_log(&words),
            "dumpsys" => self.dumpsys(&words),
            _ => return None,
        })
    }

    fn getprop(&self, words: &[&str]) -> Output {
        let all = self.phone.properties(self.now_ms());
        match words {
            [] => all.iter().map(|(key, value)| format!("[{key}]: [{value}]\n")).collect::<String>().into(),
            [key, rest @ ..] => {
                let value = all.get(*key).filter(|value| !value.is_empty()).map(String::as_str);
                format!("{}\n", value.or(rest.first().copied()).unwrap_or("")).into()
            }
        }
    }

    fn setprop(&mut self, words: &[&str]) -> Output {
        let [key, value] = words else {
            return Output::error(1, "setprop: Need 2 arguments (see \"setprop --help\")\n");
        };
        let refused = key.starts_with("ro.") && self.phone.properties(self.now_ms()).contains_key(*key);
        if refused || key.is_empty() || value.len() > 91 {
            return Output::error(
                1,
                format!("Failed to set property '{key}' to '{value}'.\nSee dmesg for error reason.\n"),
            );
        }
        self.phone.data.set_property(key, value);
        Output::default()
    }

    fn input(&mut self, arguments: &[String]) -> Output {
        // A source such as `touchscreen` may precede the command.
        let arguments = match arguments.first().map(String::as_str) {
            Some("touchscreen" | "keyboard" | "mouse" | "dpad" | "stylus" | "touchpad") => &arguments[1..],
            _ => arguments,
        };
        let Some((kind, values)) = arguments.split_first() else {
            return Output::error(255, "Usage: input [<source>] <command> [<arg>...]\n");
        };
        let numbers = values.iter().all(|value| value.parse::<f64>().is_ok_and(f64::is_finite));
        let good = match kind.as_str() {
            "tap" => values.len() == 2 && numbers,
            "swipe" | "draganddrop" => matches!(values.len(), 4 | 5) && numbers,
            "roll" => values.len() == 2 && numbers,
            "press" => values.is_empty(),
            "text" => values.len() == 1,
            "keyevent" => !values.is_empty(),
            other => return Output::error(255, format!("Error: Unknown command: {other}\n")),
        };
        if !good {
            return Output::error(255, format!("Error: Invalid arguments for command: {kind}\n"));
        }
        let now = self.now_ms();
        self.phone.data.event(now, kind, values);
        if kind == "keyevent" {
            values.iter().for_each(|key| self.press(key));
        }
        Output::default()
    }

    /// What the phone itself does when a key is pressed.
    fn press(&mut self, key: &str) {
        let data = &mut self.phone.data;
        match key.strip_prefix("KEYCODE_").unwrap_or(key) {
            "HOME" | "3" => data.focus = Some(LAUNCHER.to_owned()),
            "POWER" | "26" => data.is_screen_on = !data.is_screen_on,
            "SLEEP" | "223" => data.is_screen_on = false,
            "WAKEUP" | "224" => data.is_screen_on = true,
            _ => {}
        }
    }

    fn wm(&mut self, words: &[&str]) -> Output {
        let (what, physical) = match words.first() {
            Some(&"size") => ("size", SIZE),
            Some(&"density") => ("density", "320"),
            _ => return Output::error(255, "Window manager (window) commands:\n  size, density\n"),
        };
        let chosen =
            if what == "size" { &mut self.phone.data.size_override } else { &mut self.phone.data.density_override };
        match words {
            [_] => {
                let mut text = format!("Physical {what}: {physical}\n");
                if let Some(chosen) = chosen {
                    // Writing to a String cannot fail.
                    let _ = writeln!(text, "Override {what}: {chosen}");
                }
                text.into()
            }
            [_, "reset"] => {
                *chosen = None;
                Output::default()
            }
            [_, value] => {
                let numbers: Vec<&str> = value.split('x').collect();
                let wanted = if what == "size" { 2 } else { 1 };
                if numbers.len() != wanted
                    || !numbers.iter().all(|number| number.parse::<u16>().is_ok_and(|number| number > 0))
                {
                    return Output::error(255, format!("Error: bad {what} {value}\n"));
                }
                *chosen = Some((*value).to_owned());
                Output::default()
            }
            _ => Output::error(255, format!("Error: too many arguments for {what}\n")),
        }
    }

    fn settings(&mut self, words: &[&str]) -> Output {
        let known = |space: &str| matches!(space, "system" | "secure" | "global");
        let entry = |space: &str, key: &str| (space.to_owned(), key.to_owned());
        match words {
            ["get", space, key] if known(space) => {
                let value = self.phone.data.settings.get(&entry(space, key));
                format!("{}\n", value.map_or("null", String::as_str)).into()
            }
            ["put", space, key, value] if known(space) => {
                Arc::make_mut(&mut self.phone.data.settings).insert(entry(space, key), (*value).to_owned());
                Output::default()
            }
            ["delete", space, key] if known(space) => {
                let gone = Arc::make_mut(&mut self.phone.data.settings).remove(&entry(space, key)).is_some();
                format!("Deleted {} rows\n", u8::from(gone)).into()
            }
            ["list", space] if known(space) => {
                let of_space = self.phone.data.settings.iter().filter(|((other, _), _)| other == space);
                of_space.map(|((_, key), value)| format!("{key}={value}\n")).collect::<String>().into()
            }
            _ => Output::error(255, "Invalid command or namespace\n"),
        }
    }

    fn screencap(&mut self, words: &[&str]) -> Output {
        let now = self.now_ms();
        let path = words.iter().find(|word| !word.starts_with('-')).copied();
        self.phone.data.event(now, "screencap", &path.map(str::to_owned).into_iter().collect::<Vec<_>>());
        match path {
            None => Output::text(PICTURE),
            Some(path) => match self.write_file(path, PICTURE, false) {
                Ok(()) => Output::default(),
                Err(problem) => Output::error(1, format!("Error opening file: {path} ({problem})\n")),
            },
        }
    }

    fn logcat(&mut self, words: &[&str]) -> Output {
        if words.contains(&"-c") {
            self.phone.data.log.clear();
            return Output::default();
        }
        if !words.contains(&"-d") && !words.contains(&"-t") {
            // On a phone it would run for ever; here the output says what to do instead.
            return Output::error(1, "logcat: only -d, -t N, -f FILE and -c are emulated\n");
        }
        let after = |option| words.iter().position(|word| *word == option).and_then(|at| words.get(at + 1)).copied();
        let wanted = after("-t").and_then(|text| text.parse().ok());
        let lines = &self.phone.data.log;
        let skip = lines.len().saturating_sub(wanted.unwrap_or(usize::MAX));
        let mut text = "--------- beginning of main\n".to_owned();
        lines.iter().skip(skip).for_each(|line| text.extend([line.as_str(), "\n"]));
        // As on a phone, a file is appended to.
        match after("-f").map(|path| (path, self.write_file(path, text.as_bytes(), true))) {
            None => text.into(),
            Some((_, Ok(()))) => Output::default(),
            Some((path, Err(problem))) => {
                Output::error(1, format!("logcat: Couldn't open output file {path}: {problem}\n"))
            }
        }
    }

    /// `log [-t TAG] text`
    fn write_log(&mut self, words: &[&str]) -> Output {
        let (tag, text) = match words {
            ["-t", tag, text @ ..] => (*tag, text),
            text => ("log", text),
        };
        let now = self.now_ms();
        self.phone.data.log(now, 998, tag, &text.join(" "));
        Output::default()
    }

    /// How the screen is turned, in quarters.
    fn rotation(&self) -> &str {
        let key = ("system".to_owned(), "user_rotation".to_owned());
        self.phone.data.settings.get(&key).map_or("0", String::as_str)
    }

    fn displays(&self) -> String {
        let size = self.phone.data.size_override.as_deref().unwrap_or(SIZE);
        let focus = self.phone.focus();
        format!(
            "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n\
             \x20 Display: mDisplayId=0\n\
             \x20   init={SIZE} 320dpi cur={size} app={size} rng=720x656-1280x1216\n\
             \x20   deferred=false mLayoutNeeded=false mTouchExcludeRegion=SkRegion((0,0,720,1280))\n\n\
             \x20 mLayoutSeq=219\n\
             \x20 mCurrentFocus=Window{{3ab81e1 u0 {focus}}}\n\
             \x20 mFocusedApp=ActivityRecord{{c2f1a40 u0 {focus} t7}}\n"
        )
    }

    fn dumpsys(&self, words: &[&str]) -> Output {
        let focus = self.phone.focus();
        match words {
            [] | ["-l"] => {
                "Currently running services:\n  activity\n  battery\n  package\n  window\n".to_owned().into()
            }
            ["battery", ..] => {
                "Current Battery Service state:\n  AC powered: true\n  level: 100\n  scale: 100\n  status: 5\n"
                    .to_owned()
                    .into()
            }
            ["window", "displays"] => self.displays().into(),
            ["window", ..] => format!("WINDOW MANAGER WINDOWS\n  mCurrentFocus=Window{{e1 u0 {focus}}}\n").into(),
            ["activity", ..] => {
                format!("ACTIVITY MANAGER ACTIVITIES\n  mResumedActivity: ActivityRecord{{e1 u0 {focus} t1}}\n").into()
            }
            ["package", package, ..] => match self.phone.data.packages.get(*package) {
                Some(known) => format!("Packages:\n  Package [{package}]\n    codePath={}\n", known.path).into(),
                None => format!("Unable to find package: {package}\n").into(),
            },
            ["package"] => {
                self.phone.data.packages.keys().map(|name| format!("  Package [{name}]\n")).collect::<String>().into()
            }
            ["display"] => format!(
                "DISPLAY MANAGER (dumpsys display)\n\
                 \x20 mOnlyCode=false\n\
                 \x20 mSafeMode=false\n\
                 \x20 mPendingTraversal=false\n\
                 \x20 mViewports=[DisplayViewport{{type=INTERNAL, valid=true, isActive=true, displayId=0, \
                 uniqueId='local:0', physicalPort=0, orientation={}, logicalFrame=Rect(0, 0 - 720, 1280)}}]\n",
                self.rotation()
            )
            .into(),
            ["deviceidle", "get", "screen"] => format!("{}\n", self.phone.data.is_screen_on).into(),
            [other, ..] => Output::error(0, format!("Can't find service: {other}\n")),
        }
    }
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}
