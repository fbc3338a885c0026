//! Runs a program and prints the CPU time, wall time and memory it used: `bench-process PROGRAM ARGUMENT...`. This is a
//! separate program because the system reports memory only for all children together, and it uses little memory itself.

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
    // SAFETY: the pointer refers to a local rusage, for which all zeros is a valid value.
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
