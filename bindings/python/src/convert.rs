//! Between the core's values and Python objects: what the generated classes share.

use koophone::ErrorKind;
use pyo3::PyClass;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyDict, PyList, PyTuple, PyType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A pickled object: how to make it again, and from what.
pub type Pickled = (Py<PyAny>, (&'static str, String));

/// The members of one of the package's enumerations, in the order the core declares them.
pub struct Members {
    name: &'static str,
    members: PyOnceLock<Vec<Py<PyAny>>>,
}

impl Members {
    pub const fn new(name: &'static str) -> Self {
        Self { name, members: PyOnceLock::new() }
    }

    /// The member at `place`.
    pub fn member(&self, py: Python<'_>, place: usize) -> PyResult<Py<PyAny>> {
        let members = self.members.get_or_try_init(py, || {
            let class = py.import("koophone._enums")?.getattr(self.name)?;
            class.try_iter()?.map(|member| Ok(member?.unbind())).collect::<PyResult<_>>()
        })?;
        let member =
            members.get(place).ok_or_else(|| PyValueError::new_err(format!("{} has no {place}", self.name)))?;
        Ok(member.clone_ref(py))
    }
}

/// The exception of an error, ready to be raised or read. `details` is the error as an object of the package.
pub fn exception<C>(py: Python<'_>, kind: ErrorKind, details: C) -> PyResult<Py<PyAny>>
where
    C: PyClass + Into<PyClassInitializer<C>>,
{
    static CLASSES: PyOnceLock<Py<PyTuple>> = PyOnceLock::new();
    let classes = CLASSES.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("koophone._errors")?.getattr("ERROR_CLASSES")?.cast_into::<PyTuple>()?.unbind())
    })?;
    // The numbers of the kinds begin with 1.
    let class = classes.bind(py).get_item(usize::from(kind.number()) - 1)?;
    Ok(class.call1((Py::new(py, details)?,))?.unbind())
}

/// A value of the core from its fields; what does not fit is a `ValueError`.
pub fn build<T: DeserializeOwned>(fields: Vec<(&str, Value)>) -> PyResult<T> {
    serde_json::from_value(object(fields)).map_err(unfit)
}

/// Apart from [`build`], so that it is compiled once and not for every type.
fn object(fields: Vec<(&str, Value)>) -> Value {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A member of one of the core's enumerations.
pub fn parse<T: DeserializeOwned>(name: &str, text: &str) -> PyResult<T> {
    serde_json::from_value(Value::from(text)).map_err(|error| PyValueError::new_err(format!("{name}: {error}")))
}

/// A value of the core as a field of another.
pub fn value(value: &impl Serialize) -> Value {
    // What the core serialises has no map whose keys are not texts, the only thing that JSON has no form for.
    serde_json::to_value(value).unwrap_or_default()
}

/// What `pickle` keeps of a value: the JSON text of the core's own form.
pub fn pickled(py: Python<'_>, name: &'static str, value: &impl Serialize) -> PyResult<Pickled> {
    let text = serde_json::to_string(value).map_err(unfit)?;
    Ok((py.import("koophone._koophone")?.getattr("_restore")?.unbind(), (name, text)))
}

/// The reverse of [`pickled`].
pub fn restore<T, C>(py: Python<'_>, text: &str, wrap: impl FnOnce(T) -> C) -> PyResult<Py<PyAny>>
where
    T: DeserializeOwned,
    C: PyClass + Into<PyClassInitializer<C>>,
{
    // By way of `Value`, as `build` does: each type is read from one form only, which halves the code of it.
    let value = serde_json::from_str::<Value>(text).and_then(serde_json::from_value).map_err(unfit)?;
    Ok(Py::new(py, wrap(value))?.into_any())
}

fn unfit(error: serde_json::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

pub fn unknown_type(name: &str) -> PyErr {
    PyValueError::new_err(format!("no type {name:?} can be restored; was it pickled by a newer koophone?"))
}

/// `Name(field=value, ...)`, secrets as `***`.
pub fn repr<T: PyClass>(object: &Bound<'_, T>, name: &str, fields: &[(&str, bool)]) -> PyResult<String> {
    let object = object.as_any();
    let shown = fields.iter().map(|(field, secret)| {
        Ok(if *secret { format!("{field}='***'") } else { format!("{field}={}", object.getattr(*field)?.repr()?) })
    });
    Ok(format!("{name}({})", shown.collect::<PyResult<Vec<_>>>()?.join(", ")))
}

/// The fields as plain data: dictionaries, lists, texts and numbers. Secrets are `***` unless asked for.
pub fn asdict<'p, T: PyClass>(
    object: &Bound<'p, T>,
    fields: &[(&str, bool)],
    secrets: bool,
) -> PyResult<Bound<'p, PyDict>> {
    let dict = PyDict::new(object.py());
    for (field, secret) in fields {
        let value = object.as_any().getattr(*field)?;
        match *secret && !secrets && !value.is_none() {
            true => dict.set_item(field, "***")?,
            false => dict.set_item(field, plain(value, secrets)?)?,
        }
    }
    Ok(dict)
}

fn plain(value: Bound<'_, PyAny>, secrets: bool) -> PyResult<Bound<'_, PyAny>> {
    let py = value.py();
    if let Ok(tuple) = value.cast::<PyTuple>() {
        let list = tuple.iter().map(|one| plain(one, secrets)).collect::<PyResult<Vec<_>>>()?;
        return Ok(PyList::new(py, list)?.into_any());
    }
    // An exception has its fields in its details, a member of an enumeration its text in its value.
    for (holder, is_plain) in [("details", false), ("value", true)] {
        if let Some(held) = value.getattr_opt(holder)? {
            return if is_plain { Ok(held) } else { plain(held, secrets) };
        }
    }
    match value.getattr_opt("asdict")? {
        Some(asdict) => asdict.call((), Some(&[("secrets", secrets)].into_py_dict(py)?)),
        None => Ok(value),
    }
}

/// Values of the core as a tuple of their classes.
pub fn tuple<'p, C, T>(py: Python<'p>, values: impl IntoIterator<Item = T>) -> PyResult<Bound<'p, PyTuple>>
where
    C: From<T> + PyClass + Into<PyClassInitializer<C>>,
{
    let objects = values.into_iter().map(|value| Py::new(py, C::from(value)));
    PyTuple::new(py, objects.collect::<PyResult<Vec<_>>>()?)
}

/// Results of the core as the package's `Results`, without copying them.
pub fn results<C, T>(py: Python<'_>, values: Vec<T>) -> PyResult<Py<PyAny>>
where
    C: From<T> + PyClass + Into<PyClassInitializer<C>>,
{
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    Ok(CLASS.import(py, "koophone._results", "Results")?.call1((tuple::<C, T>(py, values)?,))?.unbind())
}

/// Whether `check` holds for every element; an element that `check` does not know is an error.
pub fn fold(results: &Bound<'_, PyTuple>, check: impl Fn(&Bound<'_, PyAny>) -> Option<bool>) -> PyResult<bool> {
    for one in results.iter() {
        if !check(&one).ok_or_else(mixed_results)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The values in a tuple whose elements are all of class `C`.
pub fn all_of<C, T>(results: &Bound<'_, PyTuple>, value: impl Fn(&C) -> T) -> Option<Vec<T>>
where
    C: PyClass<Frozen = True> + Sync,
{
    results.iter().map(|one| one.cast::<C>().ok().map(|one| value(one.get()))).collect()
}

pub fn mixed_results() -> PyErr {
    PyTypeError::new_err("these are not the results of one call")
}
