//! The verbs of phones: native methods, and `Phone` and `Phones` of both clients.

use minijinja::context;
use serde::Serialize;

use super::super::description::{Description, StructType};
use super::super::operations::{OperationView, verbs};
use super::super::rust::rustfmt;
use super::examples::Example;
use super::method::{Argument, Method, argument};
use super::{PACKAGE, annotation, render};

/// The example of a verb.
struct Shown {
    verb: &'static str,
    /// Commands that the phones run first, or what is imported.
    before: &'static [&'static str],
    arguments: &'static str,
    /// What is shown of the value; empty for all.
    field: &'static str,
    /// The value that is read, as Python prints it, or the command of what only acts.
    output: &'static str,
}

const fn shown(verb: &'static str, arguments: &'static str, output: &'static str) -> Shown {
    Shown { verb, before: &[], arguments, field: "", output }
}

const PUT_GAME: &str = "touch /sdcard/com.example.game.apk";

const EXAMPLES: &[Shown] = &[
    shown("getprop", r#""ro.product.model""#, "KooPhone"),
    Shown { field: ".isdigit()", ..shown("boot_id", "", "True") },
    shown("window_size", "", "WindowSize(width=720, height=1280)"),
    shown("rotation", "", "0"),
    shown("is_screen_on", "", "True"),
    shown("battery", "", "Battery(level=100, powered=True)"),
    shown("app_current", "", "AppOnScreen(package='com.android.launcher3', activity='com.android.launcher3.Launcher')"),
    shown("list_packages", r#""settings""#, "('com.android.providers.settings', 'com.android.settings')"),
    Shown { field: ".version_code", ..shown("app_info", r#""com.android.shell""#, "11") },
    shown("pidof", r#""com.android.systemui""#, "(620,)"),
    shown("app_stop", r#""com.android.settings""#, "am force-stop com.android.settings"),
    shown("app_clear", r#""com.android.settings""#, "pm clear com.android.settings"),
    shown("wake", "", "input keyevent KEYCODE_WAKEUP"),
    shown("settings_put", r#""system", "screen_off_timeout", 600000"#, "settings put system screen_off_timeout 600000"),
    shown("click", "360, 640", "input tap 360 640"),
    shown("long_click", "360, 640, duration=0.8", "input swipe 360 640 360 640 800"),
    shown("swipe", "360, 1000, 360, 200, duration=0.3", "input swipe 360 1000 360 200 300"),
    shown("drag", "100, 200, 300, 400", "input draganddrop 100 200 300 400 500"),
    shown("keyevent", r#""VOLUME_UP""#, "input keyevent KEYCODE_VOLUME_UP"),
    shown("back", "", "input keyevent KEYCODE_BACK"),
    shown("home", "", "input keyevent KEYCODE_HOME"),
    shown("send_keys", r#""player""#, "input text player"),
    shown("app_start", r#""com.android.settings", ".Settings""#, "am start -n com.android.settings/.Settings"),
    Shown {
        before: &[PUT_GAME],
        ..shown("install_remote", r#""/sdcard/com.example.game.apk""#, "pm install -r /sdcard/com.example.game.apk")
    },
    Shown {
        before: &[PUT_GAME, "pm install /sdcard/com.example.game.apk"],
        ..shown("uninstall", r#""com.example.game""#, "pm uninstall com.example.game")
    },
    shown("click_ratio", "0.5, 0.5", "input tap 360 640"),
    Shown { field: ".isalnum()", ..shown("screencap", r#""/sdcard/screen.png""#, "True") },
    Shown {
        before: &["screencap -p /sdcard/screen.png"],
        field: ".bytes[1:4]",
        ..shown("read_file", r#""/sdcard/screen.png""#, "b'PNG'")
    },
    Shown {
        before: &["import tempfile", "screencap -p /sdcard/screen.png"],
        field: ".size",
        ..shown("pull", r#""/sdcard/screen.png", tempfile.mkdtemp()"#, "67")
    },
    Shown {
        before: &["log -t Game level-3"],
        field: ".lines[0].endswith('level-3')",
        ..shown("logcat_tail", "1", "True")
    },
    Shown { field: ".calls", ..shown("wait_for_boot", "", "2") },
    shown("app_wait", r#""com.android.systemui""#, "WaitedNumberList(value=(620,), calls=1)"),
    shown("app_wait_gone", r#""com.example.game", timeout=60"#, "WaitedDone(calls=1)"),
    shown("wait_prop", r#""sys.boot_completed", "1""#, "WaitedDone(calls=1)"),
    Shown { field: ".calls", ..shown("wait_until", r#""ls /sdcard", lambda text: "Download" in text"#, "1") },
];

/// The example of `client.phone` or `client.phones`.
pub(super) fn first_example(many: bool) -> Example {
    if many { of_many(&EXAMPLES[0], "str") } else { of_one(&EXAMPLES[0], "str") }
}

/// Verbs and their arguments that are a text for the service, and a number for those who know adbutils.
const NUMBERS_TOO: &[(&str, &str)] = &[("keyevent", "key"), ("settings_put", "value")];

/// A verb as the templates see it.
#[derive(Serialize)]
pub(super) struct Verb {
    #[serde(flatten)]
    method: Method,
    /// What a phone's form of it returns, as a type checker sees it.
    value: String,
    of_one: Example,
    of_many: Example,
}

/// The whole table.
pub(super) fn table(description: &Description) -> Result<Vec<Verb>, String> {
    verbs().into_iter().map(|operation| verb(operation, &description.structs)).collect()
}

/// The native module's part, and one module for each client.
pub(super) fn files(verbs: &[Verb], description: &Description) -> Result<Vec<(String, String)>, String> {
    Ok(vec![
        ("bindings/python/src/verbs.rs".to_owned(), native(verbs)?),
        (format!("{PACKAGE}/_verbs.py"), phones(verbs, description, false)?),
        (format!("{PACKAGE}/_async_verbs.py"), phones(verbs, description, true)?),
    ])
}

fn native(verbs: &[Verb]) -> Result<String, String> {
    let template = include_str!("../../../templates/python/verbs.rs.j2");
    rustfmt(&render("verbs.rs.j2", template, context! { verbs, types => results(verbs) })?)
}

fn phones(verbs: &[Verb], description: &Description, asynchronous: bool) -> Result<String, String> {
    let template = include_str!("../../../templates/python/verbs.py.j2");
    let of_values = description.structs.iter().map(|one| one.name.as_str());
    let of_values = of_values.filter(|name| verbs.iter().any(|verb| verb.value == *name));
    let mut types: Vec<&str> = results(verbs).into_iter().chain(of_values).collect();
    types.sort_unstable();
    let text = render("verbs.py.j2", template, context! { verbs, types, asynchronous })?;
    Ok(text.trim_end().to_owned() + "\n")
}

/// The types of results.
fn results(verbs: &[Verb]) -> Vec<&'static str> {
    let mut types: Vec<_> = verbs.iter().map(|verb| verb.method.operation.result).collect();
    types.sort_unstable();
    types.dedup();
    types
}

fn verb(operation: OperationView, structs: &[StructType]) -> Result<Verb, String> {
    let name = operation.name;
    let result = structs.iter().find(|one| one.name == operation.result);
    let result = result.ok_or_else(|| format!("{name}: {} is not described", operation.result))?;
    let value = match result.fields.iter().find(|field| field.name == "value") {
        Some(field) => annotation(field).replace(" | None", ""),
        None => "None".to_owned(),
    };
    let shown = EXAMPLES.iter().find(|shown| shown.verb == name);
    let shown = shown.ok_or_else(|| format!("{} has no example of {name}", file!()))?;
    let takes_numbers = |argument: &Argument| NUMBERS_TOO.contains(&(name, argument.name));
    let mut arguments = operation.params.iter().map(argument).collect::<Result<Vec<_>, _>>()?;
    for argument in arguments.iter_mut().filter(|argument| takes_numbers(argument)) {
        argument.kind = "word";
        argument.annotation = "str | int".to_owned();
    }
    for argument in arguments.iter_mut().filter(|argument| argument.of == "Path") {
        argument.kind = "path";
        argument.annotation = "str | PathLike[str]".to_owned();
    }
    Ok(Verb {
        of_one: of_one(shown, &value),
        of_many: of_many(shown, &value),
        value,
        method: Method { arguments, has_check: true, example: None, operation },
    })
}

fn before(shown: &Shown, first: &str) -> Vec<String> {
    let run = |command: &&str| match command.starts_with("import ") {
        true => (*command).to_owned(),
        false => format!("_ = await client.run_command(emulator.instance_ids, \"{command}\")"),
    };
    shown.before.iter().map(run).chain([first.to_owned()]).collect()
}

fn of_one(shown: &Shown, value: &str) -> Example {
    let mut lines = before(shown, "phone = client.phone(emulator.instance_ids[0])");
    let call = format!("await phone.{}({})", shown.verb, shown.arguments);
    match value {
        "None" => lines.extend([call, "print(emulator.commands()[-1])".to_owned()]),
        _ if shown.field.is_empty() => lines.push(format!("print({call})")),
        _ => lines.push(format!("print(({call}){})", shown.field)),
    }
    Example { lines, output: vec![shown.output.to_owned()] }
}

fn of_many(shown: &Shown, value: &str) -> Example {
    let mut lines = before(shown, "phones = client.phones(emulator.instance_ids)");
    lines.push(format!("results = await phones.{}({})", shown.verb, shown.arguments));
    if value == "None" {
        lines.push("print(results.all_ok, emulator.commands()[-1])".to_owned());
        return Example { lines, output: vec![format!("True {}", shown.output)] };
    }
    lines.push("for result in results:".to_owned());
    lines.push(format!("    print(result.value{})", shown.field));
    Example { lines, output: vec![shown.output.to_owned(); 2] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str) -> Verb {
        let verbs = table(&Description::of_the_core().unwrap()).unwrap();
        verbs.into_iter().find(|verb| verb.method.operation.name == name).unwrap()
    }

    #[test]
    fn a_verb_has_the_value_of_its_result_and_an_example_of_each_form() {
        let battery = made("battery");
        assert_eq!(battery.value, "Battery");
        assert_eq!(battery.of_one.lines.last().unwrap(), "print(await phone.battery())");
        assert_eq!(battery.of_many.output.len(), 2);
        assert_eq!(made("list_packages").value, "tuple[str, ...]");
        let click = made("click");
        assert_eq!(click.value, "None");
        assert_eq!(click.of_many.output, ["True input tap 360 640"]);
    }

    #[test]
    fn a_length_of_time_is_in_seconds_and_a_key_may_be_a_number() {
        let drag = made("drag");
        let duration = drag.method.arguments.last().unwrap();
        assert_eq!((duration.annotation.as_str(), duration.default.as_deref()), ("float | timedelta", Some("0.5")));
        assert_eq!(made("keyevent").method.arguments[0].annotation, "str | int");
    }

    #[test]
    fn every_value_is_handed_over() {
        let description = Description::of_the_core().unwrap();
        let verbs = table(&description).unwrap();
        let python = phones(&verbs, &description, false).unwrap();
        for verb in verbs {
            let start = if verb.value == "None" { String::new() } else { format!("result: {} = ", verb.value) };
            let call = format!("        {start}only(self._keeps._open(self._native).{}(\n", verb.method.operation.name);
            assert!(python.contains(&call), "{call}");
        }
        assert!(python.lines().all(|line| line.chars().count() <= 120));
    }
}
