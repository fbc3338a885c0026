//! The koophone command.
fn main() {}
