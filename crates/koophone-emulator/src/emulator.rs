//! The handle of a running emulator.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use crate::credentials::Credentials;
use crate::error::OptionsError;
use crate::fault::Fault;
use crate::journal::{JournalEntry, RequestEntry};
use crate::options::Options;
use crate::phone::boot::PhoneFaults;
use crate::phone::snapshot::PhoneSnapshot;
use crate::rule::Rule;
use crate::server;
use crate::shared::Shared;
use crate::world::World;

/// Why an emulator failed to start.
#[derive(Debug)]
pub enum StartError {
    /// An option is invalid.
    Options(OptionsError),
    /// Listening on the port failed.
    Listen {
        /// The address and port.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The system could not provide a thread or an event queue.
    System(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(error) => error.fmt(formatter),
            Self::Listen { address, source } => write!(formatter, "the emulator cannot listen on {address}: {source}"),
            Self::System(error) => write!(formatter, "the emulator cannot start its thread: {error}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Options(error) => Some(error),
            Self::Listen { source, .. } => Some(source),
            Self::System(error) => Some(error),
        }
    }
}

impl From<OptionsError> for StartError {
    fn from(error: OptionsError) -> Self {
        Self::Options(error)
    }
}

/// A running emulator. Dropping it stops it.
///
/// Methods may be called from any thread. In a child process after `fork` the server does not run; only
/// [`endpoint`](Self::endpoint) and dropping are useful there, and both are safe.
#[derive(Debug)]
pub struct Emulator {
    shared: Arc<Shared>,
    credentials: Credentials,
    thread: Mutex<Option<JoinHandle<io::Result<()>>>>,
    /// The process that the thread belongs to.
    process: u32,
}

impl Emulator {
    /// Starts an emulator, and returns when it is listening.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let address = SocketAddr::from((options.address, options.port));
        let world = World::new(options)?;
        let credentials = Credentials::of(&world);
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let endpoint = format!("http://{}", reachable(listener.local_addr().map_err(listen)?));
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared::new(world, stop, endpoint));
        let (ready, is_ready) = std::sync::mpsc::channel();
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("koophone-emulator".to_owned())
            .spawn(move || {
                let result = server::run(listener, &of_thread, stopped, || {
                    // The receiver is waiting for this, so it still exists.
                    let _ = ready.send(());
                });
                of_thread.mark_ended();
                result
            })
            .map_err(StartError::System)?;
        // The channel closes without a message if the runtime could not be created.
        if is_ready.recv().is_err() {
            let problem = match thread.join() {
                Ok(Err(error)) => error,
                _ => io::Error::other("the server thread ended at once"),
            };
            return Err(StartError::System(problem));
        }
        Ok(Self { shared, credentials, thread: Mutex::new(Some(thread)), process: std::process::id() })
    }

    /// Address of both services, for example `http://127.0.0.1:41234`.
    pub fn endpoint(&self) -> &str {
        &self.shared.endpoint
    }

    /// The credentials to log in with.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The environment variables, by name, that make a KooPhone client talk to this emulator and log in.
    pub fn environment(&self) -> Vec<(String, String)> {
        let Credentials { user, password, account_domain, region, .. } = self.credentials();
        [
            ("KOOPHONE_ENDPOINT", self.endpoint()),
            ("KOOPHONE_IAM_ENDPOINT", self.endpoint()),
            ("KOOPHONE_REGION", region),
            ("KOOPHONE_USERNAME", user),
            ("KOOPHONE_PASSWORD", password),
            ("KOOPHONE_DOMAIN", account_domain),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Ids of all phones, in a fixed order.
    pub fn instance_ids(&self) -> Vec<String> {
        self.shared.world().fleet.ids().to_vec()
    }

    /// Adds a fault at the end of the queue.
    pub fn add_fault(&self, fault: Fault) -> Result<(), OptionsError> {
        self.add_faults([fault])
    }

    /// Adds faults at the end of the queue. None is added if one of them is invalid.
    pub fn add_faults(&self, faults: impl IntoIterator<Item = Fault>) -> Result<(), OptionsError> {
        self.shared.world().add_faults(faults)
    }

    /// Empties the queue of faults.
    pub fn clear_faults(&self) {
        self.shared.world().faults.clear();
    }

    /// Faults that are not used up, with their remaining counts.
    pub fn pending_faults(&self) -> Vec<Fault> {
        self.shared.world().faults.pending().to_vec()
    }

    /// Adds rules after the existing ones. None is added if one of them is invalid.
    pub fn add_rules(&self, rules: impl IntoIterator<Item = Rule>) -> Result<(), OptionsError> {
        self.shared.world().add_rules(rules)
    }

    /// Removes all rules.
    pub fn clear_rules(&self) {
        self.shared.world().rules.clear();
    }

    /// What all phones really did, oldest first.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.shared.journal(None)
    }

    /// What one phone really did, oldest first.
    pub fn journal_of(&self, instance_id: &str) -> Vec<JournalEntry> {
        self.shared.journal(Some(instance_id))
    }

    /// Empties the journal. Its numbering continues.
    pub fn clear_journal(&self) {
        self.shared.world().journal.clear();
    }

    /// Every request that arrived, oldest first; those of `/_emulator/` are not among them.
    pub fn requests(&self) -> Vec<RequestEntry> {
        self.shared.requests()
    }

    /// Empties the log of requests. Its numbering continues.
    pub fn clear_requests(&self) {
        self.shared.world().requests.clear();
    }

    /// Moves the clock forward, in both of its modes.
    pub fn advance(&self, time: Duration) {
        self.shared.advance(time);
    }

    /// The clock: milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.shared.world().clock.now_ms()
    }

    /// Expires every token.
    pub fn expire_tokens(&self) {
        self.shared.world().identity.expire_tokens();
    }

    /// Opens a stream of a phone, as a viewer would. False if there is no such phone.
    pub fn start_stream(&self, instance_id: &str) -> bool {
        self.shared.start_stream(instance_id)
    }

    /// Freezes or unfreezes a phone. False if there is no such phone.
    pub fn set_frozen(&self, instance_id: &str, frozen: bool) -> bool {
        self.shared.set_frozen(instance_id, frozen)
    }

    /// Makes a phone misbehave from now on. False if there is no such phone.
    pub fn set_phone_faults(&self, instance_id: &str, faults: PhoneFaults) -> bool {
        self.shared.set_phone_faults(instance_id, faults)
    }

    /// Writes a file to a phone, with the directories above it. False if there is no such phone, or no space left.
    pub fn write_file(&self, instance_id: &str, path: &str, content: &[u8]) -> bool {
        self.shared.write_file(instance_id, path, content)
    }

    /// Sets the number of free machines for phones that are restored from storage.
    pub fn set_free_machines(&self, count: usize) {
        self.shared.world().set_free_machines(count);
    }

    /// Pays an order, which creates its phones. False if there is no unpaid order with this id.
    pub fn pay_order(&self, order_id: &str) -> bool {
        self.shared.world().pay_order(order_id)
    }

    /// Sets the state number of a phone, which ends its running job. On the default scale 1 puts it into storage, every
    /// other number onto a machine. False if there is no such phone.
    pub fn set_phone_state(&self, instance_id: &str, state: i64) -> bool {
        self.shared.set_phone_state(instance_id, state)
    }

    /// The complete state of a phone.
    pub fn phone(&self, instance_id: &str) -> Option<PhoneSnapshot> {
        self.shared.phone(instance_id)
    }

    /// Whether it is still running.
    pub fn is_running(&self) -> bool {
        self.is_own_process() && !self.shared.has_ended()
    }

    /// Stops and waits until the port is free. Calling it again does nothing.
    pub fn stop(&self) {
        if !self.is_own_process() {
            return;
        }
        self.shared.stop();
        self.wait();
    }

    /// Waits until it is stopped, for example by `POST /_emulator/stop`.
    pub fn wait(&self) {
        if !self.is_own_process() {
            return;
        }
        self.shared.wait_ended();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // The thread has ended, so this does not block; the panic hook has already reported a panic.
            let _ = thread.join();
        }
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    fn is_own_process(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if self.is_own_process() {
            self.stop();
        } else {
            // A forked child has a copy of the handle but not the thread, so the thread must not even be detached.
            std::mem::forget(self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}

/// The address for programs on this machine: the unspecified address cannot be connected to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
