//! Conversions between the core's values and Python objects, which the generated classes share.

use koophone::Error;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyList, PyTuple, PyType};
use pyo3::{IntoPyObjectExt, PyClass};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::unwinding::parked_if_unwound;

/// A class of the package around the core's type `T`.
pub trait ClassOf<T>: From<T> + PyClass + Into<PyClassInitializer<Self>> {}

impl<T, C: From<T> + PyClass + Into<PyClassInitializer<C>>> ClassOf<T> for C {}

/// A member of one of the package's enumerations. Both are counted in the order in which the core declares them.
pub fn member(py: Python<'_>, enumeration: usize, place: usize) -> PyResult<Py<PyAny>> {
    static MEMBERS: PyOnceLock<Vec<Vec<Py<PyAny>>>> = PyOnceLock::new();
    let members = MEMBERS.get_or_try_init(py, || py.import("koophone._enums")?.getattr("MEMBERS")?.extract())?;
    let member = members.get(enumeration).and_then(|members| members.get(place));
    Ok(member.ok_or_else(|| PyValueError::new_err("the package and its native module differ"))?.clone_ref(py))
}

/// The exception of an error, to be raised or read. `C` is the package's class of all its details.
pub fn exception<C: ClassOf<Error>>(py: Python<'_>, error: &Error) -> PyResult<Py<PyAny>> {
    static CLASSES: PyOnceLock<Py<PyTuple>> = PyOnceLock::new();
    let classes = CLASSES.import(py, "koophone._errors", "ERROR_CLASSES")?;
    // The numbers of the kinds begin with 1.
    let class = classes.get_item(usize::from(error.kind().number()) - 1)?;
    let details = (Py::new(py, C::from(error.clone()))?,).into_pyobject(py)?;
    Ok(parked_if_unwound(|| class.call1(&details))?.unbind())
}

/// A value of the core from its fields; what does not fit is a `ValueError`.
pub fn build<T: DeserializeOwned>(fields: Vec<(&str, Value)>) -> PyResult<T> {
    serde_json::from_value(object(fields)).map_err(|error| PyValueError::new_err(error.to_string()))
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
    // The core serialises nothing that JSON cannot express: the keys of its maps are texts.
    serde_json::to_value(value).unwrap_or_default()
}

/// The fields by name.
pub fn fields<'p, T: PyClass>(object: &Bound<'p, T>, fields: &[(&str, bool)]) -> PyResult<Bound<'p, PyDict>> {
    let values = fields.iter().map(|(name, _)| Ok((name, object.as_any().getattr(*name)?)));
    values.collect::<PyResult<Vec<_>>>()?.into_py_dict(object.py())
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
    names: &[(&str, bool)],
    secrets: bool,
) -> PyResult<Bound<'p, PyDict>> {
    let values = names.iter().map(|(name, secret)| {
        let value = object.as_any().getattr(*name)?;
        let is_hidden = *secret && !secrets && !value.is_none();
        Ok((name, if is_hidden { "***".into_bound_py_any(object.py())? } else { plain(value, secrets)? }))
    });
    values.collect::<PyResult<Vec<_>>>()?.into_py_dict(object.py())
}

fn plain(value: Bound<'_, PyAny>, secrets: bool) -> PyResult<Bound<'_, PyAny>> {
    let py = value.py();
    if value.is_instance_of::<PyTuple>() || value.is_instance_of::<PyBytes>() {
        let list = value.try_iter()?.map(|one| plain(one?, secrets)).collect::<PyResult<Vec<_>>>()?;
        return Ok(PyList::new(py, list)?.into_any());
    }
    if let Some(asdict) = value.getattr_opt("asdict")? {
        return asdict.call((), Some(&[("secrets", secrets)].into_py_dict(py)?));
    }
    // A member of an enumeration has its text in its value.
    Ok(value.getattr_opt("value")?.unwrap_or(value))
}

/// Values of the core as a tuple of their classes.
pub fn tuple<C: ClassOf<T>, T>(py: Python<'_>, values: impl IntoIterator<Item = T>) -> PyResult<Bound<'_, PyTuple>> {
    let objects = values.into_iter().map(|value| Py::new(py, C::from(value)));
    PyTuple::new(py, objects.collect::<PyResult<Vec<_>>>()?)
}

/// Results of the core as the package's `Results`, without copying them.
pub fn results<C: ClassOf<T>, T>(py: Python<'_>, values: Vec<T>) -> PyResult<Py<PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    Ok(CLASS.import(py, "koophone._results", "Results")?.call1((tuple::<C, T>(py, values)?,))?.unbind())
}

/// The values in a tuple whose elements are all of class `C`.
pub fn all_of<C, T>(results: &Bound<'_, PyTuple>, value: impl Fn(&C) -> T) -> Option<Vec<T>>
where
    C: PyClass<Frozen = True> + Sync,
{
    results.iter().map(|one| one.cast::<C>().ok().map(|one| value(one.get()))).collect()
}
