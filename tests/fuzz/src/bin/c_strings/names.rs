//! The names of enumerators, for any number.


use crate::functions::{koophone_instance_state_name, koophone_job_state_name, koophone_kind_name};
use crate::input::Input;
use crate::refusal::text;

pub fn names(input: &mut Input) {
    while input.has_more() {
        let number = input.number() as i32;
        for name in [koophone_kind_name, koophone_job_state_name, koophone_instance_state_name] {
            assert!(unsafe { text(name(number)) }.is_some_and(|name| !name.is_empty()));
        }
    }
}
