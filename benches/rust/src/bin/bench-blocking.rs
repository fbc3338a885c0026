//! koophone's blocking client.

use koophone::blocking::Client;
use koophone_bench::measure::{self, Arguments};
use koophone_bench::payload::{COMMAND, Payload};

fn main() {
    let arguments = Arguments::read();
    let (payload, phones) = (arguments.payload, arguments.payload.phones());
    let make = || Client::from(koophone_bench::client(&arguments.url, arguments.signed));
    let call = |client: &Client| {
        let count = if payload == Payload::Results {
            std::hint::black_box(client.run_command(&phones, COMMAND).expect("results")).len()
        } else {
            std::hint::black_box(client.query_status(&phones).expect("statuses")).len()
        };
        assert_eq!(count, phones.len());
    };
    if let Payload::Clients(count) = payload {
        return measure::making(&arguments, count, make, call);
    }
    let client = make();
    measure::blocking(&arguments, (0..arguments.in_flight).map(|_| || call(&client)).collect());
}
