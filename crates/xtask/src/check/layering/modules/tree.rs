//! Reads the modules of a crate from its sources: what each declares, imports and mentions.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ImplItem, Item, ItemMod, ItemUse, Lit, Macro, Meta, Path, Stmt, Token, UseTree};
use syn::{parse_file, punctuated::Punctuated};

/// A module, without its child modules.
#[derive(Default)]
pub(super) struct Module {
    /// The names of its ancestors and its own, without the crate's.
    pub path: Vec<String>,
    pub file: String,
    /// The names of its items, except modules.
    pub items: HashSet<String>,
    /// Imported names and their paths.
    pub imports: HashMap<String, Vec<String>>,
    /// Modules whose names are all imported with `*`.
    pub globs: Vec<Vec<String>>,
    /// Every path in it.
    pub mentions: Vec<Mention>,
}

/// A path in the source, and its line.
pub(super) struct Mention {
    pub path: Vec<String>,
    pub line: usize,
}

/// Reads the crate whose root file is `root`.
pub(super) fn read(root: &str, texts: &HashMap<&str, &str>) -> Result<Vec<Module>, String> {
    let mut modules = Vec::new();
    let folder = folder_of(root);
    read_file(texts, root, folder, Vec::new(), &mut modules)?;
    Ok(modules)
}

/// Reads the module in `file`, whose child modules are in `folder`.
fn read_file(
    texts: &HashMap<&str, &str>,
    file: &str,
    folder: &str,
    path: Vec<String>,
    modules: &mut Vec<Module>,
) -> Result<(), String> {
    let text = texts.get(file).ok_or_else(|| format!("the module {} has no file {file}", path.join("::")))?;
    let parsed = parse_file(text).map_err(|error| format!("{file} cannot be parsed: {error}"))?;
    read_items(texts, file, folder, path, &parsed.items, modules)
}

fn read_items(
    texts: &HashMap<&str, &str>,
    file: &str,
    folder: &str,
    path: Vec<String>,
    items: &[Item],
    modules: &mut Vec<Module>,
) -> Result<(), String> {
    let mut reader = Reader { module: Module { path: path.clone(), file: file.to_owned(), ..Module::default() } };
    let mut children = Vec::new();
    for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
        match item {
            Item::Mod(child) => children.push(child),
            item => {
                reader.module.items.extend(name_of(item));
                reader.visit_item(item);
            }
        }
    }
    modules.push(reader.module);
    for child in children {
        let name = child.ident.to_string();
        let path = [&path[..], std::slice::from_ref(&name)].concat();
        let inside = join(folder, &name);
        match &child.content {
            Some((_, items)) => read_items(texts, file, &inside, path, items, modules)?,
            None => {
                let (file, folder) = file_of(child, texts, file, folder, &inside);
                read_file(texts, &file, &folder, path, modules)?;
            }
        }
    }
    Ok(())
}

/// The file of a module declared as `mod name;`, and the folder of its child modules.
fn file_of(child: &ItemMod, texts: &HashMap<&str, &str>, parent: &str, folder: &str, inside: &str) -> (String, String) {
    if let Some(given) = child.attrs.iter().find_map(given_path) {
        let file = join(folder_of(parent), &given);
        let folder = folder_of(&file).to_owned();
        return (file, folder);
    }
    let beside = join(folder, &format!("{}.rs", child.ident));
    let file = if texts.contains_key(beside.as_str()) { beside } else { join(inside, "mod.rs") };
    (file, inside.to_owned())
}

/// The value of `#[path = "..."]`.
fn given_path(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(value) if pair.path.is_ident("path") => match &value.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Resolves `name` relative to `folder`; it may start with `../`.
fn join(folder: &str, name: &str) -> String {
    match name.strip_prefix("../") {
        Some(rest) => join(folder_of(folder), rest),
        None if folder.is_empty() => name.to_owned(),
        None => format!("{folder}/{name}"),
    }
}

/// Collects the paths in a module. Attributes and `pub(in ...)` do not count as imports.
struct Reader {
    module: Module,
}

impl Reader {
    fn mention(&mut self, path: Vec<String>, line: usize) {
        self.module.mentions.push(Mention { path, line });
    }

    /// Records every leaf of a `use`.
    fn record_use(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(step) => self.record_use(&step.tree, &with(&step.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.record_use(tree, before)),
            UseTree::Glob(star) => {
                self.module.globs.push(before.to_vec());
                self.mention(before.to_vec(), star.span().start().line);
            }
            UseTree::Name(leaf) if leaf.ident == "self" => self.import(before.last().cloned(), before.to_vec(), tree),
            UseTree::Name(leaf) => self.import(Some(leaf.ident.to_string()), with(&leaf.ident), tree),
            UseTree::Rename(leaf) if leaf.ident == "self" => {
                self.import(Some(leaf.rename.to_string()), before.to_vec(), tree);
            }
            UseTree::Rename(leaf) => self.import(Some(leaf.rename.to_string()), with(&leaf.ident), tree),
        }
    }

    fn import(&mut self, name: Option<String>, path: Vec<String>, tree: &UseTree) {
        if let Some(name) = name {
            self.module.imports.insert(name, path.clone());
        }
        self.mention(path, tree.span().start().line);
    }

    /// Records the paths among the tokens of a macro, whose grammar is unknown.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match &token {
                TokenTree::Punct(colon) if colon.as_char() == ':' => {
                    colons += 1;
                    if colons == 1 && colon.spacing() == Spacing::Alone {
                        self.end(&mut path, line);
                    }
                    continue;
                }
                TokenTree::Ident(name) => {
                    if colons != 2 || path.is_empty() {
                        self.end(&mut path, line);
                        line = name.span().start().line;
                    }
                    path.push(name.to_string());
                }
                TokenTree::Group(group) => {
                    self.end(&mut path, line);
                    self.tokens(group.stream());
                }
                _ => self.end(&mut path, line),
            }
            colons = 0;
        }
        self.end(&mut path, line);
    }

    /// A single name may be any word; two or more joined names are a path.
    fn end(&mut self, path: &mut Vec<String>, line: usize) {
        if path.len() > 1 {
            self.mention(path.clone(), line);
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(one) => &one.attrs,
            ImplItem::Fn(one) => &one.attrs,
            ImplItem::Type(one) => &one.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        match statement {
            Stmt::Local(local) if is_for_tests(&local.attrs) => {}
            _ => visit::visit_stmt(self, statement),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.record_use(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.mention(names, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        visit::visit_macro(self, call);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(one) => &one.attrs,
        Item::Enum(one) => &one.attrs,
        Item::ExternCrate(one) => &one.attrs,
        Item::Fn(one) => &one.attrs,
        Item::ForeignMod(one) => &one.attrs,
        Item::Impl(one) => &one.attrs,
        Item::Macro(one) => &one.attrs,
        Item::Mod(one) => &one.attrs,
        Item::Static(one) => &one.attrs,
        Item::Struct(one) => &one.attrs,
        Item::Trait(one) => &one.attrs,
        Item::TraitAlias(one) => &one.attrs,
        Item::Type(one) => &one.attrs,
        Item::Union(one) => &one.attrs,
        Item::Use(one) => &one.attrs,
        _ => &[],
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(one) => &one.ident,
        Item::Enum(one) => &one.ident,
        Item::Fn(one) => &one.sig.ident,
        Item::Macro(one) => one.ident.as_ref()?,
        Item::Static(one) => &one.ident,
        Item::Struct(one) => &one.ident,
        Item::Trait(one) => &one.ident,
        Item::Type(one) => &one.ident,
        Item::Union(one) => &one.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Whether a `#[cfg]` excludes this from every build except tests.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    conditions.filter_map(|cfg| cfg.parse_args::<Meta>().ok()).any(|condition| !outcomes(&condition).0)
}

/// Whether a `#[cfg]` condition can be true, and whether it can be false, in a build without tests.
fn outcomes(condition: &Meta) -> (bool, bool) {
    if condition.path().is_ident("test") {
        return (false, true);
    }
    let Meta::List(list) = condition else { return (true, true) };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
    let mut parts = parts.iter().map(outcomes);
    match list.path.get_ident().map(ToString::to_string).as_deref() {
        Some("all") => parts.fold((true, false), |one, other| (one.0 && other.0, one.1 || other.1)),
        Some("any") => parts.fold((false, true), |one, other| (one.0 || other.0, one.1 && other.1)),
        Some("not") => parts.next().map_or((true, true), |(yes, no)| (no, yes)),
        _ => (true, true),
    }
}
