//! Who is measured: one line per contender.

/// A face of the product, with what its users would otherwise pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Rust.
    Core,
    /// libkoophone.
    C,
    /// The wheel.
    Python,
    /// The npm package.
    Node,
}
use Face::{C, Core, Node, Python};

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
}

/// A measured program. All of them take `URL PAYLOAD CALLS IN_FLIGHT [signed]` and print one line of JSON.
pub struct Contender {
    /// What it is compared within.
    pub face: Face,
    /// What it is called in tables and goals; unique within the face.
    pub name: &'static str,
    /// A binary of benches/rust, a program of benches/c, or a script.
    pub program: &'static str,
    /// Whether it signs its requests instead of sending a token.
    pub signed: bool,
    /// Whether it is ours.
    pub ours: bool,
    /// Calls in one repetition: enough for some tenths of a second.
    pub calls: usize,
}

const fn peer(face: Face, name: &'static str, program: &'static str, calls: usize) -> Contender {
    Contender { face, name, program, signed: false, ours: false, calls }
}

const fn ours(face: Face, name: &'static str, program: &'static str, calls: usize) -> Contender {
    Contender { ours: true, ..peer(face, name, program, calls) }
}

const fn signed(contender: Contender) -> Contender {
    Contender { signed: true, ..contender }
}

/// Everybody. The vendor's SDKs can only sign, so they are compared with koophone signing.
pub const CONTENDERS: &[Contender] = &[
    peer(Core, "floor", "bench-floor", 4000),
    peer(Core, "reqwest + serde", "bench-reqwest", 3000),
    ours(Core, "koophone, blocking", "bench-blocking", 4000),
    ours(Core, "koophone, async", "bench-async", 3000),
    signed(ours(Core, "koophone, blocking, signed", "bench-blocking", 4000)),
    peer(C, "libcurl + cJSON", "curl_cjson", 3000),
    ours(C, "koophone", "koophone", 3000),
    peer(Python, "urllib3", "with_urllib3.py", 600),
    peer(Python, "aiohttp", "with_aiohttp.py", 600),
    peer(Python, "httpx", "with_httpx.py", 300),
    signed(peer(Python, "huaweicloudsdkcore", "with_official.py", 150)),
    ours(Python, "koophone", "with_koophone.py", 3000),
    ours(Python, "koophone, asyncio", "with_koophone_async.py", 2000),
    signed(ours(Python, "koophone, signed", "with_koophone.py", 3000)),
    peer(Node, "undici.request", "with-undici.mjs", 4000),
    peer(Node, "fetch", "with-fetch.mjs", 2000),
    signed(peer(Node, "huaweicloud-sdk-core", "with-official.mjs", 800)),
    ours(Node, "koophone", "with-koophone.mjs", 4000),
    signed(ours(Node, "koophone, signed", "with-koophone.mjs", 4000)),
];

/// No client: the lists that Node's calls give, made without calls, so that V8's share in their cost is known.
pub const PLAIN: Contender = peer(Node, "JSON.parse of such a list", "plain.mjs", 0);
