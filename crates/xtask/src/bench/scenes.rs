//! The scenes that are measured: one value per column or row of a table.

use serde::{Deserialize, Serialize};

use super::face::Face;

/// Concurrent calls when throughput is measured.
pub const IN_FLIGHT: usize = 64;
/// Phones per call: multiples of a batch, close to 1,000, 2,000, 5,000 and 10,000.
pub const FLEETS: [usize; 4] = [1_024, 2_048, 5_120, 10_240];
/// Phones per request, by the core's default.
pub const BATCH: usize = 32;
/// Concurrent requests, by the core's default.
pub const CONNECTIONS: usize = 8;
/// Phones of the call whose responses take [`RESPONSE_US`] each.
pub const SLOW_PHONES: usize = 10_000;
/// Microseconds that the slow server takes per response.
pub const RESPONSE_US: f64 = 50_000.0;
/// The number of clients created by one program, compared with one client.
pub const CLIENTS: usize = 100;
/// The number of cold calls, counted from a program's first one.
pub const COLD_CALLS: usize = 2_000;

/// The transport of a call.
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
    /// The transport.
    pub wire: Wire,
    /// What they do.
    pub work: Work,
    /// The number of concurrent calls.
    pub in_flight: usize,
    /// Whether calls are measured after a warm-up; otherwise the program's first 2,000 calls are measured.
    pub warm: bool,
    /// Whether the client is pinned to one processor.
    pub pinned: bool,
}

impl Calls {
    /// Warm and pinned.
    pub const fn new(wire: Wire, work: Work, in_flight: usize) -> Self {
        Self { wire, work, in_flight, warm: true, pinned: true }
    }

    /// A program's first calls, one after the other.
    pub const fn cold(wire: Wire, work: Work) -> Self {
        Self { warm: false, ..Self::new(wire, work, 1) }
    }

    /// Not pinned, over TLS.
    pub const fn anywhere(in_flight: usize) -> Self {
        Self { pinned: false, ..Self::new(Wire::Tls, Work::Statuses, in_flight) }
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Scene {
    /// Calls again and again.
    Calls(Calls),
    /// Calls for this many phones each.
    Fleet {
        /// How many.
        phones: usize,
    },
    /// One call for 10,000 phones over TLS whose responses take 50 ms each, starting without connections.
    Slow,
    /// Creating clients.
    Clients {
        /// How many.
        count: usize,
        /// Whether each client makes a call before memory is measured.
        used: bool,
    },
    /// A process that imports a package.
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

    /// Whether a whole process is measured, from start to exit.
    pub fn is_process(self) -> bool {
        matches!(self, Self::Import | Self::OneCall)
    }

    /// How often it is measured in a round. Starts are short and differ little, so they are repeated; long scenes vary
    /// less.
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
