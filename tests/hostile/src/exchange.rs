//! One exchange: a call that gets a bad response, a second call that gets a good one, and the checks on both.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use fastrand::Rng;
use koophone::{ErrorKind, OPERATIONS, Operation, Returns, Target};
use koophone_conformance::call::one_call;
use koophone_conformance::example::arguments;
use koophone_conformance::face::Face;
use koophone_conformance::line::Line;
use koophone_conformance::operations;
use serde_json::Value;

use crate::request::PHONES;
use crate::response::{LIMIT, TOKEN};
use crate::server::{Journal, Server};

/// Deadline of the call that gets bad responses.
const DEADLINE: Duration = Duration::from_millis(300);
/// Extra time for the result to arrive on a busy machine.
const GRACE: Duration = Duration::from_secs(15);
/// The same for a face that starts a process per call, which takes time to load. Must stay below `LONGEST_WAIT` in
/// server.rs.
const GRACE_OF_A_PROCESS: Duration = Duration::from_secs(90);

/// A call and its client, both derived from a seed.
pub struct Exchange {
    seed: u64,
    operation: &'static Operation,
    phones: Vec<String>,
    batch_size: usize,
    /// Whether the client keeps the default response limit of 16 MiB.
    large: bool,
}

impl Exchange {
    /// Derives the exchange from a seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        // Operations that must not run twice are picked more often.
        let often = |operation: &&'static Operation| vec![*operation; if operation.idempotent { 1 } else { 3 }];
        let operations: Vec<_> = OPERATIONS.iter().flat_map(often).collect();
        let operation = operations[rng.usize(0..operations.len())];
        let phones = (0..rng.usize(1..=12)).map(|number| format!("{}{seed}-{number}", PHONES[0])).collect();
        Self { seed, operation, phones, batch_size: rng.usize(1..=6), large: rng.u8(0..50) == 0 }
    }

    /// Runs the exchange; an error says which guarantee was broken.
    pub fn run(&self, server: &Server, face: &mut dyn Face) -> Result<(), String> {
        if !face.supports(self.operation.name) {
            return Ok(());
        }
        let reply = face.execute(&self.client(server))?;
        if reply != serde_json::json!({"ok": true}) {
            return Err(format!("the client was not created: {reply}"));
        }
        server.begin(Some(self.seed), &self.phones);
        let start = Instant::now();
        let reply = face.execute(&self.call())?;
        let elapsed = start.elapsed();
        let journal = server.journal();
        let context = |why: String| {
            format!("{} of {} phones: {why}\n  {journal:?}\n  {reply}", self.operation.name, self.phones.len())
        };
        let grace = if face.is_stateless() { GRACE_OF_A_PROCESS } else { GRACE };
        if elapsed > DEADLINE + grace {
            return Err(context(format!("it took {elapsed:?}")));
        }
        self.check(&reply, &journal).map_err(context)?;
        if journal.asked_to_slow_down {
            return Ok(());
        }
        let phones = self.probe_phones();
        server.begin(None, &phones);
        let reply = face.execute(&self.probe())?;
        self.check_probe(&reply, &server.journal()).map_err(|why| {
            let responses = (self.operation.name, journal.responses);
            format!("the call after {responses:?}: {why}: {reply}")
        })
    }

    /// The line that creates the client.
    pub fn client(&self, server: &Server) -> Line {
        let mut line = Line::new(&["client"]);
        let batch_size = self.batch_size.to_string();
        let limit = LIMIT.to_string();
        let mut fields = vec![
            ("endpoint", server.url()),
            ("iam_endpoint", server.url()),
            ("proxy", "none".into()),
            ("batch_size", batch_size),
            ("concurrency", "1".into()),
            ("credential.token", TOKEN.into()),
        ];
        if !self.large {
            fields.push(("max_response_bytes", limit));
        }
        fields.into_iter().for_each(|(name, value)| line.push(name, value));
        line
    }

    fn call(&self) -> Line {
        let mut line = arguments(self.operation, &self.phones, "task0").to_line(self.operation);
        line.words[1] = one_call(self.operation);
        line.push("timeout_ms", DEADLINE.as_millis().to_string());
        line
    }

    fn probe(&self) -> Line {
        let mut line = Line::new(&["call", "run_command"]);
        self.probe_phones().into_iter().for_each(|id| line.push("instance_id", id));
        line.push("command", self.probe_command());
        line
    }

    /// Phones other than those of the first call, so that a late request of that call is not mistaken for one of these.
    fn probe_phones(&self) -> Vec<String> {
        self.phones.iter().map(|phone| phone.replace(PHONES[0], PHONES[1])).collect()
    }

    fn probe_command(&self) -> String {
        format!("echo honest {}", self.seed)
    }

    /// Checks the guarantees for the call that got a bad response.
    fn check(&self, reply: &Value, journal: &Journal) -> Result<(), String> {
        if reply.to_string().contains(TOKEN) || reply.to_string().contains(&TOKEN[..40]) {
            return Err("the reply contains the token".into());
        }
        let Operation { idempotent, read_only, target, returns, payload, .. } = *self.operation;
        // A denied request may be retried, unless the response carries results that prove it was executed.
        let may_repeat = idempotent || journal.denied && payload.is_empty();
        if !may_repeat && let Some((phone, times)) = journal.executed.iter().find(|(_, times)| **times > 1) {
            return Err(format!("{phone} executed it {times} times"));
        }
        let ran = |phone: &str| !read_only && !journal.denied && journal.executed.contains_key(phone);
        if let Some(error) = reply.get("error") {
            check_kind(error)?;
            let fleet = matches!(target, Target::Phones { .. });
            if fleet && error["maybe_executed"] != Value::Bool(false) {
                return Err("the call failed although something may have happened".into());
            }
            let executed = self.phones.iter().find(|phone| error["maybe_executed"] == Value::Bool(false) && ran(phone));
            return executed.map_or(Ok(()), |phone| Err(format!("the call failed although {phone} executed it")));
        }
        let field = operations::reply(&one_call(self.operation)).map_or("ok", |(field, _)| field);
        let list = match returns {
            Returns::PerPhone(_) => &reply[field],
            Returns::Task { .. } => &reply[field]["phones"],
            _ if reply[field].is_object() || reply[field] == true => return Ok(()),
            _ => return Err(format!("no {field}")),
        };
        let list = list.as_array().ok_or("neither a list nor an error")?;
        let ids: Vec<&str> = list.iter().filter_map(|item| item["instance_id"].as_str()).collect();
        if ids != self.phones.iter().map(String::as_str).collect::<Vec<_>>() {
            return Err(format!("expected the {} phones in the order asked, got {ids:?}", self.phones.len()));
        }
        for (item, phone) in list.iter().zip(&self.phones) {
            let error = &item["error"];
            if error.is_null() {
                continue;
            }
            check_kind(error)?;
            if ran(phone) && error["maybe_executed"] == Value::Bool(false) {
                return Err(format!("{phone} executed it, but its error says that nothing was executed"));
            }
        }
        Ok(())
    }

    /// A good response after a bad one must be read correctly and matched to the request that was sent.
    fn check_probe(&self, reply: &Value, journal: &Journal) -> Result<(), String> {
        let list = reply["results"].as_array().ok_or("no results")?;
        let is_correct = |(item, phone): (&Value, &String)| {
            item["instance_id"] == phone.as_str() && item["output"] == self.probe_command() && item["error"].is_null()
        };
        let phones = self.probe_phones();
        if list.len() != phones.len() || !list.iter().zip(&phones).all(is_correct) {
            return Err("a result is wrong".into());
        }
        let once: HashSet<u32> = journal.executed.values().copied().collect();
        if journal.executed.len() == phones.len() && once == HashSet::from([1]) {
            Ok(())
        } else {
            Err(format!("not every phone executed it once: {journal:?}"))
        }
    }
}

fn check_kind(error: &Value) -> Result<(), String> {
    let kind = error["kind"].as_str().unwrap_or_default();
    let known = ErrorKind::ALL.iter().any(|known| known.name() == kind);
    if !known || kind == ErrorKind::Internal.name() {
        return Err(format!("unexpected error kind {kind:?}"));
    }
    Ok(())
}
