//! The stub of the hand-written native classes and functions, read from their `#[pymethods]` and `#[pyfunction]` items.

use std::fs;

use quote::ToTokens;
use serde::Serialize;
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, ImplItem, Item, ItemFn, Lit, Meta, Pat, PathArguments,
    ReturnType, Signature, Type,
};

use super::{NOTICE, docstring};
use crate::repository::Repository;

/// All items.
#[derive(Default, Serialize)]
pub(super) struct Native {
    pub classes: Vec<Class>,
    pub functions: Vec<Function>,
}

#[derive(Serialize)]
pub(super) struct Class {
    pub name: String,
    doc: String,
    methods: Vec<Function>,
}

#[derive(Serialize)]
pub(super) struct Function {
    pub name: String,
    doc: String,
    /// The decorator: `property`, `staticmethod` or none.
    decorator: &'static str,
    /// The arguments with their types.
    arguments: String,
    result: String,
}

pub(super) fn read() -> Result<Native, String> {
    let folder = Repository::find()?.root.join("bindings/python/src");
    let failed = |problem: std::io::Error| format!("{}: {problem}", folder.display());
    let paths = fs::read_dir(&folder).map_err(failed)?.map(|entry| entry.map(|one| one.path()).map_err(failed));
    let mut paths = paths.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    let texts = paths.iter().map(|path| fs::read_to_string(path).map_err(failed)).collect::<Result<Vec<_>, _>>()?;
    of(texts.iter().filter(|text| !text.starts_with(&format!("// {NOTICE}"))))
}

fn of<'a>(sources: impl Iterator<Item = &'a String>) -> Result<Native, String> {
    let mut items = Vec::new();
    for source in sources {
        for item in syn::parse_file(source).map_err(|error| error.to_string())?.items {
            match item {
                Item::Mod(module) if has(&module.attrs, "pymodule") => {
                    items.extend(module.content.into_iter().flat_map(|(_, items)| items));
                }
                item => items.push(item),
            }
        }
    }
    let mut native = Native::default();
    for item in &items {
        match item {
            Item::Struct(of) if has(&of.attrs, "pyclass") => {
                let methods = methods(&of.ident.to_string(), &items)?;
                native.classes.push(Class { name: of.ident.to_string(), doc: doc(&of.attrs, 4), methods });
            }
            Item::Fn(ItemFn { attrs, sig, .. }) if has(attrs, "pyfunction") => {
                native.functions.push(function(attrs, sig, &items, 4)?);
            }
            _ => {}
        }
    }
    Ok(native)
}

fn methods(class: &str, items: &[Item]) -> Result<Vec<Function>, String> {
    let of_class = items.iter().filter_map(|item| match item {
        Item::Impl(of) if has(&of.attrs, "pymethods") && of.self_ty.to_token_stream().to_string() == class => Some(of),
        _ => None,
    });
    let methods = of_class.flat_map(|of| &of.items).filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident != "__repr__" => Some(method),
        _ => None,
    });
    let of = methods.map(|method| function(&method.attrs, &method.sig, items, 8));
    // A static method cannot use Self.
    let named = of.map(|method| match method? {
        one if one.decorator == "staticmethod" => Ok(Function { result: one.result.replace("Self", class), ..one }),
        one => Ok(one),
    });
    named.collect()
}

fn function(
    attributes: &[Attribute],
    signature: &Signature,
    items: &[Item],
    indent: usize,
) -> Result<Function, String> {
    let is_new = has(attributes, "new");
    let is_static = has(attributes, "staticmethod");
    let mut arguments = match (is_new, signature.receiver()) {
        (true, _) => vec!["cls".to_owned()],
        (_, Some(_)) => vec!["self".to_owned()],
        (_, None) => Vec::new(),
    };
    // The signature that pyo3 declares.
    let passed = attributes.iter().find(|one| one.path().is_ident("pyo3")).map(|one| one.meta.to_token_stream());
    let passed = passed.map(|tokens| tokens.to_string()).unwrap_or_default();
    for argument in &signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        let Pat::Ident(name) = &*argument.pat else {
            return Err(format!("{}: an argument without a name", signature.ident));
        };
        match type_of(&argument.ty, items).map_err(|error| format!("{}: {error}", signature.ident))? {
            python if python == "Python" => {}
            // No other function takes keyword arguments.
            dict if dict.starts_with("PyDict") => arguments.push("**fields: Unpack[CredentialFields]".to_owned()),
            of => arguments.push(format!("{}: {of}", name.ident)),
        }
    }
    arguments.extend(passed.contains('/').then(|| "/".to_owned()));
    let result = match &signature.output {
        _ if is_new => "Self".to_owned(),
        ReturnType::Default => "None".to_owned(),
        ReturnType::Type(_, of) => type_of(of, items).map_err(|error| format!("{}: {error}", signature.ident))?,
    };
    Ok(Function {
        name: if is_new { "__new__".to_owned() } else { signature.ident.to_string() },
        doc: doc(attributes, indent),
        decorator: match has(attributes, "getter") {
            true => "property",
            false if is_static => "staticmethod",
            false => "",
        },
        arguments: arguments.join(", "),
        result,
    })
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|one| one.path().segments.last().is_some_and(|last| last.ident == name))
}

fn doc(attributes: &[Attribute], indent: usize) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    if lines.is_empty() { String::new() } else { docstring(&lines.join("\n"), indent) }
}

/// The Python type of a Rust type.
fn type_of(of: &Type, items: &[Item]) -> Result<String, String> {
    let unknown = || format!("the generator does not support the type {}", of.to_token_stream());
    let last = match of {
        Type::Reference(of) => return type_of(&of.elem, items),
        Type::Tuple(of) if of.elems.is_empty() => return Ok("None".to_owned()),
        Type::Tuple(of) => {
            let elements = of.elems.iter().map(|one| type_of(one, items)).collect::<Result<Vec<_>, _>>()?;
            return Ok(format!("tuple[{}]", elements.join(", ")));
        }
        Type::Path(of) => of.path.segments.last().ok_or_else(unknown)?,
        _ => return Err(unknown()),
    };
    let inner = match &last.arguments {
        PathArguments::AngleBracketed(of) => of.args.iter().find_map(|one| match one {
            GenericArgument::Type(of) => Some(type_of(of, items)),
            _ => None,
        }),
        _ => None,
    };
    let alias = items.iter().find_map(|item| match item {
        Item::Type(alias) if alias.ident == last.ident => Some(&alias.ty),
        _ => None,
    });
    Ok(match (last.ident.to_string().as_str(), inner.transpose()?, alias) {
        (_, _, Some(of)) => type_of(of, items)?,
        ("PyResult" | "Bound" | "Py", Some(of), _) => of,
        ("Option", Some(of), _) => format!("{of} | None").replace("Any | None", "Any"),
        ("Vec", Some(of), _) => format!("list[{of}]"),
        ("str" | "String" | "OsString", None, _) => "str".to_owned(),
        ("i64" | "u64" | "u8", None, _) => "int".to_owned(),
        ("f64", None, _) => "float".to_owned(),
        ("PyAny", None, _) => "Any".to_owned(),
        ("Running", None, _) => "Running[Any]".to_owned(),
        (class, None, _) => class.to_owned(),
        _ => return Err(unknown()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_functions_are_read_with_their_types_and_documentation() {
        let source = r#"
            type Pair = (u64, Option<Py<PyAny>>);
            /// A thing.
            ///
            /// It has no more.
            #[pyclass(frozen)]
            pub struct Thing(u32);
            pub struct Hidden;
            #[pymethods]
            impl Thing {
                #[new]
                fn new(py: Python<'_>, name: &str) -> PyResult<Self> {}
                /// Its size.
                #[getter]
                fn size(&self) -> i64 {}
                fn pairs(&self, py: Python<'_>, first: Option<String>) -> PyResult<Vec<Pair>> {}
                #[staticmethod]
                fn usual() -> Self {}
                fn __repr__(&self) -> String {}
            }
            #[pymodule]
            mod native {
                #[pyfunction]
                #[pyo3(signature = (text, /))]
                fn ask(text: &Bound<'_, PyAny>) -> bool {}
            }
        "#;
        let native = of([source.to_owned()].iter()).unwrap();
        let [class] = &native.classes[..] else { panic!("{} classes", native.classes.len()) };
        assert_eq!((class.name.as_str(), class.doc.lines().count()), ("Thing", 4));
        let shown = |one: &Function| format!("{} {}({}) -> {}", one.decorator, one.name, one.arguments, one.result);
        let methods: Vec<String> = class.methods.iter().map(shown).collect();
        assert_eq!(
            methods,
            [
                " __new__(cls, name: str) -> Self",
                "property size(self) -> int",
                " pairs(self, first: str | None) -> list[tuple[int, Any]]",
                "staticmethod usual() -> Thing"
            ]
        );
        assert_eq!(shown(&native.functions[0]), " ask(text: Any, /) -> bool");
        assert!(of(["#[pyfunction]\nfn f(x: [u8; 2]) {}".to_owned()].iter()).is_err());
    }
}
