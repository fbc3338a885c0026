//! All phones of a request are checked before anything is done to one of them.

use crate::phone::life::WorkKind;
use crate::quirk::Quirk;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// The phones that pass, and why one does not.
#[derive(Debug)]
pub(super) struct Checked<T> {
    pub(super) good: Vec<T>,
    refusal: Option<Refusal>,
}

/// If one phone does not pass, all are refused. With `partial_execution` the response is the same, but the other phones
/// are processed.
pub(super) fn check_each<T>(
    world: &World,
    items: Vec<T>,
    check: impl Fn(&World, &T) -> Result<(), Refusal>,
) -> Result<Checked<T>, Refusal> {
    let (mut good, mut refusal) = (Vec::new(), None);
    for item in items {
        match check(world, &item) {
            Ok(()) => good.push(item),
            Err(reason) if world.has(Quirk::PartialExecution) => refusal = refusal.or(Some(reason)),
            Err(reason) => return Err(reason),
        }
    }
    match refusal {
        Some(refusal) if good.is_empty() => Err(refusal),
        refusal => Ok(Checked { good, refusal }),
    }
}

impl<T> Checked<T> {
    /// The response after the valid phones have been processed.
    pub(super) fn response(self, reply: Reply) -> Result<Reply, Refusal> {
        match self.refusal {
            Some(refusal) => Err(refusal.after_a_part()),
            None => Ok(reply),
        }
    }
}

/// A phone has one job at a time.
pub(super) fn has_no_job(world: &World, instance_id: &str) -> Result<(), Refusal> {
    let work = world.fleet.get(instance_id).and_then(|phone| phone.life.work);
    match work.map(|work| work.kind) {
        None => Ok(()),
        Some(WorkKind::Queued | WorkKind::Restoring) => {
            Err(Refusal::service(200, "KOOPHONE.API.2005", "the instance is being restored"))
        }
        Some(WorkKind::BackingUp) => Err(Refusal::service(200, "KOOPHONE.API.2006", "the instance is being backed up")),
        Some(WorkKind::Resetting | WorkKind::Rebooting | WorkKind::Unassigning) => {
            Err(Refusal::parameter(format!("{instance_id} has another job")))
        }
    }
}
