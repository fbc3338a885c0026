//! The faces of koophone behind one protocol (see PROTOCOL.md), and a judge that runs scenarios through them.

pub mod cli_face;
mod expect;
pub mod face;
mod fields;
pub mod judge;
pub mod line;
pub mod rust_face;
pub mod scenario;
