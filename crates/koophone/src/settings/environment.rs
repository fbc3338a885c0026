//! Settings from environment variables.

use super::credential_fields::CREDENTIAL_FIELDS;
use super::field::Value;
use super::nearest::nearest;
use super::proxy::{ProxySetting, ProxyVariables};
use super::{SETTINGS, Settings, refused};
use crate::model::{Error, Result};

const PREFIX: &str = "KOOPHONE_";

/// The variable of `koophone install`, which a client ignores.
pub const APP_URL_VARIABLE: &str = "KOOPHONE_APP_URL";

/// Names with our prefix that are reserved for tests.
const TEST_PREFIX: &str = "KOOPHONE_TEST_";

impl Settings {
    /// Applies every `KOOPHONE_` variable whose setting is not among `given`. A name similar to one of ours is refused:
    /// a misspelt KOOPHONE_ENDPOINT must not send a test to the real service. Other names belong to other programs, for
    /// example Kubernetes, for a service called koophone: they are returned.
    pub fn read_environment(&mut self, variables: &[(String, String)], given: &[&str]) -> Result<Vec<String>> {
        if let ProxySetting::Environment(proxies) = &mut self.proxy {
            *proxies = ProxyVariables::read(variables);
        }
        let mut unknown = Vec::new();
        for (variable, text) in variables.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.variable == variable) {
                if !text.is_empty() && !given.contains(&setting.name) {
                    let what = format!("environment variable {variable}");
                    let value = Value::Text(text.clone());
                    let shown = value.shown(setting.kind());
                    setting
                        .field
                        .set(self, value)
                        .map_err(|why| Error::configuration(variable, refused(&what, &shown, &why)))?;
                }
            } else if !is_ours(variable) {
                if let Some(meant) = meant(variable) {
                    let message = format!(
                        "environment variable {variable} is not known; did you mean {meant}? Correct its name or \
                            unset it"
                    );
                    return Err(Error::configuration(variable, message));
                }
                unknown.push(variable.clone());
            }
        }
        unknown.sort();
        Ok(unknown)
    }
}

/// Whether a variable is ours, but not a setting.
fn is_ours(variable: &str) -> bool {
    let is_credential = credential_variables().any(|known| known == variable);
    is_credential || variable == APP_URL_VARIABLE || variable.starts_with(TEST_PREFIX)
}

/// The variables with our prefix that belong to credentials.
fn credential_variables() -> impl Iterator<Item = &'static str> {
    CREDENTIAL_FIELDS.iter().map(|field| field.variable).filter(|name| name.starts_with(PREFIX))
}

/// The variable that was probably meant.
fn meant(variable: &str) -> Option<&'static str> {
    let without = |name: &'static str| name.strip_prefix(PREFIX).unwrap_or(name);
    let known = SETTINGS.iter().map(|setting| setting.variable).chain(credential_variables());
    let written = variable.strip_prefix(PREFIX)?.to_ascii_uppercase();
    nearest(&written, known.map(|name| (without(name), name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    #[test]
    fn the_environment_fills_what_code_did_not_set() {
        let mut settings = Settings::default();
        settings.set("batch_size", "10").unwrap();
        let variables = environment(&[("KOOPHONE_BATCH_SIZE", "20"), ("KOOPHONE_CONCURRENCY", "3"), ("PATH", "x")]);
        assert!(settings.read_environment(&variables, &["batch_size"]).unwrap().is_empty());
        assert_eq!((settings.batch_size, settings.concurrency), (10, 3));
        let error = settings.read_environment(&environment(&[("KOOPHONE_TIMEOUT", "soon")]), &[]).unwrap_err();
        assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some("KOOPHONE_TIMEOUT")));
        assert!(error.message().contains(r#"cannot be "soon""#), "{error}");
        let ours = environment(&[("KOOPHONE_PASSWORD", "p"), ("KOOPHONE_TEST_X", ""), ("KOOPHONE_APP_URL", "u")]);
        assert!(settings.read_environment(&ours, &[]).unwrap().is_empty());
    }

    #[test]
    fn near_misses_of_real_names_are_refused() {
        for (written, meant) in [
            ("KOOPHONE_ENDPIONT", "KOOPHONE_ENDPOINT"),
            ("KOOPHONE_ENDPONIT", "KOOPHONE_ENDPOINT"),
            ("KOOPHONE_endpoint", "KOOPHONE_ENDPOINT"),
            ("KOOPHONE_IAMENDPOINT", "KOOPHONE_IAM_ENDPOINT"),
            ("KOOPHONE_BATCHSIZE", "KOOPHONE_BATCH_SIZE"),
            ("KOOPHONE_TOKENS", "KOOPHONE_TOKEN"),
            ("KOOPHONE_TIME_OUT", "KOOPHONE_TIMEOUT"),
            ("KOOPHONE_REGOIN", "KOOPHONE_REGION"),
            ("KOOPHONE_PASSWROD", "KOOPHONE_PASSWORD"),
            ("KOOPHONE_PROXYS", "KOOPHONE_PROXY"),
        ] {
            let variables = environment(&[(written, "secret")]);
            let error = Settings::default().read_environment(&variables, &[]).unwrap_err();
            assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some(written)));
            assert!(error.message().contains(&format!("did you mean {meant}?")), "{error}");
            assert!(!error.message().contains("secret"));
        }
    }

    #[test]
    fn names_of_others_are_returned() {
        let others = [
            "KOOPHONE_BUILD_DIR",
            "KOOPHONE_PHONES",
            "KOOPHONE_PORT",
            "KOOPHONE_PORT_443_TCP",
            "KOOPHONE_PORT_443_TCP_ADDR",
            "KOOPHONE_PORT_443_TCP_PORT",
            "KOOPHONE_PORT_443_TCP_PROTO",
            "KOOPHONE_PROXY_PORT",
            "KOOPHONE_PROXY_SERVICE_HOST",
            "KOOPHONE_SERVICE_HOST",
            "KOOPHONE_SERVICE_PORT",
            "KOOPHONE_SERVICE_PORT_HTTPS",
        ];
        let variables: Vec<_> = others.iter().map(|name| ((*name).to_owned(), "tcp://10.0.0.1:443".into())).collect();
        assert_eq!(Settings::default().read_environment(&variables, &[]).unwrap(), others);
    }
}
