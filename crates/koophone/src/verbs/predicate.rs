//! The caller's decision whether what a phone printed ends its wait.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::model::{Error, ErrorKind, Result};
use crate::runtime::catch;

/// Decides from what a command printed on a phone whether the phone is ready, for
/// [`wait_until`](crate::Phone::wait_until). A closure that takes `&str` becomes one.
///
/// It runs between two readings, so it should be quick. A panic in it ends the wait with an error of kind `internal`.
///
/// ```
/// use koophone::Predicate;
///
/// let is_there = Predicate::new(|text| text.contains("Download"));
/// let same: Predicate = (|text: &str| text.contains("Download")).into();
/// # let _ = (is_there, same);
/// ```
#[derive(Clone)]
pub struct Predicate(Arc<Decide>);

/// Decides for the texts of several phones at once.
type Decide = dyn Fn(Vec<String>) -> BoxFuture<'static, Result<Vec<bool>>> + Send + Sync;

impl Predicate {
    /// Makes one of a function that takes what one phone printed.
    pub fn new(predicate: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let panicked = |_| Error::new(ErrorKind::Internal, "the predicate panicked; it must return true or false");
        let decide = move |texts: &[String]| texts.iter().map(|text| predicate(text)).collect();
        Self::deciding(move |texts| ready(catch(|| decide(&texts)).map_err(panicked)).boxed())
    }

    /// Makes one that decides for the texts of several phones at once, in their order. An error ends the wait.
    pub(crate) fn deciding(
        decide: impl Fn(Vec<String>) -> BoxFuture<'static, Result<Vec<bool>>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(decide))
    }

    /// Which texts are accepted; a phone without a text is left out.
    pub(crate) async fn choose(self, texts: Vec<Option<String>>) -> Result<Vec<Option<String>>> {
        let asked: Vec<String> = texts.iter().flatten().cloned().collect();
        let count = asked.len();
        let decided = if count == 0 { Vec::new() } else { (self.0)(asked).await? };
        if decided.len() != count {
            return Err(Error::internal(format!(
                "the predicate was given {count} texts and decided {}",
                decided.len()
            )));
        }
        let mut decided = decided.into_iter();
        Ok(texts.into_iter().map(|text| text.filter(|_| decided.next() == Some(true))).collect())
    }
}

impl<F: Fn(&str) -> bool + Send + Sync + 'static> From<F> for Predicate {
    fn from(predicate: F) -> Self {
        Self::new(predicate)
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predicate").finish_non_exhaustive()
    }
}
