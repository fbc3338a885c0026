//! The emulator agrees with a real shell: the commands of verbs that read are run by mksh and toybox, which Android
//! uses, in a root directory of their own, where files have the same paths as on a phone.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use koophone::PageOptions;
use koophone::blocking::Client;
use koophone_emulator::Emulator;

/// The programs that the commands of the verbs call.
const PROGRAMS: [&str; 5] = ["ls", "rm", "sha256sum", "wc", "xxd"];

/// A root directory with the programs and the files.
struct Real {
    root: PathBuf,
    /// What enters it: `chroot`, for which one must be root, or the same in a namespace where one is.
    enter: &'static [&'static str],
}

impl Real {
    /// The error says what the machine lacks.
    fn new() -> Result<Self, String> {
        let found = |program: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let file =
                std::env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file());
            file.ok_or_else(|| format!("{program} is missing (apt-get install mksh toybox)"))
        };
        let (shell, toybox) = (found("mksh")?, found("toybox")?);
        let root = std::env::temp_dir().join(format!("koophone-real-shell-{}", std::process::id()));
        let mut real = Self { root, enter: &[] };
        fs::create_dir_all(real.at("/system/bin")).unwrap();
        fs::create_dir_all(real.at("/sdcard")).unwrap();
        real.copy(&shell, "/system/bin/sh");
        real.copy(&toybox, "/system/bin/toybox");
        for program in PROGRAMS {
            symlink("toybox", real.at(&format!("/system/bin/{program}"))).unwrap();
        }
        for library in libraries(&shell).into_iter().chain(libraries(&toybox)) {
            real.copy(Path::new(&library), &library);
        }
        for enter in [&["chroot"][..], &["unshare", "--map-root-user", "chroot"]] {
            real.enter = enter;
            if real.run("true").is_ok_and(|output| output.status.success()) {
                return Ok(real);
            }
        }
        Err("neither chroot nor unshare may make a root directory".to_owned())
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn copy(&self, from: &Path, to: &str) {
        let to = self.at(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }

    fn run(&self, command: &str) -> std::io::Result<Output> {
        let mut shell = Command::new(self.enter[0]);
        shell.args(&self.enter[1..]).arg(&self.root).args(["/system/bin/sh", "-c", command]);
        let path = std::env::var_os("PATH").unwrap_or_default();
        shell.env_clear().env("PATH", format!("/system/bin:{}", path.to_string_lossy()));
        shell.output()
    }
}

/// The libraries that a program is linked with, by their paths.
fn libraries(program: &Path) -> Vec<String> {
    let output = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().filter(|word| word.starts_with('/')).map(str::to_owned).collect()
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

#[test]
fn the_emulator_prints_what_androids_own_tools_print() {
    let real = match Real::new() {
        Ok(real) => real,
        Err(missing) => {
            // In CI, `.ci/run` installs what it needs.
            eprintln!("skipped: {missing}");
            assert!(std::env::var_os("CI").is_none(), "{missing}");
            return;
        }
    };
    let emulator = Emulator::builder().phones(1).start().unwrap();
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    let client = builder.build_blocking().unwrap();
    let ids = emulator.instance_ids();
    let mut random = vec![0; 3000];
    getrandom::fill(&mut random).unwrap();
    let [bytes, empty, none] = ["/sdcard/random.bin", "/sdcard/empty", "/sdcard/none"];
    for (path, content) in [(bytes, &random[..]), (empty, &[][..])] {
        fs::write(real.at(path), content).unwrap();
        assert!(emulator.write_file(&ids[0], path, content));
    }
    let phone = client.phone(&ids[0]);
    assert_eq!(phone.read_file(bytes, PageOptions::new()).unwrap().bytes, random);
    phone.read_file(empty, PageOptions::new()).unwrap();
    phone.read_file(none, PageOptions::new()).unwrap_err();
    let journal = emulator.journal_of(&ids[0]);
    let mut commands: Vec<String> = journal.into_iter().filter_map(|entry| entry.command).collect();
    assert_eq!(commands.iter().filter(|command| command.starts_with("xxd")).count(), 7);
    commands.extend([
        format!("sha256sum {none}"),
        format!("xxd -p -s 0 -l 495 {none}"),
        format!("xxd -p -s 3000 -l 495 {bytes}"),
        format!("xxd -p -s 2971 -l 495 {bytes}"),
        format!("xxd -p -s x -l 495 {bytes}"),
        "xxd -p /sdcard".to_owned(),
        format!("ls {bytes} {empty}"),
        format!("ls {none}"),
        format!("rm -f {none}"),
        format!("rm {none}"),
        "nosuchprogram".to_owned(),
    ]);
    let mut digits = String::new();
    for command in commands {
        let response = client.run_command([&ids[0]], &command).unwrap().remove(0);
        let Output { status, stdout, stderr } = real.run(&command).unwrap();
        let printed = String::from_utf8([stdout, stderr].concat()).unwrap();
        // Debian marks the errors of its mksh.
        let printed = printed.replace("E: /system/bin/sh: ", "/system/bin/sh: ");
        assert_eq!(response.output, printed.strip_suffix('\n').unwrap_or(&printed), "{command}");
        assert_eq!(response.error.is_none(), status.success(), "{command}");
        assert!(printed.len() <= 1024, "{command} prints {} bytes", printed.len());
        if command.contains("-l 495") && command.ends_with(bytes) && digits.len() < 6000 {
            digits.extend(printed.split_whitespace());
        }
    }
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digits, hex, "3,000 bytes in seven pages of the real tools");
}
