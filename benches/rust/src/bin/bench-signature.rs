//! What one signature costs: prints CPU µs over the body of the small payload, and over no body.

use std::hint::black_box;

use koophone::signing::sign;
use koophone_bench::measure::cpu_of;
use koophone_bench::payload::{ACCESS_KEY, Ids, PHONES, SECRET_KEY, phones};
use koophone_bench::signing_request;

const TIMES: u32 = 50_000;

fn main() {
    let body = serde_json::to_vec(&Ids { instance_ids: &phones(PHONES) }).expect("JSON");
    let line = serde_json::json!({ "with_body_us": cost_of(&body), "without_body_us": cost_of(b"") });
    println!("{line}");
}

fn cost_of(body: &[u8]) -> f64 {
    let request = signing_request(body);
    let start = cpu_of(libc::RUSAGE_SELF);
    for _ in 0..TIMES {
        black_box(sign(black_box(&request), ACCESS_KEY, SECRET_KEY)).expect("signed");
    }
    (cpu_of(libc::RUSAGE_SELF) - start).as_secs_f64() * 1e6 / f64::from(TIMES)
}
