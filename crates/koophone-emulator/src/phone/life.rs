//! The state of a phone in the service, apart from its data: user, machine, job and stream.

/// The kind of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkKind {
    Resetting,
    Rebooting,
    /// Its user is removed, and the user's data wiped.
    Unassigning,
    BackingUp,
    /// It waits for a free machine.
    Queued,
    Restoring,
}

/// The job of a phone. There is never more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) kind: WorkKind,
    pub(crate) begin_ms: i64,
    pub(crate) end_ms: i64,
    /// Its number in the agenda.
    pub(crate) number: u64,
}

impl Work {
    /// Whether the first half of its time is over.
    pub(crate) fn is_in_second_half(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.begin_ms) >= self.end_ms.saturating_sub(self.begin_ms) / 2
    }
}

/// How the last backup or restore ended, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) good: bool,
    pub(crate) time_ms: i64,
}

/// States of a backup or a restore, as `backup_status` and `restore_status` have them.
mod progress {
    pub(super) const PREPARING: i64 = 0;
    pub(super) const RUNNING: i64 = 1;
    pub(super) const SUCCEEDED: i64 = 2;
    pub(super) const FAILED: i64 = 3;
}

/// Everything except the data of a phone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    /// The user it is assigned to.
    pub(crate) user: Option<String>,
    /// Its data is in storage, and it has no machine.
    pub(crate) is_stored: bool,
    pub(crate) work: Option<Work>,
    pub(crate) backup: Option<Ended>,
    pub(crate) restore: Option<Ended>,
    /// The id of the stream that is running.
    pub(crate) stream: Option<String>,
    /// When the session that a stream has left ends.
    pub(crate) session_end_ms: Option<i64>,
    pub(crate) is_frozen: bool,
}

impl Life {
    pub(crate) fn does(&self, kind: WorkKind) -> bool {
        self.work.is_some_and(|work| work.kind == kind)
    }

    /// Whether a stream runs or has left a session.
    pub(crate) fn has_session(&self, now_ms: i64) -> bool {
        self.stream.is_some() || self.session_end_ms.is_some_and(|end| now_ms < end)
    }

    /// Ends the stream and its session.
    pub(crate) fn end_session(&mut self) {
        self.stream = None;
        self.session_end_ms = None;
    }

    /// `backup_status`; none if there was no backup.
    pub(crate) fn backup_status(&self, now_ms: i64) -> Option<i64> {
        match self.work {
            Some(work) if work.kind == WorkKind::BackingUp => Some(under_way(&work, now_ms)),
            _ => self.backup.map(ended),
        }
    }

    /// `restore_status`; none if there was no restore.
    pub(crate) fn restore_status(&self, now_ms: i64) -> Option<i64> {
        match self.work {
            Some(work) if work.kind == WorkKind::Queued => Some(progress::PREPARING),
            Some(work) if work.kind == WorkKind::Restoring => Some(under_way(&work, now_ms)),
            _ => self.restore.map(ended),
        }
    }
}

fn under_way(work: &Work, now_ms: i64) -> i64 {
    if work.is_in_second_half(now_ms) { progress::RUNNING } else { progress::PREPARING }
}

fn ended(ended: Ended) -> i64 {
    if ended.good { progress::SUCCEEDED } else { progress::FAILED }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_prepared_runs_and_ends() {
        let mut life = Life::default();
        assert_eq!(life.backup_status(0), None);
        life.work = Some(Work { kind: WorkKind::BackingUp, begin_ms: 100, end_ms: 200, number: 1 });
        assert_eq!((life.backup_status(149), life.backup_status(150)), (Some(0), Some(1)));
        assert_eq!(life.restore_status(150), None);
        life.work = None;
        life.backup = Some(Ended { good: false, time_ms: 200 });
        assert_eq!(life.backup_status(200), Some(3));
    }

    #[test]
    fn a_session_lasts_until_its_end() {
        let mut life = Life { stream: Some("stream".to_owned()), ..Life::default() };
        assert!(life.has_session(0));
        life.stream = None;
        life.session_end_ms = Some(10);
        assert_eq!((life.has_session(9), life.has_session(10)), (true, false));
        life.end_session();
        assert!(!life.has_session(0));
    }
}
