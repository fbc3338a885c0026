//! The emulator agrees with a real shell: the commands of verbs that read are run by mksh and toybox, which Android
//! uses, on the same files under the same names.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use koophone::PageOptions;
use koophone::blocking::Client;
use koophone_emulator::Emulator;

/// The programs that the commands of the verbs call.
const PROGRAMS: [&str; 5] = ["ls", "rm", "sha256sum", "wc", "xxd"];

/// A directory with the programs and the files.
struct Real {
    shell: PathBuf,
    directory: PathBuf,
}

impl Real {
    /// None if the machine has no such shell.
    fn new() -> Option<Self> {
        let found = |program: &str| {
            let path = std::env::var_os("PATH")?;
            std::env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
        };
        let (Some(shell), Some(toybox)) = (found("mksh"), found("toybox")) else { return None };
        let directory = std::env::temp_dir().join(format!("koophone-real-shell-{}", std::process::id()));
        fs::create_dir_all(directory.join("bin")).unwrap();
        for program in PROGRAMS {
            symlink(&toybox, directory.join("bin").join(program)).unwrap();
        }
        Some(Self { shell, directory })
    }

    fn path(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, command: &str) -> Output {
        let mut shell = Command::new(&self.shell);
        shell.args(["-c", command]).env_clear().env("PATH", Path::new(&self.directory).join("bin"));
        shell.output().unwrap()
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

#[test]
fn the_emulator_prints_what_androids_own_tools_print() {
    let Some(real) = Real::new() else {
        // In CI, `.ci/run` installs them.
        eprintln!("skipped: mksh or toybox is missing (apt-get install mksh toybox)");
        assert!(std::env::var_os("CI").is_none(), "CI has them");
        return;
    };
    let emulator = Emulator::builder().phones(1).start().unwrap();
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    let client = builder.build_blocking().unwrap();
    let ids = emulator.instance_ids();
    let mut random = vec![0; 3000];
    getrandom::fill(&mut random).unwrap();
    let [bytes, empty, none] = ["random.bin", "empty", "none"].map(|name| real.path(name));
    for (path, content) in [(&bytes, &random[..]), (&empty, &[][..])] {
        fs::write(path, content).unwrap();
        assert!(emulator.write_file(&ids[0], path, content));
    }
    let phone = client.phone(&ids[0]);
    assert_eq!(phone.read_file(&bytes, PageOptions::new()).unwrap().bytes, random);
    phone.read_file(&empty, PageOptions::new()).unwrap();
    phone.read_file(&none, PageOptions::new()).unwrap_err();
    let journal = emulator.journal_of(&ids[0]);
    let mut commands: Vec<String> = journal.into_iter().filter_map(|entry| entry.command).collect();
    assert_eq!(commands.iter().filter(|command| command.starts_with("xxd")).count(), 7);
    commands.extend([
        format!("sha256sum {none}"),
        format!("xxd -p -s 0 -l 495 {none}"),
        format!("xxd -p -s 3000 -l 495 {bytes}"),
        format!("xxd -p -s 2971 -l 495 {bytes}"),
        format!("xxd -p -s x -l 495 {bytes}"),
        format!("xxd -p {}", real.path("")),
        format!("ls {bytes} {empty}"),
        format!("ls {none}"),
        format!("rm -f {none}"),
        format!("rm {none}"),
        "nosuchprogram".to_owned(),
    ]);
    let mut digits = String::new();
    for command in commands {
        let response = client.run_command([&ids[0]], &command).unwrap().remove(0);
        let Output { status, stdout, stderr } = real.run(&command);
        let printed = String::from_utf8([stdout, stderr].concat()).unwrap();
        // The emulated shell has Android's path.
        let printed = printed.replace(&format!("E: {}: ", real.shell.display()), "/system/bin/sh: ");
        assert_eq!(response.output, printed.strip_suffix('\n').unwrap_or(&printed), "{command}");
        assert_eq!(response.error.is_none(), status.success(), "{command}");
        assert!(printed.len() <= 1024, "{command} prints {} bytes", printed.len());
        if command.contains("-l 495") && command.ends_with(&bytes) && digits.len() < 6000 {
            digits.extend(printed.split_whitespace());
        }
    }
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digits, hex, "3,000 bytes in seven pages of the real tools");
}
