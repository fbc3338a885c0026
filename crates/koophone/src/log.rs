//! Log records of a client, for programs that do not use `tracing`: per client, without a global subscriber.
//!
//! Rust programs see the same events through whatever `tracing` subscriber they installed.

use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, NoSubscriber};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// How important a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "describe", schemars(rename_all = "snake_case"))]
#[non_exhaustive]
#[repr(u8)]
pub enum LogLevel {
    /// Something failed permanently.
    Error = 1,
    /// Something unexpected happened; the call continues.
    Warn = 2,
    /// Rare milestones, such as a new token.
    Info = 3,
    /// Every request and every retry.
    Debug = 4,
}

impl LogLevel {
    /// Every level, the most important first.
    pub const ALL: [LogLevel; 4] = [Self::Error, Self::Warn, Self::Info, Self::Debug];

    /// `error`, `warn`, `info` or `debug`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    fn of(level: &Level) -> Option<Self> {
        Some(match *level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warn,
            Level::INFO => Self::Info,
            Level::DEBUG => Self::Debug,
            _ => return None,
        })
    }
}

/// One log record. Never contains a secret, a command or its output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogRecord {
    /// How important it is.
    pub level: LogLevel,
    /// What happened, then `name=value` pairs.
    pub message: String,
}

/// A log level that can be changed while clients are in use. Clones share the level; a new one is off.
#[derive(Clone, Debug, Default)]
pub struct LogSwitch(Arc<AtomicU8>);

impl LogSwitch {
    /// Logs records up to `level` from now on, or none.
    pub fn set(&self, level: Option<LogLevel>) {
        self.0.store(level.map_or(0, |level| level as u8), Ordering::Relaxed);
    }

    /// Whether anything is logged.
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    fn lets_through(&self, level: LogLevel) -> bool {
        level as u8 <= self.0.load(Ordering::Relaxed)
    }
}

impl From<LogLevel> for LogSwitch {
    fn from(level: LogLevel) -> Self {
        let switch = Self::default();
        switch.set(Some(level));
        switch
    }
}

type Sink = Box<dyn Fn(&LogRecord) + Send + Sync>;

/// Where a client's records go.
#[derive(Clone)]
pub(crate) struct Log {
    switch: LogSwitch,
    dispatch: Dispatch,
}

impl Log {
    pub fn new(switch: LogSwitch, sink: Sink) -> Self {
        // With one subscriber in the process, tracing asks that of the thread that first reaches an event, and caches
        // "never" if that thread has none: a call that is not logged would disable the event in all later ones. With
        // two subscribers it asks both. The other one is created first and enables nothing, so that nothing is cached
        // before.
        static OTHER: OnceLock<Dispatch> = OnceLock::new();
        OTHER.get_or_init(|| Dispatch::new(NoSubscriber::default()));
        let dispatch = Dispatch::new(Logger::new(switch.clone(), sink));
        Self { switch, dispatch }
    }

    /// The subscriber of a call that begins now; none while logging is off, so that it costs nothing.
    pub fn of_call(&self) -> Option<Dispatch> {
        self.switch.is_on().then(|| self.dispatch.clone())
    }
}

/// A subscriber that passes only this crate's events to a sink.
struct Logger {
    switch: LogSwitch,
    sink: Sink,
    next_span: AtomicU64,
}

impl Logger {
    fn new(switch: LogSwitch, sink: Sink) -> Self {
        Self { switch, sink, next_span: AtomicU64::new(1) }
    }
}

impl Subscriber for Logger {
    // Otherwise the result of `enabled` would be cached, and the switch would have no effect.
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_ours(metadata) { Interest::sometimes() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_ours(metadata) && LogLevel::of(metadata.level()).is_some_and(|level| self.switch.lets_through(level))
    }

    fn event(&self, event: &Event<'_>) {
        let Some(level) = LogLevel::of(event.metadata().level()) else { return };
        let mut text = Text::default();
        event.record(&mut text);
        let record = LogRecord { level, message: text.message + &text.fields };
        // A panic in the sink must not cost the call its results; the panic hook has reported it.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.sink)(&record)));
    }

    // Spans are not used: the rest of the trait does as little as possible.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.next_span.fetch_add(1, Ordering::Relaxed))
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() && metadata.target().starts_with("koophone")
}

#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_sink_that_panics_costs_its_record_only() {
        let log = Log::new(LogLevel::Info.into(), Box::new(|_| std::panic::resume_unwind(Box::new("on purpose"))));
        tracing::dispatcher::with_default(&log.of_call().unwrap(), || tracing::info!("sent"));
    }

    #[test]
    fn records_reach_the_sink_up_to_its_level() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let switch = LogSwitch::from(LogLevel::Info);
        let log = Log::new(switch.clone(), Box::new(move |record| sink.lock().unwrap().push(record.clone())));
        let emit = || {
            tracing::info!(operation = "run_command", attempts = 2, "sent");
            tracing::debug!("too much");
            tracing::info!(target: "somebody_else", "not ours");
        };
        tracing::dispatcher::with_default(&log.of_call().unwrap(), || {
            emit();
            switch.set(None);
            emit();
        });
        assert!(log.of_call().is_none());
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(
            seen[0],
            LogRecord { level: LogLevel::Info, message: "sent operation=\"run_command\" attempts=2".into() }
        );
    }
}
