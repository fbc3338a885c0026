//! The credentials for a client.

use serde::Serialize;

use crate::world::World;

/// The credentials for a client. All of them are invented, and valid only for the emulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Credentials {
    /// Name of the account.
    pub account_domain: String,
    /// Name of the IAM user.
    pub user: String,
    /// The user's password.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub password: String,
    /// Access key.
    pub access_key: String,
    /// Secret key.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub secret_key: String,
    /// Security token of the keys, if they are temporary.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub security_token: Option<String>,
    /// Name of the project, the same as the region.
    pub project_name: String,
    /// Id of the project.
    pub project_id: String,
    /// Region.
    pub region: String,
}

impl Credentials {
    pub(crate) fn of(world: &World) -> Self {
        let options = &world.options;
        Self {
            account_domain: options.account_domain.clone(),
            user: options.user.clone(),
            password: options.password.clone(),
            access_key: options.access_key.clone(),
            secret_key: options.secret_key.clone(),
            security_token: options.security_token.clone(),
            project_name: options.region.clone(),
            project_id: world.project_id.clone(),
            region: options.region.clone(),
        }
    }
}
