//! Help, usage errors, completions, tables, pipes and colours.

mod common;

use common::{World, bare, finish, run};
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, ErrorKind};

const COMMANDS: &[&[&str]] = &[
    &[],
    &["status"],
    &["exec"],
    &["task"],
    &["task", "show"],
    &["task", "wait"],
    &["video"],
    &["video", "set"],
    &["video", "show-defaults"],
    &["reset"],
    &["device-token"],
    &["login"],
    &["whoami"],
    &["sign"],
    &["emulator"],
    &["doctor"],
    &["settings"],
    &["errors"],
    &["completions"],
];

#[test]
fn every_help_text_teaches_by_examples_and_lists_exit_codes() {
    for command in COMMANDS {
        for help in ["-h", "--help"] {
            let done = run(bare(&[command, &[help][..]].concat()), None).expect(0);
            assert!(done.stdout.contains("\nExamples:\n") && done.stderr.is_empty(), "{command:?} {help}");
        }
        let done = run(bare(&[command, &["--help"][..]].concat()), None).expect(0);
        assert!(done.stdout.contains("Exit codes:") && done.stdout.contains("--endpoint"), "{command:?}");
    }
}

#[test]
fn the_help_of_the_whole_lists_every_variable_setting_and_exit_code() {
    let help = run(bare(&["--help"]), None).expect(0).stdout;
    for setting in SETTINGS {
        assert!(help.contains(setting.variable), "{}", setting.variable);
        assert!(help.contains(&format!("--{} <VALUE>", setting.name.replace('_', "-"))), "{}", setting.name);
    }
    for field in CREDENTIAL_FIELDS {
        assert!(help.contains(field.variable), "{}", field.variable);
    }
    for kind in ErrorKind::ALL {
        assert!(help.contains(&format!("{:2}  {}: ", kind.number(), kind.name())), "{kind}");
    }
}

#[test]
fn mistakes_in_the_command_line_are_invalid_arguments() {
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
fn completions_know_every_command_and_option() {
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
fn a_reader_that_goes_away_is_no_error() {
    for args in [&["completions", "bash"][..], &["settings"], &["--help"]] {
        let mut child = bare(args).spawn().unwrap();
        drop(child.stdout.take());
        let done = finish(child).expect(0);
        assert_eq!(done.stderr, "", "{args:?}");
    }
}

#[test]
fn nobody_to_tell_is_no_reason_to_panic() {
    let mut child = bare(&["status", "a/b", "--endpoint", "nonsense"]).spawn().unwrap();
    drop(child.stderr.take());
    finish(child).expect(1);
}

#[test]
fn the_library_can_be_called_again_and_again_in_one_process() {
    let code = |args: &[&str]| koophone_cli::run(args.iter().map(Into::into));
    assert_eq!(code(&["koophone", "sign", "--url", "nonsense", "--ak", "a", "--sk", "b", "--json"]), 1);
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(move || code(&["koophone", "errors", "-q"]))).collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 0));
}
