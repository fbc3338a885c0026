//! The spans that a program's `tracing` subscriber sees: names, parents and fields, according to OpenTelemetry.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use koophone::Client;
use koophone_emulator::{Action, CutWhen, Emulator, Fault, Operation, Options};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

#[derive(Clone, Debug, Default)]
struct Seen {
    name: &'static str,
    /// Counted from 1, as ids are; 0 is none.
    parent: u64,
    fields: BTreeMap<&'static str, String>,
    /// How many hold it; 0 when it is closed.
    held: usize,
}

/// Keeps every span of one thread.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<(Vec<Seen>, Vec<u64>)>>);

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Recorder {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("koophone")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let (spans, entered) = &mut *self.0.lock().unwrap();
        let parent = entered.last().copied().unwrap_or_default();
        let mut seen = Seen { name: span.metadata().name(), parent, held: 1, ..Seen::default() };
        span.record(&mut Fields(&mut seen.fields));
        spans.push(seen);
        Id::from_u64(spans.len() as u64)
    }
    fn record(&self, id: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.0.lock().unwrap().0[id.into_u64() as usize - 1].fields));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, id: &Id) {
        self.0.lock().unwrap().1.push(id.into_u64());
    }
    fn exit(&self, id: &Id) {
        let entered = &mut self.0.lock().unwrap().1;
        let at = entered.iter().rposition(|one| *one == id.into_u64()).unwrap();
        entered.remove(at);
    }
    fn clone_span(&self, id: &Id) -> Id {
        self.0.lock().unwrap().0[id.into_u64() as usize - 1].held += 1;
        id.clone()
    }
    fn try_close(&self, id: Id) -> bool {
        let span = &mut self.0.lock().unwrap().0[id.into_u64() as usize - 1];
        span.held -= 1;
        span.held == 0
    }
}

fn spans_of(work: impl FnOnce()) -> Vec<Seen> {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), work);
    let (spans, entered) = &*recorder.0.lock().unwrap();
    assert!(entered.is_empty() && spans.iter().all(|span| span.held == 0), "{spans:?}");
    spans.clone()
}

/// tracing caches for the whole process whether any subscriber wants a span: the tests here run one after the other.
static ONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn world() -> (Emulator, Client) {
    let emulator = Emulator::start(Options { phones: 1, ..Options::default() }).unwrap();
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    let client = builder.setting("retry_delay", "10ms").build().unwrap();
    (emulator, client)
}

fn fields(span: &Seen, wanted: &[(&'static str, &str)]) {
    for (name, value) in wanted {
        assert_eq!(
            span.fields.get(name).map(String::as_str),
            Some(*value).filter(|value| !value.is_empty()),
            "{name} of {span:?}"
        );
    }
}

#[test]
fn a_call_has_a_span_and_each_attempt_one_below_it() {
    let _alone = alone();
    let (emulator, client) = world();
    let port = emulator.endpoint().rsplit(':').next().unwrap().to_owned();
    emulator.add_fault(Fault::new(Operation::QueryStatus, Action::Html { status: 503, executed: false })).unwrap();
    let spans = spans_of(|| drop(client.query_status(emulator.instance_ids()).wait().unwrap()));
    let shape: Vec<_> = spans.iter().map(|span| (span.name, span.parent)).collect();
    assert_eq!(shape, [("call", 0), ("attempt", 1), ("attempt", 1), ("attempt", 1)], "{spans:?}");
    fields(
        &spans[0],
        &[("otel.name", "query_status"), ("otel.kind", "internal"), ("error.type", ""), ("otel.status_code", "")],
    );
    fields(&spans[1], &[("otel.name", "POST /v3/auth/tokens"), ("http.response.status_code", "201")]);
    fields(
        &spans[2],
        &[
            ("otel.name", "POST /v1/instances/batch-query-status"),
            ("otel.kind", "client"),
            ("otel.status_code", "ERROR"),
            ("http.request.method", "POST"),
            ("http.request.resend_count", ""),
            ("http.response.status_code", "503"),
            ("url.template", "/v1/instances/batch-query-status"),
            ("url.full", &format!("{}/v1/instances/batch-query-status", emulator.endpoint())),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("error.type", "503"),
        ],
    );
    fields(&spans[3], &[("http.request.resend_count", "1"), ("http.response.status_code", "200"), ("error.type", "")]);
}

#[test]
fn failures_are_named_on_the_attempt_and_on_the_call() {
    let _alone = alone();
    let (emulator, client) = world();
    client.login().wait().unwrap();
    emulator
        .add_fault(Fault::new(Operation::GetDeviceToken, Action::Cut { when: CutWhen::BeforeExecution }).times(3))
        .unwrap();
    let id = &emulator.instance_ids()[0];
    let spans = spans_of(|| drop(client.get_device_token(id).wait().unwrap_err()));
    assert_eq!(spans.len(), 4, "{spans:?}");
    for span in &spans {
        fields(span, &[("otel.status_code", "ERROR"), ("http.response.status_code", "")]);
        assert_ne!(span.fields["error.type"], "", "{span:?}");
    }
    fields(&spans[1], &[("url.template", "/v1/instances/{id}/auth"), ("otel.name", "POST /v1/instances/{id}/auth")]);

    let spans = spans_of(|| drop(client.get_device_token("no such id").wait().unwrap_err()));
    assert_eq!(spans.len(), 1, "nothing was sent");
    fields(&spans[0], &[("otel.name", "get_device_token"), ("error.type", "invalid_argument")]);
}

#[test]
fn the_programs_own_span_is_the_parent() {
    let _alone = alone();
    let (emulator, client) = world();
    client.login().wait().unwrap();
    let spans = spans_of(|| {
        let test = tracing::info_span!(target: "koophone-test", "test");
        let started = test.in_scope(|| client.query_status(emulator.instance_ids()).start().unwrap());
        let mut started = started;
        drop(test);
        started.wait(None).unwrap();
        // The span ends with the call, on the runtime's thread.
        drop(started);
    });
    assert_eq!((spans[1].name, spans[1].parent), ("call", 1), "{spans:?}");
}
