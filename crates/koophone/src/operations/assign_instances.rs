//! `assign`: assigns phones to users of the account.

use std::collections::HashMap;

use http::Method;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::per_phone::{PerPhone, accepted, refused};
use super::validate;
use crate::model::{Error, InstanceId, InstanceOutcome, Operation, Param, ParamKind, Result, Returns, Target};
use crate::pipeline::{Phones, Trace};

pub(crate) const OPERATION: Operation = Operation {
    name: "assign_instances",
    service_name: "assign",
    method: Method::POST,
    path: "/v1/instances/assign",
    doc: "Assigns phones to users of the account. If the response is lost, `list_instances` shows who has \
          each phone (`assigned_user`).",
    idempotent: false,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Assignments { max: 100 },
    params: &[assignments("The phones, each with its user; more than 100 are sent in several requests")],
    returns: Returns::PerPhone("InstanceOutcome"),
    payload: &[],
};

/// The argument of the operations that take phones with their users.
pub(super) const fn assignments(doc: &'static str) -> Param {
    Param { name: "assignments", kind: ParamKind::StructList("Assignment"), doc, default: None, secret: false }
}

/// A phone and its user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The phone.
    pub instance_id: String,
    /// The user, by any name of yours: 1 to 32 characters.
    pub user_id: String,
}

impl Assignment {
    /// This phone and this user.
    pub fn new(instance_id: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self { instance_id: instance_id.into(), user_id: user_id.into() }
    }
}

pub(crate) struct AssignInstances {
    pub users: Users,
}

/// The user of each phone.
pub(crate) struct Users(HashMap<InstanceId, String>);

#[derive(Serialize)]
struct Request<'a> {
    user_instances: Vec<UserInstance<'a>>,
}

#[derive(Serialize)]
struct UserInstance<'a> {
    user_id: &'a str,
    instance_id: &'a str,
}

impl Users {
    /// Validates a list of assignments, and returns its phones.
    pub fn read(assignments: Vec<Assignment>) -> Result<(Phones, Self)> {
        if assignments.is_empty() {
            return Err(Error::invalid("assignments", "the list of assignments is empty; name at least one phone"));
        }
        let phones = Phones::new(assignments.iter().map(|one| &one.instance_id))?;
        let mut users: HashMap<InstanceId, String> = HashMap::with_capacity(assignments.len());
        for one in assignments {
            validate::text("user_id", &one.user_id, validate::MAX_USER_ID)?;
            let instance_id = InstanceId::new(&one.instance_id)?;
            // The documents do not say what two users for one phone in one request mean.
            if users.get(&instance_id).is_some_and(|user| *user != one.user_id) {
                let message = format!("phone {instance_id} is in the list with two users; remove one of them");
                return Err(Error::invalid("assignments", message));
            }
            users.insert(instance_id, one.user_id);
        }
        Ok((phones, Self(users)))
    }

    /// The request about these phones.
    pub fn request(&self, phones: &[InstanceId]) -> impl Serialize {
        let pairs = phones.iter().filter_map(|id| self.0.get_key_value(id));
        let user_instances = pairs.map(|(id, user)| UserInstance { user_id: user, instance_id: id.as_str() }).collect();
        Request { user_instances }
    }
}

impl PerPhone for AssignInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = IgnoredAny;
    type Result = InstanceOutcome;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(self.users.request(phones))
    }

    fn results(&self, phones: &[InstanceId], _data: Option<IgnoredAny>, _trace: &Trace) -> Vec<InstanceOutcome> {
        accepted(phones)
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceOutcome {
        refused(instance_id, error)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_phone_has_one_user() {
        let argument = |list: &[(&str, &str)]| {
            let list = list.iter().map(|(id, user)| Assignment::new(*id, *user)).collect();
            Users::read(list).err().and_then(|error| error.argument().map(str::to_owned)).unwrap_or_default()
        };
        assert_eq!(argument(&[("a", "u1"), ("b", "u1"), ("a", "u1")]), "");
        assert_eq!(argument(&[("a", "u1"), ("a", "u2")]), "assignments");
        assert_eq!(argument(&[]), "assignments");
        assert_eq!(argument(&[("a", "")]), "user_id");
        assert_eq!(argument(&[("a/b", "u")]), "instance_id");
    }

    #[test]
    fn a_request_names_each_phone_of_its_batch_with_its_user() {
        let (phones, users) = Users::read(vec![Assignment::new("a", "7"), Assignment::new("b", "8")]).unwrap();
        let request = serde_json::to_value(users.request(&phones.unique[1..])).unwrap();
        assert_eq!(request, json!({"user_instances": [{"user_id": "8", "instance_id": "b"}]}));
    }
}
