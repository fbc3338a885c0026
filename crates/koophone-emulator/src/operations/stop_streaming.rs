//! Ends the stream of a phone. Its session remains for a while.

use crate::journal::JournalKind;
use crate::operations::envelope::success;
use crate::operations::fields::json_object;
use crate::operations::targets::one;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn stop_streaming(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let id = one(world, &json_object(received)?, Refusal::no_permission)?;
    let stay_ms = i64::try_from(world.options.session_duration_ms).unwrap_or(i64::MAX);
    let end_ms = world.clock.now_ms().saturating_add(stay_ms);
    let life = world.fleet.get_mut(&id).map(|phone| &mut phone.life);
    let ended = life.and_then(|life| {
        life.stream.take()?;
        life.session_end_ms = Some(end_ms);
        Some(())
    });
    let detail = ended.is_none().then_some("no stream");
    world.record(JournalKind::StopStreaming, &id, detail, None, received.x_request_id());
    Ok(success(world.quirks, None))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::test_support::{good, journal, refused, world};

    #[test]
    fn a_stream_ends_and_leaves_a_session() {
        let mut world = world(1, |_| {});
        world.fleet.get_mut("a").unwrap().life.stream = Some("stream".to_owned());
        good(&mut world, "streaming/stop", &json!({"instance_id": "a"}));
        let (life, now) = (&world.fleet.get("a").unwrap().life, world.clock.now_ms());
        assert!(life.stream.is_none() && life.has_session(now) && !life.has_session(now + 300_000));
        good(&mut world, "streaming/stop", &json!({"instance_id": "a"}));
        let entry = |detail: Option<&str>| (JournalKind::StopStreaming, "a".to_owned(), detail.map(str::to_owned));
        assert_eq!(journal(&world), [entry(None), entry(Some("no stream"))]);
        assert_eq!(refused(&mut world, "streaming/stop", &json!({"instance_id": "b"})), (401, "1001".to_owned()));
        assert_eq!(refused(&mut world, "streaming/stop", &json!({})), (400, "1000".to_owned()));
    }
}
