//! A process that may not start threads, as in a container whose `pids.max` is reached: calls fail with an ordinary
//! error, and blocking calls, which need no thread, work.
//!
//! A separate program without the test harness, which starts threads itself.

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("running 0 tests\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;");
}

#[cfg(target_os = "linux")]
fn main() {
    // `cargo test -- --list` and the like ask every test program.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    if let Ok(room) = std::env::var(linux::ROOM) {
        return linux::start_with(room.parse().unwrap());
    }
    println!("running 2 tests");
    linux::little_room_is_no_panic();
    linux::calls_fail_in_order();
    println!("test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::process::{Command, Stdio};

    use koophone::{Client, ErrorKind, binding_support, blocking};
    use koophone_emulator::{Emulator, Options};

    pub fn calls_fail_in_order() {
        let emulator = Emulator::start(Options::default()).unwrap();
        refuse_threads();

        let client = client(&emulator, emulator.endpoint());
        let ids = emulator.instance_ids();
        let error = client.query_status(&ids).start().expect_err("no thread can be started");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert!(error.message().contains("pids.max"), "{error}");
        assert!(binding_support::spawn(async {}).is_err());

        let client = blocking::Client::from(client);
        assert_eq!(client.query_status(&ids).unwrap().len(), ids.len());

        let by_name = emulator.endpoint().replace("127.0.0.1", "localhost");
        let error = blocking::Client::from(self::client(&emulator, &by_name)).query_status(&ids).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    }

    /// How many threads a copy of this program may start.
    pub const ROOM: &str = "NO_THREADS_ROOM";

    /// With room for the workers, for fewer and for none. If a worker cannot be started, tokio panics, which is visible
    /// on standard error even if caught, and then waits for ever.
    pub fn little_room_is_no_panic() {
        for room in 0..=5 {
            for _ in 0..10 {
                let mut copy = Command::new(std::env::current_exe().unwrap());
                let copy = copy.env(ROOM, room.to_string()).stdout(Stdio::null()).stderr(Stdio::piped());
                let ended = copy.output().unwrap();
                let said = String::from_utf8_lossy(&ended.stderr);
                assert!(ended.status.success() && said.is_empty(), "room for {room}: {}: {said}", ended.status);
            }
        }
    }

    pub fn start_with(room: u64) {
        // No other process has this user id, so all its threads are ours.
        let user = 3_000_000 + std::process::id();
        limit_threads(room + 1, user);
        // SAFETY: takes no pointer; ends this process should it hang.
        unsafe { libc::alarm(20) };
        match binding_support::spawn(async {}) {
            Ok(_) => assert!(room >= 1),
            Err(error) => assert_eq!((error.kind(), room), (ErrorKind::Configuration, 0), "{error}"),
        }
    }

    fn client(emulator: &Emulator, endpoint: &str) -> Client {
        let builder = Client::builder().environment(emulator.environment()).endpoint(endpoint).iam_endpoint(endpoint);
        builder.setting("proxy", "none").setting("max_attempts", "1").build().unwrap()
    }

    /// The limit does not apply to root, so root becomes `user` first.
    fn limit_threads(most: u64, user: u32) {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: plain system calls; `limit` outlives the call.
        unsafe {
            assert_eq!(libc::setrlimit(libc::RLIMIT_NPROC, &limit), 0);
            assert!(libc::geteuid() != 0 || libc::setuid(user) == 0);
        }
    }

    fn refuse_threads() {
        limit_threads(0, 65_534);
        std::thread::Builder::new().spawn(|| {}).expect_err("the limit is in force");
    }
}
