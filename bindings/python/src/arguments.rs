//! Arguments of calls. An error names the argument, and says what is wrong and what would be correct: a wrong type is a
//! `TypeError`, a wrong value an `InvalidArgumentError`.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::PyClass;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyBool, PyInt, PyString, PyType};

/// Text.
pub fn text(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = value.cast::<PyString>().map_err(|_| wrong_type(name, value, "text (str)"))?;
    text.to_str().map(str::to_owned).map_err(|_| {
        let message = format!("{name} has a surrogate, which UTF-8 has no form for; it must be Unicode text");
        wrong_value(value.py(), name, message)
    })
}

/// True or false, and nothing that only counts as one of them: `"no"` would count as true.
pub fn flag(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract().map_err(|_| wrong_type(name, value, "True or False"))
}

/// A whole number.
pub fn integer(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    match value.extract() {
        Ok(number) if !value.is_instance_of::<PyBool>() => Ok(number),
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
            let message = format!("{name} is too large; it must be a whole number of at most 64 bits");
            Err(wrong_value(value.py(), name, message))
        }
        _ => Err(wrong_type(name, value, "a whole number (int)")),
    }
}

/// The path of a local file.
pub fn path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    value.extract().map_err(|_| wrong_type(name, value, "a path: a str, or an object such as pathlib.Path"))
}

/// A number, such as a fraction. `right` is what the argument takes.
pub fn number(name: &str, value: &Bound<'_, PyAny>, right: &str) -> PyResult<f64> {
    let number = value.extract().ok().filter(|_| !value.is_instance_of::<PyBool>());
    number.ok_or_else(|| wrong_type(name, value, right))
}

/// A whole number of a type with narrower limits.
pub fn whole<T: TryFrom<i64>>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    let number = integer(name, value)?;
    T::try_from(number).map_err(|_| {
        let right = if number < 0 { "from 0 upwards".to_owned() } else { format!("below 2^{}", 8 * size_of::<T>()) };
        wrong_value(value.py(), name, format!("{name} is {number}; it must be a whole number {right}"))
    })
}

/// One of the texts of an enumeration.
pub fn choice(name: &str, value: &Bound<'_, PyAny>, choices: &[&str]) -> PyResult<String> {
    let chosen = text(name, value)?;
    if choices.contains(&chosen.as_str()) {
        return Ok(chosen);
    }
    let message = format!("{name} is {chosen:?}; it must be one of: {}", choices.join(", "));
    Err(wrong_value(value.py(), name, message))
}

/// Text, or a whole number as text.
pub fn word(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    match value.is_instance_of::<PyInt>() {
        true => integer(name, value).map(|number| number.to_string()),
        false => text(name, value),
    }
}

/// A value that `read` accepts, or None.
pub fn optional<'p, T>(
    name: &str,
    value: &Bound<'p, PyAny>,
    read: impl FnOnce(&str, &Bound<'p, PyAny>) -> PyResult<T>,
) -> PyResult<Option<T>> {
    if value.is_none() { Ok(None) } else { read(name, value).map(Some) }
}

/// Seconds, as a number or a `timedelta`.
pub fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let total = value.getattr_opt("total_seconds")?.map(|total| total.call0()).transpose()?;
    let number = number(name, total.as_ref().unwrap_or(value), "seconds as a number, or a timedelta")?;
    Duration::try_from_secs_f64(number).map_err(|_| {
        let unlimited = match number == f64::INFINITY && name == "timeout" {
            true => "; for no limit at all, give the client the setting timeout=\"none\"",
            false => "",
        };
        let message = format!("{name} is {number} seconds; it must be a finite number from 0 upwards{unlimited}");
        wrong_value(value.py(), name, message)
    })
}

/// The ids of phones.
pub fn ids(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    strings(name, value, "a list of ids, also for one phone: [\"a44uhlf7\"]")
}

/// None, one text, or a list of texts.
pub fn texts(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<String>>> {
    optional(name, value, |name, value| match value.is_instance_of::<PyString>() {
        true => text(name, value).map(|one| vec![one]),
        false => strings(name, value, "a text, a list of texts, or None"),
    })
}

fn strings(name: &str, value: &Bound<'_, PyAny>, right: &str) -> PyResult<Vec<String>> {
    // The name of an item is needed only for an error.
    items(name, value, right, |place, one| one.extract().or_else(|_| text(&format!("{name}[{place}]"), one)))
}

/// An object of the class `C`.
pub fn object<'a, 'p, C: PyClass>(name: &str, value: &'a Bound<'p, PyAny>) -> PyResult<&'a Bound<'p, C>> {
    value.cast::<C>().map_err(|_| wrong_type(name, value, &format!("a {}", C::NAME)))
}

/// The values in any iterable of objects of the class `C`.
pub fn objects<C, T>(name: &str, value: &Bound<'_, PyAny>, inner: impl Fn(&C) -> T) -> PyResult<Vec<T>>
where
    C: PyClass<Frozen = True> + Sync,
{
    let item = |place, item: &Bound<'_, PyAny>| Ok(inner(object::<C>(&format!("{name}[{place}]"), item)?.get()));
    items(name, value, &format!("a list of {}", C::NAME), item)
}

/// The items of any iterable but a text, whose letters would be taken for items.
fn items<'p, T>(
    name: &str,
    value: &Bound<'p, PyAny>,
    right: &str,
    item: impl Fn(usize, &Bound<'p, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    let items = value.try_iter().ok().filter(|_| !value.is_instance_of::<PyString>());
    let items = items.ok_or_else(|| wrong_type(name, value, right))?;
    items.enumerate().map(|(place, one)| item(place, &one?)).collect()
}

/// A function.
pub fn function(name: &str, value: &Bound<'_, PyAny>, right: &str) -> PyResult<Py<PyAny>> {
    if value.is_callable() { Ok(value.clone().unbind()) } else { Err(wrong_type(name, value, right)) }
}

fn wrong_type(name: &str, value: &Bound<'_, PyAny>, right: &str) -> PyErr {
    let kind = value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("{name} has the type {kind}; it must be {right}"))
}

fn wrong_value(py: Python<'_>, name: &str, message: String) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "koophone._errors", "InvalidArgumentError");
    let raised = class.and_then(|class| class.call((message,), Some(&[("argument", name)].into_py_dict(py)?)));
    raised.map_or_else(|other| other, PyErr::from_value)
}
