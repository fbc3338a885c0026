//! The context of every command: a client of the core, input, output, and cancellation.

use std::cell::{Cell, OnceCell};
use std::ffi::OsString;

use koophone::binding_support::next_items;
use koophone::{Call, Client, ClientBuilder, Error, Listing, OPERATIONS, Progress, Result, WaitOptions};

use crate::confirm::{self, About, ConfirmArgs};
use crate::credential_args::CredentialArgs;
use crate::input::Input;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::progress::Reporter;
use crate::setting_args::SettingArgs;

/// One run of the command.
pub(crate) struct Session {
    pub output: Output,
    pub input: Input,
    pub settings: SettingArgs,
    pub credentials: CredentialArgs,
    pub interrupt: Interrupt,
    /// For every call.
    pub traceparent: Option<String>,
    /// The whole command line, the program's name first.
    pub arguments: Vec<OsString>,
    client: OnceCell<Client>,
    /// Shows the progress of the next call.
    reporter: Cell<Option<Reporter>>,
}

impl Session {
    pub fn new(
        output: Output,
        settings: SettingArgs,
        credentials: CredentialArgs,
        traceparent: Option<String>,
        arguments: Vec<OsString>,
        interrupt: Interrupt,
    ) -> Self {
        let input = Input::new(interrupt.clone());
        let (client, reporter) = (OnceCell::new(), Cell::new(None));
        Self { output, input, settings, credentials, interrupt, traceparent, arguments, client, reporter }
    }

    /// The configuration from the options; the core completes it from the environment.
    pub fn builder(&self) -> Result<ClientBuilder> {
        let mut builder = Client::builder();
        for (name, text) in self.settings.given() {
            builder = builder.setting(name, text);
        }
        if let Some(credentials) = self.credentials.resolve(&self.input)? {
            builder = builder.credentials(credentials);
        }
        Ok(match self.output.log_level() {
            Some(level) => builder.log(level, self.output.log_sink()),
            None => builder,
        })
    }

    /// The client: one for all calls, which share its token and connections.
    pub fn client(&self) -> Result<Client> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = self.builder()?.build()?;
        Ok(self.client.get_or_init(|| client).clone())
    }

    /// Reports the client's statistics, with --verbose.
    pub fn tell_stats(&self) {
        if let Some(client) = self.client.get() {
            self.output.stats(&client.stats());
        }
    }

    /// The same for a call of an operation, after the user has confirmed what it destroys or costs.
    pub fn client_for(&self, operation: &str, about: &About<'_>, confirm: ConfirmArgs) -> Result<Client> {
        let client = self.client()?;
        let operation = OPERATIONS.iter().find(|one| one.name == operation);
        let operation = operation.ok_or_else(|| Error::internal("a command without an operation"))?;
        confirm::before(operation, about, confirm, self.input.is_interactive())?;
        Ok(client)
    }

    /// Reads a list to its end.
    pub fn all<T: Send + 'static>(&self, listing: Listing<T>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        loop {
            let items = self.call(next_items(&listing))?;
            if items.is_empty() {
                return Ok(all);
            }
            all.extend(items);
        }
    }

    /// A callback that shows the progress of the next call. `counted` is what it counts.
    pub fn progress(&self, counted: &str) -> impl FnMut(Progress) + Send + use<> {
        let reporter = Reporter::new(self.output.style, counted);
        let sink = reporter.sink();
        self.reporter.set(Some(reporter));
        sink
    }

    /// For a wait, whose timeout is how long it waits.
    pub fn wait_options(&self) -> Result<WaitOptions> {
        let timeout = self.settings.time_limit()?;
        Ok(WaitOptions::new().timeout(timeout).on_progress(self.progress("phones")))
    }

    /// Makes a call; Ctrl-C cancels it.
    pub fn call<T: Send + 'static>(&self, call: Call<T>) -> Result<T> {
        let call = match &self.traceparent {
            Some(traceparent) => call.traceparent(traceparent),
            None => call,
        };
        let ended = self.interrupt.during(|cancel| call.cancel_with(cancel).wait());
        // A progress bar is removed before anything is printed.
        drop(self.reporter.take());
        ended
    }
}
