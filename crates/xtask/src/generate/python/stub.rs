//! `_koophone.pyi`: the hand-written part (`bindings/python/native.pyi`) and a class for each of the core's types.

use std::fmt::Write;

use super::super::description::StructType;
use super::{NOTICE, annotation, docstring, is_per_phone, operations, parameter};

/// What the generated classes stand behind.
const HEAD: &str = include_str!("../../../../../bindings/python/native.pyi");

pub(super) fn native(structs: &[&StructType]) -> Result<String, String> {
    let client = operations::stub()?;
    let mut text =
        format!("# {NOTICE}\n# Its first part is bindings/python/native.pyi.\n{HEAD}{client}\n__all__ = [\n");
    for name in public(structs) {
        let _ = writeln!(text, "    \"{name}\",");
    }
    text += "]\n";
    for one in structs {
        let names: Vec<String> = one.fields.iter().map(|field| format!("\"{}\"", field.name)).collect();
        let _ = write!(
            text,
            "\n@final\nclass {}:\n{}\n\n    __match_args__: Final = ({},)\n    def __new__(\n        cls,\n        *,\n",
            one.name,
            docstring(&one.doc, 4),
            names.join(", ")
        );
        for field in &one.fields {
            let (kind, default) = parameter(field);
            // What Rust takes as "not given" is None, whatever the type.
            let (kind, default) = match default {
                Some("()") => (format!("{kind} | None"), Some("None")),
                _ => (kind, default),
            };
            let default = default.map(|value| format!(" = {value}")).unwrap_or_default();
            let _ = writeln!(text, "        {}: {kind}{default},", field.name);
        }
        let _ = writeln!(text, "    ) -> Self: ...");
        for field in &one.fields {
            let _ = writeln!(
                text,
                "    @property\n    def {}(self) -> {}:\n{}",
                field.name,
                annotation(field),
                docstring(&field.doc, 8)
            );
        }
        if is_per_phone(one) {
            text += "    @property\n    def ok(self) -> bool:\n        \"\"\"Whether this phone did well.\"\"\"\n";
        }
        text += "    def asdict(self, *, secrets: bool = False) -> dict[str, Any]:\n        \"\"\"The fields as plain data, ready for JSON. Secrets are ``***`` unless asked for.\"\"\"\n";
        text += "    def __eq__(self, other: object, /) -> bool: ...\n    def __ne__(self, other: object, /) -> bool: ...\n    def __hash__(self) -> int: ...\n";
        let _ = writeln!(text, "    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]: ...");
    }
    Ok(text)
}

/// Every name that the module has: the hand-written classes and functions, and a class per structure.
fn public<'d>(structs: &'d [&'d StructType]) -> impl Iterator<Item = &'d str> {
    let defined = |line: &'static str| line.strip_prefix("class ").or_else(|| line.strip_prefix("def "));
    let name = |rest: &'static str| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
    let written = HEAD.lines().filter_map(defined).filter_map(name);
    written.chain(["__version__", "NativeClient"]).chain(structs.iter().map(|one| one.name.as_str()))
}
