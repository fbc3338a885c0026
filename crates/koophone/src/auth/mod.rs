//! TEMPORARY stand-in until the auth branch is merged.
use crate::envelope::ServiceError;
use crate::error::Result;
use crate::http::{Http, HttpRequest, HttpResponse};
use reqwest::Url;
use std::path::PathBuf;
use tokio::time::Instant;
#[allow(missing_docs)]
pub mod signing {}
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Credentials {
    Token(String),
}
#[allow(missing_docs)]
impl Credentials {
    pub fn token(t: impl Into<String>) -> Self {
        Self::Token(t.into())
    }
    pub fn chain() -> Self {
        Self::Token("t".into())
    }
    pub fn password(_: &str, _: &str, _: &str) -> Self {
        Self::Token("t".into())
    }
}
#[allow(missing_docs)]
pub enum Scope {}
#[allow(missing_docs, dead_code)]
pub(crate) struct AuthSettings {
    pub iam_endpoint: Url,
    pub region: Option<String>,
    pub project_id: Option<String>,
    pub metadata: bool,
    pub metadata_endpoint: Option<Url>,
    pub token_cache: Option<PathBuf>,
    pub max_attempts: u32,
}
pub(crate) struct Authorizer(Credentials);
#[derive(PartialEq)]
#[allow(dead_code)]
pub(crate) enum Repair {
    Repeat,
    No,
}
#[allow(missing_docs)]
#[derive(Debug, Clone)]
pub struct Identity {}
impl Authorizer {
    pub fn new(c: Credentials, _: AuthSettings) -> Result<Self> {
        Ok(Self(c))
    }
    pub async fn authorise(&self, _: &Http, r: &mut HttpRequest, _: Option<Instant>) -> Result<()> {
        let Credentials::Token(t) = &self.0;
        r.headers.insert("x-auth-token", t.parse().unwrap());
        Ok(())
    }
    pub fn observe(&self, _: &HttpResponse) {}
    pub async fn repair(&self, _: &HttpRequest, _: &HttpResponse, _: &ServiceError) -> Repair {
        Repair::No
    }
    pub async fn login(&self, _: &Http, _: Option<Instant>) -> Result<Identity> {
        Ok(Identity {})
    }
}
