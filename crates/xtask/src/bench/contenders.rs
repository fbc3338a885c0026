//! What is measured: one line per contender.

use super::Effort;
use super::face::Face;
use super::face::Face::{C, Core, Node, Python};
use super::scenes::{COLD_CALLS, Calls, FLEETS, Scene};

/// How a contender is started. Programs take `URL PAYLOAD CALLS IN_FLIGHT WARM_UP [signed]` and print one line of JSON.
#[derive(Clone, Copy)]
pub enum Program {
    /// A binary of benches/rust.
    Rust(&'static str),
    /// A program of benches/c.
    C(&'static str),
    /// A script of benches/python.
    Python(&'static str),
    /// A script of benches/node.
    Node(&'static str),
    /// Python code that only imports a package.
    PythonCode(&'static str),
    /// The same in Node.
    NodeCode(&'static str),
    /// The `curl` command.
    Curl,
    /// The `koophone` command.
    Command,
}

/// The role of a contender.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// One of koophone's clients.
    Ours,
    /// What users would use otherwise.
    Peer,
    /// A command, which is only measured as a whole process.
    Command,
    /// A package to import.
    Import,
    /// Not a client: the cost in the language itself of lists like the results for thousands of phones.
    Language,
}

/// A measured program.
#[derive(Clone, Copy)]
pub struct Contender {
    /// The face within which it is compared.
    pub face: Face,
    /// Its name in tables and goals; unique within the face and role.
    pub name: &'static str,
    /// How it is started.
    pub program: Program,
    /// Its role.
    pub role: Role,
    /// Whether it signs requests instead of sending a token.
    pub signed: bool,
    /// Calls per repetition: enough for a few tenths of a second.
    pub calls: usize,
    /// Calls before that: a tenth, or more if a JIT compiler has to warm up.
    pub warm_up: usize,
}

impl Contender {
    /// Whether it is measured in a scene.
    pub fn is_measured_in(&self, scene: Scene) -> bool {
        let client = matches!(self.role, Role::Ours | Role::Peer);
        match scene {
            Scene::Calls(Calls { warm: false, .. }) => client && self.face == Node,
            Scene::Calls(_) => client,
            Scene::OneCall => client || self.role == Role::Command,
            Scene::Import => self.role == Role::Import,
            Scene::Fleet { .. } => self.is_plain_client_of_ours() || self.role == Role::Language,
            Scene::Slow => self.is_plain_client_of_ours() || matches!(self.program, Program::Command),
            Scene::Clients { .. } => self.is_plain_client_of_ours(),
        }
    }

    /// The number of calls per repetition, and of warm-up calls before them.
    pub fn calls_of(&self, scene: Scene, effort: Effort) -> [usize; 2] {
        match scene {
            Scene::Calls(Calls { warm: true, in_flight, .. }) => {
                [self.calls, self.warm_up].map(|calls| (calls / effort.divisor).max(in_flight))
            }
            Scene::Calls(_) => [COLD_CALLS / effort.divisor, 0],
            // About the same number of requests for each fleet; enough for memory to reach its peak.
            Scene::Fleet { phones } => [(120 * FLEETS[FLEETS.len() - 1] / phones / effort.divisor).max(2), 1],
            Scene::Clients { used, .. } => [usize::from(used), 0],
            Scene::Slow | Scene::Import | Scene::OneCall => [1, 0],
        }
    }

    fn is_plain_client_of_ours(&self) -> bool {
        self.role == Role::Ours && !self.signed
    }
}

const fn peer(face: Face, name: &'static str, program: Program, calls: usize) -> Contender {
    Contender { face, name, program, role: Role::Peer, signed: false, calls, warm_up: calls / 10 }
}

const fn ours(face: Face, name: &'static str, program: Program, calls: usize) -> Contender {
    Contender { role: Role::Ours, ..peer(face, name, program, calls) }
}

const fn command(name: &'static str, program: Program) -> Contender {
    Contender { role: Role::Command, ..peer(C, name, program, 1) }
}

const fn import(face: Face, name: &'static str, program: Program) -> Contender {
    Contender { role: Role::Import, ..peer(face, name, program, 1) }
}

const fn signed(contender: Contender) -> Contender {
    Contender { signed: true, ..contender }
}

const fn settled(warm_up: usize, contender: Contender) -> Contender {
    Contender { warm_up, ..contender }
}

/// The name of an interpreter that does nothing.
pub const BARE: &str = "nothing";

/// All contenders. The vendor's SDKs can only sign, so they are compared with koophone signing.
pub const CONTENDERS: &[Contender] = &[
    peer(Core, "floor", Program::Rust("bench-floor"), 4000),
    peer(Core, "reqwest + serde", Program::Rust("bench-reqwest"), 3000),
    ours(Core, "koophone, blocking", Program::Rust("bench-blocking"), 4000),
    ours(Core, "koophone, async", Program::Rust("bench-async"), 3000),
    signed(ours(Core, "koophone, blocking, signed", Program::Rust("bench-blocking"), 4000)),
    peer(C, "libcurl + cJSON", Program::C("curl_cjson"), 3000),
    ours(C, "koophone", Program::C("koophone"), 3000),
    command("curl, the command", Program::Curl),
    command("koophone, the command", Program::Command),
    peer(Python, "urllib3", Program::Python("with_urllib3.py"), 600),
    peer(Python, "requests", Program::Python("with_requests.py"), 300),
    peer(Python, "aiohttp", Program::Python("with_aiohttp.py"), 600),
    peer(Python, "httpx", Program::Python("with_httpx.py"), 300),
    signed(peer(Python, "huaweicloudsdkcore", Program::Python("with_official.py"), 150)),
    ours(Python, "koophone", Program::Python("with_koophone.py"), 3000),
    ours(Python, "koophone, asyncio", Program::Python("with_koophone_async.py"), 2000),
    signed(ours(Python, "koophone, signed", Program::Python("with_koophone.py"), 3000)),
    import(Python, BARE, Program::PythonCode("pass")),
    import(Python, "koophone", Program::PythonCode("import koophone")),
    import(Python, "urllib3", Program::PythonCode("import urllib3")),
    import(Python, "requests", Program::PythonCode("import requests")),
    import(Python, "aiohttp", Program::PythonCode("import aiohttp")),
    import(Python, "httpx", Program::PythonCode("import httpx")),
    import(Python, "huaweicloudsdkcore", Program::PythonCode("import huaweicloudsdkcore.client")),
    settled(10_000, peer(Node, "undici.request", Program::Node("with-undici.mjs"), 5000)),
    settled(2000, peer(Node, "fetch", Program::Node("with-fetch.mjs"), 1000)),
    settled(2000, signed(peer(Node, "huaweicloud-sdk-core", Program::Node("with-official.mjs"), 1000))),
    settled(10_000, ours(Node, "koophone", Program::Node("with-koophone.mjs"), 5000)),
    settled(10_000, signed(ours(Node, "koophone, signed", Program::Node("with-koophone.mjs"), 5000))),
    Contender { role: Role::Language, ..peer(Node, "JSON.parse of such a list", Program::Node("plain.mjs"), 1) },
    import(Node, BARE, Program::NodeCode("0")),
    import(Node, "koophone", Program::NodeCode("require('koophone')")),
    import(Node, "undici", Program::NodeCode("require('undici')")),
    import(Node, "huaweicloud-sdk-core", Program::NodeCode("require('@huaweicloud/huaweicloud-sdk-core')")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_within_face_and_role() {
        for (at, one) in CONTENDERS.iter().enumerate() {
            let same = |other: &Contender| (other.face, other.role, other.name) == (one.face, one.role, one.name);
            assert!(!CONTENDERS[at + 1..].iter().any(same), "{}", one.name);
        }
    }
}
