//! Which process this is. Every call asks several times, to notice a fork, so it must not cost a system call each time.
//!
//! On Linux the answer stands in a page that the kernel empties in a forked child. Elsewhere, and where the kernel does not
//! do that, the system is asked.

/// The id of this process.
#[cfg(target_os = "linux")]
pub(crate) use linux::current;
#[cfg(not(target_os = "linux"))]
pub(crate) use std::process::id as current;

#[cfg(target_os = "linux")]
mod linux {
    use std::process;
    use std::ptr;
    use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

    /// Where the id stands; null before the first question.
    static PLACE: AtomicPtr<AtomicU32> = AtomicPtr::new(ptr::null_mut());
    /// The place where nothing is written, for kernels that would not empty it.
    static NOWHERE: AtomicU32 = AtomicU32::new(0);

    pub(crate) fn current() -> u32 {
        let place = PLACE.load(Ordering::Acquire);
        // SAFETY: null, or a place that is never given up.
        match unsafe { place.as_ref() }.map(|place| place.load(Ordering::Relaxed)) {
            Some(0) | None => ask(),
            Some(id) => id,
        }
    }

    #[cold]
    fn ask() -> u32 {
        let id = process::id();
        if PLACE.load(Ordering::Acquire).is_null() {
            let made = map().unwrap_or(&raw const NOWHERE as *mut AtomicU32);
            if PLACE.compare_exchange(ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire).is_err() {
                unmap(made);
            }
        }
        let place = PLACE.load(Ordering::Acquire);
        if place.cast_const() != &raw const NOWHERE {
            // SAFETY: not null any more, and never given up.
            unsafe { (*place).store(id, Ordering::Relaxed) };
        }
        id
    }

    /// A page that is emptied in a forked child.
    fn map() -> Option<*mut AtomicU32> {
        let (read_write, private) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, zeroed, which is a valid AtomicU32.
        let page = unsafe { libc::mmap(ptr::null_mut(), size_of::<AtomicU32>(), read_write, private, -1, 0) };
        if page == libc::MAP_FAILED {
            return None;
        }
        // SAFETY: the page was mapped above; what is asked for changes what a fork does to it, no more.
        let advise = |advice| unsafe { libc::madvise(page, size_of::<AtomicU32>(), advice) == 0 };
        // Emulators of processors may take any advice and follow none: then they take an impossible one too.
        if advise(libc::MADV_WIPEONFORK) && !advise(-1) {
            return Some(page.cast());
        }
        unmap(page.cast());
        None
    }

    fn unmap(page: *mut AtomicU32) {
        if page.cast_const() != &raw const NOWHERE {
            // SAFETY: mapped by `map`, and known to nobody.
            unsafe { libc::munmap(page.cast(), size_of::<AtomicU32>()) };
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_systems_answer() {
        let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(super::current)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), std::process::id());
        }
        assert_eq!(super::current(), std::process::id());
    }

    #[cfg(unix)]
    #[test]
    fn a_child_has_its_own() {
        let parent = super::current();
        // SAFETY: the child compares numbers and leaves by _exit.
        let status = unsafe {
            match libc::fork() {
                0 => {
                    let good = super::current() == std::process::id() && super::current() != parent;
                    libc::_exit(if good { 7 } else { 1 });
                }
                child => {
                    let mut status = 0;
                    assert_eq!(libc::waitpid(child, &mut status, 0), child);
                    status
                }
            }
        };
        assert_eq!(libc::WEXITSTATUS(status), 7);
    }
}
