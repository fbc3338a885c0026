//! n phones asked, n answers: splitting a list into requests, sending them with bounded concurrency, and joining what
//! comes back.

use std::collections::HashMap;
use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream;

use crate::call::CallContext;
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::validate::Phones;

/// Runs `request` for every batch of phones and gives one answer per phone in the caller's order. A batch that fails
/// gives each of its phones that failure; when all fail the same way the call fails.
pub(crate) async fn over_phones<'a, T, F, Fut>(
    context: &CallContext,
    operation: &Operation,
    phones: &'a Phones,
    request: F,
    failed: impl Fn(&str, &Error) -> T,
) -> Result<Vec<T>>
where
    T: Clone,
    F: Fn(&'a [String]) -> Fut,
    Fut: Future<Output = Result<Vec<T>>>,
{
    let size = context.settings().batch_size.min(operation.max_batch);
    if phones.unique.len() <= size {
        return Ok(phones.spread(request(&phones.unique).await?));
    }
    let batches: Vec<&[String]> = phones.unique.chunks(size).collect();
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
            Err(error) => answers.extend(batches[index].iter().map(|id| failed(id, &error))),
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

/// Gives each phone of a batch its item of the answer, which may be missing, doubled or in another order (wire-notes 26
/// and 41).
pub(crate) fn join<I, T>(
    batch: &[String],
    items: Vec<I>,
    id_of: impl Fn(&I) -> &String,
    make: impl Fn(&str, Option<I>) -> T,
) -> Vec<T> {
    let in_order = items.len() == batch.len() && items.iter().zip(batch).all(|(item, id)| id_of(item) == id);
    if in_order {
        return batch.iter().zip(items).map(|(id, item)| make(id, Some(item))).collect();
    }
    let mut by_id: HashMap<String, I> = HashMap::with_capacity(items.len());
    for item in items {
        by_id.entry(id_of(&item).clone()).or_insert(item);
    }
    batch.iter().map(|id| make(id, by_id.remove(id))).collect()
}

#[cfg(test)]
mod tests {
    use super::join as join_items;

    #[test]
    fn note_41_answers_are_joined_by_id() {
        let batch = ["a", "b", "c"].map(String::from);
        let join = |items: &[&str]| {
            let items = items.iter().map(|id| (id.to_string(), format!("answer {id}"))).collect();
            join_items(&batch, items, |item: &(String, String)| &item.0, |id, item| (id.to_owned(), item.is_some()))
        };
        let all = |found: [bool; 3]| batch.clone().into_iter().zip(found).collect::<Vec<_>>();
        assert_eq!(join(&["a", "b", "c"]), all([true; 3]));
        assert_eq!(join(&["c", "a", "x", "a"]), all([true, false, true]));
        assert_eq!(join(&[]), all([false; 3]));
    }
}
