//! reqwest and serde, as a program with `#[tokio::main]` would use them.

use koophone_bench::measure::{self, Arguments};
use koophone_bench::payload::{COMMAND, Command, Envelope, Ids, Payload, RESULTS, Results, STATUSES, Statuses, TOKEN};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn main() {
    let arguments = Arguments::read();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    // reqwest does this itself unless it is built without a provider, as in this workspace.
    rustls::crypto::ring::default_provider().install_default().expect("no other provider is installed");
    let client = reqwest::Client::builder().http1_only().no_proxy().build().expect("a client");
    let (payload, phones) = (arguments.payload, arguments.payload.phones());
    runtime.block_on(measure::concurrent(&arguments, {
        let (url, count) = (arguments.url.clone(), phones.len());
        move || {
            let (client, url, phones) = (client.clone(), url.clone(), phones.clone());
            async move { assert_eq!(work(&client, &url, payload, &phones).await, count) }
        }
    }));
}

async fn work(client: &reqwest::Client, url: &str, payload: Payload, phones: &[String]) -> usize {
    if payload == Payload::Results {
        let request = Command { command: COMMAND, instance_ids: phones };
        let data: Results = call(client, url, RESULTS, &request).await;
        std::hint::black_box(data.cmd_results).len()
    } else {
        let data: Statuses = call(client, url, STATUSES, &Ids { instance_ids: phones }).await;
        std::hint::black_box(data.status_results).len()
    }
}

async fn call<D: DeserializeOwned>(client: &reqwest::Client, url: &str, path: &str, body: &impl Serialize) -> D {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT_ID: AtomicU64 = AtomicU64::new(1);
    let request = client
        .post(format!("{url}{path}"))
        .header("content-type", "application/json")
        .header("x-request-id", format!("{:032x}", NEXT_ID.fetch_add(1, Ordering::Relaxed)))
        .header("x-auth-token", TOKEN)
        .body(serde_json::to_vec(body).expect("JSON"));
    let response = request.send().await.and_then(reqwest::Response::error_for_status).expect("a response");
    let envelope: Envelope<D> = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("an envelope");
    assert_eq!(envelope.error_code, "0");
    envelope.data
}
