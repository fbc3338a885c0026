//! n phones asked, n answers: splitting a list into requests, sending them with bounded concurrency, and joining what
//! comes back.

use std::collections::HashMap;
use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream;

use crate::call::CallContext;
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::operation::Operation;
use crate::validate::Phones;

/// Runs `request` for every batch of phones and gives one answer per phone in the caller's order. A batch that fails
/// gives each of its phones that failure; when all fail the same way the call fails.
pub(crate) async fn over_phones<'a, T, F, Fut>(
    context: &CallContext,
    operation: &Operation,
    phones: &'a Phones,
    request: F,
    failed: impl Fn(InstanceId, &Error) -> T,
) -> Result<Vec<T>>
where
    T: Clone,
    F: Fn(&'a [InstanceId]) -> Fut,
    Fut: Future<Output = Result<Vec<T>>>,
{
    let size = context.settings().batch_size.min(operation.max_batch);
    if phones.unique.len() <= size {
        return Ok(phones.spread(request(&phones.unique).await?));
    }
    let batches: Vec<&[InstanceId]> = phones.unique.chunks(size).collect();
    // Futures in a list first: a stream of borrowed batches mapped inside the stream is not provably `Send`.
    let requests: Vec<_> = batches.iter().enumerate().map(|(index, batch)| indexed(index, request(batch))).collect();
    let mut outcomes: Vec<(usize, Result<Vec<T>>)> =
        stream::iter(requests).buffer_unordered(context.settings().concurrency).collect().await;
    outcomes.sort_unstable_by_key(|(index, _)| *index);
    if let Some(error) = common_failure(&outcomes) {
        return Err(error);
    }
    let mut answers = Vec::with_capacity(phones.unique.len());
    for (index, outcome) in outcomes {
        match outcome {
            Ok(batch) => answers.extend(batch),
            Err(error) => answers.extend(batches[index].iter().map(|&id| failed(id, &error))),
        }
    }
    Ok(phones.spread(answers))
}

async fn indexed<T>(index: usize, answer: impl Future<Output = T>) -> (usize, T) {
    (index, answer.await)
}

fn common_failure<T>(outcomes: &[(usize, Result<Vec<T>>)]) -> Option<Error> {
    let first = outcomes.first()?.1.as_ref().err()?;
    let same =
        outcomes.iter().all(|(_, outcome)| outcome.as_ref().err().is_some_and(|error| error.is_same_failure(first)));
    same.then(|| first.clone())
}

/// An item of an answer that names its phone.
pub(crate) trait Item {
    fn instance_id(&self) -> &str;
}

/// Gives each phone of a batch its item of the answer, which may be missing, doubled or in another order (wire-notes 26
/// and 41).
pub(crate) fn join<I: Item, T>(
    batch: &[InstanceId],
    items: Vec<I>,
    found: impl Fn(InstanceId, I) -> T,
    missing: impl Fn(InstanceId) -> T,
) -> Vec<T> {
    let in_order =
        items.len() == batch.len() && items.iter().zip(batch).all(|(item, id)| item.instance_id() == id.as_str());
    if in_order {
        return batch.iter().zip(items).map(|(&id, item)| found(id, item)).collect();
    }
    let places = places(batch, items.iter().map(Item::instance_id).collect());
    let mut items: Vec<Option<I>> = items.into_iter().map(Some).collect();
    let answers = batch.iter().zip(places);
    let answer = |(&id, place): (_, Option<usize>)| match place.and_then(|place| items[place].take()) {
        Some(item) => found(id, item),
        None => missing(id),
    };
    answers.map(answer).collect()
}

/// Where the answer first names each phone of a batch. Apart from [`join`], which is compiled for each type of item.
fn places(batch: &[InstanceId], named: Vec<&str>) -> Vec<Option<usize>> {
    let mut first = HashMap::with_capacity(named.len());
    for (place, id) in named.into_iter().enumerate() {
        first.entry(id).or_insert(place);
    }
    batch.iter().map(|id| first.get(id.as_str()).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Named(String);

    impl Item for Named {
        fn instance_id(&self) -> &str {
            &self.0
        }
    }

    #[test]
    fn note_41_answers_are_joined_by_id() {
        let batch = ["a", "b", "c"].map(|id| InstanceId::new(id).unwrap());
        let joined = |items: &[&str]| {
            let items = items.iter().map(|id| Named((*id).to_owned())).collect();
            join(&batch, items, |id, _| (id, true), |id| (id, false))
        };
        let all = |found: [bool; 3]| batch.into_iter().zip(found).collect::<Vec<_>>();
        assert_eq!(joined(&["a", "b", "c"]), all([true; 3]));
        assert_eq!(joined(&["c", "a", "x", "a"]), all([true, false, true]));
        assert_eq!(joined(&[]), all([false; 3]));
    }
}
