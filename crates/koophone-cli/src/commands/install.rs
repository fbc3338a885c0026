//! `koophone install`

use std::env;
use std::path::PathBuf;

use clap::Args;
use koophone::binding_support::APP_URL_VARIABLE;
use koophone::{AppPackage, Error, Result, Secret};
use serde_json::{Map, Value, json};

use crate::failure::RunResult;
use crate::follow::FollowArgs;
use crate::json_file;
use crate::phone_args::PhoneArgs;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  # prompts for the address on a terminal
  koophone install a44uhlf7 --package com.example.game --version-name 1.4.0 --file-name game.apk \\
    --size-mb 120 --md5 9e107d9d372bb6826bd81d3542a419d6
  # in a script: app.json has the rest, the address comes from a file or from KOOPHONE_APP_URL
  koophone install --file phones.txt --app app.json --url-file address.txt --timeout 15m";

/// Install an app from object storage on phones (安装应用), or replace it there
///
/// The service downloads the file from a URL that is usually signed and therefore secret: give it with --url-file,
/// KOOPHONE_APP_URL or at the prompt. Waits like exec --async. The service does not verify name and version.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InstallArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    #[command(flatten)]
    app: AppArgs,
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

/// What to install. Options have the names of the core's fields, except where another name is clearer.
#[derive(Args, Debug)]
struct AppArgs {
    /// JSON file with the fields url, package, version, file_name, size_mb, md5 and fast; options override it. - is
    /// standard input
    #[arg(long, value_name = "FILE")]
    app: Option<PathBuf>,
    /// URL of the app, if it is not secret: other users can see it
    #[arg(long, conflicts_with = "url_file")]
    url: Option<String>,
    /// File with the URL; - is standard input
    #[arg(long, value_name = "FILE")]
    url_file: Option<PathBuf>,
    /// Package name
    #[arg(long, value_name = "NAME", required_unless_present = "app")]
    package: Option<String>,
    /// Version of the app
    #[arg(long, value_name = "VERSION", required_unless_present = "app")]
    version_name: Option<String>,
    /// File name
    #[arg(long, value_name = "NAME", required_unless_present = "app")]
    file_name: Option<String>,
    /// File size in MB, rounded up
    #[arg(long, value_name = "NUMBER", required_unless_present = "app", allow_negative_numbers = true)]
    size_mb: Option<u32>,
    /// MD5 of the file
    #[arg(long, required_unless_present = "app")]
    md5: Option<String>,
    /// Use the service's fast installation
    #[arg(long)]
    fast: bool,
}

impl AppArgs {
    fn read(&self, session: &Session) -> Result<AppPackage> {
        let mut app = Map::from_iter([("fast".into(), json!(false))]);
        if let Some(path) = &self.app {
            app.extend(json_file::object(&session.input, path, "app", "the app")?);
        }
        // No message about the other fields may contain it.
        let url = self.url(app.remove("url"), session)?;
        let given = [
            ("url", json!("")),
            ("package", json!(self.package)),
            ("version", json!(self.version_name)),
            ("file_name", json!(self.file_name)),
            ("size_mb", json!(self.size_mb)),
            ("md5", json!(self.md5)),
            ("fast", if self.fast { json!(true) } else { Value::Null }),
        ];
        let given = given.into_iter().filter(|(_, value)| !value.is_null());
        app.extend(given.map(|(field, value)| (field.to_owned(), value)));
        let app: AppPackage = json_file::structure(app.into(), "app", "the app")?;
        Ok(AppPackage { url, ..app })
    }

    /// The URL from an option, the file of --app, the environment or a prompt, whichever has it first.
    fn url(&self, of_file: Option<Value>, session: &Session) -> Result<String> {
        if let Some(url) = &self.url {
            return Ok(url.clone());
        }
        let line = |text: String| Secret::of_line(text).expose().to_owned();
        if let Some(path) = &self.url_file {
            return Ok(line(session.input.text(path, "url", "the address of the app")?));
        }
        match of_file {
            Some(Value::String(url)) => return Ok(url),
            Some(_) => return Err(Error::invalid("url", "url of the app must be a text")),
            None => {}
        }
        if let Some(url) = env::var(APP_URL_VARIABLE).ok().filter(|url| !url.is_empty()) {
            return Ok(line(url));
        }
        if session.input.is_interactive() {
            return session.input.secret("Address of the app");
        }
        let message =
            format!("there is no address of the app; give --url-file FILE, set {APP_URL_VARIABLE}, or use --url");
        Err(Error::invalid("url", message))
    }
}

pub(crate) fn run(args: &InstallArgs, session: &Session) -> RunResult {
    // The app first: standard input is for the phones only if the app does not use it.
    let app = args.app.read(session)?;
    let ids = args.phones.read(session)?;
    let task = session.call(args.repeat.on(session.client()?.install_app(ids, app)))?;
    args.follow.finish(session, &task)
}
