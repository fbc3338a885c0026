//! All phones. A phone is built when it is first used, so thousands cost nothing but their ids.

use std::collections::{HashMap, HashSet};

use crate::ids;
use crate::options::Options;
use crate::phone::contract::Contract;
use crate::phone::life::{Work, WorkKind};
use crate::phone::{Phone, UserData, factory};
use crate::quirk::Quirk;

/// All phones of the emulator.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// The existing ones, in the order of their creation.
    ids: Vec<String>,
    /// The number of each: how many were created before it.
    numbers: HashMap<String, usize>,
    built: HashMap<usize, Phone>,
    /// The contracts of the ordered phones; the initial ones are all alike.
    ordered: HashMap<usize, Contract>,
    /// Ids of ordered or deleted phones: no new phone gets one of them.
    used: HashSet<String>,
    next_number: usize,
    /// The data of an unused phone.
    fresh: Phone,
    start_region: String,
    start_ms: i64,
    /// The initial phones with this number or a higher one are paid for by usage.
    first_paid_by_use: usize,
    new_scale: bool,
    /// A restart is not visible in its first half.
    reboot_reported_late: bool,
}

impl Fleet {
    pub(crate) fn new(options: &Options, start_ms: i64) -> Self {
        let ids: Vec<String> = if options.instance_ids.is_empty() {
            ids::instance_ids(options.seed, options.phones)
        } else {
            options.instance_ids.clone()
        };
        let numbers: HashMap<String, usize> = ids.iter().enumerate().map(|(number, id)| (id.clone(), number)).collect();
        let new_scale = options.all_quirks().has(Quirk::NewStateScale);
        Self {
            next_number: ids.len(),
            first_paid_by_use: ids.len().saturating_sub(options.pay_per_use_phones),
            ids,
            numbers,
            built: HashMap::new(),
            ordered: HashMap::new(),
            used: HashSet::new(),
            fresh: Phone::new(String::new(), options.initial_state, new_scale, factory::image(options)),
            start_region: options.region.clone(),
            start_ms,
            new_scale,
            reboot_reported_late: options.all_quirks().has(Quirk::RebootReportedLate),
        }
    }

    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The number of the phone with this id.
    pub(crate) fn number(&self, instance_id: &str) -> Option<usize> {
        self.numbers.get(instance_id).copied()
    }

    /// The data of a new phone.
    pub(crate) fn factory(&self) -> &UserData {
        &self.fresh.data
    }

    /// The phone as it is; does not build it.
    pub(crate) fn get(&self, instance_id: &str) -> Option<&Phone> {
        let number = self.number(instance_id)?;
        Some(self.built.get(&number).unwrap_or(&self.fresh))
    }

    pub(crate) fn get_mut(&mut self, instance_id: &str) -> Option<&mut Phone> {
        let number = self.number(instance_id)?;
        let fresh = &self.fresh;
        let build = || Phone { instance_id: instance_id.to_owned(), ..fresh.clone() };
        Some(self.built.entry(number).or_insert_with(build))
    }

    /// The state number now.
    pub(crate) fn state(&self, instance_id: &str, now_ms: i64) -> Option<i64> {
        self.get(instance_id).map(|phone| match phone.life.work {
            Some(work @ Work { kind: WorkKind::Rebooting, .. })
                if self.reboot_reported_late && !work.is_in_second_half(now_ms) =>
            {
                crate::phone::RUNNING
            }
            _ => phone.state_at(now_ms, self.new_scale),
        })
    }

    /// Whether commands run on the phone.
    pub(crate) fn is_running(&self, instance_id: &str) -> bool {
        self.get(instance_id).is_some_and(|phone| phone.is_running(self.new_scale))
    }

    pub(crate) fn set_state(&mut self, instance_id: &str, state: i64) -> bool {
        let new_scale = self.new_scale;
        self.get_mut(instance_id).map(|phone| phone.set_state(state, new_scale)).is_some()
    }

    /// The name of the phone with this id.
    pub(crate) fn name(&self, instance_id: &str) -> Option<String> {
        let number = self.number(instance_id)?;
        Some(self.ordered.get(&number).map_or_else(|| start_name(number), |contract| contract.name.clone()))
    }

    pub(crate) fn contract(&self, instance_id: &str) -> Option<Contract> {
        let number = self.number(instance_id)?;
        Some(self.ordered.get(&number).cloned().unwrap_or_else(|| Contract {
            name: start_name(number),
            region: self.start_region.clone(),
            specification: None,
            order_id: None,
            is_yearly: number < self.first_paid_by_use,
            created_ms: self.start_ms,
        }))
    }

    /// Keeps an id for a new phone; false if a phone has or had it.
    pub(crate) fn reserve(&mut self, instance_id: &str) -> bool {
        !self.numbers.contains_key(instance_id) && self.used.insert(instance_id.to_owned())
    }

    /// Adds a phone that runs, with a reserved id.
    pub(crate) fn create(&mut self, instance_id: String, contract: Contract) {
        let (number, data) = (self.next_number, self.factory().clone());
        self.next_number += 1;
        let phone = Phone::new(instance_id.clone(), crate::phone::RUNNING, self.new_scale, data);
        self.built.insert(number, phone);
        self.ordered.insert(number, contract);
        self.numbers.insert(instance_id.clone(), number);
        self.ids.push(instance_id);
    }

    pub(crate) fn delete(&mut self, instance_ids: &[String]) {
        let gone: HashSet<&String> = instance_ids.iter().collect();
        self.ids.retain(|id| !gone.contains(id));
        self.used.extend(instance_ids.iter().cloned());
        for number in instance_ids.iter().filter_map(|id| self.numbers.remove(id)) {
            self.built.remove(&number);
            self.ordered.remove(&number);
        }
    }
}

fn start_name(number: usize) -> String {
    format!("phone-{:05}", number + 1)
}

/// The serial number of a phone, the one property that is not in the shared image.
pub(crate) fn serial_number(instance_id: &str) -> String {
    ids::fixed_hex32(0, instance_id)[..16].to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(name: &str) -> Contract {
        Contract {
            name: name.to_owned(),
            region: "cn-south-1".to_owned(),
            specification: None,
            order_id: Some("CS1".to_owned()),
            is_yearly: true,
            created_ms: 5,
        }
    }

    #[test]
    fn phones_are_added_and_removed_and_the_others_keep_their_names() {
        let options = Options { pay_per_use_phones: 1, phones: 3, ..Options::default() };
        let mut fleet = Fleet::new(&options, 1);
        let ids = fleet.ids().to_vec();
        fleet.create("new".to_owned(), contract("grid-00001"));
        fleet.delete(&ids[..1]);
        assert_eq!(fleet.ids(), [ids[1].clone(), ids[2].clone(), "new".to_owned()]);
        assert_eq!(fleet.name(&ids[1]).unwrap(), "phone-00002");
        assert_eq!(fleet.name("new").unwrap(), "grid-00001");
        assert_eq!((fleet.number(&ids[0]), fleet.name(&ids[0])), (None, None));
        let billing = |id: &str| fleet.contract(id).unwrap().billing_mode();
        assert_eq!((billing(&ids[1]), billing(&ids[2]), billing("new")), ("1", "0", "1"));
        assert!(fleet.is_running("new") && fleet.get_mut(&ids[0]).is_none());
        assert!(
            fleet.reserve("newer") && !fleet.reserve("newer") && !fleet.reserve(&ids[0]) && !fleet.reserve(&ids[1])
        );
    }
}
