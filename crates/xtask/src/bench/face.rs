//! The faces that are measured.

use serde::{Deserialize, Serialize};

use Face::{C, Core, Node, Python};

/// A face of the product, measured with its alternatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Face {
    /// Rust.
    Core,
    /// libkoophone and the command.
    C,
    /// The wheel.
    Python,
    /// The npm package.
    Node,
}
impl Face {
    /// All of them.
    pub const ALL: [Self; 4] = [Core, C, Python, Node];

    /// As it is named on the command line and in file names.
    pub fn name(self) -> &'static str {
        match self {
            Core => "core",
            C => "c",
            Python => "python",
            Node => "node",
        }
    }

    /// As it is named in headings.
    pub fn title(self) -> &'static str {
        match self {
            Core => "Rust",
            C => "C",
            Python => "Python",
            Node => "Node",
        }
    }

    /// Rounds of a full run. Node's rounds are the longest, because V8 needs a long warm-up.
    pub fn rounds(self) -> usize {
        match self {
            Core | C => 5,
            Python | Node => 3,
        }
    }
}
