//! `native.ts`: the addon's interface, read from its `#[napi]` items, including the generated ones.

use std::fs;

use minijinja::context;
use quote::ToTokens;
use serde::Serialize;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, ExprLit, FnArg, GenericArgument, ImplItem, Item, Lit, Meta, Pat, PathArguments, ReturnType,
    Signature, Token, Type,
};

use super::super::template::{camel, render};
use super::variable_name;
use crate::repository::Repository;

/// A class of the addon.
#[derive(Serialize)]
struct Class {
    name: String,
    doc: String,
    constructor: Option<Function>,
    statics: Vec<Function>,
    getters: Vec<Function>,
    methods: Vec<Function>,
}

#[derive(Serialize)]
struct Enumeration {
    name: String,
    doc: String,
    /// Names and documentation, numbered from 0.
    variants: Vec<(String, String)>,
}

/// Its arguments and its result in TypeScript syntax.
#[derive(Serialize)]
struct Function {
    name: String,
    doc: String,
    arguments: String,
    result: String,
}

#[derive(Default)]
struct Addon {
    classes: Vec<Class>,
    enums: Vec<Enumeration>,
    functions: Vec<Function>,
}

pub(super) fn generate() -> Result<String, String> {
    let folder = Repository::find()?.root.join("bindings/node/src");
    let read = |problem: std::io::Error| format!("{}: {problem}", folder.display());
    let mut paths = fs::read_dir(&folder).map_err(read)?.map(|entry| Ok(entry.map_err(read)?.path()));
    let mut paths = paths.by_ref().collect::<Result<Vec<_>, String>>()?;
    paths.sort();
    let sources = paths.iter().map(|path| fs::read_to_string(path).map_err(read)).collect::<Result<Vec<_>, _>>()?;
    interface(&sources)
}

fn interface(sources: &[String]) -> Result<String, String> {
    let files = sources.iter().map(|text| syn::parse_file(text).map_err(|error| error.to_string()));
    let items: Vec<Item> = files.collect::<Result<Vec<_>, _>>()?.into_iter().flat_map(|file| file.items).collect();
    let mut addon = Addon::default();
    for item in &items {
        match item {
            Item::Struct(of) if is_napi(&of.attrs) => addon.classes.push(Class {
                name: of.ident.to_string(),
                doc: doc(&of.attrs),
                constructor: None,
                statics: Vec::new(),
                getters: Vec::new(),
                methods: Vec::new(),
            }),
            Item::Enum(of) if is_napi(&of.attrs) => addon.enums.push(Enumeration {
                name: of.ident.to_string(),
                doc: doc(&of.attrs),
                variants: of.variants.iter().map(|one| (one.ident.to_string(), doc(&one.attrs))).collect(),
            }),
            Item::Fn(of) if is_napi(&of.attrs) => addon.functions.push(function(&of.attrs, &of.sig)?),
            _ => {}
        }
    }
    for item in &items {
        let Item::Impl(of) = item else { continue };
        if !is_napi(&of.attrs) {
            continue;
        }
        let name = of.self_ty.to_token_stream().to_string();
        let class = addon.classes.iter_mut().find(|class| class.name == name);
        let class =
            class.ok_or_else(|| format!("there are methods of {name}, but the addon has no class of that name"))?;
        for item in &of.items {
            let ImplItem::Fn(method) = item else { continue };
            if let Some(how) = napi(&method.attrs) {
                let mut function = function(&method.attrs, &method.sig)?;
                function.result = function.result.replace("Self", &name);
                match (how.first().map(String::as_str), method.sig.receiver()) {
                    (Some("constructor"), _) => class.constructor = Some(function),
                    (Some("getter"), _) => class.getters.push(function),
                    (_, Some(_)) => class.methods.push(function),
                    (_, None) => class.statics.push(function),
                }
            }
        }
    }
    let Addon { classes, enums, functions } = addon;
    let template = include_str!("../../../templates/node/native.ts.j2");
    render("native.ts.j2", template, context! { classes, enums, functions })
}

fn is_napi(attributes: &[Attribute]) -> bool {
    napi(attributes).is_some()
}

/// The words in `#[napi(...)]`; none without such an attribute.
fn napi(attributes: &[Attribute]) -> Option<Vec<String>> {
    let attribute =
        attributes.iter().find(|one| one.path().segments.last().is_some_and(|last| last.ident == "napi"))?;
    let words = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
    Some(words.iter().map(|word| word.path().to_token_stream().to_string()).collect())
}

fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => text_of(&pair.value),
        _ => None,
    });
    lines.map(|line| line.trim().replace("[`", "`").replace("`]", "`")).collect::<Vec<_>>().join(" ")
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn function(attributes: &[Attribute], signature: &Signature) -> Result<Function, String> {
    let mut arguments = Vec::new();
    for argument in &signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        let Pat::Ident(name) = &*argument.pat else {
            return Err(format!("{}: an argument without a name", signature.ident));
        };
        let of = match given_type(&argument.attrs) {
            Some(of) => of,
            None => type_of(&argument.ty).map_err(|error| format!("{}: {error}", signature.ident))?,
        };
        // napi passes this argument itself.
        if of != "Env" {
            arguments.push(format!("{}: {of}", variable_name(&name.ident.to_string())));
        }
    }
    let result = match &signature.output {
        ReturnType::Default => "void".to_owned(),
        ReturnType::Type(_, of) => type_of(of).map_err(|error| format!("{}: {error}", signature.ident))?,
    };
    let name = camel(&signature.ident.to_string());
    Ok(Function { name, doc: doc(attributes), arguments: arguments.join(", "), result })
}

/// The type in `#[napi(ts_arg_type = "...")]`.
fn given_type(attributes: &[Attribute]) -> Option<String> {
    let words = attributes.iter().find(|one| one.path().is_ident("napi"))?;
    let words = words.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    words.iter().find_map(|word| match word {
        Meta::NameValue(pair) if pair.path.is_ident("ts_arg_type") => text_of(&pair.value),
        _ => None,
    })
}

/// The JavaScript type to which napi converts a Rust type.
fn type_of(of: &Type) -> Result<String, String> {
    let unknown = || format!("the generator does not support the type {}", of.to_token_stream());
    match of {
        Type::Reference(of) => type_of(&of.elem),
        Type::Tuple(of) if of.elems.is_empty() => Ok("void".to_owned()),
        Type::Tuple(of) => {
            let elements = of.elems.iter().map(type_of).collect::<Result<Vec<_>, _>>()?;
            Ok(format!("[{}]", elements.join(", ")))
        }
        Type::Path(of) => {
            let last = of.path.segments.last().ok_or_else(unknown)?;
            let inner = match &last.arguments {
                PathArguments::AngleBracketed(of) => of.args.iter().filter_map(|one| match one {
                    GenericArgument::Type(of) => Some(type_of(of)),
                    _ => None,
                }),
                _ => return Ok(plain(&last.ident.to_string())),
            };
            let inner = inner.collect::<Result<Vec<_>, _>>()?;
            match (last.ident.to_string().as_str(), inner.as_slice()) {
                ("Result", [of]) => Ok(of.clone()),
                ("Option", [of]) => Ok(format!("{of} | null")),
                ("Vec", [of]) => Ok(format!("readonly {of}[]")),
                ("BTreeMap", [key, of]) => Ok(format!("Readonly<Record<{key}, {of}>>")),
                _ => Err(unknown()),
            }
        }
        _ => Err(unknown()),
    }
}

fn plain(name: &str) -> String {
    match name {
        "String" => "string",
        "bool" => "boolean",
        "u32" | "i64" | "f64" => "number",
        class => class,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_functions_and_enumerations_are_read_with_their_documentation() {
        let source = r#"
            /// How it ended.
            #[napi]
            pub enum End { /// Well.
                Good = 0, Bad = 1 }
            /// A [`Thing`].
            #[napi]
            pub struct Thing(u32);
            #[napi]
            impl Thing {
                #[napi(constructor)]
                pub fn new(fields: Vec<(String, String)>, all: BTreeMap<String, String>)
                    -> napi::Result<Self> { loop {} }
                #[napi(factory)]
                pub fn chain() -> Self { loop {} }
                #[napi(getter)]
                pub fn page_no(&self) -> i64 { loop {} }
                /// Does it.
                #[napi]
                pub fn do_it(&self, env: Env, timeout_ms: Option<f64>, other: Option<&Thing>)
                    -> napi::Result<()> { loop {} }
                fn hidden(&self, of: Strange<'_>) {}
            }
            #[napi_derive::napi]
            pub fn listen(#[napi(ts_arg_type = "(end: End) => void")] to: Function<'_, Event, ()>,
                known: Vec<String>) -> Option<String> { loop {} }
        "#;
        let text = interface(&[source.to_owned()]).unwrap();
        for line in [
            "/** How it ended. */",
            "export const enum End {",
            "  /** Well. */",
            "  Good,",
            "/** A `Thing`. */",
            "export interface Thing {",
            "  readonly pageNo: number;",
            "  /** Does it. */",
            "  doIt(timeoutMs: number | null, other: Thing | null): void;",
            "    new (fields: readonly [string, string][], all: Readonly<Record<string, string>>): Thing;",
            "    chain(): Thing;",
            "  listen(to: (end: End) => void, known: readonly string[]): string | null;",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line}\n{text}");
        }
        assert!(!text.contains("hidden"), "{text}");
    }

    #[test]
    fn what_the_addon_cannot_show_is_an_error() {
        let source = |text: &str| interface(&[format!("#[napi] pub fn act({text}) {{}}")]).unwrap_err();
        assert!(
            source("map: HashMap<String, String>").contains("act: the generator does not support the type HashMap")
        );
        assert!(source("(one, two): (String, String)").contains("without a name"));
        assert!(interface(&["#[napi] impl Other {}".to_owned()]).unwrap_err().contains("Other"));
    }
}
