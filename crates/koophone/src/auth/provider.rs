//! The links of the provider chain that need no network: the environment and the profile file. A broken link is noted
//! and the next one is tried; only contradictions are refused at once.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::private_files;
use crate::model::{Error, Result};
use crate::settings::credential_fields::CREDENTIAL_FIELDS;
use crate::settings::home;

const PROJECT_VARIABLE: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
const IAM_VARIABLE: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
const FILE_VARIABLE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
const DEFAULT_FILE: &str = ".huaweicloud/credentials";

/// Keys of a profile and the field each one fills.
const PROFILE_KEYS: &[(&str, &str)] =
    &[("ak", "access_key"), ("sk", "secret_key"), ("security_token", "security_token")];

/// Credentials that a link found, and what came with them.
#[derive(Debug)]
pub(crate) struct Found {
    pub credentials: Credentials,
    pub origin: &'static str,
    pub project_id: Option<String>,
    pub iam_endpoint: Option<String>,
}

/// What was found, or why each link had nothing.
#[derive(Debug)]
pub(crate) enum Search {
    Found(Found),
    Nothing(Vec<String>),
}

pub(crate) fn search(environment: &[(String, String)]) -> Result<Search> {
    let mut searched = Vec::new();
    let links = [from_environment as fn(&[(String, String)]) -> Link, from_profile];
    for link in links {
        match link(environment) {
            Ok(found) => return Ok(Search::Found(found)),
            Err(Miss::Refused(error)) => return Err(error),
            Err(Miss::Next(why)) => searched.push(why),
        }
    }
    Ok(Search::Nothing(searched))
}

type Link = Result<Found, Miss>;

enum Miss {
    /// Try the next link; the text says why.
    Next(String),
    /// Trying the next link would hide a mistake.
    Refused(Error),
}

fn variable<'a>(environment: &'a [(String, String)], name: &str) -> Option<&'a str> {
    environment.iter().find(|(n, value)| n == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

fn from_environment(environment: &[(String, String)]) -> Link {
    let given: Vec<_> =
        CREDENTIAL_FIELDS.iter().filter_map(|field| Some((field, variable(environment, field.variable)?))).collect();
    if given.is_empty() {
        let names = "KOOPHONE_TOKEN; KOOPHONE_USERNAME, KOOPHONE_PASSWORD, KOOPHONE_DOMAIN; HUAWEICLOUD_SDK_AK, \
            HUAWEICLOUD_SDK_SK";
        return Err(Miss::Next(format!("environment: none of {names} is set")));
    }
    if given.iter().any(|(field, _)| field.method != given[0].0.method) {
        let set: Vec<&str> = given.iter().map(|(field, _)| field.variable).collect();
        let message =
            format!("the environment has different kinds of credentials; keep one kind of {}", set.join(", "));
        return Err(Miss::Refused(Error::configuration("credentials", message)));
    }
    let fields = given.iter().map(|(field, value)| (field.name, *value));
    let credentials = Credentials::from_fields(fields).map_err(|error| {
        let at_fault = CREDENTIAL_FIELDS.iter().find(|field| error.argument() == Some(field.name));
        let variable = at_fault.map(|field| format!(" (variable {})", field.variable)).unwrap_or_default();
        Miss::Next(format!("environment: {}{variable}", error.message()))
    })?;
    let owned = |name: &str| variable(environment, name).map(str::to_owned);
    let (project_id, iam_endpoint) = (owned(PROJECT_VARIABLE), owned(IAM_VARIABLE));
    Ok(Found { credentials, origin: "environment", project_id, iam_endpoint })
}

fn from_profile(environment: &[(String, String)]) -> Link {
    let named = variable(environment, FILE_VARIABLE);
    let path: PathBuf = match (named, home::directory(environment)) {
        (Some(path), _) => home::expand(Path::new(path), environment).map_err(|why| {
            let message = format!("{FILE_VARIABLE} cannot be {path:?}: it {why}");
            Miss::Refused(Error::configuration(FILE_VARIABLE, message))
        })?,
        (None, Some(home)) => home.join(DEFAULT_FILE),
        (None, None) => return Err(Miss::Next("profile file: there is no home directory to look in".into())),
    };
    let shown = path.display();
    let text = read(&path).map_err(|error| match named {
        // The user named this file, so another credential would not be what they meant.
        Some(_) => Miss::Refused(
            Error::configuration(
                FILE_VARIABLE,
                format!("{FILE_VARIABLE} names {shown}, which cannot be read; correct the path or unset the variable"),
            )
            .caused_by(&error),
        ),
        None => Miss::Next(format!("profile file {shown}: {error}")),
    })?;
    let next = |why: &str| Miss::Next(format!("profile file {shown}: {why}"));
    let text = std::str::from_utf8(&text).map_err(|_| next("it is not UTF-8 text"))?;
    let profile = Profile::parse(text).map_err(|why| next(&why))?;
    let fields = PROFILE_KEYS.iter().filter_map(|(key, field)| Some((*field, profile.get(key)?)));
    let credentials = Credentials::from_fields(fields).map_err(|e| next(e.message()))?;
    let owned = |key: &str| profile.get(key).map(str::to_owned);
    Ok(Found { credentials, origin: "profile", project_id: owned("project_id"), iam_endpoint: owned("iam_endpoint") })
}

/// Reads a profile file, with a warning if other users can read it.
fn read(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut file = File::open(path)?;
    if private_files::is_open_to_others(&file) {
        let (file, remedy) = (path.display(), private_files::REMEDY);
        tracing::warn!(%file, "other users can read or change the file with the access key; {remedy}");
    }
    let mut text = Zeroizing::new(Vec::new());
    file.read_to_end(&mut text)?;
    Ok(text)
}

/// A value without its surrounding quotes, which other tools write; `None` when they do not match.
fn without_quotes(value: &str) -> Option<&str> {
    let quotes = ['"', '\''];
    match quotes.into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote)) {
        Some(inner) => Some(inner),
        None => (!value.starts_with(quotes) && !value.ends_with(quotes)).then_some(value),
    }
}

/// The `[basic]` section of a profile file: `key = value` lines, comments with `#` or `;`. A value may be quoted.
pub(crate) struct Profile<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Profile<'a> {
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let mut pairs = Vec::new();
        let mut section = None;
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = Some(name.trim());
            } else if let Some((key, value)) = line.split_once('=') {
                if section == Some("basic") {
                    let value = without_quotes(value.trim())
                        .ok_or_else(|| format!("line {} has a quote at only one end of its value", index + 1))?;
                    pairs.push((key.trim(), value));
                }
            } else {
                // The line itself may contain a secret.
                return Err(format!("line {} is neither a section nor key = value", index + 1));
            }
        }
        if pairs.is_empty() {
            return Err("it has no [basic] section with keys ak and sk".into());
        }
        Ok(Self(pairs))
    }

    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(k, v)| *k == key && !v.is_empty()).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    /// A directory for one test, with a profile file in it.
    fn home_with(name: &str, profile: &str) -> String {
        let home = std::env::temp_dir().join(format!("koophone-profile-{}-{name}", std::process::id()));
        std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
        std::fs::write(home.join(DEFAULT_FILE), profile).unwrap();
        home.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_environment_comes_before_the_profile() {
        let home = home_with("order", "[basic]\nak=PA\nsk=PS\nproject_id = p1\niam_endpoint=https://iam.example.com\n");
        let both = environment(&[
            ("HOME", &home),
            ("HUAWEICLOUD_SDK_AK", "EA"),
            ("HUAWEICLOUD_SDK_SK", "ES"),
            ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "https://iam.other.example.com"),
        ]);
        let Search::Found(found) = search(&both).unwrap() else { panic!("nothing found") };
        assert_eq!((found.origin, found.project_id), ("environment", None));
        assert_eq!(found.iam_endpoint.as_deref(), Some("https://iam.other.example.com"));
        let Search::Found(found) = search(&both[..1]).unwrap() else { panic!("nothing found") };
        assert_eq!((found.origin, found.project_id.as_deref()), ("profile", Some("p1")));
        assert_eq!(found.iam_endpoint.as_deref(), Some("https://iam.example.com"));
    }

    #[test]
    fn a_broken_link_is_noted_and_the_next_one_asked() {
        let home = home_with("broken", "# a comment\n[global]\nak=x\n[basic]\nak = PA;not-a-comment\nsk=PS\n");
        let half = environment(&[("HUAWEICLOUD_SDK_AK", "EA"), ("HOME", &home)]);
        let Search::Found(found) = search(&half).unwrap() else { panic!("nothing found") };
        assert_eq!(found.origin, "profile");
    }

    #[test]
    fn quotes_around_a_value_are_left_out() {
        let profile = Profile::parse("[basic]\nak = \"A K\"\nsk='S\"K'\nproject_id=\"\"\n").unwrap();
        assert_eq!((profile.get("ak"), profile.get("sk")), (Some("A K"), Some("S\"K")));
        assert_eq!(profile.get("project_id"), None);
        for bad in ["\"SECRET", "SECRET'", "\"SECRET'", "\""] {
            let why = Profile::parse(&format!("[basic]\nak={bad}\n")).map(drop).unwrap_err();
            assert!(why.starts_with("line 2 has a quote") && !why.contains("SECRET"), "{why}");
        }
    }

    #[test]
    fn a_broken_variable_is_named() {
        let broken = environment(&[("KOOPHONE_TOKEN", "one\ntwo")]);
        let Search::Nothing(searched) = search(&broken).unwrap() else { panic!("found something") };
        assert!(
            searched[0].starts_with("environment: token contains") && searched[0].contains("KOOPHONE_TOKEN"),
            "{searched:?}"
        );
    }

    #[test]
    fn the_named_file_may_begin_with_a_tilde() {
        let home = home_with("tilde", "[basic]\nak=PA\nsk=PS\n");
        let named = [("HOME", home.as_str()), (FILE_VARIABLE, "~/.huaweicloud/credentials")];
        assert!(matches!(search(&environment(&named)).unwrap(), Search::Found(_)));
        let error = search(&environment(&named[1..])).unwrap_err();
        assert_eq!(error.argument(), Some(FILE_VARIABLE));
    }

    #[cfg(unix)]
    #[test]
    fn a_profile_that_others_can_read_is_warned_about() {
        use std::os::unix::fs::PermissionsExt;
        use std::sync::{Arc, Mutex};

        use crate::log::{Log, LogLevel, LogSwitch};

        let home = home_with("readable", "[basic]\nak=PA\nsk=PS\n");
        let path = Path::new(&home).join(DEFAULT_FILE);
        for (mode, warnings) in [(0o600, 0), (0o640, 1), (0o666, 1)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let seen = Arc::new(Mutex::new(Vec::new()));
            let sink = seen.clone();
            let switch = LogSwitch::from(LogLevel::Warn);
            let log = Log::new(switch, Box::new(move |record| sink.lock().unwrap().push(record.message.clone())));
            let found = tracing::dispatcher::with_default(&log.of_call().unwrap(), || {
                search(&environment(&[("HOME", &home)])).unwrap()
            });
            assert!(matches!(found, Search::Found(_)));
            assert_eq!(seen.lock().unwrap().len(), warnings, "{mode:o}");
        }
    }

    #[test]
    fn what_was_looked_for_is_listed() {
        let Search::Nothing(searched) = search(&environment(&[])).unwrap() else { panic!("found something") };
        assert_eq!(searched.len(), 2);
        for (profile, why) in [
            ("[global]\nak=1\nsk=2\n", "no [basic] section"),
            ("[basic]\nak=1\n", "secret_key is required with access_key"),
            ("[basic]\nSECRETLINE\n", "line 2 is neither"),
        ] {
            let home = home_with("listed", profile);
            let Search::Nothing(searched) = search(&environment(&[("HOME", &home)])).unwrap() else {
                panic!("{profile}")
            };
            assert!(searched[1].contains(why) && !searched[1].contains("SECRETLINE"), "{searched:?}");
        }
    }

    #[test]
    fn contradictions_and_a_named_file_that_is_not_there_are_refused() {
        let both = environment(&[("KOOPHONE_TOKEN", "t"), ("HUAWEICLOUD_SDK_AK", "a"), ("HUAWEICLOUD_SDK_SK", "s")]);
        assert!(search(&both).unwrap_err().message().contains("KOOPHONE_TOKEN, HUAWEICLOUD_SDK_AK"));
        let missing = environment(&[(FILE_VARIABLE, "/nowhere/credentials")]);
        assert_eq!(search(&missing).unwrap_err().argument(), Some(FILE_VARIABLE));
    }
}
