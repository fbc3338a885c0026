//! Verbs on one phone or many that are several commands.

use super::form::Form;
use super::phone::Verbs;
use crate::verbs::ratio::ClickRatio;

/// Verbs of several commands.
impl<F: Form> Verbs<F> {
    /// Touches one place on the screen, given as fractions of its width and height as it is held now: `0.5, 0.5` is the
    /// middle, `1.0, 1.0` the last pixel. Reads size and rotation first; the touch itself is never sent again.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.click_ratio(0.5, 0.9)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn click_ratio(&self, x: f64, y: f64) -> F::Gives<()> {
        self.make(ClickRatio { x, y })
    }
}
