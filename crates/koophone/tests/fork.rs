//! Fork with calls in progress: parent and child continue with the same client, each with its own sockets and threads.
//!
//! A separate program without the test harness, whose threads would be lost in the child.

#[cfg(not(unix))]
fn main() {
    println!("running 0 tests\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;");
}

#[cfg(unix)]
fn main() {
    // `cargo test -- --list` and the like ask every test program.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!("running 4 tests");
    unix::idle();
    unix::a_child_forked_under_load_makes_calls();
    unix::children_of_children_make_calls();
    unix::paced();
    println!("test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;");
}

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use koophone::{Client, PhoneResults, Stats, WaitOptions};
    use koophone_emulator::{Action, Emulator, Fault, Operation, Options};

    const FORKS: usize = 25;

    fn world() -> (Emulator, Client) {
        let emulator = Emulator::start(Options { phones: 4, ..Options::default() }).unwrap();
        let client = Client::builder()
            .environment(emulator.environment())
            .setting("proxy", "none")
            .setting("timeout", "20s")
            .build()
            .unwrap();
        (emulator, client)
    }

    /// Runs `work` in a child process; returns the child's id.
    fn fork(work: impl FnOnce()) -> libc::pid_t {
        // SAFETY: the child uses only what is designed to work after a fork, as tested here; it leaves by _exit and
        // runs none of the parent's destructors.
        unsafe {
            let pid = libc::fork();
            assert!(pid >= 0, "fork failed");
            if pid == 0 {
                // A child that hangs is killed by its alarm, and the parent sees that.
                libc::alarm(30);
                let good = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_ok();
                libc::_exit(if good { 0 } else { 1 });
            }
            pid
        }
    }

    fn expect_good(what: &str, pid: libc::pid_t) {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        let waited = unsafe { libc::waitpid(pid, &mut status, 0) };
        assert_eq!(waited, pid);
        assert!(status == 0, "{what}: the child ended with status {status:#x} (14 is its alarm: it hung)");
    }

    fn all_ways(client: &Client, ids: &[String], name: &str) {
        let by_waiting = client.run_command(ids, format!("echo {name}")).wait().unwrap();
        assert!(by_waiting.all_ok() && by_waiting.iter().all(|result| result.output == name));
        let mut started = client.query_status(ids).start().unwrap();
        assert!(started.wait(None).unwrap().unwrap().all_ok());
        let task = client.start_command(ids, format!("echo task-{name}")).wait().unwrap();
        assert!(task.wait(WaitOptions::default()).wait().unwrap().all_ok());
    }

    /// Every command of `names` ran once on every phone.
    fn once_each(emulator: &Emulator, names: &[String]) {
        for id in emulator.instance_ids() {
            let mut ran: Vec<String> = emulator.journal_of(&id).into_iter().filter_map(|entry| entry.command).collect();
            ran.sort();
            let mut wanted: Vec<String> =
                names.iter().flat_map(|name| [format!("echo {name}"), format!("echo task-{name}")]).collect();
            wanted.sort();
            assert_eq!(ran, wanted);
        }
    }

    pub fn idle() {
        let (emulator, client) = world();
        let ids = emulator.instance_ids();
        all_ways(&client, &ids, "before");
        let before = client.stats();
        let child = fork(|| {
            assert_eq!(client.stats(), Stats::default(), "statistics belong to the process");
            all_ways(&client, &ids, "child");
            assert_eq!((client.stats().calls, client.stats().logins), (4, 1));
        });
        all_ways(&client, &ids, "parent");
        assert_eq!((client.stats().calls, client.stats().logins), (before.calls + 4, 1));
        expect_good("idle", child);
        once_each(&emulator, &["before", "child", "parent"].map(String::from));
        println!("test idle ... ok");
    }

    pub fn a_child_forked_under_load_makes_calls() {
        let (emulator, client) = world();
        let ids = emulator.instance_ids();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        assert!(client.query_status(&ids).wait().unwrap().all_ok());
                        assert!(client.query_status(&ids).start().unwrap().wait(None).unwrap().unwrap().all_ok());
                    }
                });
            }
            let children: Vec<_> = (0..FORKS)
                .map(|number| {
                    std::thread::sleep(Duration::from_millis(number as u64 % 7));
                    fork(|| all_ways(&client, &ids, &format!("child-{number}")))
                })
                .collect();
            children.into_iter().for_each(|child| expect_good("under load", child));
            stop.store(true, Ordering::Relaxed);
        });
        once_each(&emulator, &(0..FORKS).map(|number| format!("child-{number}")).collect::<Vec<_>>());
        println!("test a_child_forked_under_load_makes_calls ... ok");
    }

    pub fn children_of_children_make_calls() {
        let (emulator, client) = world();
        let ids = emulator.instance_ids();
        all_ways(&client, &ids, "parent");
        let child = fork(|| {
            all_ways(&client, &ids, "child");
            let grandchild = fork(|| all_ways(&client, &ids, "grandchild"));
            expect_good("grandchild", grandchild);
        });
        expect_good("child", child);
        once_each(&emulator, &["parent", "child", "grandchild"].map(String::from));
        println!("test children_of_children_make_calls ... ok");
    }

    /// Children that are forked while other threads look up the pace of the operation.
    pub fn paced() {
        let (emulator, client) = world();
        let ids = emulator.instance_ids();
        let limit_text = Some("limit:100000,time:1 second".to_owned());
        let throttle = Action::Throttle { retry_after: Some(0), limit_text, status: 429 };
        emulator.add_fault(Fault::new(Operation::QueryStatus, throttle)).unwrap();
        client.query_status(&ids).wait().unwrap();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        client.query_status(&ids).wait().unwrap();
                    }
                });
            }
            let children: Vec<_> =
                (0..FORKS).map(|_| fork(|| drop(client.query_status(&ids).wait().unwrap()))).collect();
            children.into_iter().for_each(|child| expect_good("paced", child));
            stop.store(true, Ordering::Relaxed);
        });
        println!("test paced ... ok");
    }
}
