//! Doors for the fuzz targets of tests/fuzz: what reads untrusted bytes, without the network around it. Exists only under
//! `--cfg fuzzing`, so it is no part of the interface.

#![doc(hidden)]
#![allow(missing_docs)]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_util::FutureExt;
use serde_json::Value;
use tokio::io::{AsyncRead, ReadBuf};

use crate::auth::provider::Profile;
use crate::client::Client;
use crate::envelope;
use crate::http::answer;
use crate::operations::{get_device_token, get_task, query_status, run_command, start_command};
use crate::retry::Limit;

/// Reads `body` as the answer of every operation and as an error.
pub fn answer(body: &[u8]) {
    let _ = envelope::read::<Value>(body);
    let _ = envelope::read::<run_command::Data>(body);
    let _ = envelope::read::<start_command::TaskData>(body);
    let _ = envelope::read::<query_status::Data>(body);
    let _ = envelope::read::<get_task::Data>(body);
    let _ = envelope::read::<get_device_token::Data>(body);
    let _ = envelope::read_error(body);
}

/// Reads `text` as a profile file.
pub fn profile(text: &str) {
    if let Ok(profile) = Profile::parse(text) {
        for key in ["ak", "sk", "project_id", "iam_endpoint", ""] {
            let value = profile.get(key);
            assert!(value.is_none_or(|value| !value.is_empty() && text.contains(value)));
        }
    }
}

/// Takes `text` for a saved task; what is taken is saved as what it was.
pub fn saved_task(client: &Client, text: &str) {
    if let Ok(task) = client.resume_task(text) {
        let again = client.resume_task(&task.save()).expect("what was saved is taken");
        assert_eq!((again.task_ids(), again.phones()), (task.task_ids(), task.phones()));
    }
}

/// Reads `text` as the gateway's limit.
pub fn limit(text: &str) {
    if let Some(limit) = Limit::parse(text) {
        assert!(limit.calls > 0 && !limit.window.is_zero());
    }
}

/// Reads `bytes` as an answer over HTTP: what it is does not depend on how the bytes come in.
pub fn http(bytes: &[u8], step: usize) {
    let read = |step: usize| {
        let (mut stream, mut buffer) = (Pieces { rest: bytes, step }, BytesMut::new());
        let read = answer::read(&mut stream, &mut buffer, 4096).now_or_never().expect("pieces never keep one waiting");
        read.map(|answer| answer.response).map_err(|fault| format!("{fault:?}"))
    };
    match (read(bytes.len().max(1)), read(step.max(1))) {
        (Ok(whole), Ok(pieces)) => {
            assert!(whole.body.len() <= 4096);
            assert_eq!((whole.status, whole.headers, whole.body), (pieces.status, pieces.headers, pieces.body));
        }
        (whole, pieces) => assert_eq!(whole.err(), pieces.err()),
    }
}

/// Bytes that come a few at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    step: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let (piece, rest) = this.rest.split_at(this.step.min(this.rest.len()).min(buffer.remaining()));
        buffer.put_slice(piece);
        this.rest = rest;
        Poll::Ready(Ok(()))
    }
}
