//! Queues in which started calls appear as they finish.

use std::ptr;
use std::sync::Arc;

use crate::callback;
use crate::panic::quietly;
use crate::shared::{Line, koophone_call, limit};

/// Collects started calls as they finish; see `queue` in `koophone_call_options`.
#[derive(Default)]
pub struct koophone_queue {
    pub(crate) line: Arc<Line>,
}

/// Returns a call of this queue that has finished, each once, in the order in which they finished; NULL if none
/// finishes within `timeout_ms` milliseconds (0: does not block; `UINT64_MAX`: without limit). The call still belongs
/// to the caller: take its result, then free it.
///
/// NULL for NULL, in a forked child, and inside a callback if none has finished.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_queue_next(queue: Option<&koophone_queue>, timeout_ms: u64) -> *mut koophone_call {
    quietly(ptr::null_mut(), || {
        let line = queue.map(|queue| &queue.line);
        let Some(line) = line.filter(|line| !line.is_inherited()) else { return ptr::null_mut() };
        line.next(if callback::inside() { limit(0) } else { limit(timeout_ms) })
    })
}
