//! Who calls: the kinds of credentials, made from code or from named fields, and checked before anything is sent.

use std::fmt;
use std::str::FromStr;

use crate::model::{Error, Result, Secret, secret};
use crate::settings::credential_fields::CREDENTIAL_FIELDS;

/// Who calls (凭证). `Debug` never prints a secret.
///
/// A leading byte order mark and trailing line breaks are stripped: they come from the file or command that the text
/// was read from. Other control characters are refused before anything is sent.
///
/// ```
/// use koophone::{Credentials, Scope};
///
/// let by_password = Credentials::password("iam-user", "password", "account");
/// let for_the_account = by_password.scope(Scope::Domain)?;
/// let by_key = Credentials::access_key("access key", "secret key");
/// let ready_made = Credentials::token("MIIF...");
/// # Ok::<(), koophone::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Token(Secret),
    Password(PasswordLogin),
    AccessKey(AccessKey),
    Chain,
}

/// An IAM user's login.
#[derive(Clone, Debug)]
pub(crate) struct PasswordLogin {
    pub username: String,
    pub password: Secret,
    pub domain: String,
    pub scope: Scope,
}

/// An access key pair, possibly temporary.
#[derive(Clone, Debug)]
pub(crate) struct AccessKey {
    pub id: String,
    pub secret: Secret,
    pub security_token: Option<Secret>,
}

impl AccessKey {
    /// Its secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.security_token.iter().chain([&self.secret]).map(Secret::expose)
    }
}

/// What a token is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The project of the region, or the one named by `project_id`: what KooPhone needs.
    #[default]
    Project,
    /// The whole account.
    Domain,
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "project" => Ok(Self::Project),
            "domain" => Ok(Self::Domain),
            _ => Err(Error::invalid("scope", format!("the scope {text:?} must be project or domain"))),
        }
    }
}

impl Credentials {
    /// A ready-made IAM token (`X-Auth-Token`). It cannot be renewed: after 24 hours calls fail with `authentication`.
    ///
    /// ```
    /// let credentials = koophone::Credentials::token("MIIF...");
    /// assert!(!format!("{credentials:?}").contains("MIIF"));
    /// ```
    pub fn token(token: impl Into<String>) -> Self {
        Self(Kind::Token(Secret::of_line(token)))
    }

    /// The name and password of an IAM user (IAM用户) and the name of its account (账号). Logs in at the first call and
    /// renews the token before it expires. For a token of project scope the client needs `region` or `project_id`.
    ///
    /// ```
    /// let credentials = koophone::Credentials::password("a-user", "a password", "an-account");
    /// let client = koophone::Client::builder().region("cn-north-4").credentials(credentials).build()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn password(username: impl Into<String>, password: impl Into<String>, domain: impl Into<String>) -> Self {
        Self(Kind::Password(PasswordLogin {
            username: secret::line(username),
            password: Secret::of_line(password),
            domain: secret::line(domain),
            scope: Scope::Project,
        }))
    }

    /// An access key and its secret (AK/SK). Every request is signed; nothing is sent to log in.
    ///
    /// ```
    /// let credentials = koophone::Credentials::access_key("HPUA1EXAMPLE", "a-secret");
    /// # drop(credentials);
    /// ```
    pub fn access_key(id: impl Into<String>, secret: impl Into<String>) -> Self {
        let (id, secret) = (secret::line(id), Secret::of_line(secret));
        Self(Kind::AccessKey(AccessKey { id, secret, security_token: None }))
    }

    /// The provider chain: the environment, then the profile file, then the metadata service of a cloud server.
    ///
    /// ```no_run
    /// // What a client does when it is given no credentials.
    /// let client = koophone::Client::builder().credentials(koophone::Credentials::chain()).build()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn chain() -> Self {
        Self(Kind::Chain)
    }

    /// The security token that belongs to a temporary access key.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for credentials that are not an access key.
    ///
    /// ```
    /// use koophone::Credentials;
    ///
    /// let temporary = Credentials::access_key("HPUA1EXAMPLE", "a-secret").security_token("a token")?;
    /// assert!(Credentials::token("MIIF...").security_token("a token").is_err());
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn security_token(mut self, token: impl Into<String>) -> Result<Self> {
        match &mut self.0 {
            Kind::AccessKey(key) => key.security_token = Some(Secret::of_line(token)),
            _ => {
                return Err(Error::invalid(
                    "security_token",
                    "a security token belongs to an access key and secret key",
                ));
            }
        }
        Ok(self)
    }

    /// What a password's token is for.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for credentials that are not a password.
    ///
    /// ```
    /// use koophone::{Credentials, Scope};
    ///
    /// let of_the_account = Credentials::password("a-user", "a password", "an-account").scope(Scope::Domain)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn scope(mut self, scope: Scope) -> Result<Self> {
        match &mut self.0 {
            Kind::Password(login) => login.scope = scope,
            _ => return Err(Error::invalid("scope", "a scope belongs to a user name and password")),
        }
        Ok(self)
    }

    /// Credentials from named fields ([`CREDENTIAL_FIELDS`](crate::CREDENTIAL_FIELDS)), as command lines, environments
    /// and the other languages pass them. Empty fields count as absent.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for fields that are unknown, contradict each other, or lack the field that belongs to them.
    ///
    /// ```
    /// use koophone::Credentials;
    ///
    /// let error = Credentials::from_fields([("token", "MIIF..."), ("access_key", "AK")]).unwrap_err();
    /// assert!(error.message().contains("keep one of the two"), "{error}");
    /// ```
    pub fn from_fields<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut given: Vec<(&str, &str)> = Vec::new();
        for (name, value) in fields {
            if !CREDENTIAL_FIELDS.iter().any(|field| field.name == name) {
                let known: Vec<&str> = CREDENTIAL_FIELDS.iter().map(|field| field.name).collect();
                let known = known.join(", ");
                return Err(Error::invalid(
                    name,
                    format!("there is no credential field {name:?}; the fields are {known}"),
                ));
            }
            if !value.is_empty() {
                given.push((name, value));
            }
        }
        let field = |name: &str| given.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let any = |method: &str| {
            let mut fields = CREDENTIAL_FIELDS.iter().filter(|field| field.method == method).map(|field| field.name);
            fields.find(|name| field(name).is_some())
        };
        let kinds = [any("token"), any("password"), any("access_key")];
        let mut present = kinds.iter().flatten();
        if let (Some(first), Some(second)) = (present.next(), present.next()) {
            return Err(Error::invalid(
                *second,
                format!("{first} and {second} belong to different kinds of credentials; keep one of the two"),
            ));
        }
        let needed = |name: &'static str, other: &str| {
            field(name).ok_or_else(|| Error::invalid(name, format!("{name} is required with {other}")))
        };
        let credentials = match kinds {
            [Some(_), ..] => Self::token(needed("token", "")?.trim()),
            [_, Some(other), _] => {
                let login =
                    Self::password(needed("username", other)?, needed("password", other)?, needed("domain", other)?);
                login.scope(field("scope").unwrap_or("project").parse()?)?
            }
            [_, _, Some(other)] => {
                let key = Self::access_key(needed("access_key", other)?.trim(), needed("secret_key", other)?.trim());
                match field("security_token") {
                    Some(token) => key.security_token(token.trim())?,
                    None => key,
                }
            }
            [None, None, None] => {
                return Err(Error::configuration(
                    "credentials",
                    "no credentials were given; give a token, a user name with password and domain, or an access key \
                        with its secret key",
                ));
            }
        };
        credentials.check()?;
        Ok(credentials)
    }

    /// Refuses values that do not fit into a header or that the service would refuse without a reason. Never prints a
    /// value.
    pub(crate) fn check(&self) -> Result<()> {
        let in_header = |name: &str, text: &str| {
            if text.is_empty() {
                return Err(Error::invalid(name, format!("{name} is empty")));
            }
            if !text.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(Error::invalid(
                    name,
                    format!("{name} contains a space, a line break or another invalid character"),
                ));
            }
            Ok(())
        };
        let one_line = |name: &str, text: &str| {
            if text.is_empty() {
                return Err(Error::invalid(name, format!("{name} is empty")));
            }
            if text.chars().any(char::is_control) {
                let message = format!(
                    "{name} contains a line break or another control character; it must be a single line of text"
                );
                return Err(Error::invalid(name, message));
            }
            Ok(())
        };
        match &self.0 {
            Kind::Token(token) => in_header("token", token.expose()),
            Kind::Password(login) => {
                one_line("username", &login.username)?;
                one_line("password", login.password.expose())?;
                one_line("domain", &login.domain)
            }
            Kind::AccessKey(key) => {
                in_header("access_key", &key.id)?;
                if key.id.contains(',') {
                    return Err(Error::invalid("access_key", "access_key contains a comma; pass the access key alone"));
                }
                one_line("secret_key", key.secret.expose())?;
                key.security_token.as_ref().map_or(Ok(()), |token| in_header("security_token", token.expose()))
            }
            Kind::Chain => Ok(()),
        }
    }

    pub(crate) fn is_chain(&self) -> bool {
        matches!(self.0, Kind::Chain)
    }

    /// The method's name in results and errors.
    pub(crate) fn method(&self) -> &'static str {
        match &self.0 {
            Kind::Token(_) => "token",
            Kind::Password(_) => "password",
            Kind::AccessKey(_) => "access_key",
            Kind::Chain => "chain",
        }
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(fields: &[(&str, &str)]) -> String {
        Credentials::from_fields(fields.iter().copied()).unwrap_err().argument().map(str::to_owned).unwrap()
    }

    #[test]
    fn contradictory_and_incomplete_fields_are_refused() {
        assert_eq!(argument(&[("token", "t"), ("access_key", "a"), ("secret_key", "s")]), "access_key");
        assert_eq!(argument(&[("username", "u"), ("password", "p"), ("access_key", "a")]), "access_key");
        assert_eq!(argument(&[("access_key", "a")]), "secret_key");
        assert_eq!(argument(&[("username", "u"), ("password", "p")]), "domain");
        assert_eq!(argument(&[("scope", "planet"), ("username", "u"), ("password", "p"), ("domain", "d")]), "scope");
        assert_eq!(argument(&[("security_token", "t")]), "access_key");
        assert_eq!(argument(&[("tokn", "t")]), "tokn");
        assert_eq!(argument(&[("token", "")]), "credentials");
        assert_eq!(argument(&[("token", "a\nb")]), "token");
        assert_eq!(argument(&[("access_key", "a,b"), ("secret_key", "s")]), "access_key");
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_are_left_out_of_every_part() {
        let raw = "\u{feff}text\r\n\n";
        let Kind::Password(login) = Credentials::password(raw, raw, raw).0 else { panic!("no password") };
        assert_eq!((login.username.as_str(), login.password.expose(), login.domain.as_str()), ("text", "text", "text"));
        let Kind::AccessKey(key) = Credentials::access_key(raw, raw).security_token(raw).unwrap().0 else {
            panic!("no access key")
        };
        assert_eq!((key.id.as_str(), key.secret.expose()), ("text", "text"));
        assert_eq!(key.security_token.unwrap().expose(), "text");
        let Kind::Token(token) = Credentials::token(raw).0 else { panic!("no token") };
        assert_eq!(token.expose(), "text");
    }

    #[test]
    fn control_characters_inside_are_refused_for_every_part() {
        let parts = [("username", "u"), ("password", "p"), ("domain", "d")];
        let keys = [("access_key", "a"), ("secret_key", "s"), ("security_token", "t")];
        for method in [&parts[..], &keys, &[("token", "t")]] {
            for bad in 0..method.len() {
                let mut fields = method.to_vec();
                fields[bad].1 = "one\ttwo";
                assert_eq!(argument(&fields), method[bad].0);
            }
        }
    }

    #[test]
    fn fields_make_every_kind() {
        let method = |fields: &[(&str, &str)]| Credentials::from_fields(fields.iter().copied()).unwrap().method();
        assert_eq!(method(&[("token", " t\n")]), "token");
        assert_eq!(method(&[("username", "u"), ("password", " p"), ("domain", "d"), ("scope", "domain")]), "password");
        assert_eq!(method(&[("access_key", "a"), ("secret_key", "s"), ("security_token", "t")]), "access_key");
    }

    #[test]
    fn debug_prints_no_secret() {
        let all = [
            Credentials::token("S3CRET"),
            Credentials::password("u", "S3CRET", "d"),
            Credentials::access_key("a", "S3CRET").security_token("S3CRET").unwrap(),
        ];
        for credentials in all {
            assert!(!format!("{credentials:?} {credentials}").contains("S3CRET"));
        }
    }
}
