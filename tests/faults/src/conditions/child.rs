//! A call in a separate process that has few file descriptors left, because the limit applies to the process.

use std::fs::File;
use std::io;
use std::process::Command;

use koophone::{Client, Error, ErrorKind};
use koophone_emulator::Emulator;

use super::call::{Call, PhoneEnd, PhoneResults, Way};
use super::{Condition, End, id};

/// The limit of the child process.
const LIMIT: usize = 256;
/// Descriptors that are left for connections. There are more requests at the same time.
const LEFT: usize = 8;

/// Makes the condition's call in a child process, and reads what it prints about every phone.
pub fn ask(emulator: &Emulator, condition: &Condition) -> Result<PhoneResults, String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    // With a limit low enough to take all descriptors below it.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("ulimit -n {LIMIT}; exec \"$0\" \"$@\"")]).arg(program);
    command.args(["--in-child", condition.call.name(), &condition.expected.phones.len().to_string()]);
    command.env_clear().envs(emulator.environment());
    for (name, value) in &condition.setup.settings {
        command.env(format!("KOOPHONE_{}", name.to_uppercase()), value);
    }
    let output = command.output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = || format!("the child said: {text}{}", String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(said());
    }
    text.lines().map(|line| phone_end(line).ok_or_else(said)).collect::<Result<_, _>>().map(Ok)
}

fn phone_end(line: &str) -> Option<PhoneEnd> {
    let (name, ruled_out) = line.split_once(' ')?;
    let kind = ErrorKind::ALL.into_iter().find(|kind| kind.name() == name);
    Some((kind.map_or((name == "done").then_some(End::Done), |kind| Some(End::Failed(kind)))?, ruled_out == "true"))
}

/// The child: makes the call for this many phones, and prints one line for each.
pub fn run_in_child(call: &str, phones: &str) -> koophone::Result<()> {
    let call = Call::of_name(call).ok_or_else(|| Error::internal("no such call"))?;
    let phones: usize = phones.parse().map_err(|_| Error::internal("no number of phones"))?;
    let ids: Vec<String> = (0..phones).map(id).collect();
    let client = Client::from_env()?;
    let way = Way { started: true, ..Way::default() };
    // The runtime gets its descriptors before the others are taken.
    client.login().start()?.wait(None)?;
    let _taken = take_descriptors().map_err(|e| Error::internal(e.to_string()))?;
    for (end, ruled_out) in call.make(&client, &ids, "", &way)? {
        let name = match end {
            End::Done => "done",
            End::Open => "open",
            End::Failed(kind) => kind.name(),
        };
        println!("{name} {ruled_out}");
    }
    Ok(())
}

/// All descriptors of the process but a few.
fn take_descriptors() -> io::Result<Vec<File>> {
    let null = File::open("/dev/null")?;
    let mut taken = Vec::with_capacity(LIMIT);
    while let Ok(file) = null.try_clone() {
        taken.push(file);
    }
    taken.truncate(taken.len().saturating_sub(LEFT));
    Ok(taken)
}
