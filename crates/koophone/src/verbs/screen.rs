//! The screen.

use super::input::MOST_PIXELS;
use super::pages::is_hash;
use super::{Effect, OneCommand, Output, Step, Verb, row, text, words};
use crate::model::{Operation, Result};
use crate::verbs::WindowSize;

pub(crate) const WINDOW_SIZE: Operation = row(
    "window_size",
    "Reads the size of the screen in pixels, as it is held upright; `rotation` says how it is held.",
    Effect::Reads,
    &[],
    "WindowSizeResult",
);

pub(crate) struct ReadWindowSize;

impl OneCommand for ReadWindowSize {
    const OPERATION: &'static Operation = &WINDOW_SIZE;
    type Value = WindowSize;

    fn command(&self) -> String {
        "wm size".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<WindowSize> {
        let size = output.after("Override size: ").or_else(|| output.after("Physical size: "));
        let sides = size.and_then(|size| size.split_once('x'));
        let side = |text: &str| text.parse().ok().filter(|pixels| (1..=MOST_PIXELS).contains(pixels));
        let numbers = sides.and_then(|(width, height)| Some((side(width)?, side(height)?)));
        let (width, height) = numbers.ok_or_else(|| output.unreadable("size"))?;
        Ok(WindowSize { width, height })
    }
}

pub(crate) const ROTATION: Operation = row(
    "rotation",
    "Reads how the screen is turned: 0 upright, 1, 2 or 3 quarter turns.",
    Effect::Reads,
    &[],
    "NumberResult",
);

pub(crate) struct ReadRotation;

impl OneCommand for ReadRotation {
    const OPERATION: &'static Operation = &ROTATION;
    type Value = i64;

    fn command(&self) -> String {
        "dumpsys display".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<i64> {
        // The first viewport is that of the phone's own screen.
        let turns = output.after("orientation=").and_then(|text| text.split(|c: char| !c.is_ascii_digit()).next());
        let turns = turns.and_then(|digits| digits.parse().ok());
        turns.filter(|turns| (0..4).contains(turns)).ok_or_else(|| output.unreadable("orientation"))
    }
}

pub(crate) const IS_SCREEN_ON: Operation =
    row("is_screen_on", "Reads whether the screen is on.", Effect::Reads, &[], "FlagResult");

pub(crate) struct IsScreenOn;

impl OneCommand for IsScreenOn {
    const OPERATION: &'static Operation = &IS_SCREEN_ON;
    type Value = bool;

    fn command(&self) -> String {
        "dumpsys deviceidle get screen".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<bool> {
        output.text.trim().parse().map_err(|_| output.unreadable("true or false"))
    }
}

pub(crate) const WAKE: Operation =
    row("wake", "Switches the screen on, if it is off.", Effect::SameState, &[], "DoneResult");

pub(crate) struct Wake;

impl OneCommand for Wake {
    const OPERATION: &'static Operation = &WAKE;
    type Value = ();

    fn command(&self) -> String {
        "input keyevent KEYCODE_WAKEUP".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

pub(crate) const SCREENCAP: Operation = row(
    "screencap",
    "Writes a picture of the screen into a file on the phone.",
    Effect::SameState,
    &[text("path", "The file on the phone, for example /sdcard/screen.png")],
    "TextResult",
);

pub(crate) struct Screencap {
    pub path: String,
}

impl Verb for Screencap {
    const OPERATION: &'static Operation = &SCREENCAP;
    type Value = String;
    /// Whether the picture is there.
    type Known = bool;

    fn validate(&self) -> Result<()> {
        words::path("path", &self.path)
    }

    fn next(&self, is_there: &bool) -> Step {
        let program = if *is_there { "sha256sum" } else { "screencap -p" };
        Step { operation: Self::OPERATION, command: format!("{program} {}", self.path) }
    }

    fn read(&self, is_there: &mut bool, output: &Output<'_>) -> Result<Option<String>> {
        if !*is_there {
            *is_there = true;
            return Ok(None);
        }
        let hash = output.text.split_whitespace().next().filter(|word| is_hash(word));
        hash.map(|hash| Some(hash.to_owned())).ok_or_else(|| output.unreadable("hash"))
    }
}
