//! The home directory, and `~` in paths of settings: in a file, an editor's settings or a service unit, no shell
//! expands it.

use std::path::{Path, PathBuf};

/// The home directory from the environment.
pub(crate) fn directory(environment: &[(String, String)]) -> Option<&Path> {
    let named = |name| environment.iter().find(|(n, value)| n == name && !value.is_empty());
    named("HOME").or_else(|| named("USERPROFILE")).map(|(_, value)| Path::new(value))
}

/// `path` with a leading `~` replaced. The error completes the sentence "it ...".
pub(crate) fn expand(path: &Path, environment: &[(String, String)]) -> Result<PathBuf, &'static str> {
    match path.strip_prefix("~") {
        Ok(rest) => {
            let home = directory(environment).ok_or("begins with ~, but HOME is not set; write the full path")?;
            Ok(home.join(rest))
        }
        Err(_) if path.as_os_str().as_encoded_bytes().starts_with(b"~") => {
            Err("names another user's home directory, which is not looked up; write the full path")
        }
        Err(_) => Ok(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_at_the_start_is_the_home_directory() {
        let environment = [("HOME".to_owned(), "/h".to_owned())];
        for (path, expanded) in [("~", "/h"), ("~/a/b", "/h/a/b"), ("/a/~/b", "/a/~/b"), ("a~", "a~"), ("./~b", "./~b")]
        {
            assert_eq!(expand(Path::new(path), &environment), Ok(expanded.into()), "{path}");
        }
        assert!(expand(Path::new("~you/a"), &environment).unwrap_err().contains("another user"));
        assert!(expand(Path::new("~/a"), &[]).unwrap_err().contains("HOME is not set"));
    }
}
