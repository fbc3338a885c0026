//! A long run: 100 phones, 1,000 commands each, 64 in flight, one request in twenty hit by a fault, tokens that expire
//! after 5 s.
//!
//! The emulator runs in a separate process (this program with `--serve`), so that only the client is measured. At the
//! end the journals must match the results, and neither memory nor the number of threads may have grown.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use koophone::{Client, CommandResult, ErrorKind, JobState};
use koophone_emulator::{Action, CutWhen, Emulator, Fault, JournalKind, Operation, Options};
use serde_json::json;

/// A long run against an emulator in another process.
#[derive(Parser)]
struct Arguments {
    /// Number of phones.
    #[arg(long, default_value_t = 100)]
    phones: usize,
    /// Commands per phone.
    #[arg(long, default_value_t = 1000)]
    commands: usize,
    /// Concurrent calls.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// Run as the emulator: print endpoint and phones, then the journal when standard input closes.
    #[arg(long)]
    serve: bool,
}

/// One request in this many is hit by a fault.
const ONE_IN: usize = 20;
const TOKEN_LIFETIME_SECONDS: u64 = 5;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if arguments.serve { serve(&arguments) } else { soak(&arguments) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("FAILED: {why}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &Arguments) -> Result<(), String> {
    let options =
        Options { phones: arguments.phones, token_lifetime_seconds: TOKEN_LIFETIME_SECONDS, ..Options::default() };
    let emulator = Emulator::start(options).map_err(|e| e.to_string())?;
    let faults = (0..arguments.phones * arguments.commands / ONE_IN).map(|number| {
        // Spread the faults so that they do not line up with batches or workers.
        let after = number * ONE_IN + number * 7 % ONE_IN;
        Fault::new(Operation::RunCommand, fault_action(number)).after(after as u32)
    });
    emulator.add_faults(faults).map_err(|e| e.to_string())?;
    println!("{}", json!([emulator.environment(), emulator.instance_ids()]));
    std::io::stdin().read_to_end(&mut Vec::new()).map_err(|e| e.to_string())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for entry in emulator.journal().into_iter().filter(|entry| entry.kind == JournalKind::Command) {
        writeln!(out, "{}\t{}", entry.instance_id, entry.command.unwrap_or_default()).map_err(|e| e.to_string())?;
    }
    let of = |operation| emulator.requests().iter().filter(|request| request.operation == operation).count();
    writeln!(
        out,
        "#\t{}\t{}\t{}",
        of(Operation::RunCommand),
        of(Operation::CreateToken),
        emulator.pending_faults().len()
    )
    .map_err(|e| e.to_string())
}

fn fault_action(number: usize) -> Action {
    let reply = |status, executed| Action::Response {
        status,
        executed,
        body: serde_json::Value::Null,
        headers: serde_json::Map::new(),
    };
    match number % 10 {
        0 => Action::Throttle { retry_after: Some(0), limit_text: None, status: 429 },
        1 => Action::Cut { when: CutWhen::BeforeExecution },
        2 => Action::Cut { when: CutWhen::AfterExecution },
        3 => Action::Cut { when: CutWhen::MidResponse },
        4 => reply(503, false),
        5 => reply(500, true),
        6 => Action::Html { status: 502, executed: false },
        7 => Action::Delay { milliseconds: 100 },
        8 => reply(401, false),
        _ => Action::Html { status: 502, executed: true },
    }
}

/// The outcome of a command.
mod outcome {
    pub const DONE: u8 = 1;
    pub const UNKNOWN: u8 = 2;
    pub const NOT_DONE: u8 = 3;
    pub const WRONG: u8 = 4;
}

fn soak(arguments: &Arguments) -> Result<(), String> {
    let this = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut command = Command::new(this);
    command.args(["--serve", "--phones", &arguments.phones.to_string(), "--commands", &arguments.commands.to_string()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
    let mut said = BufReader::new(child.stdout.take().ok_or("no output")?).lines().map_while(Result::ok);
    let first = said.next().ok_or("the emulator did not start")?;
    let (environment, ids): (Vec<(String, String)>, Vec<String>) =
        serde_json::from_str(&first).map_err(|e| e.to_string())?;
    let client = Client::builder().environment(environment).setting("proxy", "none").build();
    let client = client.map_err(|e| e.to_string())?;

    let total = ids.len() * arguments.commands;
    let outcomes: Vec<AtomicU8> = (0..total).map(|_| AtomicU8::new(0)).collect();
    let next = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let begin = Instant::now();
    let samples = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..arguments.in_flight)
            .map(|worker| {
                let (client, ids, outcomes, next) = (&client, &ids, &outcomes, &next);
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(outcome) = outcomes.get(number) else { return };
                        let text = format!("{number}");
                        let call = client.run_command([&ids[number % ids.len()]], format!("echo {text}"));
                        // Cover both ways to wait: on the calling thread, and on the shared runtime.
                        let result = match worker % 2 {
                            0 => call.wait(),
                            _ => call.start().and_then(|mut started| started.wait(None)).map(Option::unwrap_or_default),
                        };
                        outcome.store(outcome_of(result, &text), Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let (over, next) = (&over, &next);
        let sampler = scope.spawn(move || {
            let mut samples = Vec::new();
            while !over.load(Ordering::Relaxed) {
                samples.push((next.load(Ordering::Relaxed), memory_and_threads()));
                std::thread::sleep(Duration::from_millis(200));
            }
            samples
        });
        workers.into_iter().for_each(|worker| drop(worker.join()));
        over.store(true, Ordering::Relaxed);
        sampler.join().unwrap_or_default()
    });
    let took = begin.elapsed();

    drop(child.stdin.take());
    let mut ran: HashMap<(String, String), usize> = HashMap::with_capacity(total);
    let mut numbers = String::new();
    for line in said {
        match line.split_once('\t') {
            Some(("#", rest)) => numbers = rest.replace('\t', " "),
            Some((id, command)) => *ran.entry((id.to_owned(), command.to_owned())).or_default() += 1,
            None => return Err(format!("unexpected line from the emulator: {line}")),
        }
    }
    // The emulator exits once its standard input is closed.
    child.wait().map_err(|e| e.to_string())?;
    let problems = compare(&outcomes, &ids, &ran);
    let count = |wanted: u8| outcomes.iter().filter(|outcome| outcome.load(Ordering::Relaxed) == wanted).count();
    println!("{total} commands on {} phones in {took:.1?}, {} in flight", ids.len(), arguments.in_flight);
    println!("  {:.0} commands a second", total as f64 / took.as_secs_f64());
    println!(
        "  done {}, outcome unknown {}, not done {}",
        count(outcome::DONE),
        count(outcome::UNKNOWN),
        count(outcome::NOT_DONE)
    );
    println!("  emulator: requests, logins, faults left: {numbers}");
    println!("  commands that ran, by its journal: {}", ran.values().sum::<usize>());
    let growth = growth(&samples, total);
    growth.print();
    if let Some(problem) = problems.first() {
        return Err(format!("{} commands differ from the journal; the first: {problem}", problems.len()));
    }
    growth.check()
}

fn outcome_of(result: koophone::Result<Vec<CommandResult>>, text: &str) -> u8 {
    let result = result.map(|results| results.into_iter().next());
    match result {
        Ok(Some(result)) if result.state == JobState::Succeeded && result.output == text => outcome::DONE,
        Ok(_) => outcome::WRONG,
        Err(error) if error.kind() == ErrorKind::OutcomeUnknown => outcome::UNKNOWN,
        Err(_) => outcome::NOT_DONE,
    }
}

fn compare(outcomes: &[AtomicU8], ids: &[String], ran: &HashMap<(String, String), usize>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, outcome) in outcomes.iter().enumerate() {
        let id = &ids[number % ids.len()];
        let times = ran.get(&(id.clone(), format!("echo {number}"))).copied().unwrap_or_default();
        let fits = match outcome.load(Ordering::Relaxed) {
            outcome::DONE => times == 1,
            outcome::UNKNOWN => times <= 1,
            outcome::NOT_DONE => times == 0,
            _ => false,
        };
        if !fits {
            problems.push(format!("command {number} ran {times} times, and its outcome is {outcome:?}"));
        }
    }
    problems
}

/// Peak memory (KiB) and peak number of threads, in the second and in the last fifth of the run.
struct Growth {
    early: (u64, u64),
    late: (u64, u64),
}

fn growth(samples: &[(usize, (u64, u64))], total: usize) -> Growth {
    let fifth = |number: usize| {
        let of_fifth = samples.iter().filter(|(done, _)| done * 5 / (total + 1) == number).map(|(_, sample)| *sample);
        of_fifth.fold((0, 0), |most, sample| (most.0.max(sample.0), most.1.max(sample.1)))
    };
    Growth { early: fifth(1), late: fifth(4) }
}

impl Growth {
    fn print(&self) {
        let (early, late) = (self.early, self.late);
        println!("  memory in the second fifth {} KiB, in the last {} KiB", early.0, late.0);
        println!("  threads in the second fifth {}, in the last {}", early.1, late.1);
    }

    fn check(&self) -> Result<(), String> {
        if self.early == (0, 0) {
            return Err("memory and threads could not be read; this needs Linux".into());
        }
        if self.late.0 > self.early.0 + self.early.0 / 10 + 2048 {
            return Err("memory grew".into());
        }
        if self.late.1 > self.early.1 { Err("threads grew".into()) } else { Ok(()) }
    }
}

fn memory_and_threads() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    (number("VmRSS:").unwrap_or(0), number("Threads:").unwrap_or(0))
}
