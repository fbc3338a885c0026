//! The four forms of verbs: about one phone or many, as a call or at once.

use crate::call::{Call, CallOptions};
use crate::model::{Error, Result};
use crate::verbs::VerbResult;

/// What the verbs of a [`Phone`], of [`Phones`] or of their blocking forms return.
pub trait Form: sealed::Sealed {
    /// What a verb with this value returns.
    type Output<T: Send + 'static>;

    #[doc(hidden)]
    fn output<T: Send + 'static>(&self, call: Call<Vec<VerbResult<T>>>) -> Self::Output<T>;
}

mod sealed {
    pub trait Sealed {}
}

/// Of a [`Phone`]: a call for one value.
#[derive(Clone, Debug)]
pub struct One;

/// Of [`Phones`]: a call for a list of results.
#[derive(Clone, Debug)]
pub struct Many;

/// Of a [`blocking::Phone`](crate::blocking::Phone): one value.
#[derive(Clone, Debug)]
pub struct OneNow(pub(super) CallOptions);

/// Of [`blocking::Phones`](crate::blocking::Phones): a list of results.
#[derive(Clone, Debug)]
pub struct ManyNow(pub(super) CallOptions);

impl sealed::Sealed for One {}
impl sealed::Sealed for Many {}
impl sealed::Sealed for OneNow {}
impl sealed::Sealed for ManyNow {}

impl Form for One {
    type Output<T: Send + 'static> = Call<T>;

    fn output<T: Send + 'static>(&self, call: Call<Vec<VerbResult<T>>>) -> Call<T> {
        call.and_then(only)
    }
}

impl Form for Many {
    type Output<T: Send + 'static> = Call<Vec<VerbResult<T>>>;

    fn output<T: Send + 'static>(&self, call: Call<Vec<VerbResult<T>>>) -> Call<Vec<VerbResult<T>>> {
        call
    }
}

impl Form for OneNow {
    type Output<T: Send + 'static> = Result<T>;

    fn output<T: Send + 'static>(&self, call: Call<Vec<VerbResult<T>>>) -> Result<T> {
        only(call.options(self.0.clone()).wait()?)
    }
}

impl Form for ManyNow {
    type Output<T: Send + 'static> = Result<Vec<VerbResult<T>>>;

    fn output<T: Send + 'static>(&self, call: Call<Vec<VerbResult<T>>>) -> Result<Vec<VerbResult<T>>> {
        call.options(self.0.clone()).wait()
    }
}

/// The value of a list about one phone, or its error.
fn only<T>(results: Vec<VerbResult<T>>) -> Result<T> {
    let missing = || Error::internal("a verb without a result");
    let result = results.into_iter().next().ok_or_else(missing)?;
    match (result.value, result.error) {
        (Some(value), None) => Ok(value),
        (_, error) => Err(error.unwrap_or_else(missing)),
    }
}
