//! The floor as a measured program.

use koophone_bench::floor::Floor;
use koophone_bench::measure::{self, Arguments};

fn main() {
    let arguments = Arguments::read();
    let (payload, phones) = (arguments.payload, arguments.payload.phones());
    let worker = || {
        let (mut floor, phones) = (Floor::connect(&arguments.url), &phones);
        move || assert_eq!(floor.work(payload, phones), phones.len())
    };
    measure::blocking(&arguments, (0..arguments.in_flight).map(|_| worker()).collect());
}
