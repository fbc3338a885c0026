//! Typing a text: several commands, of which each is sent once.

use super::keys::{Stroke, strokes};
use super::{Effect, Output, Step, Verb, row, text};
use crate::model::{Operation, Result};

pub(crate) const SEND_KEYS: Operation = row(
    "send_keys",
    "Types a text into what has the focus: letters, digits, dot, `_ / : -` as they are; space, tab, line feed, \
     `# * + , ; = @ [ ]`, backslash, apostrophe and backquote by their keys. Any other character, such as an umlaut, \
     is refused before anything is sent. If a later part of the text fails, the phone's error says how much was typed. \
     The client's timeout is for each of its requests, a timeout of the call for all of them.",
    Effect::Acts,
    &[text("text", "What is typed")],
    "DoneResult",
);

pub(crate) struct SendKeys {
    strokes: Result<Vec<Stroke>>,
}

impl SendKeys {
    pub fn new(text: &str) -> Self {
        Self { strokes: strokes(text) }
    }

    fn strokes(&self) -> &[Stroke] {
        self.strokes.as_deref().unwrap_or_default()
    }
}

impl Verb for SendKeys {
    const OPERATION: &'static Operation = &SEND_KEYS;
    const LONG: bool = true;
    type Value = ();
    /// How many strokes were made.
    type Known = usize;

    fn validate(&self) -> Result<()> {
        self.strokes.as_ref().map(drop).map_err(Clone::clone)
    }

    fn next(&self, made: &usize) -> Step {
        let command = self.strokes().get(*made).map(|stroke| stroke.command.clone()).unwrap_or_default();
        Step { operation: Self::OPERATION, command }
    }

    fn read(&self, made: &mut usize, output: &Output<'_>) -> Result<Option<()>> {
        output.nothing()?;
        *made += 1;
        Ok((*made >= self.strokes().len()).then_some(()))
    }

    fn done_so_far(&self, made: &usize) -> Option<String> {
        let characters = |strokes: &[Stroke]| strokes.iter().map(|stroke| stroke.characters).sum::<usize>();
        let (typed, all) = (characters(&self.strokes()[..*made]), characters(self.strokes()));
        (typed > 0).then(|| format!("typed before it: {typed} of {all} characters"))
    }
}
