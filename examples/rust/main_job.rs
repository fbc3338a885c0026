//! The main job in Rust: log in, query status, set video, run a command, start one and follow it, reset, get a device
//! token. Prints one line of JSON per step; `cargo xtask demo` makes a table of them.
//!
//! ```text
//! eval "$(koophone emulator --export &)"      # or the variables of a real account
//! cargo run --example main_job -- PHONE...
//! cargo run --example main_job -- --read-only PHONE...
//! ```

use std::io::{IsTerminal, Write};
use std::time::Instant;

use koophone::{PhoneResult, PhoneResults, Progress, VideoSettings, VideoSpec, blocking::Client};

fn main() -> koophone::Result<()> {
    let (flags, phones): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let read_only = flags.iter().any(|flag| flag == "--read-only");
    // Settings and credentials come from the environment: KOOPHONE_ENDPOINT, KOOPHONE_USERNAME, ...
    let client = Client::from_env()?;

    step("log in", || client.login().map(|_| (1, 1)))?;
    step("query status", || client.query_status(&phones).map(counted))?;
    if read_only {
        return Ok(());
    }
    step("set video", || {
        let video =
            VideoSettings::uniform(VideoSpec::new(3000, 30), VideoSpec::new(5000, 30), VideoSpec::new(8000, 60));
        client.set_video_settings(&phones, video).map(counted)
    })?;
    step("run command", || client.run_command(&phones, "getprop ro.product.model").map(counted))?;
    step("start and wait", || {
        let task = client.start_command(&phones, "sleep 1")?;
        task.wait_with_progress(None, draw).map(counted)
    })?;
    step("reset and wait", || {
        let task = client.reset_instances(&phones)?;
        task.wait_with_progress(None, draw).map(counted)
    })?;
    step("device token", || {
        phones.iter().try_fold((0, 0), |(ok, all), phone| client.get_device_token(phone).map(|_| (ok + 1, all + 1)))
    })
}

/// Does a step and prints its result: phones that succeeded, phones asked, time.
fn step(name: &str, job: impl FnOnce() -> koophone::Result<(usize, usize)>) -> koophone::Result<()> {
    let start = Instant::now();
    let (ok, phones) = job()?;
    let time = start.elapsed().as_secs_f64() * 1000.0;
    println!(r#"{{"step": "{name}", "ok": {ok}, "phones": {phones}, "ms": {time:.1}}}"#);
    Ok(())
}

fn counted<T: PhoneResult>(results: Vec<T>) -> (usize, usize) {
    let ok = results.iter().filter(|result| std::slice::from_ref(*result).all_ok()).count();
    (ok, results.len())
}

/// A progress bar, if standard error is a terminal.
fn draw(progress: Progress) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let ended = progress.succeeded + progress.failed;
        let bar: String = (0..progress.total).map(|at| if at < ended { '#' } else { '.' }).collect();
        let end = if progress.running == 0 { "\n" } else { "" };
        // Failing to draw the bar must not end the program.
        let _ = write!(out, "\r[{bar}] {ended}/{}{end}", progress.total).and_then(|()| out.flush());
    }
}
