//! All phones. A phone is built when something first touches it, so thousands cost nothing but their ids.

use std::collections::HashMap;

use crate::ids;
use crate::options::Options;
use crate::phone::{Phone, UserData, factory};

/// All phones of the emulator.
#[derive(Debug)]
pub(crate) struct Fleet {
    ids: Vec<String>,
    numbers: HashMap<String, usize>,
    built: HashMap<usize, Phone>,
    factory: UserData,
    start_state: i64,
}

impl Fleet {
    pub(crate) fn new(options: &Options) -> Self {
        let ids: Vec<String> = if options.instance_ids.is_empty() {
            ids::instance_ids(options.seed, options.phones)
        } else {
            options.instance_ids.clone()
        };
        let numbers = ids.iter().enumerate().map(|(number, id)| (id.clone(), number)).collect();
        let factory = factory::image(options);
        Self { ids, numbers, built: HashMap::new(), factory, start_state: options.start_state }
    }

    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The number of the phone with this id.
    pub(crate) fn number(&self, instance_id: &str) -> Option<usize> {
        self.numbers.get(instance_id).copied()
    }

    pub(crate) fn get_mut(&mut self, instance_id: &str) -> Option<&mut Phone> {
        let number = self.number(instance_id)?;
        let (factory, state) = (&self.factory, self.start_state);
        Some(self.built.entry(number).or_insert_with(|| Phone::new(instance_id.to_owned(), state, factory.clone())))
    }

    /// The state number now; does not build the phone.
    pub(crate) fn state(&self, instance_id: &str, now_ms: i64, new_scale: bool) -> Option<i64> {
        let number = self.number(instance_id)?;
        Some(self.built.get(&number).map_or(self.start_state, |phone| phone.state_at(now_ms, new_scale)))
    }

    pub(crate) fn reset(&mut self, instance_id: &str, now_ms: i64, duration_ms: i64) {
        let image = self.factory.clone();
        if let Some(phone) = self.get_mut(instance_id) {
            phone.reset(image, now_ms, duration_ms);
        }
    }
}

/// The serial number of a phone, the one property that is not in the shared image.
pub(crate) fn serial_number(instance_id: &str) -> String {
    ids::fixed_hex32(0, instance_id)[..16].to_uppercase()
}
