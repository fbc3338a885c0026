//! The cost of the core: a signature, and a call compared with the floor (a hand-written blocking socket with serde
//! doing the same work). Measured in CPU time of the calling thread, which does all the work of a blocking call.
//!
//! `cargo bench -p koophone-bench`; each run is compared with the previous one.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use koophone::signing::{SigningRequest, sign};
use koophone_bench::floor::Floor;
use koophone_bench::payload::{self, ACCESS_KEY, COMMAND, Ids, PHONES, PROJECT_ID, Payload, SECRET_KEY};

/// CPU time of this thread.
struct ThreadCpu;

impl ThreadCpu {
    fn now() -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer refers to a local timespec.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
}

impl Measurement for ThreadCpu {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        Self::now()
    }
    fn end(&self, start: Duration) -> Duration {
        Self::now() - start
    }
    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }
    fn zero(&self) -> Duration {
        Duration::ZERO
    }
    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }
    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// Starts the server on its own thread, which is not measured.
fn server() -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        koophone_bench::server::serve(|at| sender.send(format!("http://{}", at.plain)).expect("a listener"))
    });
    receiver.recv().expect("an address")
}

fn calls(criterion: &mut Criterion<ThreadCpu>) {
    let (url, phones) = (server(), payload::phones(PHONES));
    let core: koophone::blocking::Client = koophone_bench::client(&url, false).into();
    for (title, payload) in [("32 statuses", Payload::Statuses), ("32 results of 1000 bytes", Payload::Results)] {
        let mut group = criterion.benchmark_group(title);
        group.throughput(Throughput::Elements(1));
        let mut floor = Floor::connect(&url);
        group.bench_function("floor", |bench| bench.iter(|| floor.work(payload, &phones)));
        group.bench_function("core", |bench| {
            bench.iter(|| match payload {
                Payload::Results => black_box(core.run_command(&phones, COMMAND).expect("results")).len(),
                _ => black_box(core.query_status(&phones).expect("statuses")).len(),
            });
        });
        group.finish();
    }
}

/// The request to sign.
fn signing_request(body: &[u8]) -> SigningRequest<'_> {
    SigningRequest {
        method: "POST",
        url: "https://koophone.myhuaweicloud.com/v1/instances/batch-query-status",
        headers: &[
            ("content-type", "application/json"),
            ("x-request-id", "36969153b5ab7c47180fd155f1481012"),
            ("x-project-id", PROJECT_ID),
        ],
        body,
        date: Some("20240419T080910Z"),
        ..Default::default()
    }
}

fn signature(criterion: &mut Criterion<ThreadCpu>) {
    let body = serde_json::to_vec(&Ids { instance_ids: &payload::phones(PHONES) }).expect("JSON");
    let request = signing_request(&body);
    criterion.bench_function("signature over 32 phones", |bench| {
        bench.iter(|| black_box(sign(black_box(&request), ACCESS_KEY, SECRET_KEY)).expect("signed"));
    });
    let empty = signing_request(b"");
    criterion.bench_function("signature without a body", |bench| {
        bench.iter(|| black_box(sign(black_box(&empty), ACCESS_KEY, SECRET_KEY)).expect("signed"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ThreadCpu).without_plots();
    targets = signature, calls
}
criterion_main!(benches);
