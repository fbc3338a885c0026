//! Who makes the calls: the core itself, or a program of another language (`program.rs`).

use std::time::Duration;

use koophone::blocking::{Client, Task};
use koophone::{Credentials, Error, ErrorKind, PhoneResult, VideoSettings};
use koophone_emulator::Emulator;

use crate::proxy::Way;
use crate::run::Operation;

/// Two phones in one request and one in the next.
const BATCH: &str = "2";

/// How long a call may take.
#[derive(Clone, Copy)]
pub struct Limits {
    /// All of it.
    pub deadline: Duration,
    /// One request. Only a stall is waited out; anything else is noticed at once, on a slow machine a little later.
    pub attempt: Duration,
}

/// A call to make.
pub struct Asked<'a> {
    /// What is called.
    pub operation: Operation,
    /// How a chunk fails.
    pub way: Way,
    /// Whose phones are asked, and by whose credentials.
    pub emulator: &'a Emulator,
    /// Where the service is said to be.
    pub url: &'a str,
    /// Where the identity service is said to be.
    pub iam: &'a str,
    /// The task that was started beforehand, for operations that need one.
    pub prepared: Option<Task>,
}

impl Asked<'_> {
    /// The settings of the client beside its credentials.
    pub fn settings(&self, limits: Limits) -> Vec<(&'static str, String)> {
        let seconds = |time: Duration| time.as_secs_f64().to_string();
        vec![
            ("endpoint", self.url.to_owned()),
            ("iam_endpoint", self.iam.to_owned()),
            ("region", self.emulator.credentials().region.clone()),
            ("timeout", seconds(limits.deadline)),
            ("attempt_timeout", seconds(limits.attempt)),
            ("proxy", "none".to_owned()),
            ("batch_size", BATCH.to_owned()),
            ("concurrency", "1".to_owned()),
        ]
    }
}

/// Makes calls.
pub trait Caller {
    /// How long its calls may take.
    fn limits(&self, way: Way) -> Limits;

    /// Does, undisturbed, what must be done before the operation.
    fn prepare(&mut self, emulator: &Emulator, operation: Operation) -> koophone::Result<Option<Task>>;

    /// Makes the call: one error or none per phone.
    fn call(&mut self, asked: &Asked<'_>) -> koophone::Result<Vec<Option<Error>>>;
}

/// The core, in this process.
pub struct Core;

impl Caller for Core {
    fn limits(&self, way: Way) -> Limits {
        let attempt = Duration::from_millis(if way == Way::Stall { 700 } else { 2500 });
        Limits { deadline: Duration::from_secs(3), attempt }
    }

    fn prepare(&mut self, emulator: &Emulator, operation: Operation) -> koophone::Result<Option<Task>> {
        if !matches!(operation, Operation::GetTask | Operation::WaitForTask) {
            return Ok(None);
        }
        let (url, prepared) = (emulator.endpoint(), None);
        let undisturbed = Asked { operation, way: Way::Close, emulator, url, iam: url, prepared };
        self.client(&undisturbed)?.start_command(emulator.instance_ids(), "echo x").map(Some)
    }

    fn call(&mut self, asked: &Asked<'_>) -> koophone::Result<Vec<Option<Error>>> {
        let client = self.client(asked)?;
        let ids = asked.emulator.instance_ids();
        let phones = |task: Task| task.inner().phones().iter().map(|phone| phone.error.clone()).collect();
        let of_task = || asked.prepared.as_ref().ok_or_else(|| Error::new(ErrorKind::Internal, "no task"));
        let deadline = self.limits(asked.way).deadline;
        Ok(match asked.operation {
            Operation::RunCommand => errors(client.run_command(ids, "echo x")?),
            Operation::StartCommand => phones(client.start_command(ids, "echo x")?),
            Operation::WaitForTask => errors(client.resume_task(&of_task()?.save())?.wait(Some(deadline))?),
            Operation::GetTask => client.get_task(&of_task()?.inner().task_ids()[0]).map(|_| vec![None; ids.len()])?,
            Operation::SetVideoSettings => errors(client.set_video_settings(ids, VideoSettings::default())?),
            Operation::QueryStatus => errors(client.query_status(ids)?),
            Operation::ResetInstances => phones(client.reset_instances(ids)?),
            Operation::GetDeviceToken => client.get_device_token(&ids[0]).map(|_| vec![None; ids.len()])?,
        })
    }
}

impl Core {
    fn client(&self, asked: &Asked<'_>) -> koophone::Result<Client> {
        let own = asked.emulator.credentials();
        let mut builder = koophone::Client::builder().environment([]).credentials(Credentials::password(
            &own.user,
            &own.password,
            &own.account_domain,
        ));
        for (name, value) in asked.settings(self.limits(asked.way)) {
            builder = builder.setting(name, value);
        }
        builder.build().map(Client::from)
    }
}

fn errors<T: PhoneResult>(answers: Vec<T>) -> Vec<Option<Error>> {
    let lost = || Error::new(ErrorKind::Internal, "no state and no error");
    answers.iter().map(|answer| answer.error().cloned().or_else(|| (!answer.ok()).then(lost))).collect()
}
