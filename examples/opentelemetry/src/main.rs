//! Exports the client's spans to an OpenTelemetry collector over HTTP: one per call, and one per request below it. The
//! service sees the same trace, because the call sends the program's `traceparent`.
//!
//! ```text
//! # A collector; set OTEL_EXPORTER_OTLP_ENDPOINT if it is not on this machine.
//! docker run --rm -p 4318:4318 otel/opentelemetry-collector
//! cargo run --manifest-path examples/opentelemetry/Cargo.toml
//! ```
//!
//! It uses emulated phones and makes one response fail, to show a retry.

use std::error::Error;

use koophone::{Client, PhoneResults};
use koophone_emulator::{Action, Emulator, Fault, Operation, Options};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(SpanExporter::builder().with_http().build()?)
        .with_resource(Resource::builder().with_service_name("koophone-example").build())
        .build();
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("koophone"));
    // Levels below "info" become events of the spans: "debug" shows every request twice.
    let ours = Targets::new().with_target("koophone", tracing::Level::INFO);
    tracing_subscriber::registry().with(spans.with_filter(ours)).init();

    let emulator = Emulator::start(Options::default())?;
    emulator.add_fault(Fault::new(Operation::QueryStatus, Action::Html { status: 503, executed: false }))?;
    let client = Client::builder().environment(emulator.environment()).build()?;

    tracing::info_span!(target: "koophone::example", "nightly test").in_scope(|| {
        let statuses = client.query_status(emulator.instance_ids()).traceparent(traceparent()).wait()?;
        statuses.raise_for_errors()
    })?;
    println!("{}", client.stats());

    // Sends what is left.
    provider.shutdown()?;
    Ok(())
}

/// The current span, as the W3C Trace Context header.
fn traceparent() -> String {
    let context = Span::current().context();
    let span = context.span().span_context().clone();
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags())
}
