//! What whole processes cost: importing, one call, and the time of one signature.

use serde::{Deserialize, Serialize};

use super::Effort;
use super::build::Built;
use super::contenders::{Contender, Face};
use super::programs::{ProcessSample, figures, process, words};

/// A process, started again and again.
#[derive(Serialize)]
pub struct ProcessRow {
    /// The face it belongs to.
    pub face: &'static str,
    /// `import` or `one call`.
    pub what: &'static str,
    /// Who.
    pub name: String,
    /// One per start.
    pub samples: Vec<ProcessSample>,
}

/// CPU µs of one signature.
#[derive(Deserialize, Serialize)]
pub struct Signature {
    /// Over the 1.1 KB that name 32 phones.
    pub with_body_us: f64,
    /// Over a request without a body.
    pub without_body_us: f64,
}

/// What is imported, bare first: the others are compared with it.
const PYTHON_IMPORTS: &[(&str, &str)] = &[
    (BARE, "pass"),
    ("koophone", "import koophone"),
    ("urllib3", "import urllib3"),
    ("aiohttp", "import aiohttp"),
    ("httpx", "import httpx"),
    ("huaweicloudsdkcore", "import huaweicloudsdkcore.client"),
];
const NODE_IMPORTS: &[(&str, &str)] = &[
    (BARE, "0"),
    ("koophone", "require('koophone')"),
    (
        "koophone and a client",
        "new (require('koophone').Client)({ environment: {}, credentials: { token: 'a-token' } })",
    ),
    ("undici.request", "require('undici')"),
    ("huaweicloud-sdk-core", "require('@huaweicloud/huaweicloud-sdk-core')"),
];

/// Starts of each program in one round: a start is short, and the difference between two is shorter.
const STARTS: usize = 3;

/// An interpreter that does nothing.
pub const BARE: &str = "nothing";
/// Importing a package.
pub const IMPORT: &str = "import";
/// A program that makes one call with the small payload.
pub const ONE_CALL: &str = "one call";

/// Imports and one-call programs, all of them in turn.
pub fn measure(
    built: &Built,
    contenders: &[&Contender],
    faces: &[Face],
    url: &str,
    effort: Effort,
) -> Result<Vec<ProcessRow>, String> {
    let mut rows: Vec<(Vec<String>, ProcessRow)> = Vec::new();
    let mut add = |line: Vec<String>, face: Face, what, name: &str| {
        rows.push((line, ProcessRow { face: face.name(), what, name: name.to_owned(), samples: Vec::new() }));
    };
    for (name, program) in PYTHON_IMPORTS.iter().filter(|_| faces.contains(&Face::Python)) {
        add(vec![built.python(), "-c".to_owned(), (*program).to_owned()], Face::Python, IMPORT, name);
    }
    for (name, program) in NODE_IMPORTS.iter().filter(|_| faces.contains(&Face::Node)) {
        // Where a program text is given, packages are looked for from the working folder on; this is the repository's.
        let text =
            format!("process.chdir('benches/node'); module.paths.unshift(process.cwd() + '/node_modules'); {program}");
        add(vec!["node".to_owned(), "-e".to_owned(), text], Face::Node, IMPORT, name);
    }
    for contender in contenders {
        let call = [url, "statuses", "1", "1"].map(str::to_owned);
        let mut line = [words(built, contender), call.to_vec()].concat();
        line.extend(contender.signed.then(|| "signed".to_owned()));
        add(line, contender.face, ONE_CALL, contender.name);
    }
    for round in 0..=effort.rounds * STARTS {
        for (line, row) in &mut rows {
            let taken = process(built, line)?;
            // The first start reads files that later ones find in memory.
            if round > 0 {
                row.samples.push(taken);
            }
        }
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Measures signatures.
pub fn signature(built: &Built) -> Result<Signature, String> {
    figures(&[built.rust("bench-signature")], built)
}
