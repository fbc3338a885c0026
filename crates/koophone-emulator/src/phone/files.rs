//! A phone's file system: a map from absolute paths to nodes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Maximum number of bytes of file content on one phone, in addition to its factory image.
const CAPACITY: usize = 4 * 1024 * 1024;

/// Maximum number of files and directories on one phone.
const MOST_NODES: usize = 10_000;

/// Maximum length of a path.
const LONGEST_PATH: usize = 4095;

/// Directories in which nothing can be written.
const READ_ONLY: [&str; 5] = ["/system", "/vendor", "/proc", "/sys", "/product"];

/// A file or a directory.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// None for a directory.
    pub(crate) content: Option<Arc<Vec<u8>>>,
    pub(crate) modified_ms: i64,
}

impl Node {
    pub(crate) fn is_directory(&self) -> bool {
        self.content.is_none()
    }

    pub(crate) fn size(&self) -> usize {
        self.content.as_ref().map_or(4096, |content| content.len())
    }
}

/// Why something failed, in the words of the phone's C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileError {
    NotFound,
    NotADirectory,
    IsADirectory,
    Exists,
    NameTooLong,
    NotEmpty,
    ReadOnly,
    NoSpace,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotFound => "No such file or directory",
            Self::NotADirectory => "Not a directory",
            Self::IsADirectory => "Is a directory",
            Self::Exists => "File exists",
            Self::NameTooLong => "File name too long",
            Self::NotEmpty => "Directory not empty",
            Self::ReadOnly => "Read-only file system",
            Self::NoSpace => "No space left on device",
        })
    }
}

/// All files of a phone.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    nodes: BTreeMap<String, Node>,
    used: usize,
    capacity: usize,
}

/// An absolute path without `.`, `..` and double slashes. Android's long name of the shared storage is its short one.
pub(crate) fn absolute(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { directory };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let full = format!("/{}", parts.join("/"));
    for name in ["/storage/emulated/0", "/storage/self/primary"] {
        if let Some(rest) = full.strip_prefix(name)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return format!("/sdcard{rest}");
        }
    }
    full
}

/// The directory a path is in.
pub(crate) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}

/// The last part of a path.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_inside(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| directory == "/" || rest.is_empty() || rest.starts_with('/'))
}

impl Files {
    pub(crate) fn new(now_ms: i64) -> Self {
        let mut nodes = BTreeMap::new();
        nodes.insert("/".to_owned(), Node { content: None, modified_ms: now_ms });
        Self { nodes, used: 0, capacity: CAPACITY }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Node)> {
        self.nodes.iter()
    }

    /// Bytes in files.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    pub(crate) fn read(&self, path: &str) -> Result<&[u8], FileError> {
        if path == "/dev/null" {
            return Ok(&[]);
        }
        match self.nodes.get(path) {
            None => Err(self.missing(path)),
            Some(node) => node.content.as_ref().map(|content| content.as_slice()).ok_or(FileError::IsADirectory),
        }
    }

    /// "Not found", or "not a directory" if the path goes through a file.
    fn missing(&self, path: &str) -> FileError {
        let mut above = parent(path);
        while above != "/" {
            if let Some(node) = self.nodes.get(above) {
                return if node.is_directory() { FileError::NotFound } else { FileError::NotADirectory };
            }
            above = parent(above);
        }
        FileError::NotFound
    }

    /// Names and nodes directly inside a directory, in order.
    pub(crate) fn children<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.nodes
            .range(directory.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(directory))
            .filter(move |(path, _)| path.as_str() != directory && parent(path) == directory)
            .map(|(path, node)| (name(path), node))
    }

    fn check_place(&self, path: &str) -> Result<(), FileError> {
        if path.len() > LONGEST_PATH {
            return Err(FileError::NameTooLong);
        }
        if READ_ONLY.iter().any(|directory| is_inside(path, directory)) {
            return Err(FileError::ReadOnly);
        }
        match self.nodes.get(parent(path)) {
            None => Err(self.missing(path)),
            Some(node) if !node.is_directory() => Err(FileError::NotADirectory),
            Some(_) => Ok(()),
        }
    }

    pub(crate) fn write(&mut self, path: &str, content: &[u8], append: bool, now_ms: i64) -> Result<(), FileError> {
        if path == "/dev/null" {
            return Ok(());
        }
        if self.nodes.get(path).is_some_and(Node::is_directory) {
            return Err(FileError::IsADirectory);
        }
        self.check_place(path)?;
        let old = self.nodes.get(path).and_then(|node| node.content.clone());
        let mut bytes =
            if append { old.as_ref().map_or_else(Vec::new, |old| old.as_ref().clone()) } else { Vec::new() };
        bytes.extend_from_slice(content);
        let used = self.used - old.map_or(0, |old| old.len()) + bytes.len();
        if used > self.capacity || self.nodes.len() >= MOST_NODES {
            return Err(FileError::NoSpace);
        }
        self.used = used;
        self.nodes.insert(path.to_owned(), Node { content: Some(Arc::new(bytes)), modified_ms: now_ms });
        Ok(())
    }

    pub(crate) fn make_directory(&mut self, path: &str, now_ms: i64) -> Result<(), FileError> {
        if self.nodes.contains_key(path) {
            return Err(FileError::Exists);
        }
        self.check_place(path)?;
        if self.nodes.len() >= MOST_NODES {
            return Err(FileError::NoSpace);
        }
        self.nodes.insert(path.to_owned(), Node { content: None, modified_ms: now_ms });
        Ok(())
    }

    /// Creates the directory and those above it.
    pub(crate) fn make_directories(&mut self, path: &str, now_ms: i64) -> Result<(), FileError> {
        match self.nodes.get(path) {
            Some(node) if node.is_directory() => return Ok(()),
            Some(_) => return Err(FileError::Exists),
            None => {}
        }
        // From the top down, without recursion: paths come from the network.
        let mut ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect();
        ends.push(path.len());
        for end in ends {
            match self.make_directory(&path[..end], now_ms) {
                Ok(()) | Err(FileError::Exists) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Removes a file, or a directory with its content.
    pub(crate) fn remove(&mut self, path: &str) -> Result<(), FileError> {
        if !self.nodes.contains_key(path) {
            return Err(self.missing(path));
        }
        if path == "/" || READ_ONLY.iter().any(|directory| is_inside(path, directory)) {
            return Err(FileError::ReadOnly);
        }
        let gone: Vec<String> = self.below(path).cloned().collect();
        for path in gone {
            let node = self.nodes.remove(&path);
            self.used -= node.and_then(|node| node.content).map_or(0, |content| content.len());
        }
        Ok(())
    }

    /// A file or a whole directory: paths and nodes from the top down.
    pub(crate) fn tree(&self, top: &str) -> Result<Vec<(String, Node)>, FileError> {
        if !self.nodes.contains_key(top) {
            return Err(self.missing(top));
        }
        Ok(self.below(top).filter_map(|path| self.nodes.get(path).map(|node| (path.clone(), node.clone()))).collect())
    }

    fn below<'a>(&'a self, top: &'a str) -> impl Iterator<Item = &'a String> {
        self.nodes
            .range(top.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(top))
            .map(|(path, _)| path)
            .filter(move |path| is_inside(path, top))
    }

    /// Puts a file of the factory image in place, where even read-only places are allowed.
    pub(crate) fn install(&mut self, path: &str, content: Option<&[u8]>, now_ms: i64) {
        let mut above = parent(path).to_owned();
        while !self.nodes.contains_key(&above) {
            self.nodes.insert(above.clone(), Node { content: None, modified_ms: now_ms });
            above = parent(&above).to_owned();
        }
        let content = content.map(|bytes| Arc::new(bytes.to_vec()));
        let size = content.as_ref().map_or(0, |bytes| bytes.len());
        self.used += size;
        self.capacity += size;
        self.nodes.insert(path.to_owned(), Node { content, modified_ms: now_ms });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_absolute() {
        assert_eq!(absolute("/a/b", "../c/./d//e"), "/a/c/d/e");
        assert_eq!(absolute("/", "../.."), "/");
        assert_eq!(absolute("/", "/storage/emulated/0/x"), "/sdcard/x");
        assert_eq!(absolute("/", "/storage/emulated/01"), "/storage/emulated/01");
    }

    #[test]
    fn writing_and_removing() {
        let mut files = Files::new(0);
        files.install("/system/x", Some(b"1"), 0);
        assert_eq!(files.write("/a/b", b"x", false, 0), Err(FileError::NotFound));
        files.make_directories("/a/c", 0).unwrap();
        files.write("/a/b", b"xy", false, 0).unwrap();
        files.write("/a/b", b"z", true, 0).unwrap();
        assert_eq!(files.read("/a/b"), Ok(&b"xyz"[..]));
        assert_eq!(files.read("/a/b/c"), Err(FileError::NotADirectory));
        assert_eq!(files.write("/system/x", b"", false, 0), Err(FileError::ReadOnly));
        assert_eq!(files.write("/a", b"", false, 0), Err(FileError::IsADirectory));
        assert_eq!(files.write("/big", &vec![0; CAPACITY], false, 0), Err(FileError::NoSpace));
        assert_eq!(files.children("/a").map(|(name, _)| name).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(files.used(), 4);
        files.make_directory("/ab", 0).unwrap();
        files.remove("/a").unwrap();
        assert_eq!(files.used(), 1);
        assert!(files.get("/a/b").is_none() && files.get("/ab").is_some());
        assert_eq!(files.remove("/"), Err(FileError::ReadOnly));
    }
}
