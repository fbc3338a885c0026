//! Runs one scenario through one face.

use std::collections::BTreeMap;
use std::time::Duration;

use koophone::CREDENTIAL_FIELDS;
use koophone::settings::SETTINGS;
use koophone_emulator::{Emulator, Fault, JournalKind, Options};
use serde_json::{Value, json};

use crate::expect::mismatch;
use crate::face::Face;
use crate::fields::Fields;
use crate::folder::Folder;
use crate::line::Line;
use crate::scenario::{ClientSpec, CredentialChoice, EmulatorAction, Journal, Phones, Scenario, Step};

/// What scenarios need in addition to the emulator.
pub struct Judge {
    fields: Fields,
    /// A local port where nothing listens, bound so that nothing else can.
    closed: (socket2::Socket, u16),
}

impl Judge {
    /// Prepares a judge.
    pub fn new() -> std::io::Result<Self> {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        let port = socket.local_addr()?.as_socket_ipv4().map_or(0, |address| address.port());
        Ok(Self { fields: Fields::of_the_core(), closed: (socket, port) })
    }

    /// Runs a scenario through a face; an error says what went wrong.
    pub fn run(&self, scenario: &Scenario, face: &mut dyn Face) -> Result<(), String> {
        let options = if scenario.emulator.is_null() { json!({}) } else { scenario.emulator.clone() };
        let options = Options::from_json(&options.to_string()).map_err(|e| format!("emulator: {e}"))?;
        let emulator = Emulator::start(options).map_err(|e| format!("emulator: {e}"))?;
        let stage = Stage {
            judge: self,
            ids: emulator.instance_ids(),
            emulator,
            folder: Folder::new()?,
            secrets: &scenario.secrets,
        };
        stage.client(face, &scenario.client)?;
        let mut saved = String::new();
        for (number, step) in scenario.steps.iter().enumerate() {
            stage.step(face, step, &mut saved).map_err(|why| format!("step {}: {why}", number + 1))?;
        }
        stage.journal(&scenario.journal)?;
        stage.orders(&scenario.orders)?;
        let mut requests = scenario.requests.clone();
        if face.is_stateless() {
            requests.extend(scenario.requests_if_forgetful.clone());
        }
        stage.requests(&requests)
    }
}

/// A scenario in progress, with its emulator.
struct Stage<'a> {
    judge: &'a Judge,
    emulator: Emulator,
    ids: Vec<String>,
    /// For local files.
    folder: Folder,
    /// Texts that no reply may contain.
    secrets: &'a [String],
}

impl Stage<'_> {
    fn client(&self, face: &mut dyn Face, spec: &ClientSpec) -> Result<(), String> {
        let own = self.emulator.credentials();
        let text = |value: &str| Some(value.to_owned());
        let mut settings: BTreeMap<String, Option<String>> = [
            ("metadata", text("false")),
            // Retries are what is tested, not the backoff.
            ("retry_delay", text("20ms")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let mut fields: BTreeMap<String, Option<String>> = BTreeMap::new();
        let with_password = spec.credentials == CredentialChoice::Password;
        for (variable, value) in self.emulator.environment() {
            let setting = SETTINGS.iter().find(|setting| setting.variable == variable).map(|setting| setting.name);
            let field = CREDENTIAL_FIELDS.iter().find(|field| field.variable == variable).map(|field| field.name);
            match (setting, field) {
                // Only a login by password needs the region.
                (Some(name), _) if with_password || name != "region" => drop(settings.insert(name.into(), Some(value))),
                (_, Some(name)) if with_password => drop(fields.insert(name.into(), Some(value))),
                _ => {}
            }
        }
        if spec.credentials == CredentialChoice::AccessKey {
            fields.insert("access_key".into(), text(&own.access_key));
            fields.insert("secret_key".into(), text(&own.secret_key));
        }
        settings.extend(spec.settings.clone());
        fields.extend(spec.fields.clone());
        let mut line = Line::new(&["client"]);
        for (name, value) in settings {
            if let Some(value) = value {
                line.push(name, self.fill(&value));
            }
        }
        for (name, value) in fields {
            if let Some(value) = value {
                line.push(format!("credential.{name}"), self.fill(&value));
            }
        }
        let expected = spec.expect.clone().unwrap_or_else(|| json!({"ok": true}));
        self.execute(face, &line, &expected).map(drop)
    }

    fn step(&self, face: &mut dyn Face, step: &Step, saved: &mut String) -> Result<(), String> {
        let (mut line, fields) = match step {
            Step::Client { client } => return self.client(face, client),
            Step::Emulator(step) => return self.emulator(&step.emulator),
            Step::Call(step) => {
                let mut line = Line::new(&["call", &step.call]);
                let phones = self.phones(&step.phones)?;
                match &step.assign_to {
                    Some(user) => {
                        let pair = |id: &String| json!({"instance_id": id, "user_id": self.fill(user)});
                        line.push_json("assignments", &phones.iter().map(pair).collect());
                    }
                    None => phones.into_iter().for_each(|id| line.push("instance_id", id)),
                }
                (line, &step.fields)
            }
            Step::Task(step) => {
                let mut line = Line::new(&["task", &step.task]);
                if step.task == "resume" && !step.fields.contains_key("saved") {
                    line.push("saved", saved.clone());
                }
                (line, &step.fields)
            }
        };
        let mut expected = &Value::Null;
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("expect", value) => expected = value,
                (_, Value::String(text)) => line.push(name, self.fill(text)),
                (_, value) => line.push_json(name, &self.fill_all(value)),
            }
        }
        if expected.is_null() {
            return Err("the step has no expectation, so it cannot fail".into());
        }
        let reply = self.execute(face, &line, expected)?;
        if let Some(text) = reply["saved"].as_str() {
            text.clone_into(saved);
        }
        Ok(())
    }

    fn execute(&self, face: &mut dyn Face, line: &Line, expected: &Value) -> Result<Value, String> {
        let reply = face.execute(line)?;
        let expected = self.fill_all(expected);
        if let Some(why) = mismatch(&expected, &reply, "reply") {
            return Err(format!("{why}\n      line: {line}\n      reply: {reply}"));
        }
        let shown = reply.to_string();
        if let Some(secret) = self.secrets.iter().find(|secret| shown.contains(*secret)) {
            return Err(format!("the reply contains {secret:?}: {shown}"));
        }
        // An unexpected error is a mismatch above; this also catches a missing error.
        if reply.get("error").is_some() != expected.get("error").is_some() {
            return Err(format!("expected {expected}, got {reply}"));
        }
        let verb = line.words.get(1).map_or("", String::as_str);
        match self.judge.fields.problem(verb, &reply) {
            Some(why) => Err(format!("{why}\n      reply: {reply}")),
            None => Ok(reply),
        }
    }

    fn emulator(&self, action: &EmulatorAction) -> Result<(), String> {
        match action {
            EmulatorAction::AddFaults(faults) => {
                let faults = self.fill_all(faults).to_string();
                let faults = Fault::list_from_json(&faults).map_err(|e| e.to_string())?;
                self.emulator.add_faults(faults).map_err(|e| e.to_string())?;
            }
            EmulatorAction::AdvanceMs(time) => self.emulator.advance(Duration::from_millis(*time)),
            EmulatorAction::ExpireTokens => self.emulator.expire_tokens(),
            EmulatorAction::ClearJournal => self.emulator.clear_journal(),
            EmulatorAction::SetState { phone, state } => {
                self.emulator.set_phone_state(self.id(*phone)?, *state);
            }
            EmulatorAction::StartStream(phone) => drop(self.emulator.start_stream(self.id(*phone)?)),
            EmulatorAction::Freeze(phone) => drop(self.emulator.set_frozen(self.id(*phone)?, true)),
            EmulatorAction::FreeMachines(count) => self.emulator.set_free_machines(*count),
            EmulatorAction::PayOrders => {
                for (order, _) in self.orders_by_id() {
                    self.emulator.pay_order(&order);
                }
            }
        }
        Ok(())
    }

    fn id(&self, phone: usize) -> Result<&String, String> {
        self.ids.get(phone).ok_or_else(|| format!("there is no phone {phone}"))
    }

    fn phones(&self, phones: &Phones) -> Result<Vec<String>, String> {
        let id = |at: usize| self.id(at).cloned();
        match phones {
            Phones::Absent => Ok(Vec::new()),
            Phones::Word(word) if word == "all" => Ok(self.ids.clone()),
            Phones::Word(word) => Ok(vec![self.fill(word)]),
            Phones::First { first } => (0..*first).map(id).collect(),
            Phones::List(list) => list
                .iter()
                .map(|one| match one {
                    Value::Number(at) => id(at.as_u64().unwrap_or(u64::MAX) as usize),
                    Value::String(text) => Ok(self.fill(text)),
                    other => Err(format!("{other} is not a phone")),
                })
                .collect(),
        }
    }

    /// `{phone:0}`, `{endpoint}`, `{folder}`, `{closed}`, `{repeat:1025}` and the like.
    fn fill(&self, text: &str) -> String {
        let mut out = text.replace("{endpoint}", self.emulator.endpoint());
        out = out.replace("{closed}", &format!("http://127.0.0.1:{}", self.judge.closed.1));
        out = out.replace("{project_id}", &self.emulator.credentials().project_id);
        out = out.replace("{folder}", &self.folder.path.display().to_string());
        while let Some((before, rest)) = out.split_once("{phone:") {
            let Some((index, after)) = rest.split_once('}') else { break };
            let id = index.parse().ok().and_then(|at: usize| self.ids.get(at)).map_or("no-such-phone", String::as_str);
            out = format!("{before}{id}{after}");
        }
        while let Some((before, rest)) = out.split_once("{repeat:") {
            let Some((count, after)) = rest.split_once('}') else { break };
            out = format!("{before}{}{after}", "x".repeat(count.parse().unwrap_or(0)));
        }
        out
    }

    fn fill_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(list) => list.iter().map(|one| self.fill_all(one)).collect(),
            Value::Object(object) => object.iter().map(|(key, one)| (key.clone(), self.fill_all(one))).collect(),
            other => other.clone(),
        }
    }

    /// Checks that every phone ran exactly what it should have: nothing lost, nothing done twice.
    fn journal(&self, expected: &Journal) -> Result<(), String> {
        let of_phone = |at: usize| match expected {
            Journal::Unsaid => None,
            Journal::Each { each } => Some(each.clone()),
            Journal::ByPhone(phones) => Some(phones.get(&at.to_string()).cloned().unwrap_or_default()),
        };
        let mut ran: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in self.emulator.journal() {
            // A command as text; everything else by its kind, such as `<video settings>`.
            let kind = || json!(entry.kind).as_str().unwrap_or_default().replace('_', " ");
            let what = entry.command.clone().unwrap_or_else(|| format!("<{}>", kind()));
            ran.entry(entry.instance_id).or_default().push(what);
        }
        for (at, id) in self.ids.iter().enumerate() {
            let (Some(expected), actual) = (of_phone(at), ran.remove(id).unwrap_or_default()) else { return Ok(()) };
            if expected != actual {
                return Err(format!("journal of phone {at}: expected {expected:?}, got {actual:?}"));
            }
        }
        Ok(())
    }

    /// Every order with its number of phones.
    fn orders_by_id(&self) -> Vec<(String, usize)> {
        let mut orders: Vec<(String, usize)> = Vec::new();
        let created = self.emulator.journal().into_iter().filter(|entry| entry.kind == JournalKind::Create);
        for order in created.filter_map(|entry| entry.detail) {
            match orders.iter_mut().find(|(id, _)| *id == order) {
                Some((_, phones)) => *phones += 1,
                None => orders.push((order, 1)),
            }
        }
        orders
    }

    /// Checks that exactly the expected orders were placed, each once.
    fn orders(&self, expected: &[usize]) -> Result<(), String> {
        let actual: Vec<usize> = self.orders_by_id().into_iter().map(|(_, phones)| phones).collect();
        if expected == actual { Ok(()) } else { Err(format!("expected orders of {expected:?} phones, got {actual:?}")) }
    }

    fn requests(&self, expected: &BTreeMap<String, usize>) -> Result<(), String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for request in self.emulator.requests() {
            let name = serde_json::to_value(request.operation).ok();
            *counts.entry(name.as_ref().and_then(Value::as_str).unwrap_or("other").to_owned()).or_default() += 1;
        }
        for (operation, expected) in expected {
            let actual = counts.get(operation).copied().unwrap_or_default();
            if *expected != actual {
                return Err(format!("{operation}: expected {expected} requests, got {actual}"));
            }
        }
        Ok(())
    }
}
