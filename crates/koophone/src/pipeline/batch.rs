//! n phones in, n results out: splits a list into requests, sends them with bounded concurrency, and joins the results.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

use super::exchange::CallContext;
use super::phones::Phones;
use crate::model::{Error, ErrorKind, InstanceId, Operation, PhoneResult, PhoneResults, Result};
use crate::outcome;
use crate::runtime::panic_error;

/// Runs `request` for every batch of phones and returns one result per phone in the caller's order.
///
/// If a batch fails, each of its phones gets that error; a batch that is refused because of individual phones is split
/// until each of those is in a separate request. The call as a whole fails only if certainly nothing was executed on
/// any phone. So callers get the same structure for any number of phones and any batch size.
pub(crate) async fn in_batches<'a, T: PhoneResult + Clone + Send>(
    context: &CallContext,
    operation: &Operation,
    phones: &'a Phones,
    request: impl Fn(&'a [InstanceId]) -> BoxFuture<'a, Result<Vec<T>>> + Sync,
    failed: fn(InstanceId, &Error) -> T,
) -> Result<Vec<T>> {
    let results = each_batch(context, operation, &phones.unique, request, failed).await;
    call_results(context, phones, results)
}

/// The same, with one result per phone whatever happens.
pub(crate) async fn each_batch<'a, T: Send>(
    context: &CallContext,
    operation: &Operation,
    phones: &'a [InstanceId],
    request: impl Fn(&'a [InstanceId]) -> BoxFuture<'a, Result<Vec<T>>> + Sync,
    failed: fn(InstanceId, &Error) -> T,
) -> Vec<T> {
    let size = context.settings().batch_size.min(operation.max_batch().unwrap_or(usize::MAX));
    let batch = Batch { operation, request: &request, failed, split: context.settings().split_refused_batches };
    // Futures in a list first: a stream of borrowed batches mapped inside the stream is not provably `Send`.
    let batches = phones.chunks(size).enumerate();
    let batches: Vec<_> = batches.map(|(index, phones)| indexed(index, batch.settle(phones, None))).collect();
    let mut settled: Vec<(usize, Settled<T>)> =
        stream::iter(batches).buffer_unordered(context.settings().concurrency).collect().await;
    settled.sort_unstable_by_key(|(index, _)| *index);
    settled.into_iter().flat_map(|(_, settled)| settled.results).collect()
}

/// The results of a call in the caller's order, or its failure.
pub(crate) fn call_results<T: PhoneResult + Clone>(
    context: &CallContext,
    phones: &Phones,
    results: Vec<T>,
) -> Result<Vec<T>> {
    match call_failure(&results) {
        Some(error) => Err(error),
        None => {
            let results = phones.spread(results);
            context.count_errors(&results);
            Ok(results)
        }
    }
}

async fn indexed<T>(index: usize, result: impl Future<Output = T>) -> (usize, T) {
    (index, result.await)
}

/// The batches of one call.
struct Batch<'a, 'o, T> {
    operation: &'o Operation,
    request: &'o (dyn Fn(&'a [InstanceId]) -> BoxFuture<'a, Result<Vec<T>>> + Sync),
    failed: fn(InstanceId, &Error) -> T,
    /// Whether to split a batch that is refused because of individual phones.
    split: bool,
}

/// The outcome for some phones.
struct Settled<T> {
    results: Vec<T>,
    /// Whether the service accepted their request as a whole.
    accepted: bool,
}

impl<'a, T: Send> Batch<'a, '_, T> {
    /// Sends a request for `phones`, and then for halves of them while it is refused because of individual phones: at
    /// most 2 log2(n) + 2 further requests for each such phone. `refusal` is given if one of `phones` must be the
    /// cause.
    fn settle(&self, phones: &'a [InstanceId], refusal: Option<Error>) -> BoxFuture<'_, Settled<T>> {
        Box::pin(async move {
            let error = match refusal.filter(|_| phones.len() > 1) {
                Some(refusal) => refusal,
                None => match self.send(phones).await {
                    Ok(results) => return Settled { results, accepted: true },
                    Err(error) => error,
                },
            };
            if !self.split || phones.len() == 1 || !outcome::may_concern_single_phones(&error) {
                let results = phones.iter().map(|&id| (self.failed)(id, &error)).collect();
                return Settled { results, accepted: false };
            }
            let (first, second) = phones.split_at(phones.len() / 2);
            let Settled { mut results, accepted } = self.settle(first, None).await;
            // If the first half was accepted, the refusal was due to the second one.
            results.extend(self.settle(second, accepted.then_some(error)).await.results);
            Settled { results, accepted: false }
        })
    }

    /// Sends one request. A panic costs one batch, not the results of all others.
    async fn send(&self, phones: &'a [InstanceId]) -> Result<Vec<T>> {
        let sent = AssertUnwindSafe(async { (self.request)(phones).await }).catch_unwind().await;
        sent.unwrap_or_else(|panic| {
            let maybe_executed = !self.operation.read_only;
            Err(panic_error(&*panic).with(|error| error.maybe_executed = maybe_executed))
        })
    }
}

/// The failure of the whole call: only if nothing was executed on any phone. A command that failed was executed, also
/// one that only reads.
fn call_failure<T: PhoneResult>(results: &[T]) -> Option<Error> {
    let mut errors = Vec::with_capacity(results.len().min(64));
    for result in results {
        let not_executed = |error: &&Error| !error.maybe_executed() && error.kind() != ErrorKind::CommandFailed;
        errors.push(result.error().filter(not_executed)?);
    }
    let first = *errors.first()?;
    if errors.iter().all(|error| error.is_same_failure(first)) {
        let about = first.instance_id().map(str::to_owned).filter(|_| errors.len() == 1);
        return Some(first.clone().with(|error| error.instance_id = about));
    }
    results.raise_for_errors().err()
}

/// An item of a response that names its phone.
pub(crate) trait Item {
    fn instance_id(&self) -> &str;
}

/// Gives each phone of a batch its item of the response, where items may be missing, duplicated or in another order
/// (docs/spec/wire-notes.md#26, #41).
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
    let pairs = batch.iter().zip(places);
    let result = |(&id, place): (_, Option<usize>)| match place.and_then(|place| items[place].take()) {
        Some(item) => found(id, item),
        None => missing(id),
    };
    pairs.map(result).collect()
}

/// Where the response first names each phone of a batch. Separate from [`join`], which is compiled for each type of
/// item.
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

    // docs/spec/wire-notes.md#41
    #[test]
    fn items_are_joined_by_id() {
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
