//! Runs a program and says what it cost from start to end: `bench-process PROGRAM ARGUMENT...`. A process of its own,
//! because the memory of a child is only known as that of all children, and because its own memory is small.

use std::process::{Command, Stdio};
use std::time::Instant;

use koophone_bench::measure::cpu_of;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [program, arguments @ ..] = words.as_slice() else {
        eprintln!("usage: bench-process PROGRAM ARGUMENT...");
        std::process::exit(2)
    };
    let start = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status().expect("a program to run");
    let wall = start.elapsed();
    if !status.success() {
        eprintln!("{program} ended with {status}");
        std::process::exit(1)
    }
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a rusage of ours, and all-zero is one.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        usage.assume_init()
    };
    let cpu = cpu_of(libc::RUSAGE_CHILDREN).as_micros() as u64;
    let line = serde_json::json!({
        "cpu_us": cpu,
        "wall_us": wall.as_secs_f64() * 1e6,
        "calls_per_s": 1.0 / wall.as_secs_f64(),
        "rss_kb": usage.ru_maxrss,
    });
    println!("{line}");
}
