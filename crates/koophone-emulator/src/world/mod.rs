//! The state of the emulator, behind one lock.

mod agenda;
mod gateway;
mod identity;
mod machines;
mod orders;
mod tasks;
mod work;

use std::collections::HashMap;

use crate::clock::Clock;
use crate::command::check_command;
use crate::error::OptionsError;
use crate::fault::{Fault, Faults};
use crate::ids::{Ids, fixed_hex32};
use crate::journal::{JournalEntry, JournalKind, Log, RequestEntry};
use crate::metrics::Metrics;
use crate::options::Options;
use crate::phone::UserData;
use crate::phone::fleet::Fleet;
use crate::quirk::{Quirk, Quirks};
use crate::rule::{Rule, Rules};
use crate::shell::Finished;

pub(crate) use agenda::{Agenda, Due, Install};
pub(crate) use gateway::Gateway;
pub(crate) use identity::{Identity, Scope, TokenState};
pub(crate) use machines::Machines;
pub(crate) use orders::Orders;
pub(crate) use tasks::{Job, Outcome, Task, TaskKind, Tasks};

/// The result of a command line that ran before its request, for each phone, and the phone's new data.
pub(crate) type Done = HashMap<String, (Finished, UserData)>;

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
    pub(crate) agenda: Agenda,
    pub(crate) machines: Machines,
    pub(crate) orders: Orders,
    pub(crate) identity: Identity,
    pub(crate) gateway: Gateway,
    pub(crate) faults: Faults,
    pub(crate) rules: Rules,
    pub(crate) journal: Log<JournalEntry>,
    pub(crate) requests: Log<RequestEntry>,
    pub(crate) metrics: Metrics,
    /// The command line that ran before the current request.
    pub(crate) ahead: Done,
    /// Phones on which the job of the current request fails; an empty list is all.
    pub(crate) failing: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(options: Options) -> Result<Self, OptionsError> {
        options.check()?;
        let mut rules = options.rules.clone();
        if let Some(path) = &options.rules_file {
            rules.extend(Rule::list_from_file(path)?);
        }
        let faults = options.faults.clone();
        let clock = Clock::new(&options.clock)?;
        let mut world = Self {
            quirks: options.all_quirks(),
            project_id: options.project_id.clone().unwrap_or_else(|| fixed_hex32(options.seed, &options.region)),
            ids: Ids::new(options.seed),
            fleet: Fleet::new(&options, clock.start_ms()),
            clock,
            tasks: Tasks::default(),
            agenda: Agenda::default(),
            machines: Machines::new(options.free_machines),
            orders: Orders::default(),
            identity: Identity::default(),
            gateway: Gateway::default(),
            faults: Faults::default(),
            rules: Rules::default(),
            journal: Log::new(options.journal_limit),
            requests: Log::new(options.request_log_limit),
            metrics: Metrics::default(),
            ahead: Done::new(),
            failing: None,
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

    /// Adds an entry other than a command to the journal, with the ids of its task and job, if any.
    pub(crate) fn record(
        &mut self,
        kind: JournalKind,
        instance_id: &str,
        detail: Option<&str>,
        job: Option<(&str, &str)>,
        x_request_id: Option<String>,
    ) {
        let time_ms = self.clock.now_ms();
        self.journal.add(|sequence| JournalEntry {
            sequence,
            time_ms,
            kind,
            instance_id: instance_id.to_owned(),
            command: None,
            via: None,
            task_id: job.map(|(task, _)| task.to_owned()),
            job_id: job.map(|(_, job)| job.to_owned()),
            x_request_id,
            exit_status: None,
            detail: detail.map(str::to_owned),
        });
    }

    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.has(quirk)
    }
}
