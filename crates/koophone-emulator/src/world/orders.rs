//! Orders and their phones.

use std::collections::HashMap;

use crate::phone::contract::Contract;

/// The phones of an unpaid order: ids and contracts.
pub(crate) type Ordered = Vec<(String, Contract)>;

/// All orders.
#[derive(Debug, Default)]
pub(crate) struct Orders(HashMap<String, Option<Ordered>>);

impl Orders {
    /// Adds an unpaid order.
    pub(crate) fn add(&mut self, order_id: String, phones: Ordered) {
        self.0.insert(order_id, Some(phones));
    }

    /// The phones that the payment creates; none if the order is unknown or paid.
    pub(crate) fn pay(&mut self, order_id: &str) -> Option<Ordered> {
        self.0.get_mut(order_id)?.take()
    }
}
