//! What contenders are measured at: one value per column or row of a table.

use serde::{Deserialize, Serialize};

use super::face::Face;

/// Calls that are open at once where throughput is measured.
pub const IN_FLIGHT: usize = 64;
/// Phones in one call: multiples of a batch, as near as they come to 1,000 and 10,000.
pub const FLEETS: [usize; 4] = [1_024, 2_048, 5_120, 10_240];
/// Phones in one request, and requests at a time: the core's defaults.
pub const BATCH: usize = 32;
/// See [`BATCH`].
pub const CONNECTIONS: usize = 8;
/// Phones of the call whose every answer takes [`ANSWER_US`].
pub const SLOW_PHONES: usize = 10_000;
/// Microseconds that the slow server takes for an answer.
pub const ANSWER_US: f64 = 50_000.0;
/// Clients that one program makes, beside one.
pub const CLIENTS: usize = 100;
/// Calls that are measured from a program's first one on.
pub const COLD_CALLS: usize = 2_000;

/// What a call goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Wire {
    /// TLS 1.3, as users have it.
    Tls,
    /// HTTP without TLS.
    Plain,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Work {
    /// Small.
    Statuses,
    /// 35 KB.
    Results,
}

impl Work {
    /// As it is named in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Statuses => "32 statuses",
            Self::Results => "32 results, 35 KB",
        }
    }

    /// As programs take it.
    pub fn payload(self) -> &'static str {
        match self {
            Self::Statuses => "statuses",
            Self::Results => "results",
        }
    }
}

/// Calls again and again, with keep-alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Calls {
    /// What they go over.
    pub wire: Wire,
    /// What they do.
    pub work: Work,
    /// How many are open at once.
    pub in_flight: usize,
    /// Whether caches are filled and compilers have settled. Otherwise the program's first 2,000 calls.
    pub warm: bool,
    /// Whether the client has one processor to itself.
    pub pinned: bool,
}

impl Calls {
    /// Warm and pinned.
    pub const fn new(wire: Wire, work: Work, in_flight: usize) -> Self {
        Self { wire, work, in_flight, warm: true, pinned: true }
    }

    /// The program's first calls, one after the other.
    pub const fn cold(wire: Wire, work: Work) -> Self {
        Self { warm: false, ..Self::new(wire, work, 1) }
    }

    /// Wherever the system lets the client run, over TLS.
    pub const fn anywhere(in_flight: usize) -> Self {
        Self { pinned: false, ..Self::new(Wire::Tls, Work::Statuses, in_flight) }
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Scene {
    /// Calls again and again.
    Calls(Calls),
    /// Calls over so many phones each.
    Fleet {
        /// How many.
        phones: usize,
    },
    /// One call over 10,000 phones whose every answer takes 50 ms, over TLS, connections to be made.
    Slow,
    /// Making clients.
    Clients {
        /// How many.
        count: usize,
        /// Whether each calls once before the memory is looked at.
        used: bool,
    },
    /// A process that imports.
    Import,
    /// A process with one call over TLS.
    OneCall,
}

impl Scene {
    /// All scenes of a face.
    pub fn of(face: Face) -> Vec<Self> {
        let each = |make: fn(Wire, Work) -> Calls| {
            let wires = [Wire::Tls, Wire::Plain].into_iter();
            wires.flat_map(move |wire| [Work::Statuses, Work::Results].map(|work| Self::Calls(make(wire, work))))
        };
        let mut scenes: Vec<Self> = each(|wire, work| Calls::new(wire, work, 1))
            .chain(each(|wire, work| Calls::new(wire, work, IN_FLIGHT)))
            .chain([1, IN_FLIGHT].map(|in_flight| Self::Calls(Calls::anywhere(in_flight))))
            .collect();
        if face == Face::Node {
            scenes.extend(each(Calls::cold));
        }
        scenes.extend([Self::Import, Self::OneCall]);
        scenes
            .extend([false, true].into_iter().flat_map(|used| [1, CLIENTS].map(|count| Self::Clients { count, used })));
        scenes.extend(FLEETS.map(|phones| Self::Fleet { phones }));
        scenes.push(Self::Slow);
        scenes
    }

    /// Whether a whole process is measured, from start to end.
    pub fn is_process(self) -> bool {
        matches!(self, Self::Import | Self::OneCall)
    }

    /// How often it is measured in a round. A start is short, and the difference between two is shorter; what takes
    /// long differs little.
    pub fn repetitions(self, round: usize) -> usize {
        match self {
            Self::Import | Self::OneCall => 3,
            Self::Slow => usize::from(round < 3),
            Self::Fleet { .. } => usize::from(round < 5),
            Self::Calls(_) | Self::Clients { .. } => 1,
        }
    }

    /// As programs take it.
    pub fn payload(self) -> String {
        match self {
            Self::Calls(Calls { work, .. }) => work.payload().to_owned(),
            Self::Fleet { phones } => format!("fleet:{phones}"),
            Self::Slow => format!("fleet:{SLOW_PHONES}"),
            Self::Clients { count, .. } => format!("clients:{count}"),
            Self::Import | Self::OneCall => Work::Statuses.payload().to_owned(),
        }
    }
}
