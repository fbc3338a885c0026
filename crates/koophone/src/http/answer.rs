//! Reading one HTTP/1.1 answer from a byte stream. The grammar is httparse's; what is here is where an answer ends
//! (RFC 9112, section 6.3), and that nothing grows without a limit.

use std::io;
use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::StatusCode;
use httparse::{Header, ParserConfig, Status};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{Headers, HttpResponse};

/// Longest head of an answer, and longest line between chunks.
const MOST_HEAD: usize = 64 << 10;
const MOST_HEADERS: usize = 128;
/// Room for a usual answer in one read.
const READ_AT_ONCE: usize = 8 << 10;

/// A complete answer, and whether the connection can take another request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub response: HttpResponse,
    pub reusable: bool,
}

/// Why there is no complete answer.
#[derive(Debug)]
pub(crate) enum ReadFault {
    Io(io::Error),
    /// What came is not HTTP; says what is wrong.
    Malformed(String),
    TooLarge,
}

/// Where the body ends.
#[derive(Debug, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunks,
    UntilClose,
}

/// Reads an answer whose body has at most `most` bytes. `buffer` holds what came with earlier reads.
pub(crate) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    most: usize,
) -> Result<Answer, ReadFault> {
    let (head, framing) = loop {
        match parse_head(buffer)? {
            // An interim answer: the real one follows.
            Some((head, _)) if (100..200).contains(&head.response.status) && head.response.status != 101 => {}
            Some(found) => break found,
            None if buffer.len() > MOST_HEAD => return Err(malformed("its head is too long")),
            None => fill(stream, buffer, READ_AT_ONCE).await?,
        }
    };
    let mut answer = head;
    answer.response.body = match framing {
        Framing::Length(length) => {
            let length = usize::try_from(length).ok().filter(|length| *length <= most).ok_or(ReadFault::TooLarge)?;
            need(stream, buffer, length).await?;
            buffer.split_to(length).freeze()
        }
        Framing::Chunks => read_chunks(stream, buffer, most).await?,
        Framing::UntilClose => {
            answer.reusable = false;
            read_until_close(stream, buffer, most).await?
        }
    };
    // What nobody asked for cannot be told from the next answer.
    answer.reusable &= buffer.is_empty();
    Ok(answer)
}

/// Takes the head of an answer off `buffer`, when all of it is there.
fn parse_head(buffer: &mut BytesMut) -> Result<Option<(Answer, Framing)>, ReadFault> {
    let mut space = [MaybeUninit::uninit(); MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let parsing = ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, buffer, &mut space);
    let length = match parsing.map_err(|error| malformed(error.to_string()))? {
        Status::Complete(length) => length,
        Status::Partial => return Ok(None),
    };
    let status = parsed.code.unwrap_or_default();
    let persistent = parsed.version == Some(1) && !words(parsed.headers, "connection").any(|word| word == "close");
    let (framing, agreed) = framing(status, parsed.headers)?;
    // A copy: sharing the buffer would mean that it cannot grow in place for the body.
    let headers = Headers::of_head(Bytes::copy_from_slice(&buffer[..length]));
    buffer.advance(length);
    let response = HttpResponse { status, headers, body: Bytes::new() };
    Ok(Some((Answer { response, reusable: persistent && agreed }, framing)))
}

/// Where the body of an answer ends, and whether the head leaves no doubt of it.
fn framing(status: u16, headers: &[Header<'_>]) -> Result<(Framing, bool), ReadFault> {
    if matches!(status, 100..200) || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        return Ok((Framing::Length(0), true));
    }
    let mut lengths = values(headers, "content-length").peekable();
    if let Some(last) = words(headers, "transfer-encoding").last() {
        // Both together is how answers are smuggled past a gateway: the chunks count, and the connection is not used again.
        let agreed = lengths.peek().is_none();
        return Ok((if last == "chunked" { Framing::Chunks } else { Framing::UntilClose }, agreed));
    }
    let mut length = None;
    for value in lengths {
        let digits = value.filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
        let number: u64 =
            digits.and_then(|text| text.parse().ok()).ok_or_else(|| malformed("its length is no number"))?;
        if length.is_some_and(|length| length != number) {
            return Err(malformed("it has two lengths"));
        }
        length = Some(number);
    }
    Ok((length.map_or(Framing::UntilClose, Framing::Length), true))
}

/// What the headers of that name say; none where it is not text.
fn values<'a>(headers: &'a [Header<'a>], name: &'static str) -> impl Iterator<Item = Option<&'a str>> {
    let named = headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    named.map(|header| std::str::from_utf8(header.value).ok())
}

/// The words of a header that is a list, in lower case.
fn words<'a>(headers: &'a [Header<'a>], name: &'static str) -> impl Iterator<Item = String> + 'a {
    let lists = values(headers, name).flatten();
    lists.flat_map(|list| list.split(',')).map(|word| word.trim().to_ascii_lowercase())
}

async fn read_chunks(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    most: usize,
) -> Result<Bytes, ReadFault> {
    let mut body = BytesMut::new();
    loop {
        let size = loop {
            match httparse::parse_chunk_size(buffer).map_err(|_| malformed("the size of a chunk is no number"))? {
                Status::Complete((length, size)) => {
                    buffer.advance(length);
                    break size;
                }
                Status::Partial if buffer.len() > MOST_HEAD => {
                    return Err(malformed("a line between chunks is too long"));
                }
                Status::Partial => fill(stream, buffer, READ_AT_ONCE).await?,
            }
        };
        if size == 0 {
            skip_trailers(stream, buffer).await?;
            return Ok(body.freeze());
        }
        let size = usize::try_from(size).ok().filter(|size| *size <= most - body.len()).ok_or(ReadFault::TooLarge)?;
        need(stream, buffer, size + 2).await?;
        if &buffer[size..size + 2] != b"\r\n" {
            return Err(malformed("a chunk does not end where it says"));
        }
        body.extend_from_slice(&buffer[..size]);
        buffer.advance(size + 2);
    }
}

/// Lines up to the empty one.
async fn skip_trailers(stream: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Result<(), ReadFault> {
    let mut skipped = 0;
    loop {
        match buffer.windows(2).position(|pair| pair == b"\r\n") {
            Some(end) => {
                buffer.advance(end + 2);
                skipped += end + 2;
                if end == 0 {
                    return Ok(());
                }
            }
            None => fill(stream, buffer, READ_AT_ONCE).await?,
        }
        if skipped + buffer.len() > MOST_HEAD {
            return Err(malformed("its trailers are too long"));
        }
    }
}

async fn read_until_close(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    most: usize,
) -> Result<Bytes, ReadFault> {
    loop {
        if buffer.len() > most {
            return Err(ReadFault::TooLarge);
        }
        buffer.reserve(READ_AT_ONCE);
        if stream.read_buf(buffer).await.map_err(ReadFault::Io)? == 0 {
            return Ok(buffer.split().freeze());
        }
    }
}

/// Reads until `buffer` has `length` bytes.
async fn need(stream: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut, length: usize) -> Result<(), ReadFault> {
    while buffer.len() < length {
        // What the other side promises is believed step by step.
        fill(stream, buffer, (length - buffer.len()).min(MOST_HEAD)).await?;
    }
    Ok(())
}

/// Reads once, with room for `room` bytes.
async fn fill(stream: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut, room: usize) -> Result<(), ReadFault> {
    buffer.reserve(room);
    match stream.read_buf(buffer).await.map_err(ReadFault::Io)? {
        0 => Err(ReadFault::Io(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed"))),
        _ => Ok(()),
    }
}

fn malformed(what: impl Into<String>) -> ReadFault {
    ReadFault::Malformed(what.into())
}
