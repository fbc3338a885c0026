//! `credentials.ts`: credentials, with a factory function for each method of the core's fields.

use koophone::CREDENTIAL_FIELDS;
use minijinja::context;
use serde::Serialize;

use super::super::template::render;
use super::camel;

#[derive(Serialize)]
struct Method {
    name: String,
    doc: &'static str,
    params: Vec<Param>,
}

#[derive(Serialize)]
struct Param {
    name: String,
    required: bool,
    /// The default: the first of several values.
    is_scope: bool,
}

/// The documentation of each method.
const METHODS: &[(&str, &str)] = &[
    ("token", "A ready-made IAM token. It cannot be renewed: after 24 hours calls fail with `authentication`."),
    (
        "password",
        "Name and password of an IAM user, and the name of its account. Logs in at the first call and renews the token \
         before it expires. The client needs `region` or `projectId`, unless the scope is `domain`.",
    ),
    (
        "access_key",
        "An access key and its secret key (AK/SK), with its security token if it is temporary. Nothing is sent to log \
         in.",
    ),
];

pub(super) fn credentials() -> Result<String, String> {
    if let Some(field) = CREDENTIAL_FIELDS.iter().find(|field| METHODS.iter().all(|(name, _)| *name != field.method)) {
        return Err(format!("the method {} of credentials has no documentation", field.method));
    }
    let params = |method: &str| {
        let fields = CREDENTIAL_FIELDS.iter().filter(|field| field.method == method);
        let param = |field: &koophone::CredentialField| Param {
            name: camel(field.name),
            required: field.required,
            is_scope: field.name == "scope",
        };
        fields.map(param).collect()
    };
    let methods: Vec<Method> =
        METHODS.iter().map(|(name, doc)| Method { name: camel(name), doc, params: params(name) }).collect();
    render("credentials.ts.j2", include_str!("../../../templates/node/credentials.ts.j2"), context! { methods })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_takes_its_fields() {
        let text = credentials().unwrap();
        for line in [
            "  static token(token: string): Credentials {\n    return new Credentials({ token });\n",
            "  static password(username: string, password: string, domain: string, \
             scope: 'project' | 'domain' = 'project'): Credentials {\n    \
             return new Credentials({ username, password, domain, scope });\n",
            "  static accessKey(accessKey: string, secretKey: string, securityToken?: string): Credentials {\n",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
    }
}
