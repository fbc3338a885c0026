//! A server that a test writes byte by byte, and a client of it.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use koophone::{Client, CommandResult, Credentials, Result};

use super::read_request;

pub const BODY: &str =
    r#"{"data":{"cmd_results":[{"instance_id":"a","status":2,"execute_msg":"yes"}]},"error_code":"0"}"#;

pub fn response(extra: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{extra}content-length: {}\r\n\r\n{BODY}", BODY.len())
}

/// What a server does with a connection.
pub type Serve = dyn Fn(usize, TcpStream) + Send + Sync;

/// Serves every connection with `serve`, which gets its number and drops it to close it. The receiver gets a message
/// for each connection that was closed.
pub fn server(serve: Box<Serve>) -> (SocketAddr, Arc<AtomicUsize>, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let (closed, closings) = mpsc::channel();
    let (count, serve) = (connections.clone(), Arc::new(serve));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_nodelay(true);
            let number = count.fetch_add(1, Ordering::SeqCst);
            let (serve, closed) = (serve.clone(), closed.clone());
            std::thread::spawn(move || {
                serve(number, stream);
                let _ = closed.send(());
            });
        }
    });
    (address, connections, closings)
}

/// Responds to up to `requests` requests of a connection with `response`.
pub fn responding(mut stream: impl Read + Write, requests: usize, response: &str) {
    for _ in 0..requests {
        if read_request(&mut BufReader::with_capacity(1, &mut stream)).is_none() {
            return;
        }
        stream.write_all(response.as_bytes()).unwrap();
    }
}

pub fn client(url: String, settings: &[(&str, &str)]) -> Client {
    let builder = Client::builder().environment([]).endpoint(url).credentials(Credentials::token("t"));
    let builder = settings.iter().fold(builder, |builder, (name, value)| builder.setting(*name, *value));
    builder.build().unwrap()
}

/// A started call: it uses the connections of the shared runtime. A blocking one uses those of the lane it gets, which
/// may be a different one each time, because other tests use lanes too.
pub fn command(client: &Client) -> Result<String> {
    outcome(client.run_command(["a"], "id").start()?.wait(None).transpose().unwrap())
}

pub fn runs(client: &Client) {
    assert_eq!(command(client).unwrap(), "yes");
}

/// The output of the only phone, or the error of the call or of that phone.
pub fn outcome(result: Result<Vec<CommandResult>>) -> Result<String> {
    let result = result?.remove(0);
    result.error.map_or(Ok(result.output), Err)
}
