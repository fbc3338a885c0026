//! From the paths that a module names to the modules that they lead to.

use std::collections::{BTreeMap, HashMap};

use super::tree::Module;

/// Who imports whom among modules side by side, with one place where it does.
pub(super) type Arrows = BTreeMap<(Vec<String>, Vec<String>), String>;

/// Names that lead to each other are followed so far.
const MOST_STEPS: u32 = 16;

/// The arrows between the modules of a crate, at every level.
pub(super) fn arrows(modules: Vec<Module>) -> Arrows {
    let places = modules.iter().enumerate().map(|(place, module)| (module.path.clone(), place)).collect();
    let house = House { modules, places };
    let mut arrows = Arrows::new();
    for (place, module) in house.modules.iter().enumerate() {
        for mention in &module.mentions {
            let Some(target) = house.locate(place, &mention.path, 0) else { continue };
            let (from, to) = (&module.path, &house.modules[target].path);
            let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
            // A module and what it contains are not side by side.
            if let (Some(_), Some(_)) = (from.get(common), to.get(common)) {
                let words = format!("{} ({}:{})", mention.path.join("::"), module.file, mention.line);
                arrows.entry((from[..=common].to_vec(), to[..=common].to_vec())).or_insert(words);
            }
        }
    }
    arrows
}

struct House {
    modules: Vec<Module>,
    places: HashMap<Vec<String>, usize>,
}

impl House {
    /// The module that has what `path` names, as seen in the module at `from`; none if it is another crate's, or local.
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

    /// What `path` names in the module at `place`: a child, something imported, something declared.
    fn find(&self, place: usize, path: &[String], steps: u32) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        if steps > MOST_STEPS {
            return None;
        }
        let module = &self.modules[place];
        let child = [&module.path[..], std::slice::from_ref(first)].concat();
        // A function may have the name of a module beside it.
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
