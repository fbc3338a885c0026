//! What a client tells about its work, for programs that do not use `tracing`: per client, without a global subscriber.
//!
//! Rust programs see the same events through whatever `tracing` subscriber they installed.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// How important a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum LogLevel {
    /// Something failed for good.
    Error = 1,
    /// Something is odd; the call goes on.
    Warn = 2,
    /// Rare milestones, such as a new token.
    Info = 3,
    /// Every request and every repeat.
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

/// One thing told. Never holds a secret, a command or its output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogRecord {
    /// How important it is.
    pub level: LogLevel,
    /// What happened, then `name=value` pairs.
    pub message: String,
}

type Sink = Box<dyn Fn(&LogRecord) + Send + Sync>;

/// A subscriber that hands our own events to a sink, and nobody else's.
pub(crate) struct Logger {
    most: LogLevel,
    sink: Sink,
    next_span: AtomicU64,
}

impl Logger {
    pub fn new(most: LogLevel, sink: Sink) -> Self {
        Self { most, sink, next_span: AtomicU64::new(1) }
    }
}

impl Subscriber for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && metadata.target().starts_with("koophone")
            && LogLevel::of(metadata.level()).is_some_and(|level| level <= self.most)
    }

    fn event(&self, event: &Event<'_>) {
        let Some(level) = LogLevel::of(event.metadata().level()) else { return };
        let mut text = Text::default();
        event.record(&mut text);
        (self.sink)(&LogRecord { level, message: text.message + &text.fields });
    }

    // Spans are not used: what remains of the trait does as little as it may.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.next_span.fetch_add(1, Ordering::Relaxed))
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
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
    fn records_reach_the_sink_up_to_its_level() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let logger = Logger::new(LogLevel::Info, Box::new(move |record| sink.lock().unwrap().push(record.clone())));
        tracing::subscriber::with_default(logger, || {
            tracing::info!(operation = "run_command", attempts = 2, "sent");
            tracing::debug!("too much");
            tracing::info!(target: "somebody_else", "not ours");
        });
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(
            seen[0],
            LogRecord { level: LogLevel::Info, message: "sent operation=\"run_command\" attempts=2".into() }
        );
    }
}
