//! What a call says to another language while it continues.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use crate::call::WaitOptions;
use crate::model::{Error, Progress};
use crate::verbs::{PageOptions, Predicate};

/// What a call says while it continues.
pub enum Notice {
    /// How far it is.
    Progress(Progress),
    /// What it asks a predicate.
    Question(Question),
}

/// What phones printed, for a predicate of another language. A wait whose question is dropped is cancelled.
pub struct Question {
    /// One text for each phone.
    pub texts: Vec<String>,
    reply: oneshot::Sender<Vec<bool>>,
}

impl Question {
    /// Whether each text is as wanted, in order. Nothing happens if the wait has ended.
    pub fn reply(self, decided: Vec<bool>) {
        let _ended = self.reply.send(decided);
    }
}

/// Who is called with the progress of a long call.
pub type OnProgress = Option<Box<dyn FnMut(Progress) + Send>>;

/// A callback that passes the progress on, if it is asked for.
pub fn on_progress(wants_progress: bool, notify: impl Fn(Notice) + Send + 'static) -> OnProgress {
    if wants_progress { Some(Box::new(move |progress| notify(Notice::Progress(progress)))) } else { None }
}

/// Options of a wait.
pub fn wait_options(on_progress: OnProgress) -> WaitOptions {
    let mut options = WaitOptions::new();
    options.on_progress = on_progress;
    options
}

/// Options of a verb that reads pages.
pub fn page_options(max_calls: i64, on_progress: OnProgress) -> PageOptions {
    let mut options = PageOptions::new().max_calls(max_calls);
    options.on_progress = on_progress;
    options
}

/// A predicate that passes its questions on.
pub fn predicate(notify: impl Fn(Notice) + Send + Sync + 'static) -> Predicate {
    Predicate::deciding(move |texts| {
        let (reply, decided) = oneshot::channel();
        notify(Notice::Question(Question { texts, reply }));
        decided.map(|decided| decided.map_err(|_| Error::cancelled())).boxed()
    })
}

/// A predicate that decides at once, or cancels the wait with `None`.
pub fn each_text(decide: impl Fn(&str) -> Option<bool> + Send + Sync + 'static) -> Predicate {
    let each = move |text: String| decide(&text).ok_or_else(Error::cancelled);
    Predicate::deciding(move |texts| std::future::ready(texts.into_iter().map(&each).collect()).boxed())
}

/// Notices, until a thread of another language takes them.
#[derive(Clone, Default)]
pub struct NoticeList(Arc<Mutex<VecDeque<Notice>>>);

impl NoticeList {
    /// Adds a notice.
    pub fn push(&self, notice: Notice) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(notice);
    }

    /// Removes the oldest notice.
    pub fn next(&self) -> Option<Notice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}
