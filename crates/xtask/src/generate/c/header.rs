//! `include/koophone.h`: cbindgen's reading of bindings/c, under the conventions of `bindings/c/conventions.txt`.

use std::fs;

use crate::repository::Repository;

/// The header. `enums` are those of arguments, which no function names, because they are passed as numbers.
pub fn generate(enums: Vec<String>) -> Result<String, String> {
    let repository = Repository::find()?;
    let folder = repository.root.join("bindings/c");
    let mut config = cbindgen::Config::from_file(folder.join("cbindgen.toml"))?;
    let conventions =
        fs::read_to_string(folder.join("conventions.txt")).map_err(|error| format!("conventions.txt: {error}"))?;
    config.export.include = enums;
    config.header = Some(conventions.trim_end().to_owned());
    config.after_includes = Some(constants(env!("CARGO_PKG_VERSION")));
    let bindings = cbindgen::Builder::new()
        .with_crate(&folder)
        .with_config(config)
        .generate()
        .map_err(|error| format!("cbindgen does not understand bindings/c: {error}"))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(|error| error.to_string())
}

/// The header's macros: the version, and the names of settings and credential fields.
fn constants(version: &str) -> String {
    let mut text = format!("\n/// The version of this header.\n#define KOOPHONE_VERSION \"{version}\"\n");
    for (part, number) in ["MAJOR", "MINOR", "PATCH"].iter().zip(version.split('.')) {
        text += &format!("#define KOOPHONE_VERSION_{part} {number}\n");
    }
    text += "\n/* Defined by a program that links a library built without the emulator. */\n";
    text += "#ifndef KOOPHONE_WITHOUT_EMULATOR\n#define KOOPHONE_EMULATOR\n#endif\n";
    text += "\n/* Names for koophone_config_set. */\n\n";
    for setting in koophone::settings::SETTINGS {
        let (name, meaning, default) = (setting.name, setting.about_text(), setting.default);
        text += &format!("/// {}. Default: {default}. Environment: {}.\n", capital(&meaning), setting.variable);
        text += &format!("#define KOOPHONE_SETTING_{} \"{name}\"\n", name.to_uppercase());
    }
    text += "\n/* Names for koophone_credentials_set. */\n\n";
    for field in koophone::CREDENTIAL_FIELDS {
        let (name, meaning) = (field.name, field.meaning);
        text += &format!("/// {}. Environment: {}.\n", capital(meaning), field.variable);
        text += &format!("#define KOOPHONE_CREDENTIAL_{} \"{name}\"\n", name.to_uppercase());
    }
    text
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().collect::<String>() + rest.as_str()).unwrap_or_default()
}
