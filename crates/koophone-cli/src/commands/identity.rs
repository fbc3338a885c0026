//! `koophone login` and `koophone whoami`

use std::env;

use clap::Args;
use koophone::settings::SETTINGS;
use koophone::{Identity, Result};

use crate::failure::RunResult;
use crate::session::Session;
use crate::setting_args::option;
use crate::table::Table;

const LOGIN_EXAMPLES: &str = "\
Examples:
  # prompts for the password
  koophone login --region cn-north-4 --username iam-user --domain account
  # logs in once for the commands that follow
  koophone login --token-cache ~/.cache/koophone --password-file password.txt";

const WHOAMI_EXAMPLES: &str = "\
Examples:
  koophone whoami
  koophone whoami --json";

/// Log in and show the identity (登录)
///
/// Every command logs in automatically when needed; this one is for trying it, or for filling the token cache. A wrong
/// password is not tried again, because failed logins lock the account. Access keys need no login.
#[derive(Args, Debug)]
#[command(after_help = LOGIN_EXAMPLES)]
pub(crate) struct LoginArgs {}

/// Show which credential is used, and where it was found
#[derive(Args, Debug)]
#[command(after_help = WHOAMI_EXAMPLES)]
pub(crate) struct WhoamiArgs {}

pub(crate) fn login(session: &Session) -> RunResult {
    let identity = identity(session)?;
    if session.output.style.json {
        return Ok(session.output.json(&identity)?);
    }
    session.output.text(&format!("logged in: {}\n", crate::table::harmless(&identity.to_string())));
    if identity.method == "password" && !keeps_tokens(session) {
        session.output.note(&format!(
            "the token is discarded with this command; use --{} DIRECTORY to keep it for the next ones",
            option(TOKEN_CACHE)
        ));
    }
    Ok(())
}

pub(crate) fn whoami(session: &Session) -> RunResult {
    let identity = identity(session)?;
    Ok(session.output.show(&identity, || {
        Table::of_fields([
            ("method", Some(identity.method.clone())),
            ("found in", Some(identity.source.clone())),
            ("IAM user", identity.user.clone()),
            ("account", identity.domain.clone()),
            ("access key", identity.access_key.clone()),
            ("project", identity.project_name.clone()),
            ("project id", identity.project_id.clone()),
            ("token valid until", identity.expires_at.clone()),
        ])
    })?)
}

const TOKEN_CACHE: &str = "token_cache";

fn keeps_tokens(session: &Session) -> bool {
    let variable = SETTINGS.iter().find(|setting| setting.name == TOKEN_CACHE).map(|setting| setting.variable);
    session.settings.get(TOKEN_CACHE).is_some() || variable.is_some_and(|name| env::var_os(name).is_some())
}

fn identity(session: &Session) -> Result<Identity> {
    session.call(session.client()?.login())
}
