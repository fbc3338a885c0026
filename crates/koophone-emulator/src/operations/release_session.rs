//! Ends the session that a stream has left.

use crate::journal::JournalKind;
use crate::operations::envelope::success;
use crate::operations::fields::json_object;
use crate::operations::targets::one;
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn release_session(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let id = one(world, &json_object(received)?, Refusal::no_permission)?;
    let (now, ends_stream) = (world.clock.now_ms(), world.has(Quirk::ReleaseEndsStream));
    let Some(phone) = world.fleet.get_mut(&id) else {
        return Err(Refusal::no_permission());
    };
    if phone.life.stream.is_some() && !ends_stream {
        return Err(Refusal::parameter(format!("{id} is streaming")));
    }
    let detail = (!phone.life.has_session(now)).then_some("no session");
    phone.life.end_session();
    world.record(JournalKind::ReleaseSession, &id, detail, None, received.x_request_id());
    Ok(success(world.quirks, None))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::test_support::{good, journal, quirky, refused, world};

    #[test]
    fn a_session_is_released_when_its_stream_has_ended() {
        let (mut world, body) = (world(1, |_| {}), json!({"instance_id": "a"}));
        world.fleet.get_mut("a").unwrap().life.stream = Some("stream".to_owned());
        assert_eq!(refused(&mut world, "session/release", &body), (400, "1000".to_owned()));
        good(&mut world, "streaming/stop", &body);
        good(&mut world, "session/release", &body);
        assert!(!world.fleet.get("a").unwrap().life.has_session(world.clock.now_ms()));
        good(&mut world, "session/release", &body);
        let details: Vec<_> = journal(&world).into_iter().map(|(_, _, detail)| detail).collect();
        assert_eq!(details, [None, None, Some("no session".to_owned())]);
    }

    #[test]
    fn with_the_quirk_it_ends_the_stream() {
        let mut world = quirky(1, Quirk::ReleaseEndsStream);
        world.fleet.get_mut("a").unwrap().life.stream = Some("stream".to_owned());
        good(&mut world, "session/release", &json!({"instance_id": "a"}));
        assert!(world.fleet.get("a").unwrap().life.stream.is_none());
    }
}
