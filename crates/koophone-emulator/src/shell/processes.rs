//! Commands about processes, the user and the machine.

use crate::clock;
use crate::shell::Shell;
use crate::shell::output::Output;

impl Shell<'_> {
    pub(super) fn call_processes(&mut self, name: &str, arguments: &[String]) -> Option<Output> {
        Some(match name {
            "id" => Output::text("uid=0(root) gid=0(root) groups=0(root) context=u:r:su:s0\n"),
            "whoami" => Output::text("root\n"),
            "uname" => uname(arguments),
            "uptime" => {
                Output::text(format!("{} up 1 day,  0 users,  load average: 0.10, 0.10, 0.10\n", self.date("%H:%M:%S")))
            }
            "date" => self.date_command(arguments),
            "ps" => self.ps(arguments),
            "pidof" => self.pidof(arguments),
            "kill" => self.kill(arguments),
            _ => return None,
        })
    }

    fn date(&self, pattern: &str) -> String {
        clock::format(self.now_ms(), pattern)
    }

    fn date_command(&self, arguments: &[String]) -> Output {
        let pattern = arguments.iter().find_map(|argument| argument.strip_prefix('+'));
        Output::text(format!("{}\n", self.date(pattern.unwrap_or("%a %b %e %H:%M:%S UTC %Y"))))
    }

    fn ps(&self, arguments: &[String]) -> Output {
        // Without -A toybox shows only the caller's own processes: the shell and ps.
        let all = arguments.iter().any(|argument| matches!(argument.as_str(), "-A" | "-e" | "-ef" | "-Af"));
        let mut output = Output::text("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME\n");
        let mut line = |user: &str, pid: u32, name: &str| {
            output.out(format!("{user:<12} {pid:>5}     1 1283456  91234 0                   0 S {name}\n"));
        };
        if all {
            for process in self.phone.data.processes.iter() {
                line(&process.user, process.pid, &process.name);
            }
        }
        line("root", 998, "sh");
        line("root", 999, "ps");
        output
    }

    fn pidof(&self, arguments: &[String]) -> Output {
        let pids: Vec<String> = self
            .phone
            .data
            .processes
            .iter()
            .filter(|process| arguments.contains(&process.name))
            .map(|process| process.pid.to_string())
            .collect();
        if pids.is_empty() { Output::status(1) } else { Output::text(format!("{}\n", pids.join(" "))) }
    }

    fn kill(&mut self, arguments: &[String]) -> Output {
        let pids: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
        if pids.is_empty() {
            return Output::error(1, "usage: kill [-s signame | -signum | -signame] { job | pid | pgrp } ...\n");
        }
        let (mut output, now) = (Output::default(), self.now_ms());
        for text in pids {
            let Ok(pid) = text.parse::<u32>() else {
                output.err(format!("/system/bin/sh: kill: {text}: arguments must be jobs or process IDs\n"));
                output.status = 1;
                continue;
            };
            if self.phone.data.end_processes(|process| process.pid == pid) {
                self.phone.data.event(now, "kill", std::slice::from_ref(text));
            } else {
                output.err(format!("/system/bin/sh: kill: {pid}: No such process\n"));
                output.status = 1;
            }
        }
        output
    }
}

fn uname(arguments: &[String]) -> Output {
    let parts =
        [('s', "Linux"), ('n', "localhost"), ('r', "4.19.36-emulator"), ('v', "#1 SMP PREEMPT"), ('m', "aarch64")];
    let options: String = arguments.iter().filter_map(|argument| argument.strip_prefix('-')).collect();
    let wanted = |letter: char| {
        if options.is_empty() { letter == 's' } else { options.contains(letter) || options.contains('a') }
    };
    let words: Vec<&str> = parts.iter().filter(|(letter, _)| wanted(*letter)).map(|(_, word)| *word).collect();
    Output::text(format!("{}\n", words.join(" ")))
}
