//! Commands about files, with the messages of toybox.

use std::sync::Arc;

use crate::clock;
use crate::phone::files::{FileError, Node, name, parent};
use crate::shell::Shell;
use crate::shell::output::Output;

/// Options (`-l`, `-al`) and the other arguments. `--` ends the options.
pub(super) fn split_options(arguments: &[String]) -> (Vec<char>, Vec<&str>) {
    let (mut options, mut others, mut ended) = (Vec::new(), Vec::new(), false);
    for argument in arguments {
        if !ended && argument == "--" {
            ended = true;
        } else if !ended && argument.len() > 1 && argument.starts_with('-') {
            options.extend(argument[1..].chars());
        } else {
            others.push(argument.as_str());
        }
    }
    (options, others)
}

impl Shell<'_> {
    pub(super) fn call_files(&mut self, name: &str, arguments: &[String], input: &[u8]) -> Option<Output> {
        let (options, paths) = split_options(arguments);
        let needs_path = matches!(name, "mkdir" | "rm" | "rmdir" | "touch");
        if needs_path && paths.is_empty() && !options.contains(&'f') {
            return Some(Output::error(1, format!("{name}: Needs 1 argument (see \"{name} --help\")\n")));
        }
        Some(match name {
            "ls" => self.ls(&options, &paths),
            "cat" => self.cat(&paths, input),
            "mkdir" => {
                self.for_each("mkdir", &paths, "cannot create directory", |shell, path| shell.mkdir(path, &options))
            }
            "rmdir" => self.for_each("rmdir", &paths, "", Self::rmdir),
            "rm" => self.rm(&paths, &options),
            "touch" => self.for_each("touch", &paths, "", Self::touch),
            "cp" | "mv" => {
                self.copy_or_move(name, &paths, options.iter().any(|option| matches!(option, 'r' | 'R' | 'a')))
            }
            "df" => self.df(),
            _ => return None,
        })
    }

    /// Does one thing to every path and reports those that failed.
    fn for_each(
        &mut self,
        command: &str,
        paths: &[&str],
        what: &str,
        mut action: impl FnMut(&mut Self, &str) -> Result<(), FileError>,
    ) -> Output {
        let mut output = Output::default();
        for path in paths {
            let full = self.path(path);
            if let Err(problem) = action(self, &full) {
                let message = if what.is_empty() {
                    format!("{command}: '{path}': {problem}\n")
                } else {
                    format!("{command}: {what} '{path}': {problem}\n")
                };
                output.err(message);
                output.status = 1;
            }
        }
        output
    }

    fn ls(&self, options: &[char], paths: &[&str]) -> Output {
        // Errors first, then files, then directories: toybox looks at all arguments before it lists any.
        let (mut output, mut files) = (Output::default(), String::new());
        let mut paths = if paths.is_empty() { vec!["."] } else { paths.to_vec() };
        paths.sort_unstable();
        let mut directories = Vec::new();
        for path in &paths {
            let full = self.path(path);
            match self.phone.data.files.get(&full) {
                None => {
                    let problem = self.phone.data.files.read(&full).err().unwrap_or(FileError::NotFound);
                    output.err(format!("ls: {path}: {problem}\n"));
                    output.status = 1;
                }
                Some(node) if node.is_directory() && !options.contains(&'d') => directories.push((*path, full)),
                Some(node) => files.push_str(&entry(path, node, options)),
            }
        }
        output.out(&files);
        let several = paths.len() > 1;
        for (number, (path, full)) in directories.iter().enumerate() {
            if several {
                output.out(format!("{}{path}:\n", if number > 0 || !files.is_empty() { "\n" } else { "" }));
            }
            output.out(self.listing(full, options));
            if output.is_full() {
                break;
            }
        }
        output
    }

    fn listing(&self, directory: &str, options: &[char]) -> String {
        let files = &self.phone.data.files;
        let all = options.contains(&'a');
        let shown: Vec<(&str, &Node)> = files
            .children(directory)
            .filter(|(name, _)| all || options.contains(&'A') || !name.starts_with('.'))
            .collect();
        let mut text = String::new();
        if options.contains(&'l') {
            let blocks: usize = shown.iter().map(|(_, node)| node.size().div_ceil(4096) * 4).sum();
            text.push_str(&format!("total {blocks}\n"));
        }
        if all {
            for (dots, path) in [(".", directory), ("..", parent(directory))] {
                if let Some(node) = files.get(path) {
                    text.push_str(&entry(dots, node, options));
                }
            }
        }
        text.extend(shown.iter().map(|(name, node)| entry(name, node, options)));
        text
    }

    fn cat(&self, paths: &[&str], input: &[u8]) -> Output {
        if paths.is_empty() {
            return Output::text(input);
        }
        let mut output = Output::default();
        for path in paths {
            if *path == "-" {
                output.out(input);
                continue;
            }
            match self.phone.data.files.read(&self.path(path)) {
                Ok(content) => output.out(content),
                Err(problem) => {
                    output.err(format!("cat: {path}: {problem}\n"));
                    output.status = 1;
                }
            }
        }
        output
    }

    fn mkdir(&mut self, path: &str, options: &[char]) -> Result<(), FileError> {
        let now = self.now_ms();
        let files = Arc::make_mut(&mut self.phone.data.files);
        if options.contains(&'p') { files.make_directories(path, now) } else { files.make_directory(path, now) }
    }

    fn rmdir(&mut self, path: &str) -> Result<(), FileError> {
        let files = &mut self.phone.data.files;
        match files.get(path) {
            Some(node) if !node.is_directory() => Err(FileError::NotADirectory),
            Some(_) if files.children(path).next().is_some() => Err(FileError::NotEmpty),
            _ => Arc::make_mut(files).remove(path),
        }
    }

    fn rm(&mut self, paths: &[&str], options: &[char]) -> Output {
        let recursive = options.iter().any(|option| matches!(option, 'r' | 'R'));
        let force = options.contains(&'f');
        let mut output = Output::default();
        for path in paths {
            let full = self.path(path);
            let is_directory = self.phone.data.files.get(&full).is_some_and(Node::is_directory);
            let result = if is_directory && !recursive {
                Err(FileError::IsADirectory)
            } else {
                Arc::make_mut(&mut self.phone.data.files).remove(&full)
            };
            match result {
                Err(FileError::NotFound | FileError::NotADirectory) if force => {}
                Err(problem) => {
                    output.err(format!("rm: {path}: {problem}\n"));
                    output.status = 1;
                }
                Ok(()) => {}
            }
        }
        output
    }

    fn touch(&mut self, path: &str) -> Result<(), FileError> {
        let now = self.now_ms();
        match self.phone.data.files.get(path) {
            Some(node) if node.is_directory() => Ok(()),
            _ => Arc::make_mut(&mut self.phone.data.files).write(path, b"", true, now),
        }
    }

    fn copy_or_move(&mut self, command: &str, paths: &[&str], recursive: bool) -> Output {
        let [sources @ .., target] = paths else {
            return Output::error(1, format!("{command}: Needs 2 arguments (see \"{command} --help\")\n"));
        };
        if sources.is_empty() {
            return Output::error(1, format!("{command}: Needs 2 arguments (see \"{command} --help\")\n"));
        }
        let target_path = self.path(target);
        let into = self.phone.data.files.get(&target_path).is_some_and(Node::is_directory);
        if sources.len() > 1 && !into {
            return Output::error(1, format!("{command}: '{target}' not directory\n"));
        }
        let mut output = Output::default();
        for source in sources {
            let from = self.path(source);
            let to = if into {
                format!("{}/{}", target_path.trim_end_matches('/'), name(&from))
            } else {
                target_path.clone()
            };
            let is_directory = self.phone.data.files.get(&from).is_some_and(Node::is_directory);
            if command == "cp" && is_directory && !recursive {
                output.err(format!("cp: Skipped dir '{source}'\n"));
                output.status = 1;
            } else if let Err(problem) = self.copy_tree(&from, &to, command == "mv") {
                output.err(format!("{command}: bad '{source}': {problem}\n"));
                output.status = 1;
            }
        }
        output
    }

    fn copy_tree(&mut self, from: &str, to: &str, remove: bool) -> Result<(), FileError> {
        if from == to || to.starts_with(&format!("{}/", from.trim_end_matches('/'))) {
            return Err(FileError::Exists);
        }
        let now = self.now_ms();
        let files = Arc::make_mut(&mut self.phone.data.files);
        for (path, node) in files.tree(from)? {
            let place = format!("{to}{}", &path[from.len()..]);
            match node.content {
                Some(content) => files.write(&place, &content, false, now)?,
                None => files.make_directories(&place, now)?,
            }
        }
        if remove { files.remove(from) } else { Ok(()) }
    }

    fn df(&self) -> Output {
        let used = self.phone.data.files.used().div_ceil(1024) + 1_048_576;
        let total = 33_554_432;
        Output::text(format!(
            "Filesystem      1K-blocks     Used Available Use% Mounted on\n\
             /dev/block/vda   {total:>8} {used:>8}  {free:>8}   {percent}% /data\n\
             tmpfs             2023070      512   2022558   1% /dev\n",
            free = total - used,
            percent = used * 100 / total,
        ))
    }
}

/// One line of `ls`.
fn entry(name: &str, node: &Node, options: &[char]) -> String {
    if !options.contains(&'l') {
        return format!("{name}\n");
    }
    let (mode, links) = if node.is_directory() { ("drwxr-xr-x", 2) } else { ("-rw-r--r--", 1) };
    let time = clock::format(node.modified_ms, "%Y-%m-%d %H:%M");
    format!("{mode} {links} root root {:>7} {time} {name}\n", node.size())
}
