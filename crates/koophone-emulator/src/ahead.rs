//! Long command lines run before their request is served, on another thread, so that other clients get responses in the
//! meantime.
//!
//! They run on copies of the phones. Whether the request is served at all is decided afterwards, as for any other, and
//! only then do the copies replace the phones. Until then, requests that name these phones wait.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::watch;

use crate::operation::Operation;
use crate::operations::{named_phones, route};
use crate::phone::Phone;
use crate::shared::Shared;
use crate::shell;
use crate::wire::received::Received;
use crate::world::Done;

/// Keeps phones busy until it is dropped.
#[derive(Debug)]
pub(crate) struct Marks {
    shared: Arc<Shared>,
    ids: Vec<String>,
}

impl Marks {
    pub(crate) fn set(shared: &Arc<Shared>, ids: Vec<String>) -> Self {
        shared.busy.add(&ids);
        Self { shared: Arc::clone(shared), ids }
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        self.shared.busy.remove(&self.ids);
    }
}

/// Waits until no line is running on the phones of the request, and runs its own line if that may take long. Its
/// results are returned with the marks, which must be kept until the request is served.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    received: &Received,
    stop: &watch::Receiver<bool>,
) -> Option<(Done, Marks)> {
    let route = route(&received.method, received.path());
    let is_command = matches!(route.operation, Operation::RunCommand | Operation::StartCommand);
    let line = if is_command { received.long_line() } else { None };
    if line.is_none() && shared.busy.is_idle() {
        return None;
    }
    let ids = named_phones(received, &route);
    loop {
        // Registered before the check, so that no end is missed in between.
        let mut freed = std::pin::pin!(shared.busy.freed());
        freed.as_mut().enable();
        if !shared.busy.any(&ids) {
            break;
        }
        freed.await;
    }
    let line = line?;
    let (phones, now_ms) = copies(shared, &ids);
    let marks = Marks::set(shared, ids);
    let stop = stop.clone();
    let work = move || {
        let mut done = Done::new();
        for mut phone in phones {
            if *stop.borrow() {
                break;
            }
            let finished = shell::run(&mut phone, now_ms, &line);
            done.insert(phone.instance_id, (finished, phone.data));
        }
        (done, marks)
    };
    // The panic hook has reported a panic; the line then runs like a short one.
    tokio::task::spawn_blocking(work).await.ok()
}

/// The running phones among `ids`, and the time.
fn copies(shared: &Shared, ids: &[String]) -> (Vec<Phone>, i64) {
    let mut world = shared.world();
    let now = world.clock.now_ms();
    let mut seen = HashSet::new();
    let first = ids.iter().filter(|id| seen.insert(id.as_str()));
    let phones = first.filter_map(|id| {
        let runs = world.fleet.is_running(id);
        world.fleet.get_mut(id).filter(|_| runs).cloned()
    });
    let phones: Vec<Phone> = phones.collect();
    (phones, now)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;
    use crate::emulator::Emulator;
    use crate::quirk::Quirk;

    /// Sends a request for these phones; it is refused because it has no credential, but only in its turn.
    fn ask(emulator: &Emulator, ids: &[&str]) -> TcpStream {
        let body = serde_json::json!({"instance_ids": ids}).to_string();
        let address = emulator.endpoint().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("POST /v1/instances/batch-reset HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        stream
    }

    fn response(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn others_get_responses_while_the_line_of_a_phone_runs() {
        let emulator = Emulator::builder().instance_ids(["a", "b"]).quirk(Quirk::AnyCharacter).start().unwrap();
        let marks = Marks::set(emulator.shared(), vec!["a".to_owned()]);
        let mut waiting = ask(&emulator, &["b", "a"]);
        assert!(response(&mut ask(&emulator, &["b"])).contains("APIGW.0301"));
        waiting.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
        assert!(waiting.read(&mut [0; 1]).is_err(), "its phone is busy");
        waiting.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        drop(marks);
        assert!(response(&mut waiting).contains("APIGW.0301"));
    }

    #[tokio::test]
    async fn a_long_line_runs_on_copies_and_short_ones_do_not() {
        let emulator = Emulator::builder().instance_ids(["a", "b"]).quirk(Quirk::AnyCharacter).start().unwrap();
        let shared = emulator.shared();
        let (_stop, stopped) = watch::channel(false);
        let prepare = async |command: &str| {
            let body = serde_json::json!({"command": command, "instance_ids": ["a", "a", "nobody"]}).to_string();
            let received = Received {
                method: "POST".to_owned(),
                target: "/v1/instances/sync-command".to_owned(),
                headers: Vec::new(),
                body: body.into_bytes(),
                too_large: false,
            };
            run(shared, &received, &stopped).await
        };
        for short in ["ls /sdcard", "getprop ro.product.model", "sleep 5"] {
            assert!(prepare(short).await.is_none(), "{short}");
        }
        for long in ["echo x > /f; cat /f", "sh /sdcard/script", "/system/bin/sh /x", "echo `id`"] {
            assert!(prepare(long).await.is_some(), "{long}");
        }
        let (done, marks) = prepare("echo x > /f; cat /f").await.unwrap();
        assert_eq!((done.len(), done["a"].0.output.as_slice()), (1, &b"x\n"[..]));
        assert!(emulator.phone("a").unwrap().files.keys().all(|path| path != "/f"), "not served, so not executed");
        assert!(shared.busy.any(&["a".to_owned()]));
        drop(marks);
        assert!(shared.busy.is_idle());
    }
}
