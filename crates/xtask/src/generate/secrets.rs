//! Which fields contain secrets. A field with a name like a credential must be marked, so that no face prints it.

use serde_json::Value;

/// Words in the names of credentials.
const WORDS: [&str; 12] = [
    "token",
    "tokens",
    "secret",
    "password",
    "passphrase",
    "key",
    "sk",
    "credential",
    "credentials",
    "signature",
    "cookie",
    "authorization",
];

/// Names that have such a word but are not secret, with the reason.
const PUBLIC: &[(&str, &str)] = &[
    ("access_key", "the id of a key, which is sent with every request"),
    ("token_cache", "the path of a directory"),
    ("launch_key_address", "an entry of the Android player's bundle, where a key is a name"),
    ("launch_key_userid", "another one"),
];

/// Whether a field has a name like a credential but is not marked as secret. `owner` is the type's whole schema.
pub(super) fn is_unmarked(owner: &Value, name: &str, field: &Value) -> bool {
    let marked = field.get("x-secret").is_some_and(|mark| *mark == Value::Bool(true));
    !marked && is_named_like_a_credential(name) && holds_text(owner, field)
}

/// Ids of keys and tokens are public.
fn is_named_like_a_credential(name: &str) -> bool {
    let has_word = WORDS.iter().any(|word| name.split('_').any(|part| part.to_ascii_lowercase().ends_with(word)));
    has_word && !name.ends_with("_id") && PUBLIC.iter().all(|(public, _)| *public != name)
}

/// Whether it could contain a secret. Numbers are limits and counts; the fields of a structure are checked separately.
fn holds_text(owner: &Value, field: &Value) -> bool {
    if let Some(target) = field.get("$ref").and_then(Value::as_str) {
        return target == "#" || owner.pointer(&target[1..]).is_none_or(|target| holds_text(owner, target));
    }
    if let Some(options) = field.get("anyOf").and_then(Value::as_array) {
        return options.iter().any(|option| holds_text(owner, option));
    }
    let is = |kind: &str| match field.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|other| other == kind),
        Some(one) => one == kind,
        None => false,
    };
    let is_structure = field.get("properties").is_some_and(Value::is_object);
    let is_number = is("integer") || is("number") || is("boolean");
    let is_choice = field.get("const").is_some() || field.get("enum").is_some() || field.get("oneOf").is_some();
    let is_nothing = field.get("type").is_some_and(|kind| kind == "null");
    !(is_structure || is_number || is_choice || is_nothing)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    /// The fields of a schema and of all types it has inside that are not marked as they should be.
    fn unmarked(schema: &Value) -> Vec<String> {
        fn visit(owner: &Value, part: &Value, found: &mut Vec<String>) {
            let none = Map::new();
            let fields = part.get("properties").and_then(Value::as_object).unwrap_or(&none);
            found.extend(
                fields.iter().filter(|(name, field)| is_unmarked(owner, name, field)).map(|(name, _)| name.clone()),
            );
            match part {
                Value::Object(parts) => parts.values().for_each(|part| visit(owner, part, found)),
                Value::Array(parts) => parts.iter().for_each(|part| visit(owner, part, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        visit(schema, schema, &mut found);
        found
    }

    #[test]
    fn every_described_field_that_is_named_like_a_credential_is_marked() {
        let core =
            koophone::binding_support::describe().into_iter().chain(koophone::binding_support::describe_arguments());
        let emulator = koophone_emulator::describe_records().into_iter();
        let all = core.chain(emulator).chain([("Options", koophone_emulator::describe())]);
        for (name, schema) in all {
            assert_eq!(unmarked(&schema), [""; 0], "{name}: mark with schemars(extend(\"x-secret\" = true))");
        }
    }

    #[test]
    fn fields_of_credentials_are_marked_too() {
        for field in koophone::CREDENTIAL_FIELDS {
            assert!(field.secret || !is_named_like_a_credential(field.name), "{}", field.name);
        }
    }

    /// They appear on command lines and in the table that is logged, so none may hold a secret.
    #[test]
    fn no_setting_and_no_argument_is_named_like_a_credential() {
        let settings = koophone::settings::SETTINGS.iter().map(|setting| setting.name);
        let arguments = koophone::OPERATIONS.iter().flat_map(|operation| operation.params).map(|param| param.name);
        let found: Vec<&str> = settings.chain(arguments).filter(|name| is_named_like_a_credential(name)).collect();
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn what_is_not_marked_is_found_at_every_depth() {
        let schema = json!({
            "properties": {"inner": {"$ref": "#/$defs/Inner"}, "token": {"$ref": "#/$defs/Token"},
                "key": {"type": "string"}},
            "$defs": {
                "Inner": {"properties": {"password": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
                "Token": {"type": "string"},
            },
        });
        assert_eq!(unmarked(&schema), ["inner", "token", "key", "password"][1..]);
    }

    #[test]
    fn names_and_kinds_that_are_no_secrets() {
        for (name, field) in [
            ("access_key", json!({"type": "string"})),
            ("token_id", json!({"type": "string"})),
            ("keyboard", json!({"type": "string"})),
            ("token_length", json!({"type": "integer"})),
            ("password", json!({"type": ["string", "null"], "x-secret": true})),
        ] {
            assert!(!is_unmarked(&Value::Null, name, &field), "{name}");
        }
        for name in ["device_token", "securityToken", "secret_key", "sk", "user_password"] {
            assert!(is_unmarked(&Value::Null, name, &json!({"type": ["string", "null"]})), "{name}");
        }
    }
}
