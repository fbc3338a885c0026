//! Daemon threads that the interpreter ends when it ends itself.

/// Calls Python code, holding no object in between. A daemon thread that the interpreter ends meanwhile is parked, as
/// Python 3.14 does itself. Older versions unwind the stack with `pthread_exit`, which is fatal where Rust catches it
/// or releases objects.
pub fn parked_if_unwound<T>(call: impl FnOnce() -> T) -> T {
    struct Unwound;
    impl Drop for Unwound {
        fn drop(&mut self) {
            // A panic is caught further up.
            while !std::thread::panicking() {
                std::thread::park();
            }
        }
    }
    let unwound = Unwound;
    let value = call();
    std::mem::forget(unwound);
    value
}
