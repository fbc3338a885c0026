//! What one signature costs: prints CPU µs over the body of the small payload, and over no body.

use std::hint::black_box;

use koophone::signing::{SigningRequest, sign};
use koophone_bench::measure::cpu_of;
use koophone_bench::payload::{ACCESS_KEY, Ids, PHONES, SECRET_KEY, phones};

const TIMES: u32 = 50_000;

fn main() {
    let body = serde_json::to_vec(&Ids { instance_ids: &phones(PHONES) }).expect("JSON");
    let line = serde_json::json!({ "with_body_us": cost_of(&body), "without_body_us": cost_of(b"") });
    println!("{line}");
}

fn cost_of(body: &[u8]) -> f64 {
    let headers = [
        ("content-type", "application/json"),
        ("x-request-id", "36969153b5ab7c47180fd155f1481012"),
        ("x-project-id", "0123456789abcdef0123456789abcdef"),
    ];
    let request = SigningRequest {
        method: "POST",
        url: "https://koophone.myhuaweicloud.com/v1/instances/batch-query-status",
        headers: &headers,
        body,
        date: Some("20240419T080910Z"),
        ..Default::default()
    };
    let start = cpu_of(libc::RUSAGE_SELF);
    for _ in 0..TIMES {
        black_box(sign(black_box(&request), ACCESS_KEY, SECRET_KEY)).expect("signed");
    }
    (cpu_of(libc::RUSAGE_SELF) - start).as_secs_f64() * 1e6 / f64::from(TIMES)
}
