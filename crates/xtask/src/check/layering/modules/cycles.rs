//! Finds import cycles among sibling modules.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::resolve::Imports;

/// Modules that all reach each other.
pub(super) struct Cycle {
    pub modules: Vec<String>,
    /// A shortest cycle, one import after the other.
    pub steps: Vec<String>,
}

type Name<'a> = &'a [String];

/// All cycles; each module is in at most one of them.
pub(super) fn cycles(imports: &Imports) -> Vec<Cycle> {
    let mut next: BTreeMap<Name<'_>, BTreeSet<Name<'_>>> = BTreeMap::new();
    for (from, to) in imports.keys() {
        next.entry(from).or_default().insert(to);
    }
    let mut cycles = Vec::new();
    let mut done = BTreeSet::new();
    for &start in next.keys() {
        if done.contains(start) {
            continue;
        }
        let Some(round) = cycle_from(start, &next) else { continue };
        let reached = reachable(start, &next);
        let modules: BTreeSet<_> =
            reached.into_iter().filter(|&other| reachable(other, &next).contains(start)).collect();
        let steps = round.windows(2).map(|step| {
            let words = &imports[&(step[0].to_vec(), step[1].to_vec())];
            format!("{} uses {words}", step[0].join("::"))
        });
        cycles
            .push(Cycle { modules: modules.iter().map(|module| module.join("::")).collect(), steps: steps.collect() });
        done.extend(modules);
    }
    cycles
}

/// The modules that `start` reaches.
fn reachable<'a>(start: Name<'a>, next: &BTreeMap<Name<'a>, BTreeSet<Name<'a>>>) -> BTreeSet<Name<'a>> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(one) = open.pop() {
        open.extend(next.get(one).into_iter().flatten().copied().filter(|&other| seen.insert(other)));
    }
    seen
}

/// A shortest path from `start` back to itself, including both ends.
fn cycle_from<'a>(start: Name<'a>, next: &BTreeMap<Name<'a>, BTreeSet<Name<'a>>>) -> Option<Vec<Name<'a>>> {
    let mut before: BTreeMap<Name<'_>, Name<'_>> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(one) = open.pop_front() {
        for &other in next.get(one).into_iter().flatten() {
            if before.contains_key(other) {
                continue;
            }
            before.insert(other, one);
            open.push_back(other);
        }
    }
    let mut way = vec![start, *before.get(start)?];
    while *way.last()? != start {
        way.push(before[way.last()?]);
    }
    way.reverse();
    Some(way)
}
