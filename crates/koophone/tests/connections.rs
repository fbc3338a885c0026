//! Connection limits: maximum number, order, deadlines; and what happens when servers close connections or file
//! descriptors run out.

mod common;

use std::collections::HashMap;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::{Duration, Instant};

use common::raw::{BODY, client, outcome, responding, response, server};
use common::tls::{Certificate, Session};
use common::{Seen, read_request};
use koophone::{CancelToken, Client, CommandResult, ErrorKind, Result, Started};
use rustls::version::TLS13;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(client: &Client, command: impl Into<String>) -> Started<Vec<CommandResult>> {
    client.run_command(["a"], command).start().unwrap()
}

fn end(mut call: Started<Vec<CommandResult>>) -> Result<String> {
    outcome(call.wait(Some(PATIENCE)).transpose().expect("the call has not ended"))
}

fn command_of(seen: &Seen) -> String {
    seen.json()["command"].as_str().unwrap().to_owned()
}

/// A number whose level threads wait for.
#[derive(Default)]
struct Level(Mutex<usize>, Condvar);

impl Level {
    fn raise(&self) -> usize {
        let mut level = self.0.lock().unwrap();
        *level += 1;
        self.1.notify_all();
        *level
    }

    fn reach(&self, wanted: usize) {
        let (_level, waited) =
            self.1.wait_timeout_while(self.0.lock().unwrap(), PATIENCE, |level| *level < wanted).unwrap();
        assert!(!waited.timed_out(), "{wanted} was not reached");
    }
}

/// A server that sends no response before `wanted` connections are open, and counts those that are open at once.
fn server_of_a_crowd(wanted: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    let (open, peak, crowd) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)), Level::default());
    let most = peak.clone();
    let (address, ..) = server(Box::new(move |_, mut stream| {
        most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        crowd.raise();
        while read_request(&mut BufReader::with_capacity(1, &mut stream)).is_some() {
            crowd.reach(wanted);
            let _ = stream.write_all(response("").as_bytes());
        }
        open.fetch_sub(1, Ordering::SeqCst);
    }));
    (address, peak)
}

#[test]
fn two_thousand_calls_at_once_share_sixty_four_connections() {
    let (address, peak) = server_of_a_crowd(64);
    let client = client(format!("http://{address}"), &[]);
    let calls: Vec<_> = (0..2000).map(|_| start(&client, "id")).collect();
    for call in calls {
        assert_eq!(end(call).unwrap(), "yes");
    }
    assert_eq!(peak.load(Ordering::SeqCst), 64);
}

#[test]
fn blocking_calls_from_many_threads_share_a_few_connections() {
    // Each thread has its own connections, and idle ones must not keep the others waiting.
    let (address, connections, _) = server(Box::new(|_, stream| responding(stream, 99, &response(""))));
    let client = client(format!("http://{address}"), &[("max_connections", "2"), ("timeout", "60s")]);
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                for _ in 0..4 {
                    assert_eq!(client.run_command(["a"], "id").wait().unwrap()[0].output, "yes");
                    assert_eq!(end(start(&client, "id")).unwrap(), "yes");
                }
            });
        }
    });
    assert!(connections.load(Ordering::SeqCst) >= 2);
}

#[test]
fn a_call_that_waits_for_a_connection_keeps_its_deadline_and_can_be_cancelled() {
    let (arrived, requests) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let (address, ..) = server(Box::new(move |_, mut stream| {
        while let Some(seen) = read_request(&mut BufReader::with_capacity(1, &mut stream)) {
            arrived.send(command_of(&seen)).unwrap();
            released.lock().unwrap().recv().unwrap();
            stream.write_all(response("").as_bytes()).unwrap();
        }
    }));
    let client = client(format!("http://{address}"), &[("max_connections", "1")]);
    let first = start(&client, "first");
    assert_eq!(requests.recv_timeout(PATIENCE).unwrap(), "first");

    let begin = Instant::now();
    let late = client.run_command(["a"], "late").timeout(Duration::from_millis(100)).start().unwrap();
    let error = end(late).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert!(error.causes().iter().any(|cause| cause.contains("max_connections")), "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(10));

    let token = CancelToken::new();
    let cancelled = client.run_command(["a"], "cancelled").cancel_with(token.clone()).start().unwrap();
    token.cancel();
    assert_eq!(end(cancelled).unwrap_err().kind(), ErrorKind::Cancelled);

    let last = start(&client, "last");
    release.send(()).unwrap();
    release.send(()).unwrap();
    assert_eq!(end(first).unwrap(), "yes");
    assert_eq!(end(last).unwrap(), "yes");
    // The calls that gave up sent nothing.
    assert_eq!(requests.try_iter().collect::<Vec<_>>(), ["last"]);
}

#[test]
fn waiting_for_a_connection_does_not_count_towards_the_attempt_timeout() {
    let (address, ..) = server(Box::new(|_, mut stream| {
        while read_request(&mut BufReader::with_capacity(1, &mut stream)).is_some() {
            std::thread::sleep(Duration::from_millis(200));
            stream.write_all(response("").as_bytes()).unwrap();
        }
    }));
    let client = client(format!("http://{address}"), &[("max_connections", "1"), ("attempt_timeout", "2s")]);
    let begin = Instant::now();
    let calls: Vec<_> = (0..12).map(|_| start(&client, "id")).collect();
    for call in calls {
        assert_eq!(end(call).unwrap(), "yes");
    }
    assert!(begin.elapsed() > Duration::from_secs(2), "the last one did not wait longer than attempt_timeout");
}

/// How a server of the next test closes a connection after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Close {
    /// Announced in the response.
    Announced,
    /// Announced by TLS, in the same piece.
    ByTls,
    /// Without notice.
    Unannounced,
}

#[test]
fn connections_that_the_server_closes_cost_no_command_and_run_none_twice() {
    const ROUNDS: usize = 3000;
    let ran = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let certificate = Certificate::new();
    let config = Arc::new(certificate.server(&[&TLS13]));
    let last_close = Arc::new(Mutex::new(None));
    let (count, closing) = (ran.clone(), last_close.clone());
    let (address, ..) = server(Box::new(move |number, tcp: TcpStream| {
        let mut session = Session::new(&config, tcp);
        let close = [Close::Announced, Close::ByTls, Close::Unannounced][number % 3];
        for request in 0..5 {
            let Some(seen) = read_request(&mut BufReader::with_capacity(1, &mut session)) else { return };
            *count.lock().unwrap().entry(command_of(&seen)).or_default() += 1;
            let last = request == 4;
            *closing.lock().unwrap() = last.then_some(close);
            session.say(response(if last && close == Close::Announced { "connection: close\r\n" } else { "" }));
            if last && close == Close::ByTls {
                session.tls.send_close_notify();
            }
            session.send();
        }
    }));
    let client = certificate.client(address.port(), &[]);
    let mut unknown = 0;
    // After each fifth command a connection is closed, two times out of three with an announcement.
    for round in 0..ROUNDS {
        match end(start(&client, format!("echo {round}"))) {
            Ok(output) => assert_eq!(output, "yes"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "round {round}: {error:?}");
                assert_eq!(*last_close.lock().unwrap(), Some(Close::Unannounced), "round {round}: {error:?}");
                unknown += 1;
            }
        }
    }
    let ran = ran.lock().unwrap();
    assert!(ran.values().all(|&times| times == 1), "a command ran twice");
    assert!(ran.len() >= ROUNDS - unknown, "{} of {ROUNDS} ran", ran.len());
}

#[cfg(unix)]
mod descriptors {
    use super::*;

    /// Limits the file descriptors of this process to `more` beyond those it has.
    fn limit(more: u64) {
        use std::os::fd::AsRawFd;
        let next = std::fs::File::open("/dev/null").unwrap().as_raw_fd();
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `limit` outlives both calls.
        unsafe {
            assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
            limit.rlim_cur = next as u64 + more;
            assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
        }
    }

    /// Runs in a separate process, because the limit applies to the process.
    fn in_the_child(crowd: &str, closing: &str) {
        // The runtime gets its descriptors before the limit is set.
        assert_eq!(end(start(&client(format!("http://{closing}"), &[]), "id")).unwrap(), "yes");
        limit(40);
        let many = client(format!("http://{crowd}"), &[("max_connections", "256"), ("timeout", "60s")]);
        let calls: Vec<_> = (0..500).map(|_| start(&many, "id")).collect();
        for call in calls {
            assert_eq!(end(call).unwrap(), "yes");
        }
        // Blocking calls from more threads than there can be runtimes.
        std::thread::scope(|scope| {
            for _ in 0..100 {
                scope.spawn(|| assert_eq!(many.run_command(["a"], "id").wait().unwrap()[0].output, "yes"));
            }
        });
        drop(many);
        // Now all of them are in use.
        let mut taken = Vec::new();
        while let Ok(file) = std::fs::File::open("/dev/null") {
            taken.push(file);
        }
        // The name cannot be looked up either.
        let other = client(format!("http://localhost:{}", closing.rsplit(':').next().unwrap()), &[]);
        let error = end(other.run_command(["a"], "id").timeout(Duration::from_millis(200)).start().unwrap());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert!(error.message().contains("before the request was sent"), "{error:?}");
        for scheme in ["http", "socks5h"] {
            let proxy = format!("{scheme}://{closing}");
            let proxied = client("http://phones.invalid".into(), &[("proxy", &proxy), ("allow_http", "yes")]);
            let error = end(proxied.run_command(["a"], "id").timeout(Duration::from_millis(200)).start().unwrap());
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
            assert!(error.message().contains("before the request was sent"), "{error:?}");
        }
        let waiting = start(&other, "id");
        std::thread::sleep(Duration::from_millis(100));
        assert!(!waiting.is_finished());
        drop(taken);
        assert_eq!(end(waiting).unwrap(), "yes");
    }

    #[test]
    fn calls_wait_when_file_descriptors_run_out() {
        if let Ok(addresses) = std::env::var("KOOPHONE_TEST_DESCRIPTORS") {
            let (crowd, closing) = addresses.split_once(' ').unwrap();
            return in_the_child(crowd, closing);
        }
        // It responds once so many connections are open that the client cannot open more.
        let (crowd, _) = server_of_a_crowd(36);
        let response = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{BODY}");
        let (closing, ..) = server(Box::new(move |_, stream| responding(stream, 1, &response)));
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "descriptors::calls_wait_when_file_descriptors_run_out", "--nocapture"])
            .env("KOOPHONE_TEST_DESCRIPTORS", format!("{crowd} {closing}"))
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&child.stdout) + String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success() && output.contains("1 passed"), "{output}");
    }
}
