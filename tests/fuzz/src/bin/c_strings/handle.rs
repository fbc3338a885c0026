//! Handles that free themselves.

/// A handle returned by a function.
pub struct Handle<T> {
    pub pointer: *mut T,
    free: unsafe extern "C" fn(*mut T),
}

/// The free function of a type.
pub type Free<T> = unsafe extern "C" fn(*mut T);

// SAFETY: only handles that any thread may use are shared.
unsafe impl<T> Send for Handle<T> {}
unsafe impl<T> Sync for Handle<T> {}

impl<T> Handle<T> {
    pub fn new(pointer: *mut T, free: Free<T>) -> Self {
        Self { pointer, free }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        unsafe { (self.free)(self.pointer) }
    }
}
