//! A process that may not start threads, as in a container whose `pids.max` is reached: calls fail with an ordinary error,
//! and blocking calls, which need no thread, work.
//!
//! A program of its own, without the test harness, which starts threads itself.

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
    println!("running 1 test");
    linux::calls_fail_in_order();
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;");
}

#[cfg(target_os = "linux")]
mod linux {
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

    fn client(emulator: &Emulator, endpoint: &str) -> Client {
        let builder = Client::builder().environment(emulator.environment()).endpoint(endpoint).iam_endpoint(endpoint);
        builder.setting("proxy", "none").setting("max_attempts", "1").build().unwrap()
    }

    /// The limit does not count for root, who becomes somebody else first.
    fn refuse_threads() {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: plain system calls; `none` outlives the call.
        unsafe {
            assert_eq!(libc::setrlimit(libc::RLIMIT_NPROC, &none), 0);
            assert!(libc::geteuid() != 0 || libc::setuid(65_534) == 0);
        }
        std::thread::Builder::new().spawn(|| {}).expect_err("the limit is in force");
    }
}
