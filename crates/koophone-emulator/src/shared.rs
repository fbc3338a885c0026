//! The state that the handle and the server thread share.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::busy::Busy;
use crate::ids::IdKind;
use crate::journal::{JournalEntry, RequestEntry};
use crate::phone::boot::PhoneFaults;
use crate::phone::files::{absolute, parent};
use crate::phone::snapshot::PhoneSnapshot;
use crate::quirk::Quirk;
use crate::wire::access::Access;
use crate::world::World;

/// State, stop signal, and whether the thread has ended.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    stop: watch::Sender<bool>,
    ended: Mutex<bool>,
    ended_changed: Condvar,
    pub(crate) endpoint: String,
    pub(crate) access: Access,
    pub(crate) busy: Busy,
    /// Whether command lines may run for long, which needs more than the documented characters. Otherwise no phone is
    /// ever busy.
    pub(crate) long_lines: bool,
}

impl Shared {
    pub(crate) fn new(world: World, stop: watch::Sender<bool>, endpoint: String) -> Self {
        let access = Access::new(&world.options);
        let long_lines = world.has(Quirk::AnyCharacter);
        Self {
            world: Mutex::new(world),
            stop,
            ended: Mutex::new(false),
            ended_changed: Condvar::new(),
            endpoint,
            access,
            busy: Busy::default(),
            long_lines,
        }
    }

    /// The current state. The lock is only held for short moments, and never across a wait.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.catch_up();
        world
    }

    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    pub(crate) fn mark_ended(&self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.ended_changed.notify_all();
    }

    pub(crate) fn has_ended(&self) -> bool {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the server thread has ended.
    pub(crate) fn wait_ended(&self) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !*ended {
            ended = self.ended_changed.wait(ended).unwrap_or_else(PoisonError::into_inner);
        }
    }

    // The following is used by the handle and by the control routes.

    pub(crate) fn journal(&self, instance_id: Option<&str>) -> Vec<JournalEntry> {
        let world = self.world();
        world.journal.iter().filter(|entry| instance_id.is_none_or(|id| id == entry.instance_id)).cloned().collect()
    }

    pub(crate) fn requests(&self) -> Vec<RequestEntry> {
        self.world().requests.iter().cloned().collect()
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.world().clock.advance_ms(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    pub(crate) fn phone(&self, instance_id: &str) -> Option<PhoneSnapshot> {
        let mut world = self.world();
        let (now, new_scale) = (world.clock.now_ms(), world.has(Quirk::NewStateScale));
        world.fleet.get_mut(instance_id).map(|phone| {
            phone.crash_due(now);
            phone.snapshot(now, new_scale)
        })
    }

    pub(crate) fn write_file(&self, instance_id: &str, path: &str, content: &[u8]) -> bool {
        let mut world = self.world();
        let now = world.clock.now_ms();
        world.fleet.get_mut(instance_id).is_some_and(|phone| {
            let (files, path) = (Arc::make_mut(&mut phone.data.files), absolute("/", path));
            files.make_directories(parent(&path), now).and_then(|()| files.write(&path, content, false, now)).is_ok()
        })
    }

    pub(crate) fn start_stream(&self, instance_id: &str) -> bool {
        let mut world = self.world();
        let stream = world.ids.hex32(IdKind::Stream);
        world.fleet.get_mut(instance_id).map(|phone| phone.life.stream = Some(stream)).is_some()
    }

    pub(crate) fn set_phone_faults(&self, instance_id: &str, faults: PhoneFaults) -> bool {
        self.world().fleet.get_mut(instance_id).map(|phone| phone.faults = faults).is_some()
    }

    pub(crate) fn set_frozen(&self, instance_id: &str, is_frozen: bool) -> bool {
        self.world().fleet.get_mut(instance_id).map(|phone| phone.life.is_frozen = is_frozen).is_some()
    }

    pub(crate) fn set_phone_state(&self, instance_id: &str, state: i64) -> bool {
        self.world().set_phone_state(instance_id, state)
    }
}
