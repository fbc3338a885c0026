//! Finds leaks by counting allocated bytes: libFuzzer needs AddressSanitizer for that, which is not stable.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

/// Runs between two checks; enough to initialise everything that is created once.
const RUNS: usize = 20_000;
/// What caches and other threads may hold in addition. Leaking a hundred bytes in every hundredth run is found within
/// an hour.
const SLACK: isize = 4 << 20;

static LIVE: AtomicIsize = AtomicIsize::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);
static AT_FIRST: AtomicIsize = AtomicIsize::new(isize::MAX);

/// The system's allocator with a count of bytes. The fuzzing engine's own memory does not go through it.
pub struct Counting;

// SAFETY: it forwards to the system's allocator.
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

/// Called after every run: no memory may be leaked.
pub fn check() {
    let done = DONE.fetch_add(1, Ordering::Relaxed) + 1;
    if !done.is_multiple_of(RUNS) {
        return;
    }
    let live = LIVE.load(Ordering::Relaxed);
    let at_first = AT_FIRST.fetch_min(live, Ordering::Relaxed).min(live);
    assert!(live - at_first < SLACK, "{live} bytes are allocated after {done} runs, {at_first} were before");
}
