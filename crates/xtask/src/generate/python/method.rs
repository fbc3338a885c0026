//! A call as the templates see it.

use serde::Serialize;

use super::super::operations::OperationView;
use super::examples::Example;

/// An operation, or a call of a handle.
#[derive(Serialize)]
pub(super) struct Method {
    #[serde(flatten)]
    pub operation: OperationView,
    /// Its target, if it has one, and its parameters.
    pub arguments: Vec<Argument>,
    /// Whether single phones may fail, so that the option `check` has a meaning.
    pub has_check: bool,
    /// Whether it waits until a task ends and reports its progress.
    pub waits: bool,
    pub example: Option<Example>,
}

#[derive(Serialize)]
pub(super) struct Argument {
    pub name: &'static str,
    /// `ids`, or the kind of the parameter.
    pub kind: &'static str,
    /// The structure of it.
    pub of: &'static str,
    /// How a type checker sees it.
    pub annotation: String,
    /// In Python's spelling, where it may be left out.
    pub default: Option<String>,
    pub doc: String,
}
