//! Resolves the paths in a module to the modules that they refer to.

use std::collections::{BTreeMap, HashMap};

use super::tree::Module;

/// The imports between sibling modules, each with one place in the source.
pub(super) type Imports = BTreeMap<(Vec<String>, Vec<String>), String>;

/// The limit for following re-exports, which may refer to each other.
const MAX_STEPS: u32 = 16;

/// The imports between sibling modules of a crate, at every level.
pub(super) fn imports(modules: Vec<Module>) -> Imports {
    let places = modules.iter().enumerate().map(|(place, module)| (module.path.clone(), place)).collect();
    let crate_modules = Modules { modules, places };
    let mut imports = Imports::new();
    for (place, module) in crate_modules.modules.iter().enumerate() {
        for mention in &module.mentions {
            let Some(target) = crate_modules.locate(place, &mention.path, 0) else { continue };
            let (from, to) = (&module.path, &crate_modules.modules[target].path);
            let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
            // A module and its descendants are not siblings.
            if let (Some(_), Some(_)) = (from.get(common), to.get(common)) {
                let words = format!("{} ({}:{})", mention.path.join("::"), module.file, mention.line);
                imports.entry((from[..=common].to_vec(), to[..=common].to_vec())).or_insert(words);
            }
        }
    }
    imports
}

struct Modules {
    modules: Vec<Module>,
    places: HashMap<Vec<String>, usize>,
}

impl Modules {
    /// The module that defines what `path` refers to in the module at `from`; `None` for other crates and local names.
    fn locate(&self, from: usize, path: &[String], steps: u32) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let above = |place: usize| {
            let path = &self.modules[place].path;
            path.split_last().and_then(|(_, parent)| self.places.get(parent).copied())
        };
        let start = match first.as_str() {
            "crate" => *self.places.get(&[][..])?,
            "self" if !rest.is_empty() => from,
            "super" => above(from)?,
            _ => return self.find(from, path, steps),
        };
        match rest.first() {
            Some(next) if next == "super" => self.locate(start, rest, steps),
            Some(_) => Some(self.find(start, rest, steps).unwrap_or(start)),
            None => Some(start),
        }
    }

    /// The module that `path` refers to, looked up in the module at `place`: a child, an import or an item.
    fn find(&self, place: usize, path: &[String], steps: u32) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        if steps > MAX_STEPS {
            return None;
        }
        let module = &self.modules[place];
        let child = [&module.path[..], std::slice::from_ref(first)].concat();
        // A function may have the same name as a child module.
        if rest.is_empty() && module.items.contains(first) {
            return Some(place);
        }
        if let Some(&child) = self.places.get(&child) {
            return Some(if rest.is_empty() { child } else { self.find(child, rest, steps).unwrap_or(child) });
        }
        if let Some(import) = module.imports.get(first).filter(|import| import[..] != path[..1]) {
            return self.locate(place, &[import, rest].concat(), steps + 1);
        }
        if module.items.contains(first) {
            return Some(place);
        }
        module.globs.iter().find_map(|glob| {
            let whole = self.locate(place, glob, steps + 1).filter(|&whole| whole != place)?;
            self.find(whole, path, steps + 1)
        })
    }
}
