//! What is allocated and not freed: without AddressSanitizer, which is not stable, libFuzzer cannot see leaks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

/// Runs until everything that is made once has been made, and runs from one look to the next.
const RUNS: usize = 20_000;
/// What caches and other threads may hold on top of that. A hundred bytes lost in every hundredth run are found within
/// the hour.
const SLACK: isize = 4 << 20;

static LIVE: AtomicIsize = AtomicIsize::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);
static AT_FIRST: AtomicIsize = AtomicIsize::new(isize::MAX);

/// The system's allocator, with a count of bytes. The engine's own memory does not come from here.
pub struct Counting;

// SAFETY: it is the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// After every run: nothing may stay behind.
pub fn check() {
    let done = DONE.fetch_add(1, Ordering::Relaxed) + 1;
    if !done.is_multiple_of(RUNS) {
        return;
    }
    let live = LIVE.load(Ordering::Relaxed);
    let at_first = AT_FIRST.fetch_min(live, Ordering::Relaxed).min(live);
    assert!(live - at_first < SLACK, "{live} bytes are allocated after {done} runs, {at_first} were before");
}
