//! Touching the screen and pressing keys.

use std::time::Duration;

use super::keys::key_name;
use super::{Effect, OneCommand, Output, integer, param, row, text};
use crate::model::{Error, Operation, Param, ParamKind, Result};
use crate::operations::validate;

/// Most pixels of a screen's side.
pub(super) const MOST_PIXELS: i64 = 32_767;
/// Longest touch: a command must be over before the service's gateway stops waiting.
const LONGEST_TOUCH: Duration = Duration::from_secs(20);

const DURATION: Param = param("duration", ParamKind::Duration, "How long it lasts: 1 ms to 20 s", Some("500"));

fn pixels(coordinates: &[(&'static str, i64)]) -> Result<()> {
    coordinates.iter().try_for_each(|&(name, value)| validate::number(name, value, 0, MOST_PIXELS))
}

fn check_duration(duration: Duration) -> Result<()> {
    if (Duration::from_millis(1)..=LONGEST_TOUCH).contains(&duration) {
        return Ok(());
    }
    Err(Error::invalid("duration", format!("duration is {duration:?}; it must be 1 ms to 20 s")))
}

pub(crate) const CLICK: Operation = row(
    "click",
    "Touches one place on the screen.",
    Effect::Acts,
    &[integer("x", "Pixels from the left"), integer("y", "Pixels from the top")],
    "DoneResult",
);

pub(crate) struct Click {
    pub x: i64,
    pub y: i64,
}

impl OneCommand for Click {
    const OPERATION: &'static Operation = &CLICK;
    type Value = ();

    fn validate(&self) -> Result<()> {
        pixels(&[("x", self.x), ("y", self.y)])
    }

    fn command(&self) -> String {
        format!("input tap {} {}", self.x, self.y)
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

pub(crate) const LONG_CLICK: Operation = row(
    "long_click",
    "Touches one place on the screen for some time.",
    Effect::Acts,
    &[integer("x", "Pixels from the left"), integer("y", "Pixels from the top"), DURATION],
    "DoneResult",
);

pub(crate) struct LongClick {
    pub x: i64,
    pub y: i64,
    pub duration: Duration,
}

impl OneCommand for LongClick {
    const OPERATION: &'static Operation = &LONG_CLICK;
    type Value = ();

    fn validate(&self) -> Result<()> {
        pixels(&[("x", self.x), ("y", self.y)])?;
        check_duration(self.duration)
    }

    fn command(&self) -> String {
        // Android has no long tap: a swipe that goes nowhere is one.
        format!("input swipe {0} {1} {0} {1} {2}", self.x, self.y, self.duration.as_millis())
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

/// A way over the screen.
pub(crate) struct Way {
    pub x1: i64,
    pub y1: i64,
    pub x2: i64,
    pub y2: i64,
    pub duration: Duration,
}

const WAY: &[Param] = &[
    integer("x1", "Where it begins: pixels from the left"),
    integer("y1", "Where it begins: pixels from the top"),
    integer("x2", "Where it ends: pixels from the left"),
    integer("y2", "Where it ends: pixels from the top"),
    DURATION,
];

impl Way {
    fn validate(&self) -> Result<()> {
        pixels(&[("x1", self.x1), ("y1", self.y1), ("x2", self.x2), ("y2", self.y2)])?;
        check_duration(self.duration)
    }

    fn command(&self, kind: &str) -> String {
        let Self { x1, y1, x2, y2, duration } = self;
        format!("input {kind} {x1} {y1} {x2} {y2} {}", duration.as_millis())
    }
}

pub(crate) const SWIPE: Operation = row("swipe", "Moves a finger over the screen.", Effect::Acts, WAY, "DoneResult");

pub(crate) struct Swipe(pub Way);

impl OneCommand for Swipe {
    const OPERATION: &'static Operation = &SWIPE;
    type Value = ();

    fn validate(&self) -> Result<()> {
        self.0.validate()
    }

    fn command(&self) -> String {
        self.0.command("swipe")
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

pub(crate) const DRAG: Operation =
    row("drag", "Drags what is at one place to another.", Effect::Acts, WAY, "DoneResult");

pub(crate) struct Drag(pub Way);

impl OneCommand for Drag {
    const OPERATION: &'static Operation = &DRAG;
    type Value = ();

    fn validate(&self) -> Result<()> {
        self.0.validate()
    }

    fn command(&self) -> String {
        self.0.command("draganddrop")
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

pub(crate) const KEYEVENT: Operation = row(
    "keyevent",
    "Presses a key.",
    Effect::Acts,
    &[text("key", "Name or number of Android's key code: HOME, KEYCODE_HOME or 3")],
    "DoneResult",
);

pub(crate) struct Keyevent {
    pub key: String,
}

impl OneCommand for Keyevent {
    const OPERATION: &'static Operation = &KEYEVENT;
    type Value = ();

    fn validate(&self) -> Result<()> {
        key_name(&self.key).map(drop)
    }

    fn command(&self) -> String {
        format!("input keyevent {}", key_name(&self.key).unwrap_or_default())
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

pub(crate) const BACK: Operation = row("back", "Presses the back key.", Effect::Acts, &[], "DoneResult");

pub(crate) struct Back;

impl OneCommand for Back {
    const OPERATION: &'static Operation = &BACK;
    type Value = ();

    fn command(&self) -> String {
        "input keyevent KEYCODE_BACK".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}

pub(crate) const HOME: Operation = row("home", "Presses the home key.", Effect::Acts, &[], "DoneResult");

pub(crate) struct Home;

impl OneCommand for Home {
    const OPERATION: &'static Operation = &HOME;
    type Value = ();

    fn command(&self) -> String {
        "input keyevent KEYCODE_HOME".to_owned()
    }

    fn read(&self, output: &Output<'_>) -> Result<()> {
        output.nothing()
    }
}
