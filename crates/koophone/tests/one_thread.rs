//! A face may request one thread instead of two. Alone in its program, because the choice applies to the process.

use koophone::{Client, binding_support};
use koophone_emulator::Emulator;

/// The number of threads with the name of the runtime's threads.
#[cfg(target_os = "linux")]
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "koophone").count()
}

#[test]
fn one_thread_makes_all_started_calls() {
    binding_support::use_one_thread();
    let emulator = Emulator::builder().phones(4).start().unwrap();
    let client = Client::builder().environment(emulator.environment()).build().unwrap();
    let calls: Vec<_> =
        (0..64).map(|n| client.run_command(emulator.instance_ids(), format!("echo {n}")).start().unwrap()).collect();
    for (n, mut call) in calls.into_iter().enumerate() {
        let results = call.wait(None).unwrap().unwrap();
        assert!(results.iter().all(|result| result.output == n.to_string()));
    }
    #[cfg(target_os = "linux")]
    assert_eq!(threads(), 1);
}
