//! The output of a command, which keeps the order of its two streams.

/// Maximum number of bytes of one output. Responses show 1,024, so nothing is missing.
const MOST_BYTES: usize = 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

/// The two streams and the exit status of a command.
#[derive(Debug, Default)]
pub(crate) struct Output {
    chunks: Vec<(Stream, Vec<u8>)>,
    bytes: usize,
    pub(crate) status: i32,
}

impl Output {
    pub(crate) fn text(text: impl AsRef<[u8]>) -> Self {
        let mut output = Self::default();
        output.out(text);
        output
    }

    pub(crate) fn error(status: i32, text: impl AsRef<[u8]>) -> Self {
        let mut output = Self { status, ..Self::default() };
        output.err(text);
        output
    }

    /// No output, only a status.
    pub(crate) fn status(status: i32) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn out(&mut self, text: impl AsRef<[u8]>) {
        self.push(Stream::Out, text.as_ref());
    }

    pub(crate) fn err(&mut self, text: impl AsRef<[u8]>) {
        self.push(Stream::Err, text.as_ref());
    }

    pub(crate) fn err_bytes(&mut self, bytes: &[u8]) {
        self.push(Stream::Err, bytes);
    }

    /// Bytes written so far.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    /// Whether nothing more fits; a loop that only writes may end.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= MOST_BYTES
    }

    fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(MOST_BYTES - self.bytes)];
        self.bytes += bytes.len();
        match self.chunks.last_mut() {
            Some((last, chunk)) if *last == stream => chunk.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.chunks.push((stream, bytes.to_vec())),
        }
    }

    /// Appends another output; the status stays.
    pub(crate) fn append(&mut self, other: Self) {
        for (stream, bytes) in other.chunks {
            self.push(stream, &bytes);
        }
    }

    /// Both streams in the order they were written.
    pub(crate) fn merged(self) -> Vec<u8> {
        self.chunks.into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    /// Standard output and standard error.
    pub(crate) fn split(mut self) -> (Vec<u8>, Vec<u8>) {
        (self.take(false), self.take(true))
    }

    /// Removes and returns one stream.
    pub(crate) fn take(&mut self, stderr: bool) -> Vec<u8> {
        let wanted = if stderr { Stream::Err } else { Stream::Out };
        let (taken, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.chunks).into_iter().partition(|(stream, _)| *stream == wanted);
        self.bytes = kept.iter().map(|(_, bytes)| bytes.len()).sum();
        self.chunks = kept;
        taken.into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    /// Merges both streams into one.
    pub(crate) fn join(&mut self, stderr_to_stdout: bool) {
        let all = if stderr_to_stdout { Stream::Out } else { Stream::Err };
        for (stream, _) in &mut self.chunks {
            *stream = all;
        }
    }
}
