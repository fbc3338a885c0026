//! Which commands the service accepts.

use crate::quirk::{Quirk, Quirks};

const LONGEST_COMMAND: usize = 1024;

/// Refuses a command as the service does, before it looks for the phones.
pub(crate) fn check_command(quirks: Quirks, command: &str) -> Result<(), String> {
    let length = if quirks.has(Quirk::CommandLimitInCharacters) { command.chars().count() } else { command.len() };
    if command.is_empty() || length > LONGEST_COMMAND {
        return Err(format!("command has a length of {length}, 1 to {LONGEST_COMMAND} is allowed"));
    }
    if quirks.has(Quirk::AnyCharacter) {
        return Ok(());
    }
    let listed = |character: char| character.is_ascii_alphanumeric() || "_./:-".contains(character);
    let allowed = |character: char| listed(character) || (character == ' ' && !quirks.has(Quirk::SpacesRefused));
    match command.chars().find(|character| !allowed(*character)) {
        Some(character) => Err(format!("command: the character {character:?} is not allowed")),
        None => Ok(()),
    }
}
