//! Boots: which one a phone is in, and whether a new one is complete.

use std::collections::HashMap;

use serde::Deserialize;

use super::system::Getprop;
use super::{Effect, OneCommand, Output, Step, Verb, row};
use crate::model::{Error, InstanceId, Operation, Result};
use crate::pipeline::Phones;

/// When init began, in nanoseconds: another one in every boot. The kernel's boot id is that of the host in a container.
const EVIDENCE: &str = "ro.boottime.init";
const COMPLETED: &str = "sys.boot_completed";

pub(crate) const BOOT_ID: Operation = row(
    "boot_id",
    "Reads an id that is different in every boot of a phone. Read it before a reboot or reset: the wait for the new \
     boot compares it.",
    Effect::Reads,
    &[],
    "TextResult",
);

pub(crate) struct BootId;

impl OneCommand for BootId {
    const OPERATION: &'static Operation = &BOOT_ID;
    type Value = String;

    fn command(&self) -> String {
        format!("getprop {EVIDENCE}")
    }

    fn read(&self, output: &Output<'_>) -> Result<String> {
        let boot = evidence(output.text).filter(|_| !output.truncated);
        boot.map(str::to_owned).ok_or_else(|| output.unreadable(EVIDENCE))
    }
}

/// The number in the last line; warnings may be in front of it. Nothing else is evidence: a warning that is printed
/// only once would make another boot of the same one.
fn evidence(text: &str) -> Option<&str> {
    let last = text.trim().lines().next_back()?.trim();
    last.bytes().all(|byte| byte.is_ascii_digit()).then_some(last)
}

/// Which boots phones were in before they were restarted, for [`wait_for_boot`](crate::Phone::wait_for_boot). In JSON
/// it is null, a text, or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<Given>")]
#[non_exhaustive]
pub enum Before {
    /// Not known: any boot that is complete will do, also the one before the restart.
    Unknown,
    /// What [`boot_id`](crate::Phone::boot_id) returned for each phone, in the order of the phones.
    Boots(Vec<String>),
}

impl From<String> for Before {
    fn from(boot: String) -> Self {
        Self::Boots(vec![boot])
    }
}

impl From<&str> for Before {
    fn from(boot: &str) -> Self {
        Self::Boots(vec![boot.to_owned()])
    }
}

impl From<Vec<String>> for Before {
    fn from(boots: Vec<String>) -> Self {
        Self::Boots(boots)
    }
}

impl From<Vec<&str>> for Before {
    fn from(boots: Vec<&str>) -> Self {
        Self::Boots(boots.into_iter().map(str::to_owned).collect())
    }
}

impl From<Option<Vec<String>>> for Before {
    fn from(boots: Option<Vec<String>>) -> Self {
        boots.map_or(Self::Unknown, Self::Boots)
    }
}

/// Boots as JSON has them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    One(String),
    Each(Vec<String>),
}

impl From<Option<Given>> for Before {
    fn from(given: Option<Given>) -> Self {
        match given {
            None => Self::Unknown,
            Some(Given::One(boot)) => boot.into(),
            Some(Given::Each(boots)) => boots.into(),
        }
    }
}

/// Reads whether a phone is in another boot than before, and that one is complete: then which one.
pub(crate) struct NewBoot {
    before: HashMap<InstanceId, String>,
}

impl NewBoot {
    pub fn new(before: Before, phones: &Phones) -> Result<Self> {
        let Before::Boots(boots) = before else { return Ok(Self { before: HashMap::new() }) };
        let wrong = |message| Err(Error::invalid("before", message));
        let given = boots.len();
        let Some(boots) = phones.gather(&boots) else {
            return wrong(format!(
                "before has {given} boot ids, which is not one for each phone of the list; pass what boot_id returned, \
                 in the same order"
            ));
        };
        let mut before = HashMap::new();
        for (&phone, boot) in phones.unique.iter().zip(&boots) {
            let Some(boot) = evidence(boot) else {
                return wrong(format!(
                    "before has {boot:?} for {phone}, which is no boot id; pass what boot_id returned"
                ));
            };
            before.insert(phone, boot.to_owned());
        }
        Ok(Self { before })
    }
}

/// What is known of the boot of a phone.
#[derive(Default)]
pub(crate) struct Known {
    before: Option<String>,
    now: Option<String>,
}

impl Verb for NewBoot {
    const OPERATION: &'static Operation = &BOOT_ID;
    type Value = Option<String>;
    type Known = Known;

    fn begin(&self, instance_id: InstanceId) -> Known {
        Known { before: self.before.get(&instance_id).cloned(), now: None }
    }

    fn next(&self, known: &Known) -> Step {
        match known.now {
            None => BootId.next(&()),
            Some(_) => Getprop { name: COMPLETED.to_owned() }.next(&()),
        }
    }

    /// The evidence is read first: were the order the other one, the old boot could say that it is complete, and the
    /// new one that it is another.
    fn read(&self, known: &mut Known, output: &Output<'_>) -> Result<Option<Option<String>>> {
        if known.now.is_some() {
            return Ok(Some(known.now.take().filter(|_| evidence(output.text) == Some("1"))));
        }
        let now = OneCommand::read(&BootId, output)?;
        if known.before.as_ref().is_some_and(|before| *before == now) {
            return Ok(Some(None));
        }
        known.now = Some(now);
        Ok(None)
    }
}
