//! The whole state behind one lock, and how one request goes through it.

use serde_json::Value;

use crate::action::Action;
use crate::ahead::Done;
use crate::auth::gateway::Gateway;
use crate::auth::identity::Identity;
use crate::clock::Clock;
use crate::fault::{Fault, Faults};
use crate::ids::{IdKind, Ids, fixed_hex32};
use crate::journal::{AuthKind, JournalEntry, Log, RequestEntry, RequestStatus};
use crate::operation::{Operation, Route, route};
use crate::operations;
use crate::operations::command::check_command;
use crate::operations::task::Tasks;
use crate::options::{Options, OptionsError};
use crate::phone::fleet::Fleet;
use crate::quirk::{Quirk, Quirks};
use crate::rule::{Rule, Rules};
use crate::wire::change::change_body;
use crate::wire::deliver::{Delivery, deliver, own_answer};
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};

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
    /// What was done ahead for the request that is served.
    pub(crate) ahead: Done,
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
        let mut rules = options.rules.clone();
        if let Some(path) = &options.rules_file {
            rules.extend(Rule::list_from_file(path)?);
        }
        let faults = options.faults.clone();
        let mut world = Self {
            quirks: options.all_quirks(),
            project_id: options.project_id.clone().unwrap_or_else(|| fixed_hex32(options.seed, &options.region)),
            clock: Clock::new(&options.clock)?,
            ids: Ids::new(options.seed),
            fleet: Fleet::new(&options),
            tasks: Tasks::default(),
            identity: Identity::default(),
            gateway: Gateway::default(),
            faults: Faults::default(),
            rules: Rules::default(),
            journal: Log::new(options.journal_limit),
            requests: Log::new(options.request_log_limit),
            ahead: Done::new(),
            options,
        };
        world.add_rules(rules)?;
        world.add_faults(faults)?;
        Ok(world)
    }

    pub(crate) fn add_faults(&mut self, faults: impl IntoIterator<Item = Fault>) -> Result<(), OptionsError> {
        let fleet = &self.fleet;
        self.faults.add(faults, |id| fleet.number(id).is_some())
    }

    pub(crate) fn add_rules(&mut self, rules: impl IntoIterator<Item = Rule>) -> Result<(), OptionsError> {
        let (fleet, quirks) = (&self.fleet, self.quirks);
        self.rules.add(rules, |id| fleet.number(id).is_some(), |command| check_command(quirks, command))
    }

    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.has(quirk)
    }

    /// The same when the command line of the request has run already.
    pub(crate) fn serve_after(&mut self, done: Done, received: &Received) -> Served {
        self.ahead = done;
        let served = self.serve(received);
        self.ahead.clear();
        served
    }

    /// Takes a request in, executes it unless a fault is in the way, and says how it is to be answered.
    pub(crate) fn serve(&mut self, received: &Received) -> Served {
        self.clock.tick();
        let route = route(&received.method, received.path());
        let mut instance_ids = named_instances(received, &route);
        let sequence = self.log_request(received, &route, instance_ids.len());
        if route.operation == Operation::GetTask {
            instance_ids = self.tasks.phones(&route.path_id);
        }
        let server_id = self.ids.hex32(IdKind::ServerRequest);
        let fault = self.faults.take(route.operation, &instance_ids);
        let reply = if fault.as_ref().is_none_or(Action::executes) {
            operations::operate(self, &route, received).unwrap_or_else(|refusal| refusal.reply(self.quirks, &server_id))
        } else {
            // Only the faults below send something then, and they bring it with them.
            Reply::json(500, &Value::Null).not_executed()
        };
        if let Some(entry) = self.requests.get_mut(sequence) {
            entry.executed = reply.executed;
        }
        let reply = self.pass_time(reply, &server_id);
        let own = fault.as_ref().and_then(|fault| own_answer(fault, self.quirks, &server_id));
        let mut reply = self.with_common_headers(own.unwrap_or(reply), &route, &server_id);
        if let Some(action) = &fault {
            reply = self.changed(reply, action, &route);
        }
        Served { sequence, delivery: deliver(reply, fault.as_ref()) }
    }

    /// Lets an operation take its time, up to the gateway's patience. Manual time moves at once, so nobody has to wait for it.
    fn pass_time(&mut self, mut reply: Reply, server_id: &str) -> Reply {
        let patience = self.options.gateway_timeout_ms;
        if patience > 0 && reply.hold_ms > patience {
            let timeout = Refusal::gateway(504, "APIGW.0201", "Backend timeout.").reply(self.quirks, server_id);
            reply = Reply { hold_ms: patience, executed: reply.executed, ..timeout };
        }
        if self.clock.is_manual() {
            self.clock.advance_ms(i64::try_from(reply.hold_ms).unwrap_or(i64::MAX));
            reply.hold_ms = 0;
        }
        reply
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

    /// The answer as a fault wants it, as far as status, headers and body are concerned.
    fn changed(&self, mut reply: Reply, action: &Action, route: &Route) -> Reply {
        let headers = match action {
            Action::Answer { headers, .. } => headers,
            Action::Change { status, headers, set, remove } => {
                reply.status = status.unwrap_or(reply.status);
                let is_item_of = |item: &Value, id: &str| {
                    let names = |key: &str| item.get(key).and_then(Value::as_str);
                    let phone = || names("job_id").and_then(|job| self.tasks.phone_of_job(&route.path_id, job));
                    names("instance_id").or_else(phone) == Some(id)
                };
                reply.body = change_body(reply.body, set, remove, &is_item_of);
                headers
            }
            _ => return reply,
        };
        for (name, value) in headers {
            match value.as_str() {
                Some(value) => reply = reply.with_header(name, value),
                None => reply.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name)),
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
pub(crate) fn named_instances(received: &Received, route: &Route) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Generator;
    use crate::wire::deliver::Delivery;

    /// JSON of any form, made of the keys and values that matter somewhere.
    fn random_json(generator: &mut Generator, depth: usize) -> Value {
        const KEYS: [&str; 21] = [
            "auth",
            "identity",
            "methods",
            "password",
            "user",
            "name",
            "domain",
            "scope",
            "project",
            "id",
            "command",
            "instance_ids",
            "instance_settings",
            "network_type",
            "encoding_type",
            "video_spec_groups",
            "definition_540P",
            "definition_720P",
            "definition_1080P",
            "code_rate",
            "fps",
        ];
        const TEXTS: [&str; 9] =
            ["password", "phone", "other", "WIFI", "H264", "cn-north-4", "emulator-user", "ls", ""];
        let below = if depth == 0 { 5 } else { 9 };
        match generator.below(below) {
            0 => Value::Null,
            1 => true.into(),
            2 => [30, 100, -1, i64::MAX][generator.below(4)].into(),
            3 | 4 => TEXTS[generator.below(TEXTS.len())].into(),
            5 => (0..generator.below(4)).map(|_| random_json(generator, depth - 1)).collect(),
            _ => {
                let mut pair = || (KEYS[generator.below(KEYS.len())].to_owned(), random_json(generator, depth - 1));
                Value::Object((0..3).map(|_| pair()).collect())
            }
        }
    }

    #[test]
    fn random_requests_are_answered() {
        let instance_ids = vec!["phone".to_owned(), "other".to_owned()];
        let options = Options { instance_ids, password_attempts: u32::MAX, ..Options::default() };
        let mut world = World::new(options).unwrap();
        let mut generator = Generator::new(2, 2);
        let user = serde_json::json!({"name": "emulator-user", "password": "emulator-password", "domain": {"name": "emulator-domain"}});
        let identity = serde_json::json!({"methods": ["password"], "password": {"user": user}});
        let mut token = String::new();
        for round in 0..20_000 {
            let (method, target) = [
                ("POST", "/v1/instances/sync-command"),
                ("POST", "/v1/instances/async-command"),
                ("PUT", "/v1/instances/video-setting"),
                ("POST", "/v1/instances/batch-query-status"),
                ("POST", "/v1/instances/batch-reset"),
                ("POST", "/v1/instances/phone/auth"),
                ("POST", "/v3/auth/tokens"),
            ][generator.below(7)];
            let (method, target, body) = if round == 0 {
                let body =
                    serde_json::json!({"auth": {"identity": identity, "scope": {"project": {"name": "cn-north-4"}}}});
                ("POST", "/v3/auth/tokens", body.to_string().into_bytes())
            } else {
                (method, target, random_json(&mut generator, 4).to_string().into_bytes())
            };
            let headers = vec![("x-auth-token".to_owned(), token.clone())];
            let received =
                Received { method: method.to_owned(), target: target.to_owned(), headers, body, too_large: false };
            match world.serve(&received).delivery {
                Delivery::Answer { status, headers, .. } => {
                    assert!(
                        matches!(status, 200 | 201 | 400 | 401 | 404),
                        "{status}: {}",
                        String::from_utf8_lossy(&received.body)
                    );
                    if round == 0 {
                        token = headers.into_iter().find(|(name, _)| name == "X-Subject-Token").unwrap().1;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(world.requests.iter().filter(|entry| entry.executed).count() > 10, "some of them are good");
    }
}
