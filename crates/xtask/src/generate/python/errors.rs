//! `_errors.py`: an exception class for every kind of error.

use std::fmt::Write;

use koophone::ErrorKind;

use super::super::description::Field;
use super::{NOTICE, annotation, camel, docstring, parameter};

/// The built-in exception that a kind also is, where one fits: `except TimeoutError` then catches ours as well.
fn built_in(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::InvalidArgument => Some("ValueError"),
        ErrorKind::PermissionDenied => Some("PermissionError"),
        ErrorKind::NotFound => Some("LookupError"),
        ErrorKind::Network => Some("ConnectionError"),
        ErrorKind::Timeout => Some("builtins.TimeoutError"),
        ErrorKind::Internal => Some("RuntimeError"),
        _ => None,
    }
}

const HEAD: &str = r#"
"""One exception class per kind of error, all of them `KooPhoneError`."""

from __future__ import annotations

import builtins

from ._koophone import ErrorDetails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypedDict

    from typing_extensions import Unpack

    from ._koophone import JobResult
    from ._results import Results

"#;

const BASE: &str = r#"

class KooPhoneError(Exception):
    """A call failed. The class tells the kind; the attributes tell everything that is known.

    To make one by hand, in a test for example, give the message and any of the other fields by name:

    >>> import koophone
    >>> error = koophone.ThrottledError("too many calls", http_status=429, retryable=True)
    >>> error.kind, error.http_status
    ('throttled', 429)
    """

    _kind = "internal"

    results: Results[Any] | tuple[()] = ()
    """All phones' results, where ``raise_for_errors()`` or ``check=True`` raised this error of one of them."""

    saved_task: str | None = None
    """The task of the phones where it was started, for ``resume_task``, where ``check=True`` raised this error of another."""

    def __init__(self, message: str | ErrorDetails, **fields: Unpack[ErrorFields]) -> None:
        if not isinstance(message, ErrorDetails):
            fields.setdefault("attempts", 0)
            message = ErrorDetails(kind=self._kind, message=message, **fields)
        super().__init__(message)
        self.details: ErrorDetails = message

    def __str__(self) -> str:
        return str(self.details)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.details == other.details

    def __hash__(self) -> int:
        return hash(self.details)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.details,), self.__dict__
"#;

pub(super) fn classes(fields: &[Field]) -> String {
    let mut text = format!(
        "# {NOTICE}{HEAD}    class ErrorFields(TypedDict, total=False):\n        \"\"\"The fields of an error beside its kind and message.\"\"\"\n\n"
    );
    for field in fields.iter().filter(|field| !["kind", "message"].contains(&field.name.as_str())) {
        let _ = writeln!(text, "        {}: {}", field.name, parameter(field).0);
    }
    text += BASE;
    for field in fields {
        let _ = write!(
            text,
            "\n    @property\n    def {name}(self) -> {}:\n{}\n        return self.details.{name}\n",
            annotation(field),
            docstring(&field.doc, 8),
            name = field.name
        );
    }
    for kind in ErrorKind::ALL {
        let bases = built_in(kind).map(|name| format!(", {name}")).unwrap_or_default();
        let _ = write!(
            text,
            "\n\nclass {}(KooPhoneError{bases}):\n{}\n\n    _kind = \"{}\"\n",
            class_name(kind),
            docstring(&sentence(kind), 4),
            kind.name()
        );
    }
    text += "\n\nERROR_CLASSES: tuple[type[KooPhoneError], ...] = (\n";
    for kind in ErrorKind::ALL {
        let _ = writeln!(text, "    {},", class_name(kind));
    }
    text + ")\n\"\"\"Every class, in the order of the kinds' frozen numbers, which begin with 1.\"\"\"\n"
}

pub(super) fn class_name(kind: ErrorKind) -> String {
    format!("{}Error", camel(kind.name()))
}

fn sentence(kind: ErrorKind) -> String {
    let meaning = kind.meaning();
    format!("Kind {}, ``{}``: {meaning}.", kind.number(), kind.name())
}
