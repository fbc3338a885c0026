//! A touch at a fraction of the screen: two commands that read, and one touch.

use super::input::Click;
use super::screen::{ReadRotation, ReadWindowSize};
use super::{Effect, OneCommand, Output, Step, Verb, WindowSize, param, row};
use crate::model::{Error, Operation, Param, ParamKind, Result};

const X: Param = param("x", ParamKind::Number, "From the left: 0 to 1", None);
const Y: Param = param("y", ParamKind::Number, "From the top: 0 to 1", None);

pub(crate) const CLICK_RATIO: Operation = row(
    "click_ratio",
    "Touches one place on the screen, given as fractions of its present width and height.",
    Effect::Acts,
    &[X, Y],
    "DoneResult",
);

pub(crate) struct ClickRatio {
    pub x: f64,
    pub y: f64,
}

/// What is known of the screen of a phone.
#[derive(Default)]
pub(crate) struct Screen {
    upright: Option<WindowSize>,
    turns: Option<i64>,
}

impl ClickRatio {
    fn place(&self, upright: WindowSize, turns: i64) -> Click {
        let (width, height) =
            if turns % 2 == 0 { (upright.width, upright.height) } else { (upright.height, upright.width) };
        // 1 is the last pixel, not the one behind it. The casts saturate, and a size is far below 2^53.
        let pixel = |fraction: f64, pixels: i64| ((fraction * pixels as f64) as i64).min(pixels - 1).max(0);
        Click { x: pixel(self.x, width), y: pixel(self.y, height) }
    }
}

impl Verb for ClickRatio {
    const OPERATION: &'static Operation = &CLICK_RATIO;
    type Value = ();
    type Known = Screen;

    fn validate(&self) -> Result<()> {
        for (name, value) in [("x", self.x), ("y", self.y)] {
            if !(0.0..=1.0).contains(&value) {
                let message = format!("{name} is {value}; it must be a fraction of the screen, 0 to 1");
                return Err(Error::invalid(name, message));
            }
        }
        Ok(())
    }

    fn next(&self, screen: &Screen) -> Step {
        match (screen.upright, screen.turns) {
            (None, _) => ReadWindowSize.next(&()),
            (Some(_), None) => ReadRotation.next(&()),
            (Some(upright), Some(turns)) => {
                Step { operation: Self::OPERATION, command: self.place(upright, turns).command() }
            }
        }
    }

    fn read(&self, screen: &mut Screen, output: &Output<'_>) -> Result<Option<()>> {
        match screen {
            Screen { upright: None, .. } => screen.upright = Some(OneCommand::read(&ReadWindowSize, output)?),
            Screen { turns: None, .. } => screen.turns = Some(OneCommand::read(&ReadRotation, output)?),
            _ => return output.nothing().map(Some),
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_a_pixel_of_the_screen_as_it_is_held() {
        let upright = WindowSize { width: 720, height: 1280 };
        let place = |x, y, turns| {
            let click = ClickRatio { x, y }.place(upright, turns);
            (click.x, click.y)
        };
        assert_eq!(place(0.5, 0.25, 0), (360, 320));
        assert_eq!(place(0.5, 0.25, 1), (640, 180));
        assert_eq!((place(0.0, 0.0, 2), place(1.0, 1.0, 2), place(1.0, 1.0, 3)), ((0, 0), (719, 1279), (1279, 719)));
    }

    #[test]
    fn what_is_no_fraction_is_refused() {
        for (x, y, argument) in [(-0.1, 0.0, "x"), (0.0, 1.1, "y"), (f64::NAN, 0.0, "x"), (0.0, f64::INFINITY, "y")] {
            assert_eq!(ClickRatio { x, y }.validate().unwrap_err().argument(), Some(argument));
        }
    }
}
