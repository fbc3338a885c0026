//! Arguments of calls. An error names the argument, and says what is wrong and what would be right: a wrong type is a
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

/// True or false, and nothing that merely counts as one of them: `"no"` would count as true.
pub fn flag(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.extract().map_err(|_| wrong_type(name, value, "True or False"))
}

/// A whole number.
pub fn integer(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    let number = if value.is_instance_of::<PyBool>() { None } else { Some(value.extract()) };
    match number {
        Some(Ok(number)) => Ok(number),
        Some(Err(error)) if error.is_instance_of::<PyOverflowError>(value.py()) => {
            let message = format!("{name} is too large; it must be a whole number of at most 64 bits");
            Err(wrong_value(value.py(), name, message))
        }
        _ => Err(wrong_type(name, value, "a whole number (int)")),
    }
}

/// The path of a file here.
pub fn path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    value.extract().map_err(|_| wrong_type(name, value, "a path: a str, or an object such as pathlib.Path"))
}

/// A number, such as a fraction.
pub fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let number = if value.is_instance_of::<PyBool>() { None } else { value.extract().ok() };
    number.ok_or_else(|| wrong_type(name, value, "a number"))
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

/// Seconds as for [`duration`]; None is none.
pub fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Duration>> {
    if value.is_none() { Ok(None) } else { duration(name, value).map(Some) }
}

/// Seconds, as a number or a `timedelta`.
pub fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    const RIGHT: &str = "seconds as a number, or a timedelta";
    if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(name, value, RIGHT));
    }
    let number: Option<f64> = match value.getattr_opt("total_seconds")? {
        Some(total) => total.call0()?.extract().ok(),
        None => value.extract().ok(),
    };
    let number = number.ok_or_else(|| wrong_type(name, value, RIGHT))?;
    Duration::try_from_secs_f64(number).map_err(|_| {
        let unlimited = if number == f64::INFINITY && name == "timeout" {
            "; for no limit at all, give the client the setting timeout=\"none\""
        } else {
            ""
        };
        let message = format!("{name} is {number} seconds; it must be a finite number from 0 upwards{unlimited}");
        wrong_value(value.py(), name, message)
    })
}

/// The ids of phones. A single text is refused: its letters would be taken for ids.
pub fn ids(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    const RIGHT: &str = "a list of ids, also for one phone: [\"a44uhlf7\"]";
    let one_text = value.is_instance_of::<PyString>();
    let ids = value.try_iter().ok().filter(|_| !one_text).ok_or_else(|| wrong_type(name, value, RIGHT))?;
    ids.enumerate().map(|(place, id)| id.and_then(|id| item(name, place, &id))).collect()
}

/// None, one text, or a list of texts.
pub fn texts(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<String>>> {
    if value.is_none() {
        return Ok(None);
    }
    if value.is_instance_of::<PyString>() {
        return text(name, value).map(|one| Some(vec![one]));
    }
    let items = value.try_iter().map_err(|_| wrong_type(name, value, "a text, a list of texts, or None"))?;
    items.enumerate().map(|(place, one)| one.and_then(|one| item(name, place, &one))).collect::<PyResult<_>>().map(Some)
}

fn item(name: &str, place: usize, id: &Bound<'_, PyAny>) -> PyResult<String> {
    match id.cast::<PyString>().ok().and_then(|text| text.to_str().ok().map(str::to_owned)) {
        Some(text) => Ok(text),
        None => text(&format!("{name}[{place}]"), id),
    }
}

/// An object of the class `C`.
pub fn object<'a, 'p, C: PyClass>(name: &str, value: &'a Bound<'p, PyAny>) -> PyResult<&'a Bound<'p, C>> {
    value.cast::<C>().map_err(|_| wrong_type(name, value, &format!("a {}", class_name::<C>(value.py()))))
}

/// The values in anything that holds objects of the class `C`.
pub fn objects<C, T>(name: &str, value: &Bound<'_, PyAny>, inner: impl Fn(&C) -> T) -> PyResult<Vec<T>>
where
    C: PyClass<Frozen = True> + Sync,
{
    let right = || format!("a list of {}", class_name::<C>(value.py()));
    let items = value.try_iter().map_err(|_| wrong_type(name, value, &right()))?;
    let item = |(place, item): (usize, PyResult<Bound<'_, PyAny>>)| {
        let item = item?;
        Ok(inner(object::<C>(&format!("{name}[{place}]"), &item)?.get()))
    };
    items.enumerate().map(item).collect()
}

/// What can be called, or None.
pub fn callable(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    match value.is_none() {
        true => Ok(None),
        false if value.is_callable() => Ok(Some(value.clone().unbind())),
        false => Err(wrong_type(name, value, "a function, or None")),
    }
}

fn class_name<C: PyClass>(py: Python<'_>) -> String {
    py.get_type::<C>().name().map_or_else(|_| String::new(), |name| name.to_string())
}

fn wrong_type(name: &str, value: &Bound<'_, PyAny>, right: &str) -> PyErr {
    let kind = value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("{name} has the type {kind}; it must be {right}"))
}

fn wrong_value(py: Python<'_>, name: &str, message: String) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let raised = CLASS.import(py, "koophone._errors", "InvalidArgumentError").and_then(|class| {
        let argument = [("argument", name)].into_py_dict(py)?;
        class.call((message,), Some(&argument))
    });
    raised.map_or_else(|other| other, PyErr::from_value)
}
