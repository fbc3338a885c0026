//! Typing a text: several commands, of which each is sent once.

use super::keys::{Stroke, strokes};
use super::{ByCommand, Effect, Output, Verb, VerbResult, row, text};
use crate::model::{Error, InstanceId, Operation, PhoneResult, Result};
use crate::operations::per_phone::{PerPhone, per_phone};
use crate::pipeline::{CallContext, Phones};

pub(crate) const SEND_KEYS: Operation = row(
    "send_keys",
    "Types a text into what has the focus: letters, digits and `_ . / : -` as they are, blank, tab, line feed, \
     `# * + , ; = @ [ ] \\ '` and the backquote by their keys. Every other character is refused before anything is \
     sent. A text that is typed half says so in the error of the phone.",
    Effect::Acts,
    &[text("text", "What is typed")],
    "DoneResult",
);

/// A stroke of the keyboard as a verb.
struct Typed(Stroke);

impl Verb for Typed {
    const OPERATION: &'static Operation = &SEND_KEYS;
    type Value = ();

    fn command(&self) -> String {
        self.0.command.clone()
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

/// Types the text on every phone. A phone that fails is left out of the rest.
pub(crate) async fn send_keys(context: &CallContext, phones: Phones, text: &str) -> Result<Vec<VerbResult<()>>> {
    let strokes = strokes(text)?;
    let all: usize = strokes.iter().map(|stroke| stroke.characters).sum();
    let mut results: Vec<Option<VerbResult<()>>> = vec![None; phones.unique.len()];
    let mut typed = 0;
    for stroke in strokes {
        let characters = stroke.characters;
        let going = |result: &Option<VerbResult<()>>| result.as_ref().is_none_or(PhoneResult::ok);
        let open: Vec<usize> = (0..results.len()).filter(|&at| going(&results[at])).collect();
        if open.is_empty() {
            break;
        }
        let ids: Vec<InstanceId> = open.iter().map(|&at| phones.unique[at]).collect();
        let given = match per_phone(context, Phones::new(&ids)?, &ByCommand(Typed(stroke))).await {
            Err(error) if typed == 0 => return Err(error),
            Err(error) => ids.iter().map(|&id| ByCommand::<Typed>::failed(id, error.clone().about(id))).collect(),
            Ok(given) => given,
        };
        for (at, result) in open.into_iter().zip(given) {
            results[at] = Some(half_typed(result, typed, all));
        }
        typed += characters;
    }
    let missing = || Error::internal("a phone without a result");
    let results = results.into_iter().map(|result| result.ok_or_else(missing)).collect::<Result<Vec<_>>>()?;
    Ok(phones.spread(results))
}

/// Says in an error how much was typed before it.
fn half_typed(mut result: VerbResult<()>, typed: usize, all: usize) -> VerbResult<()> {
    result.error = result.error.take().map(|error| {
        error.with(|error| {
            error.message = format!("{} (typed before it: {typed} of {all} characters)", error.message);
            error.maybe_executed |= typed > 0;
            error.retryable &= typed == 0;
        })
    });
    result
}
