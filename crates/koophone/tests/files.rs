//! Files, pictures and logs of phones: what is read is what the phone has.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use koophone::blocking::Client;
use koophone::{ErrorKind, PageOptions, PhoneResults};
use koophone_emulator::{Action, CutWhen, Emulator, Fault, Operation, Options, Rule};
use serde_json::json;

const FILE: &str = "/sdcard/game.bin";

fn start(phones: usize) -> (Arc<Emulator>, Client, Vec<String>) {
    let emulator = Emulator::start(Options::from_json(&json!({"phones": phones}).to_string()).unwrap()).unwrap();
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    let client = builder.setting("retry_delay", "10ms").build_blocking().unwrap();
    client.login().unwrap();
    emulator.clear_requests();
    let ids = emulator.instance_ids();
    (Arc::new(emulator), client, ids)
}

fn random(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// How many commands of a phone begin with `start`.
fn sent(emulator: &Emulator, phone: &str, program: &str) -> usize {
    let journal = emulator.journal_of(phone);
    journal.iter().filter(|entry| entry.command.as_ref().is_some_and(|command| command.starts_with(program))).count()
}

fn lost() -> Fault {
    Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution })
}

/// A directory that is removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("koophone-files-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn three_thousand_bytes_of_two_phones_are_read_in_seven_calls() {
    let (emulator, client, ids) = start(2);
    let contents = [random(3000), random(3000)];
    for (id, content) in ids.iter().zip(&contents) {
        assert!(emulator.write_file(id, FILE, content));
    }
    let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
    let sink = seen.clone();
    let options = PageOptions::new().on_progress(move |progress| sink.lock().unwrap().push(progress.succeeded));
    let results = client.phones(&ids).read_file(FILE, options).unwrap();
    results.raise_for_errors().unwrap();
    for (result, content) in results.iter().zip(&contents) {
        let file = result.value.as_ref().unwrap();
        assert!(file.bytes == *content && file.calls == 9, "{} calls", file.calls);
        assert_eq!(sent(&emulator, result.instance_id.as_str(), "xxd"), 7);
    }
    assert_eq!(emulator.requests().len(), 9, "the phones share their calls");
    assert_eq!(seen.lock().unwrap().last(), Some(&14));
}

#[test]
fn every_size_around_a_page_is_read_and_lost_responses_are_read_again() {
    let (emulator, client, ids) = start(1);
    let phone = client.phone(&ids[0]);
    for size in [0, 1, 30, 494, 495, 496, 990] {
        let content = random(size);
        assert!(emulator.write_file(&ids[0], FILE, &content));
        assert_eq!(phone.read_file(FILE, PageOptions::new()).unwrap().bytes, content, "{size} bytes");
    }
    let content = random(1200);
    assert!(emulator.write_file(&ids[0], FILE, &content));
    emulator.add_faults([lost(), lost().after(1), lost().after(2), lost().after(3)]).unwrap();
    assert_eq!(phone.read_file(FILE, PageOptions::new()).unwrap().bytes, content);
    assert!(emulator.pending_faults().is_empty());
}

#[test]
fn the_calls_for_a_long_file_are_counted_before_it_is_read() {
    let (emulator, client, ids) = start(2);
    assert!(emulator.write_file(&ids[0], FILE, &random(20 * 495 + 1)));
    assert!(emulator.write_file(&ids[1], FILE, b"short"));
    let results = client.phones(&ids).read_file(FILE, PageOptions::new()).unwrap();
    let error = results[0].error.as_ref().unwrap();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("max_calls")));
    assert!(error.message().contains("21 calls") && !error.maybe_executed(), "{error}");
    assert_eq!(sent(&emulator, &ids[0], "xxd"), 0);
    assert_eq!(results[1].value.as_ref().unwrap().bytes, b"short");
    let whole = client.phone(&ids[0]).read_file(FILE, PageOptions::new().max_calls(21)).unwrap();
    assert_eq!((whole.bytes.len(), sent(&emulator, &ids[0], "xxd")), (20 * 495 + 1, 21));
    let error = client.phone(&ids[0]).read_file("/sdcard/none", PageOptions::new()).unwrap_err();
    assert!(error.kind() == ErrorKind::CommandFailed && error.message().contains("No such file"), "{error}");
    assert_eq!(client.phone(&ids[0]).read_file("a b", PageOptions::new()).unwrap_err().argument(), Some("path"));
    let missing = client.phones(&ids).read_file("/sdcard/none", PageOptions::new()).unwrap();
    assert_eq!(missing.len(), ids.len(), "every phone has its own error, also if all have the same");
    for (id, result) in ids.iter().zip(&missing) {
        let error = result.error.as_ref().unwrap();
        assert_eq!((error.kind(), error.instance_id()), (ErrorKind::CommandFailed, Some(id.as_str())));
    }
}

#[test]
fn a_file_that_changes_or_arrives_damaged_is_refused() {
    let (emulator, client, ids) = start(1);
    assert!(emulator.write_file(&ids[0], FILE, &random(1000)));
    let (of_sink, id) = (emulator.clone(), ids[0].clone());
    let options = PageOptions::new().on_progress(move |progress| {
        if progress.succeeded == 1 {
            assert!(of_sink.write_file(&id, FILE, &random(1000)));
        }
    });
    let error = client.phone(&ids[0]).read_file(FILE, options).unwrap_err();
    assert!(error.retryable() && error.message().contains("changed while it was read"), "{error}");
    emulator
        .add_rules([Rule { command: "xxd *".into(), stdout: "00".repeat(495), times: 1, ..Rule::default() }])
        .unwrap();
    let directory = Directory::new("damaged");
    let error = client.phone(&ids[0]).pull(FILE, &directory.0, PageOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("did not arrive as it is"), "{error}");
    assert!(directory.names().is_empty(), "nothing is read after an error");
    let error = "there is no 495 bytes from 0";
    emulator.add_rules([Rule { command: "xxd *".into(), stdout: "00".into(), times: 1, ..Rule::default() }]).unwrap();
    assert!(client.phone(&ids[0]).read_file(FILE, PageOptions::new()).unwrap_err().message().contains(error));
}

#[test]
fn a_pull_resumes_where_it_was_interrupted() {
    let (emulator, client, ids) = start(2);
    let contents = [random(2000), random(2000)];
    for (id, content) in ids.iter().zip(&contents) {
        assert!(emulator.write_file(id, FILE, content));
    }
    let directory = Directory::new("resumed");
    let pull = || client.phones(&ids).pull(FILE, &directory.0, PageOptions::new());
    // Size, hash and two pages; then the service is unreachable.
    let gone = Action::ErrorCode { code: "KOOPHONE.API.1000".into(), status: 400 };
    emulator.add_fault(Fault::new(Operation::RunCommand, gone).after(4).times(0)).unwrap();
    assert_eq!(pull().unwrap_err().kind(), ErrorKind::Rejected);
    let names = directory.names();
    assert!(names.len() == 2 && names.iter().all(|name| name.ends_with(".part")), "{names:?}");
    emulator.clear_faults();
    emulator.clear_journal();
    let results = pull().unwrap();
    results.raise_for_errors().unwrap();
    for ((id, content), result) in ids.iter().zip(&contents).zip(&results) {
        let pulled = result.value.as_ref().unwrap();
        assert_eq!(Path::new(&pulled.local), directory.0.join(format!("{id}-game.bin")));
        assert_eq!((fs::read(&pulled.local).unwrap(), pulled.size), (content.clone(), 2000));
        assert_eq!(sent(&emulator, id, "xxd"), 3, "two of the five pages had been read");
    }
    assert_eq!(directory.names().len(), 2, "no partial file is left");
    // Different content starts from the beginning.
    assert!(emulator.write_file(&ids[0], FILE, b"new"));
    let file = directory.0.join("one");
    client.phone(&ids[0]).pull(FILE, &file, PageOptions::new()).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
}

#[test]
fn a_local_path_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let (emulator, client, ids) = start(2);
    let directory = Directory::new("refused");
    for (phones, local) in [(&ids[..], directory.0.join("file")), (&ids[..1], directory.0.join("none/file"))] {
        let error = client.phones(phones).pull(FILE, local, PageOptions::new()).unwrap_err();
        assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("local")), "{error}");
    }
    assert!(emulator.requests().is_empty());
}

#[test]
fn the_end_of_the_log_is_read_and_leaves_nothing_behind() {
    let (emulator, client, ids) = start(1);
    let phone = client.phone(&ids[0]);
    for number in 0..40 {
        client.run_command([&ids[0]], format!("log -t Game line-number-{number}")).unwrap();
    }
    // A repeat appends the lines to the file once more.
    emulator.add_fault(lost()).unwrap();
    let tail = phone.logcat_tail(12, PageOptions::new()).unwrap();
    let ends: Vec<_> = tail.lines.iter().map(|line| line.rsplit('-').next().unwrap().to_owned()).collect();
    assert_eq!(ends, (28..40).map(|number| number.to_string()).collect::<Vec<_>>());
    let left = || emulator.phone(&ids[0]).unwrap().files.into_keys().filter(|path| path.ends_with(".log")).count();
    assert_eq!(left(), 0);
    let error = phone.logcat_tail(40, PageOptions::new().max_calls(1)).unwrap_err();
    assert_eq!((error.argument(), left()), (Some("max_calls"), 0), "{error}");
    assert_eq!(phone.logcat_tail(0, PageOptions::new()).unwrap_err().argument(), Some("lines"));
}

#[test]
fn a_picture_stays_on_the_phone_and_has_a_hash() {
    let (emulator, client, ids) = start(1);
    let phone = client.phone(&ids[0]);
    emulator.add_fault(lost()).unwrap();
    let hash = phone.screencap("/sdcard/screen.png").unwrap();
    let file = phone.read_file("/sdcard/screen.png", PageOptions::new()).unwrap();
    assert!(file.sha256 == hash && file.bytes.starts_with(b"\x89PNG"));
    let error = phone.screencap("/nope/screen.png").unwrap_err();
    assert!(error.kind() == ErrorKind::CommandFailed && error.message().contains("No such file"), "{error}");
    // The picture was written, but its hash cannot be read.
    emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoPermission {}).after(1)).unwrap();
    let error = phone.screencap("/sdcard/other.png").unwrap_err();
    assert!(error.kind() == ErrorKind::PermissionDenied && error.maybe_executed(), "{error}");
}

#[test]
fn a_pulled_file_is_whole_even_if_its_partial_file_is_changed_by_someone_else() {
    let (emulator, client, ids) = start(1);
    let content = random(2000);
    assert!(emulator.write_file(&ids[0], FILE, &content));
    for damage in [|part: &Path| fs::write(part, b"of another call"), |part: &Path| fs::remove_file(part)] {
        let directory = Arc::new(Directory::new("shared"));
        let shared = directory.clone();
        let options = PageOptions::new().on_progress(move |progress| {
            if progress.succeeded == 3 {
                let name = shared.names().into_iter().find(|name| name.ends_with(".part")).unwrap();
                damage(&shared.0.join(name)).unwrap();
            }
        });
        let file = directory.0.join("one");
        client.phone(&ids[0]).pull(FILE, &file, options).unwrap();
        assert!(fs::read(&file).unwrap() == content, "what was verified is what is there");
        assert_eq!(directory.names(), ["one"]);
    }
}

#[cfg(unix)]
#[test]
fn a_local_path_that_is_neither_file_nor_directory_is_not_replaced() {
    let (emulator, client, ids) = start(1);
    assert!(emulator.write_file(&ids[0], FILE, b"new"));
    let directory = Directory::new("special");
    let special = directory.0.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&special).unwrap();
    let error = client.phone(&ids[0]).pull(FILE, &special, PageOptions::new()).unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("local")), "{error}");
    assert!(!fs::metadata(&special).unwrap().is_file() && emulator.requests().is_empty());
}

#[test]
fn a_log_that_cannot_be_read_leaves_nothing_behind_either() {
    let (emulator, client, ids) = start(1);
    let phone = client.phone(&ids[0]);
    client.run_command([&ids[0]], "log -t Game hello").unwrap();
    let left = || emulator.phone(&ids[0]).unwrap().files.into_keys().filter(|path| path.ends_with(".log")).count();
    let fails = Rule { command: "xxd *".into(), exit_status: 1, stdout: "broken".into(), ..Rule::default() };
    emulator.add_rules([fails]).unwrap();
    let error = phone.logcat_tail(1, PageOptions::new()).unwrap_err();
    assert!(error.kind() == ErrorKind::CommandFailed && error.output() == Some("broken"), "{error}");
    assert_eq!(left(), 0);
    emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoPermission {}).after(2)).unwrap();
    assert_eq!(phone.logcat_tail(1, PageOptions::new()).unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(left(), 0);
}

#[test]
fn what_is_no_hash_is_not_given_as_one() {
    let (emulator, client, ids) = start(1);
    let wrong = Rule { command: "sha256sum *".into(), stdout: "z".repeat(64), ..Rule::default() };
    emulator.add_rules([wrong]).unwrap();
    let error = client.phone(&ids[0]).screencap("/sdcard/screen.png").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
}
