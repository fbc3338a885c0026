//! The floor: one blocking socket, one buffer each way, serde into the wire's types. No client can do the typed work with
//! much less, and none should want to: it knows no error, no time limit and no second connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde::{Deserialize, Serialize};

use crate::payload::{COMMAND, Command, Envelope, Ids, Payload, RESULTS, Results, STATUSES, Statuses, TOKEN};

/// A connection.
pub struct Floor {
    reader: BufReader<TcpStream>,
    host: String,
    out: Vec<u8>,
    line: String,
    body: Vec<u8>,
    next_id: u128,
}

impl Floor {
    /// Connects to the server.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let (out, line, body) = (Vec::new(), String::new(), Vec::new());
        Self { reader: BufReader::new(stream), host: address.to_string(), out, line, body, next_id: 1 }
    }

    /// Does the payload once and gives the number of results.
    pub fn work(&mut self, payload: Payload, phones: &[String]) -> usize {
        if payload == Payload::Results {
            let request = Command { command: COMMAND, instance_ids: phones };
            let data: Results = self.call(RESULTS, &request);
            std::hint::black_box(data.cmd_results).len()
        } else {
            let data: Statuses = self.call(STATUSES, &Ids { instance_ids: phones });
            std::hint::black_box(data.status_results).len()
        }
    }

    fn call<D: for<'de> Deserialize<'de>>(&mut self, path: &str, request: &impl Serialize) -> D {
        let json = serde_json::to_vec(request).expect("JSON");
        self.next_id += 1;
        self.out.clear();
        write!(
            self.out,
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nx-request-id: {:032x}\r\nx-auth-token: {TOKEN}\r\n\
             user-agent: floor\r\ncontent-length: {}\r\n\r\n",
            self.host,
            self.next_id,
            json.len()
        )
        .expect("memory");
        self.out.extend_from_slice(&json);
        self.reader.get_mut().write_all(&self.out).expect("a write");
        let mut length = 0;
        loop {
            self.line.clear();
            self.reader.read_line(&mut self.line).expect("a line");
            if let Some(value) = self.line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length");
            }
            if self.line == "\r\n" {
                break;
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body).expect("a body");
        let envelope: Envelope<D> = serde_json::from_slice(&self.body).expect("an envelope");
        assert_eq!(envelope.error_code, "0");
        envelope.data
    }
}
