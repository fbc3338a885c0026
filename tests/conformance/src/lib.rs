//! Puts the faces of koophone behind one protocol (see PROTOCOL.md) and runs scenarios through them.

pub mod call;
pub mod cli_face;
pub mod example;
mod expect;
pub mod face;
pub mod faces;
mod fields;
mod folder;
pub mod judge;
pub mod line;
pub mod operations;
pub mod rust_face;
pub mod scenario;
