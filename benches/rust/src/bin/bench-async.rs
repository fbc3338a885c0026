//! koophone's async client, awaited in a program with `#[tokio::main]`.

use koophone::Client;
use koophone_bench::measure::{self, Arguments};
use koophone_bench::payload::{COMMAND, Payload};

fn main() {
    let arguments = Arguments::read();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (payload, phones) = (arguments.payload, arguments.payload.phones());
    let make = || koophone_bench::client(&arguments.url, arguments.signed);
    let call = move |client: Client| {
        let phones = phones.clone();
        async move {
            let count = if payload == Payload::Results {
                std::hint::black_box(client.run_command(&phones, COMMAND).await.expect("results")).len()
            } else {
                std::hint::black_box(client.query_status(&phones).await.expect("statuses")).len()
            };
            assert_eq!(count, phones.len());
        }
    };
    if let Payload::Clients(count) = payload {
        return measure::making(&arguments, count, make, |client| runtime.block_on(call(client.clone())));
    }
    let client = make();
    runtime.block_on(measure::concurrent(&arguments, move || call(client.clone())));
}
