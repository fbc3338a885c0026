//! The whole state behind one lock, and how one request goes through it.

use serde_json::Value;

use crate::auth::gateway::Gateway;
use crate::auth::identity::Identity;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::http::deliver::{Delivery, deliver, executes, own_answer};
use crate::http::received::Received;
use crate::http::reply::{Refusal, Reply};
use crate::ids::{IdKind, Ids, fixed_hex32};
use crate::journal::{AuthKind, JournalEntry, Log, RequestEntry, RequestStatus};
use crate::operation::{Operation, Route, route};
use crate::operations;
use crate::operations::task::Tasks;
use crate::options::{Options, OptionsError};
use crate::phone::fleet::Fleet;
use crate::quirk::{Quirk, Quirks};
use crate::rule::{Rule, Rules};

/// Everything that changes while the emulator runs.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) quirks: Quirks,
    pub(crate) project_id: String,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) fleet: Fleet,
    pub(crate) tasks: Tasks,
    pub(crate) identity: Identity,
    pub(crate) gateway: Gateway,
    pub(crate) faults: Faults,
    pub(crate) rules: Rules,
    pub(crate) journal: Log<JournalEntry>,
    pub(crate) requests: Log<RequestEntry>,
}

/// What the log says about the request until its answer is on the way, and how it ends.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) sequence: u64,
    pub(crate) delivery: Delivery,
}

impl World {
    pub(crate) fn new(options: Options) -> Result<Self, OptionsError> {
        options.check()?;
        let mut rules = Rules::default();
        rules.add(options.rules.clone());
        if let Some(path) = &options.rules_file {
            rules.add(Rule::list_from_file(path)?);
        }
        let mut faults = Faults::default();
        faults.add(options.faults.clone())?;
        Ok(Self {
            quirks: options.all_quirks(),
            project_id: options.project_id.clone().unwrap_or_else(|| fixed_hex32(options.seed, &options.region)),
            clock: Clock::new(&options.clock)?,
            ids: Ids::new(options.seed),
            fleet: Fleet::new(&options),
            tasks: Tasks::default(),
            identity: Identity::default(),
            gateway: Gateway::default(),
            faults,
            rules,
            journal: Log::new(options.journal_limit),
            requests: Log::new(options.request_log_limit),
            options,
        })
    }

    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.has(quirk)
    }

    /// Takes a request in, executes it unless a fault is in the way, and says how it is to be answered.
    pub(crate) fn serve(&mut self, received: &Received) -> Served {
        self.clock.tick();
        let route = route(&received.method, received.path());
        let instance_ids = named_instances(received, &route);
        let sequence = self.log_request(received, &route, instance_ids.len());
        let server_id = self.ids.hex32(IdKind::ServerRequest);
        let fault = self.faults.take(route.operation, &instance_ids);
        let reply = if fault.as_ref().is_none_or(executes) {
            operations::operate(self, &route, received).unwrap_or_else(|refusal| refusal.reply(self.quirks, &server_id))
        } else {
            // Only the faults below send something then, and they bring it with them.
            Reply::json(500, &Value::Null).not_executed()
        };
        if let Some(entry) = self.requests.get_mut(sequence) {
            entry.executed = reply.executed;
        }
        let own = fault.as_ref().and_then(|fault| own_answer(fault, self.quirks, &server_id));
        let reply = self.with_common_headers(own.unwrap_or(reply), &route, &server_id);
        Served { sequence, delivery: deliver(reply, fault.as_ref()) }
    }

    fn log_request(&mut self, received: &Received, route: &Route, instances: usize) -> u64 {
        let auth = if received.header("x-auth-token").is_some() {
            AuthKind::Token
        } else if received.header("authorization").is_some() {
            AuthKind::Aksk
        } else {
            AuthKind::None
        };
        let time_ms = self.clock.now_ms();
        self.requests.add(|sequence| RequestEntry {
            sequence,
            time_ms,
            operation: route.operation,
            method: received.method.clone(),
            path: received.target.clone(),
            x_request_id: received.x_request_id(),
            auth,
            status: RequestStatus::Open,
            executed: false,
            instances,
        })
    }

    /// Headers of every answer. Those a fault has set stay.
    fn with_common_headers(&self, mut reply: Reply, route: &Route, server_id: &str) -> Reply {
        let mut common = vec![("X-Request-Id", server_id.to_owned()), ("Date", self.clock.http_date())];
        if route.operation.is_identity() {
            common.push(("X-IAM-Trace-Id", format!("token_{}_{server_id}", self.options.region)));
        }
        for (name, value) in common {
            if !reply.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                reply.headers.push((name.to_owned(), value));
            }
        }
        reply
    }

    /// What the gateway checks before it looks at who is calling.
    pub(crate) fn check_transport(&mut self, operation: Operation, received: &Received) -> Result<(), Refusal> {
        if operation == Operation::Unknown {
            return Err(Refusal::unknown_api());
        }
        let limit = self.options.max_header_bytes;
        if limit > 0 && received.header_bytes() > limit {
            return Err(Refusal::gateway(494, "APIGW.0201", "Request Header Or Cookie Too Large"));
        }
        if received.too_large {
            return Err(Refusal::gateway(413, "APIGW.0201", "Request Entity Too Large"));
        }
        let has_body = matches!(received.method.as_str(), "POST" | "PUT");
        if self.has(Quirk::LengthRequired) && has_body && received.header("content-length").is_none() {
            return Err(Refusal::gateway(411, "APIGW.0201", "Length Required"));
        }
        if let Some(limit) = self.options.rate_limit {
            self.gateway.count_call(operation, limit, self.clock.now_ms())?;
        }
        Ok(())
    }
}

/// The phones a request names, as far as that can be told: faults and the log need it even for requests that are refused.
fn named_instances(received: &Received, route: &Route) -> Vec<String> {
    match route.operation {
        Operation::GetDeviceToken => vec![route.path_id.clone()],
        Operation::RunCommand
        | Operation::StartCommand
        | Operation::SetVideoSettings
        | Operation::QueryStatus
        | Operation::ResetInstances => received
            .json()
            .as_ref()
            .and_then(|body| body.get("instance_ids"))
            .and_then(Value::as_array)
            .map(|ids| ids.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}
