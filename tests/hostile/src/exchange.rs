//! One exchange: a call that is lied to, a second one that is told the truth, and what must hold of both.

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

use crate::lie::{LIMIT, TOKEN};
use crate::request::PHONES;
use crate::server::{Journal, Server};

/// The deadline of a call that is lied to.
const DEADLINE: Duration = Duration::from_millis(300);
/// How much longer it may take until its result is there, on a busy machine.
const GRACE: Duration = Duration::from_secs(15);
/// The same where each call is a process of its own, which a busy disk has to load. A silent server outlasts it.
const GRACE_OF_A_PROCESS: Duration = Duration::from_secs(90);

/// What is called, by its seed.
pub struct Exchange {
    seed: u64,
    operation: &'static Operation,
    phones: Vec<String>,
    batch_size: usize,
    /// Whether the client has its default limit of 16 MiB.
    large: bool,
}

impl Exchange {
    /// The exchange with this seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        // What must not be done twice comes more often.
        let often = |operation: &&'static Operation| vec![*operation; if operation.idempotent { 1 } else { 3 }];
        let operations: Vec<_> = OPERATIONS.iter().flat_map(often).collect();
        let operation = operations[rng.usize(0..operations.len())];
        let phones = (0..rng.usize(1..=12)).map(|number| format!("{}{seed}-{number}", PHONES[0])).collect();
        Self { seed, operation, phones, batch_size: rng.usize(1..=6), large: rng.u8(0..50) == 0 }
    }

    /// Runs it; says which promise was broken.
    pub fn run(&self, server: &Server, face: &mut dyn Face) -> Result<(), String> {
        if !face.makes(self.operation.name) {
            return Ok(());
        }
        let answer = face.tell(&self.client(server))?;
        if answer != serde_json::json!({"ok": true}) {
            return Err(format!("no client: {answer}"));
        }
        server.begin(Some(self.seed), &self.phones);
        let start = Instant::now();
        let answer = face.tell(&self.call())?;
        let elapsed = start.elapsed();
        let journal = server.journal();
        let context = |why: String| {
            format!("{} of {} phones: {why}\n  {journal:?}\n  {answer}", self.operation.name, self.phones.len())
        };
        let grace = if face.forgets() { GRACE_OF_A_PROCESS } else { GRACE };
        if elapsed > DEADLINE + grace {
            return Err(context(format!("it took {elapsed:?}")));
        }
        self.check(&answer, &journal).map_err(context)?;
        if journal.slowed {
            return Ok(());
        }
        let phones = self.probed();
        server.begin(None, &phones);
        let answer = face.tell(&self.probe())?;
        self.check_probe(&answer, &server.journal()).map_err(|why| {
            let lies = (self.operation.name, journal.lies);
            format!("the honest call after {lies:?}: {why}: {answer}")
        })
    }

    /// The line that makes its client.
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
        self.probed().into_iter().for_each(|id| line.push("instance_id", id));
        line.push("command", self.probe_command());
        line
    }

    /// Other phones than those of the first call: a late request of that one must not be taken for one of these.
    fn probed(&self) -> Vec<String> {
        self.phones.iter().map(|phone| phone.replace(PHONES[0], PHONES[1])).collect()
    }

    fn probe_command(&self) -> String {
        format!("echo honest {}", self.seed)
    }

    /// The promises.
    fn check(&self, answer: &Value, journal: &Journal) -> Result<(), String> {
        if answer.to_string().contains(TOKEN) || answer.to_string().contains(&TOKEN[..40]) {
            return Err("the token is shown".into());
        }
        let Operation { idempotent, read_only, target, returns, payload, .. } = *self.operation;
        // What is denied may be sent again, unless the response has the results that prove it executed.
        let may_repeat = idempotent || journal.denied && payload.is_empty();
        if !may_repeat && let Some((phone, times)) = journal.executed.iter().find(|(_, times)| **times > 1) {
            return Err(format!("{phone} executed it {times} times"));
        }
        let ran = |phone: &str| !read_only && !journal.denied && journal.executed.contains_key(phone);
        if let Some(error) = answer.get("error") {
            check_kind(error)?;
            let fleet = matches!(target, Target::Phones { .. });
            if fleet && error["maybe_executed"] != Value::Bool(false) {
                return Err("the call failed although something may have happened".into());
            }
            let executed = self.phones.iter().find(|phone| error["maybe_executed"] == Value::Bool(false) && ran(phone));
            return executed.map_or(Ok(()), |phone| Err(format!("the call failed although {phone} executed it")));
        }
        let field = operations::answer(&one_call(self.operation)).map_or("ok", |(field, _)| field);
        let list = match returns {
            Returns::PerPhone(_) => &answer[field],
            Returns::Task { .. } => &answer[field]["phones"],
            _ if answer[field].is_object() || answer[field] == true => return Ok(()),
            _ => return Err(format!("no {field}")),
        };
        let list = list.as_array().ok_or("neither a list nor an error")?;
        let ids: Vec<&str> = list.iter().filter_map(|item| item["instance_id"].as_str()).collect();
        if ids != self.phones.iter().map(String::as_str).collect::<Vec<_>>() {
            return Err(format!("{} phones were asked, in this order; came {ids:?}", self.phones.len()));
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

    /// An honest response after a lie must be read as it is, and belong to the request that was sent.
    fn check_probe(&self, answer: &Value, journal: &Journal) -> Result<(), String> {
        let list = answer["results"].as_array().ok_or("no results")?;
        let right = |(item, phone): (&Value, &String)| {
            item["instance_id"] == phone.as_str() && item["output"] == self.probe_command() && item["error"].is_null()
        };
        let phones = self.probed();
        if list.len() != phones.len() || !list.iter().zip(&phones).all(right) {
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
        return Err(format!("the kind of an error is {kind:?}"));
    }
    Ok(())
}
