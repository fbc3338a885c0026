//! Lists that have several pages, which are read one after the other as their items are needed.

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::Stream;
use tokio::sync::Mutex;

use crate::call::{Call, CallOptions, CancelToken, Started};
use crate::model::{Error, ErrorKind, Operation, Result};
use crate::operations::page::{MAX_PAGE, Page};
use crate::pipeline::{CallContext, ClientInner};

/// The items of a page, and how many there are on all pages.
type Parts<T> = (Vec<T>, Option<i64>);

/// Reads the page of this number and size.
type Read<T> = dyn Fn(CallContext, i64, i64) -> Pin<Box<dyn Future<Output = Result<Parts<T>>> + Send>> + Send + Sync;

/// The items of one list of the service, over all its pages. Nothing is read until the first item is requested, then
/// one page at a time; no more than one page is in memory.
///
/// It is a [`Stream`], with its own [`next`](Self::next); for blocking code see
/// [`blocking::Listing`](crate::blocking::Listing). An item on two pages, because the list has changed in between, is
/// returned once. The list ends at an empty page, or at a short one after as many items as the service counts.
///
/// An error does not end the listing: the next call reads the failed page again, and [`page_no`](Self::page_no) says
/// which that is. A page that only repeats earlier items is an error of kind `protocol`, because such a list may have
/// no end. Items without an id are not compared: all of them are returned, up to the service's own count of the list.
///
/// ```no_run
/// # async fn example(client: koophone::Client) -> koophone::Result<()> {
/// let mut phones = client.list_instances(koophone::InstanceFilter::default());
/// while let Some(phone) = phones.next().await {
///     println!("{}", phone?.instance_id);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a listing reads nothing until its items are requested"]
pub struct Listing<T> {
    source: Arc<Source<T>>,
    page_size: i64,
    options: CallOptions,
    /// The remaining items of the page that was read last.
    items: std::vec::IntoIter<T>,
    under_way: Option<Started<Vec<T>>>,
    ended: bool,
}

/// State that a listing shares with its calls in flight.
struct Source<T> {
    inner: Arc<ClientInner>,
    operation: &'static Operation,
    read: Box<Read<T>>,
    id: fn(&T) -> &str,
    /// The next page. Changed only by the holder of `position`.
    page_no: AtomicI64,
    position: Mutex<Position>,
}

/// What is known from the previous pages.
#[derive(Default)]
struct Position {
    seen: HashSet<String>,
    /// Items of all pages so far, repeated ones too.
    received: usize,
    ended: bool,
}

impl<T: Send + 'static> Listing<T> {
    /// A list whose pages `read` reads. Nothing is read yet.
    pub(crate) fn new<P, F>(
        inner: &Arc<ClientInner>,
        operation: &'static Operation,
        read: impl Fn(CallContext, i64, i64) -> F + Send + Sync + 'static,
    ) -> Self
    where
        P: Page<Item = T>,
        F: Future<Output = Result<P>> + Send + 'static,
    {
        let read = move |context, page_no, page_size| -> Pin<Box<dyn Future<Output = Result<Parts<T>>> + Send>> {
            let page = read(context, page_no, page_size);
            Box::pin(async move { page.await.map(P::into_parts) })
        };
        let source = Source {
            inner: inner.clone(),
            operation,
            read: Box::new(read),
            id: P::id,
            page_no: AtomicI64::new(1),
            position: Mutex::default(),
        };
        Self {
            source: Arc::new(source),
            page_size: MAX_PAGE,
            options: CallOptions::default(),
            items: Vec::new().into_iter(),
            under_way: None,
            ended: false,
        }
    }

    /// Maximum number of items per page: 1 to 200, which is the default.
    pub fn page_size(mut self, page_size: i64) -> Self {
        self.page_size = page_size;
        self
    }

    /// Deadline for reading each page, instead of the client's `timeout`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Lets `token` cancel reading. The error is of kind `cancelled`.
    pub fn cancel_with(mut self, token: CancelToken) -> Self {
        self.options.cancel = Some(token);
        self
    }

    /// All options at once, for reading each page.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// The page that is read next, from 1. Items of the previous page may still be pending.
    ///
    /// ```no_run
    /// # async fn example(mut phones: koophone::Listing<koophone::Instance>) {
    /// while let Some(phone) = phones.next().await {
    ///     match phone {
    ///         Ok(phone) => println!("{}", phone.instance_id),
    ///         Err(error) => println!("page {}: {error}", phones.page_no()), // and next() tries it again
    ///     }
    /// }
    /// # }
    /// ```
    pub fn page_no(&self) -> i64 {
        self.source.page_no.load(Ordering::Relaxed)
    }

    /// The next item; `None` after the last. Dropping this before it has finished is safe.
    ///
    /// # Errors
    ///
    /// Errors of reading a page. The next call reads that page again.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The same for blocking code.
    pub(crate) fn wait_next(&mut self) -> Option<Result<T>> {
        if let Some(item) = self.items.next() {
            return Some(Ok(item));
        }
        if self.ended {
            return None;
        }
        match self.next_items().wait() {
            Ok(items) => self.take(items).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// Reads the next page: what is new in it, and nothing after the end of the list.
    pub(crate) fn next_items(&self) -> Call<Vec<T>> {
        self.next_page().and_then(|(items, _)| Ok(items))
    }

    /// The same, with the number of the page after it.
    pub(crate) fn next_page(&self) -> Call<(Vec<T>, i64)> {
        let (source, page_size) = (self.source.clone(), self.page_size);
        let name = self.source.operation.name;
        let call = self.source.inner.call(name, async move |context| {
            let items = source.next_items(context, page_size).await?;
            Ok((items, source.page_no.load(Ordering::Relaxed)))
        });
        call.options(self.options.clone())
    }

    /// The first of the items of a page.
    fn take(&mut self, items: Vec<T>) -> Option<T> {
        self.items = items.into_iter();
        let first = self.items.next();
        self.ended = first.is_none();
        first
    }
}

impl<T: Send + 'static> Source<T> {
    async fn next_items(&self, context: CallContext, page_size: i64) -> Result<Vec<T>> {
        // Two calls at the same time get different pages.
        let mut position = context.unless_cancelled(self.position.lock()).await?;
        if position.ended {
            return Ok(Vec::new());
        }
        let page_no = self.page_no.load(Ordering::Relaxed);
        // If this fails or is dropped, nothing has changed.
        let (items, total) = (self.read)(context, page_no, page_size).await?;
        let count = items.len();
        let received = position.received.saturating_add(count);
        let ended = is_last(count, page_size, received, total);
        let mut new = HashSet::new();
        let is_new = |item: &T| {
            let id = (self.id)(item);
            id.is_empty() || (!position.seen.contains(id) && new.insert(id.to_owned()))
        };
        let items: Vec<T> = items.into_iter().filter(is_new).collect();
        // An item without an id may be new as well, up to the service's count.
        let has_room =
            || !items.is_empty() && total.is_some_and(|total| !is_at_least(received, total.saturating_add(1)));
        if new.is_empty() && !ended && !has_room() {
            return Err(self.nothing_new(page_no));
        }
        position.seen.extend(new);
        position.received = received;
        position.ended = ended;
        self.page_no.store(page_no.saturating_add(1), Ordering::Relaxed);
        Ok(items)
    }

    fn nothing_new(&self, page_no: i64) -> Error {
        let message = format!(
            "page {page_no} of {} only repeats items of earlier pages, and is not the last; the list might never end",
            self.operation.service_name
        );
        Error::new(ErrorKind::Protocol, message)
    }
}

/// Whether no page follows. The service's count may be out of date, so it alone does not end the list
/// (docs/spec/newer-operations.md).
fn is_last(count: usize, page_size: i64, received: usize, total: Option<i64>) -> bool {
    count == 0 || (!is_at_least(count, page_size) && total.is_some_and(|total| is_at_least(received, total)))
}

fn is_at_least(number: usize, limit: i64) -> bool {
    i64::try_from(number).unwrap_or(i64::MAX) >= limit
}

impl<T: Send + 'static> Stream for Listing<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        if let Some(item) = self.items.next() {
            return Poll::Ready(Some(Ok(item)));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        if self.under_way.is_none() {
            match self.next_items().start() {
                Ok(started) => self.under_way = Some(started),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        let Some(started) = &mut self.under_way else { return Poll::Pending };
        let read = ready!(Pin::new(started).poll(context));
        self.under_way = None;
        Poll::Ready(match read {
            Ok(items) => self.take(items).map(Ok),
            Err(error) => Some(Err(error)),
        })
    }
}

// Its contents are moved, never pinned.
impl<T> Unpin for Listing<T> {}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing")
            .field("operation", &self.source.operation.name)
            .field("page_no", &self.source.page_no)
            .field("page_size", &self.page_size)
            .finish_non_exhaustive()
    }
}
