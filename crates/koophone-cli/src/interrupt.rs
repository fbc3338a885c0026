//! Ctrl-C, SIGTERM and SIGHUP, on Windows Ctrl-Break and the end of the console or session: the first one cancels the
//! call in progress, the second one exits at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};

use koophone::CancelToken;
use tokio::task::JoinHandle;

/// Events for the waiting thread.
pub(crate) enum Event {
    /// The command has ended with this exit code.
    Finished(u8),
    /// A signal asks it to end.
    Signal,
}

/// Cancels the call in progress. Clones share the state.
#[derive(Clone, Default)]
pub(crate) struct Interrupt {
    token: CancelToken,
    busy: Arc<AtomicBool>,
}

impl Interrupt {
    /// Runs `work`, which ends when its token is cancelled.
    pub fn during<T>(&self, work: impl FnOnce(CancelToken) -> T) -> T {
        self.busy.store(true, Ordering::SeqCst);
        let result = work(self.token.clone());
        self.busy.store(false, Ordering::SeqCst);
        result
    }

    /// Cancels the call in progress; false if there is none, or it is already cancelled.
    pub fn cancel(&self) -> bool {
        let first = !self.token.is_cancelled();
        // Checked before cancelling: a cancelled call may have ended by the next line.
        let busy = self.busy.load(Ordering::SeqCst);
        self.token.cancel();
        first && busy
    }
}

/// Listens until it is dropped.
pub(crate) struct Listener(JoinHandle<()>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts to listen, and returns once no signal can be missed. None if the system refuses, so signals have
/// their default effect.
pub(crate) fn listen(events: Sender<Event>) -> Option<Listener> {
    let (ready, is_ready) = mpsc::channel();
    let task = koophone::binding_support::spawn(async move {
        let mut signals = match Signals::new() {
            Ok(signals) => signals,
            Err(_) => return,
        };
        // Both receivers live as long as `run`; afterwards the event is irrelevant.
        let _ = ready.send(());
        loop {
            signals.next().await;
            if events.send(Event::Signal).is_err() {
                return;
            }
        }
    });
    let listener = Listener(task.ok()?);
    is_ready.recv().ok().map(|()| listener)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// None if it is ignored, as with `nohup`.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = if hang_up_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hang_up })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = async { match &mut self.hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            } } => {}
        }
    }
}

/// Whether the parent process set SIGHUP to be ignored.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    let mut now = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: with a null pointer for the new action the call only reads, and fills `now` when it returns 0.
    unsafe {
        libc::sigaction(libc::SIGHUP, std::ptr::null(), now.as_mut_ptr()) == 0
            && now.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// Ctrl-Break is the only one that a program can send to a process group. After close, log-off and shutdown, the
/// system allows a few seconds.
#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    break_: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    log_off: tokio::signal::windows::CtrlLogoff,
    shut_down: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::windows;
        Ok(Self {
            interrupt: windows::ctrl_c()?,
            break_: windows::ctrl_break()?,
            close: windows::ctrl_close()?,
            log_off: windows::ctrl_logoff()?,
            shut_down: windows::ctrl_shutdown()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.break_.recv() => {}
            _ = self.close.recv() => {}
            _ = self.log_off.recv() => {}
            _ = self.shut_down.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_in_progress_is_cancelled_and_only_once() {
        let interrupt = Interrupt::default();
        let clone = interrupt.clone();
        let stopped = interrupt.during(|token| {
            assert!(clone.cancel(), "the first signal waits for the call to end");
            assert!(!clone.cancel(), "the second one does not");
            token.is_cancelled()
        });
        assert!(stopped);
        assert!(!Interrupt::default().cancel(), "there is nothing to wait for");
    }
}
