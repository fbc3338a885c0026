//! The body of a response as a list of steps, so that it can be slow, cut or very long.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// Maximum size of one piece.
const PIECE: u64 = 64 * 1024;

/// One step of sending.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send these bytes.
    Bytes(Bytes),
    /// Send this byte repeatedly.
    Fill(u8, u64),
    /// Wait; flushes what was sent before.
    Wait(Duration),
    /// Close the connection.
    Abort,
}

/// Closes the connection without (the rest of) a response.
#[derive(Debug)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the emulator cuts the connection")
    }
}

impl std::error::Error for Cut {}

/// A body made of steps.
#[derive(Debug)]
pub(crate) struct StepBody {
    steps: VecDeque<Step>,
    /// The remaining bytes according to `Content-Length`.
    remaining: u64,
    timer: Option<Pin<Box<Sleep>>>,
}

impl StepBody {
    /// A body with these steps; `length` is the announced length.
    pub(crate) fn new(length: u64, steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), remaining: length, timer: None }
    }

    pub(crate) fn full(bytes: Vec<u8>) -> Self {
        Self::new(bytes.len() as u64, [Step::Bytes(bytes.into())])
    }

    fn piece(&mut self, bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        self.remaining = self.remaining.saturating_sub(bytes.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Body for StepBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        loop {
            if let Some(timer) = &mut self.timer {
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.timer = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Step::Bytes(bytes)) => return self.piece(bytes),
                Some(Step::Fill(_, 0)) => {}
                Some(Step::Fill(byte, count)) => {
                    let now = count.min(PIECE);
                    self.steps.push_front(Step::Fill(byte, count - now));
                    return self.piece(vec![byte; usize::try_from(now).unwrap_or(0)].into());
                }
                Some(Step::Wait(time)) => self.timer = Some(Box::pin(sleep(time))),
                Some(Step::Abort) => return Poll::Ready(Some(Err(Cut))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
