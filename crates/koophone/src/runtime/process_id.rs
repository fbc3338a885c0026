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
    use std::ptr::{self, NonNull};
    use std::sync::atomic::{AtomicU32, Ordering};

    use once_cell::race::OnceBox;

    /// None where the kernel would not empty it.
    static PAGE: OnceBox<Option<Page>> = OnceBox::new();

    pub(crate) fn current() -> u32 {
        let Some(page) = PAGE.get_or_init(|| Box::new(Page::map())) else { return process::id() };
        match page.id().load(Ordering::Relaxed) {
            0 => {
                let id = process::id();
                page.id().store(id, Ordering::Relaxed);
                id
            }
            id => id,
        }
    }

    /// Memory of our own that is empty again in a forked child.
    struct Page(NonNull<AtomicU32>);

    // SAFETY: what it points to stays mapped as long as the page is there, on whatever thread.
    unsafe impl Send for Page {}
    // SAFETY: what it points to is an atomic number.
    unsafe impl Sync for Page {}

    impl Page {
        const SIZE: usize = size_of::<AtomicU32>();

        fn map() -> Option<Self> {
            let (read_write, private) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            // SAFETY: new memory, which nobody else knows.
            let start = unsafe { libc::mmap(ptr::null_mut(), Self::SIZE, read_write, private, -1, 0) };
            if start == libc::MAP_FAILED {
                return None;
            }
            let page = Self(NonNull::new(start.cast())?);
            // SAFETY: it was mapped above; what is asked for changes what a fork does to it, no more.
            let advise = |advice| unsafe { libc::madvise(start, Self::SIZE, advice) == 0 };
            // Emulators of processors may take any advice and follow none: then they take an impossible one too.
            (advise(libc::MADV_WIPEONFORK) && !advise(-1)).then_some(page)
        }

        /// The id of the process, 0 when it is not known here yet.
        fn id(&self) -> &AtomicU32 {
            // SAFETY: mapped, aligned, and zero at first, which is a valid value.
            unsafe { self.0.as_ref() }
        }
    }

    impl Drop for Page {
        fn drop(&mut self) {
            // SAFETY: mapped by `map`; nobody borrows from what is dropped.
            unsafe { libc::munmap(self.0.as_ptr().cast(), Self::SIZE) };
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
