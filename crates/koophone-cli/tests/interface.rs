//! Help, usage errors, completions, tables, pipes and colours.

mod common;

use common::{World, bare, finish, run};
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, ErrorKind};

/// The number of lines and columns of a small terminal.
const SCREEN: usize = 40;
const WIDTH: usize = 120;

#[test]
fn the_help_of_every_command_is_one_screen_with_examples_and_its_own_options_only() {
    for command in commands() {
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let help = |option: &str| run(bare(&[&words[..], &[option]].concat()), None).expect(0);
        let done = help("--help");
        assert_eq!(done.stdout, help("-h").stdout, "{command}");
        assert!(done.stderr.is_empty() && done.stdout.contains("\nExamples:\n"), "{command}");
        // The settings themselves are the topic of `help settings`.
        if command != "koophone settings" {
            assert_eq!(done.stdout, run(bare(&[&["help"], &words[..]].concat()), None).expect(0).stdout, "{command}");
        }
        let shown: usize = done.stdout.lines().map(|line| line.chars().count().max(1).div_ceil(WIDTH)).sum();
        assert!(shown <= SCREEN, "{command} is longer than a screen:\n{}", done.stdout);
        let own = done.stdout.split("\nExamples:\n").next().unwrap();
        for setting in SETTINGS {
            assert!(!own.contains(&format!("[env: {}", setting.variable)), "{command} repeats {}", setting.variable);
        }
        for field in CREDENTIAL_FIELDS {
            assert!(!own.contains(&format!("[env: {}", field.variable)), "{command} repeats {}", field.variable);
        }
        let mentions = flat(&done.stdout).contains("help output, settings, credentials");
        let local = ["emulator", "settings", "errors", "completions", "help", "show-defaults"];
        assert_eq!(mentions, !local.iter().any(|name| words.last() == Some(name)), "{command}");
    }
}

/// The text with its lines wrapped at the terminal's width.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The full name of every command, as listed in the help texts.
fn commands() -> Vec<String> {
    let mut found = vec!["koophone".to_owned()];
    let mut at = 0;
    while at < found.len() {
        let words: Vec<&str> = found[at].split(' ').skip(1).chain(["--help"]).collect();
        let help = run(bare(&words), None).expect(0).stdout;
        // `koophone` has a list by purpose, with several names in a row.
        let title = if at == 0 { "\nUse phones (使用云手机):\n" } else { "\nCommands:\n" };
        let listed = help.split(title).nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
        let rows = listed.lines().filter_map(|line| line.strip_prefix("  ").filter(|row| !row.starts_with(' ')));
        let names: Vec<&str> = rows.filter_map(|row| row.split("  ").next()).flat_map(|row| row.split(", ")).collect();
        for name in names {
            found.push(format!("{} {name}", found[at]));
        }
        at += 1;
    }
    assert!(found.len() > 15 && found.iter().any(|name| name == "koophone task wait"), "{found:?}");
    found
}

#[test]
fn what_all_commands_have_in_common_has_its_own_help_pages() {
    let help = |topic: &str| flat(&run(bare(&["help", topic]), None).expect(0).stdout);
    let (settings, credentials, environment) = (help("settings"), help("credentials"), help("environment"));
    for setting in SETTINGS {
        assert!(settings.contains(&format!("[env: {}]", setting.variable)), "{}", setting.variable);
        assert!(settings.contains(&format!("--{} <VALUE>", setting.name.replace('_', "-"))), "{}", setting.name);
        assert!(environment.contains(setting.variable), "{}", setting.variable);
    }
    for field in CREDENTIAL_FIELDS {
        assert!(credentials.contains(field.variable) && environment.contains(field.variable), "{}", field.variable);
    }
    for kind in ErrorKind::ALL {
        assert!(help("exit-codes").contains(&format!(" {} {}: ", kind.number(), kind.name())), "{kind}");
    }
    for option in ["--json", "--quiet", "--verbose", "--no-color", "--traceparent"] {
        assert!(help("output").contains(option), "{option}");
    }
    assert!(help("quirks").contains("strict_limit_32: "));
    let error = run(bare(&["help", "nonsense", "--json"]), None).expect(1).error();
    assert_eq!(error["error"]["argument"], "topic");
}

#[test]
fn the_name_alone_says_what_to_do_first() {
    let done = run(bare(&[]), None).expect(1);
    for step in ["koophone emulator\n", "koophone help credentials", "koophone doctor\n", "koophone --help"] {
        assert!(done.stderr.contains(step), "{step}: {}", done.stderr);
    }
    assert!(done.stderr.lines().count() <= SCREEN / 2);
}

#[test]
fn errors_in_the_command_line_are_invalid_arguments() {
    for args in [&["status", "--nonsense"][..], &["nonsense"], &[], &["completions", "tcsh"], &["task"]] {
        let done = run(bare(args), None).expect(1);
        assert!(done.stdout.is_empty() && !done.stderr.is_empty(), "{args:?}");
    }
    let error = run(bare(&["status", "--nonsense", "--json"]), None).expect(1).error();
    assert_eq!(error["error"]["kind"], "invalid_argument");
    assert_eq!((&error["error"]["argument"], &error["exit_code"]), (&"nonsense".into(), &1.into()));
    assert!(error["error"]["message"].as_str().unwrap().contains("--nonsense"));
    let error = run(bare(&["status", "--batch-size", "--json"]), None).expect(1).error();
    assert_eq!(error["error"]["argument"], "batch_size");
    let version = run(bare(&["--version"]), None).expect(0).stdout;
    assert_eq!(version, format!("koophone {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_contain_every_command_and_option() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = run(bare(&["completions", shell]), None).expect(0).stdout;
        for word in ["device-token", "whoami", "show-defaults", "token-cache", "password-file"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
}

#[test]
fn the_tables_of_settings_and_errors_are_the_cores() {
    let settings = run(bare(&["settings", "--json"]), None).expect(0).json();
    assert_eq!(settings["settings"].as_array().unwrap().len(), SETTINGS.len());
    assert_eq!(settings["settings"][1]["option"], "--iam-endpoint");
    assert_eq!(settings["credentials"][2]["option"], "--password-file");
    assert_eq!(settings["credentials"][2]["secret"], true);
    let table = run(bare(&["settings"]), None).expect(0);
    assert!(table.rows().len() > SETTINGS.len() + CREDENTIAL_FIELDS.len());

    let errors = run(bare(&["errors", "--json"]), None).expect(0).json();
    for (row, kind) in errors.as_array().unwrap().iter().zip(ErrorKind::ALL) {
        assert_eq!((&row["exit_code"], &row["kind"]), (&kind.number().into(), &kind.name().into()));
    }
    assert_eq!(run(bare(&["errors"]), None).expect(0).rows().len(), ErrorKind::ALL.len() + 1);
    let last = errors.as_array().unwrap().last().unwrap();
    for one in ["11", "outcome_unknown"] {
        let rows = run(bare(&["errors", one, "--json"]), None).expect(0).json();
        assert_eq!(rows.as_array().unwrap().len(), 1, "{one}");
        assert_eq!(rows[0]["what_to_do"], ErrorKind::OutcomeUnknown.remedy(), "{one}");
    }
    assert_eq!(run(bare(&["errors", "99", "--json"]), None).expect(1).error()["error"]["argument"], "error");
    assert_eq!((&last["exit_code"], &last["kind"]), (&74.into(), &"output_lost".into()));
}

#[test]
fn there_is_no_colour_in_a_pipe() {
    let world = World::new();
    let done = world.run(&world.args(&["status"], &[])).expect(0);
    let help = run(bare(&["--help"]), None).expect(0);
    assert!(!done.stdout.contains('\u{1b}') && !help.stdout.contains('\u{1b}'));
    world.run(&world.args(&["status", "--no-color"], &[])).expect(0);
}

#[test]
fn a_reader_that_closes_the_pipe_is_not_an_error() {
    for args in [&["completions", "bash"][..], &["settings"], &["--help"]] {
        let mut child = bare(args).spawn().unwrap();
        drop(child.stdout.take());
        let done = finish(child).expect(0);
        assert_eq!(done.stderr, "", "{args:?}");
    }
}

#[test]
fn closed_output_streams_cause_no_panic() {
    let mut child = bare(&["status", "a/b", "--endpoint", "nonsense"]).spawn().unwrap();
    drop(child.stderr.take());
    finish(child).expect(1);
}

#[test]
fn the_library_can_be_called_repeatedly_in_one_process() {
    let code = |args: &[&str]| koophone_cli::run(args.iter().map(Into::into));
    assert_eq!(code(&["koophone", "sign", "--url", "nonsense", "--ak", "a", "--sk", "b", "--json"]), 1);
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(move || code(&["koophone", "errors", "-q"]))).collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 0));
}
