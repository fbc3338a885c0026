//! Connections: when they are reused and when not, what is read from them, and the use of a proxy.

mod common;

use std::io::{BufReader, Write};
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use common::raw::{BODY, client, command, responding, response, runs, server};
use common::read_request;
use koophone::{Client, Credentials, ErrorKind};

#[test]
fn a_connection_serves_many_calls_blocking_and_started() {
    let (address, connections, _) = server(Box::new(|_, stream| responding(stream, 99, &response(""))));
    let client = client(format!("http://{address}"), &[]);
    (0..10).for_each(|_| runs(&client));
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    (0..50).for_each(|_| assert_eq!(client.run_command(["a"], "id").wait().unwrap()[0].output, "yes"));
    // One for each lane: there are as many lanes as tests that run at once.
    assert!(connections.load(Ordering::SeqCst) < 25);
}

#[test]
fn a_command_is_not_written_to_a_connection_that_was_closed_meanwhile() {
    let (address, connections, closed) = server(Box::new(|_, stream| responding(stream, 1, &response(""))));
    let client = client(format!("http://{address}"), &[]);
    for n in 1..=5 {
        runs(&client);
        closed.recv().unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), n);
    }
}

#[test]
fn a_connection_that_must_not_be_reused_is_not_reused() {
    let twice = format!("{0}{0}", response(""));
    let both = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    let both = format!("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n{both}");
    for odd in [response("connection: Close\r\n"), response("").replace("HTTP/1.1", "HTTP/1.0"), twice, both] {
        let (address, connections, _) = server(Box::new(move |_, stream| responding(stream, 9, &odd)));
        let client = client(format!("http://{address}"), &[]);
        (0..3).for_each(|_| runs(&client));
        assert_eq!(connections.load(Ordering::SeqCst), 3);
    }
}

#[test]
fn responses_of_every_framing_are_read() {
    let chunks: String =
        BODY.as_bytes().chunks(7).map(|c| format!("{:x};x=y\r\n{}\r\n", c.len(), String::from_utf8_lossy(c))).collect();
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n{chunks}0\r\ntrailer: t\r\n\r\n");
    for (framed, connections_of_three) in [
        (chunked, 1),
        (format!("HTTP/1.1 100 Continue\r\n\r\n{}", response("")), 1),
        (format!("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n{}", response("")), 1),
        // What some gateways send: the length twice, folded lines, a space before the colon, lines without one.
        (response("").replace("length: ", &format!("length: {}, ", BODY.len())), 1),
        (response(&format!("content-length: {}\r\n", BODY.len())), 1),
        (response("x-note: a long\r\n  story\r\n"), 1),
        (response("").replace("length: ", "length : "), 1),
        (response("no colon at all\r\n"), 1),
        (response("reason\r\n").replace("200 OK", "200"), 1),
        (format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{BODY}"), 3),
    ] {
        let requests = if connections_of_three == 3 { 1 } else { 9 };
        let (address, connections, _) = server(Box::new(move |_, stream| responding(stream, requests, &framed)));
        let client = client(format!("http://{address}"), &[]);
        (0..3).for_each(|_| runs(&client));
        assert_eq!(connections.load(Ordering::SeqCst), connections_of_three);
    }
}

#[test]
fn what_is_not_http_is_an_outcome_unknown_with_its_reason() {
    for (odd, reason) in [
        ("SSH-2.0-OpenSSH_9.6\r\n", "not valid HTTP"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5x\r\n\r\n", "content-length"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n", "content-length"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "chunk size"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc", "chunk body"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{", "end of file before message length reached"),
        ("", "connection closed before message completed"),
    ] {
        let (address, connections, _) = server(Box::new(move |_, stream| responding(stream, 1, odd)));
        let error = command(&client(format!("http://{address}"), &[])).unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::OutcomeUnknown, 1), "{odd}");
        assert!(error.causes().iter().any(|cause| cause.contains(reason)), "{odd}: {error:?}");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_response_larger_than_allowed_is_abandoned_whatever_its_framing() {
    let large = "x".repeat(5000);
    for framed in [
        format!("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n{large}"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{large}"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1388\r\n{large}\r\n0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{large}"),
        format!("HTTP/1.1 200 OK\r\n\r\n{large}"),
        format!("HTTP/1.1 200 OK\r\nlarge: {}\r\n\r\n", "x".repeat(100_000)),
    ] {
        let (address, ..) = server(Box::new(move |_, mut stream| {
            let _ = read_request(&mut BufReader::new(&mut stream));
            // The client may disconnect in the middle.
            let _ = stream.write_all(framed.as_bytes());
        }));
        let client = client(format!("http://{address}"), &[("max_response_bytes", "4096"), ("max_attempts", "1")]);
        let error = client.query_status(["a"]).wait().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Network), "{error:?}");
    }
}

#[test]
fn a_configured_proxy_is_used() {
    let (seen, asked) = mpsc::channel();
    let (address, connections, _) = server(Box::new(move |_, mut stream| {
        while let Some(request) = read_request(&mut BufReader::with_capacity(1, &mut stream)) {
            seen.send(request).unwrap();
            stream.write_all(response("").as_bytes()).unwrap();
        }
    }));
    let proxy = format!("http://user:secret@{address}");
    let through = |setting: &[(&str, &str)], variables: &[(&str, &str)]| {
        let builder = Client::builder().endpoint("http://phones.invalid").credentials(Credentials::token("t"));
        let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let builder = builder.environment(variables).setting("allow_http", "true").setting("max_attempts", "1");
        let builder = setting.iter().fold(builder, |builder, (name, value)| builder.setting(*name, *value));
        builder.build().unwrap()
    };
    for client in [through(&[("proxy", &proxy)], &[]), through(&[], &[("HTTP_PROXY", &proxy)])] {
        (0..3).for_each(|_| runs(&client));
        let request = asked.recv().unwrap();
        assert_eq!(request.path, "http://phones.invalid/v1/instances/sync-command");
        assert_eq!(request.header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    let variables = [("HTTP_PROXY", proxy.as_str()), ("NO_PROXY", "phones.invalid")];
    for direct in [through(&[("proxy", "none")], &variables[..1]), through(&[], &variables), through(&[], &[])] {
        assert_eq!(direct.query_status(["a"]).wait().unwrap_err().kind(), ErrorKind::Network);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}
