//! The fields of credentials: their names, their environment variables, and which belong together.

/// A named part of a credential, for command lines, environments and the options of other languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialField {
    /// The name that [`Credentials::from_fields`](crate::Credentials::from_fields) takes.
    pub name: &'static str,
    /// Environment variable.
    pub variable: &'static str,
    /// The method it belongs to: `token`, `password` or `access_key`. Fields of two methods contradict each other.
    pub method: &'static str,
    /// Whether it is secret: not for command lines or logs.
    pub secret: bool,
    /// Whether its method requires it.
    pub required: bool,
    /// What it is.
    pub meaning: &'static str,
}

const fn field(
    name: &'static str,
    variable: &'static str,
    method: &'static str,
    [secret, required]: [bool; 2],
    meaning: &'static str,
) -> CredentialField {
    CredentialField { name, variable, method, secret, required, meaning }
}

/// Every field of every method.
pub const CREDENTIAL_FIELDS: &[CredentialField] = &[
    field("token", "KOOPHONE_TOKEN", "token", [true, true], "a ready-made IAM token (X-Auth-Token)"),
    field("username", "KOOPHONE_USERNAME", "password", [false, true], "name of the IAM user (IAM用户名)"),
    field("password", "KOOPHONE_PASSWORD", "password", [true, true], "password of the IAM user"),
    field(
        "domain",
        "KOOPHONE_DOMAIN",
        "password",
        [false, true],
        "name of the account that the user belongs to (账号名)",
    ),
    field(
        "scope",
        "KOOPHONE_SCOPE",
        "password",
        [false, false],
        "scope of the token: project, which KooPhone needs, or domain",
    ),
    field("access_key", "HUAWEICLOUD_SDK_AK", "access_key", [false, true], "access key (AK)"),
    field("secret_key", "HUAWEICLOUD_SDK_SK", "access_key", [true, true], "secret key (SK) of the access key"),
    field(
        "security_token",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        "access_key",
        [true, false],
        "security token of a temporary access key",
    ),
];
