//! A local emulator of Huawei Cloud KooPhone and its identity service (IAM).
//!
//! It is a second, independent reading of the service's documents: it knows the wire format and nothing about the
//! client library. Phones keep state, a small shell runs their commands, and a journal records what each phone really
//! did. Faults and quirks test how a client handles what can go wrong.
//!
//! ```
//! use std::io::{Read, Write};
//! use koophone_emulator::{Action, CutWhen, Emulator, Fault, Operation, Quirk};
//!
//! let emulator = Emulator::builder().phones(8).seed(7).quirk(Quirk::AnyCharacter).start()?;
//! assert_eq!(emulator.instance_ids().len(), 8);
//! emulator.add_fault(Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution }))?;
//!
//! // Any HTTP client will do; IAM and KooPhone are on the same port.
//! let mut stream = std::net::TcpStream::connect(emulator.endpoint().strip_prefix("http://").unwrap())?;
//! stream.write_all(b"GET /v1/instances/tasks/none HTTP/1.1\r\nHost: emulator\r\nConnection: close\r\n\r\n")?;
//! let mut response = String::new();
//! stream.read_to_string(&mut response)?;
//! assert!(response.starts_with("HTTP/1.1 401 ") && response.contains("APIGW.0301"));
//!
//! assert!(emulator.journal().is_empty());
//! assert_eq!(emulator.pending_faults().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it serves
//!
//! All operations of KooPhone that the documents of 2026 have ([`Edition`] selects older ones), and of IAM the token by
//! password, `/v3/projects`, `/v3/auth/projects` and `/v3/auth/domains`. Tokens and the signatures SDK-HMAC-SHA256 and
//! V11-HMAC-SHA256 are verified. Everything else is 404 APIGW.0101.
//!
//! Decisions where the documents say nothing:
//!
//! * A command that exits with status 0 has the result status 2; any other exit status is -1, `CPS.0191`.
//!   `execute_msg` is standard output and standard error in the order they were written, without the last line break.
//! * A phone that is not running runs nothing: its result is -1, `CPS0005`.
//! * An asynchronous command runs when it is accepted; only its result becomes visible later. A phone that is reset
//!   loses its data at once, goes through the states 3 and 4, and its running jobs keep their results. A restart, or
//!   the end of a backup, makes commands fail that are still running.
//! * A phone has one job at a time (reset, restart, unassignment, backup, restore); another is refused with 2005, 2006
//!   or 1000, and with it the whole batch. An installation is not such a job: it fails if the phone is not running.
//! * A phone that is being backed up runs until it is in storage. A reset does not bring a phone back from storage.
//! * A deleted phone does not leave a free machine behind. Names of ordered phones count from 1 in each order.
//! * The progress of the phone of another user is `KOOPHONE.API.1001`; a frozen phone refuses only an assignment.
//! * An unknown task is `KOOPHONE.API.1323` under 400; an unknown phone is `KOOPHONE.API.1001` under 401, also in the
//!   device token call.
//! * Video settings are merged with those that were set before, pair by pair.
//! * A token whose scope is not a project is APIGW.0301, one of another project 0307.
//!
//! # The phones' shell
//!
//! `sh -c`, `cd`, `pwd`, `exit`, `export`, `sleep`, `true`, `false`, `test` and `[`; `ls`, `cat`, `cp`, `mv`, `mkdir`,
//! `rm`, `rmdir`, `touch`, `df`; `echo`, `printf`, `grep`, `head`, `tail`, `wc`; `id`, `whoami`, `uname`, `uptime`,
//! `date`, `ps`, `pidof`, `kill`; `getprop`, `setprop`, `settings`, `input`, `wm`, `screencap`, `logcat -d`, `log`,
//! `dumpsys`; `am`, `pm`, `monkey`. By default the service accepts only letters, digits, spaces and `_ . / : -`; with
//! [`Quirk::AnyCharacter`] quotes, variables, `$( )`, pipes, redirections, `;`, `&&`, `||` and file name patterns work.
//! There are no loops, conditions or functions. `pm install` names the package after its file:
//! `/sdcard/com.example.game.apk`. [`Rule`]s define the output of any other command.
//!
//! # Control over HTTP
//!
//! The handle's methods are available to other programs under `/_emulator/`, as JSON. Programs on this machine need no
//! credential; an emulator that other machines can reach requires its [`ControlToken`]. Web pages are refused with 403:
//! their `Origin` or `Host` is not this machine's. Errors have the body `{"error": text}` and status 400 or 404.
//!
//! | request | effect |
//! |---|---|
//! | `GET /_emulator/info` | endpoint, credentials, instance ids, the clock |
//! | `GET /_emulator/journal[?instance_id=]` | the journal ([`JournalEntry`]); `DELETE` empties it |
//! | `GET /_emulator/requests` | every request seen ([`RequestEntry`]); `DELETE` empties the list |
//! | `GET /_emulator/phones` | ids and states |
//! | `GET /_emulator/phones/{id}` | one phone ([`PhoneSnapshot`]) |
//! | `POST /_emulator/phones/{id}/state` | `{"state": 5}` sets the state number; 1 puts the phone into storage |
//! | `POST /_emulator/phones/{id}/stream` | plays a viewer who opens a stream |
//! | `POST /_emulator/phones/{id}/frozen` | `{"frozen": true}` freezes the phone, false unfreezes it |
//! | `POST /_emulator/free-machines` | `{"count": 3}` sets how many phones can be restored from storage |
//! | `POST /_emulator/orders/{id}/pay` | pays an order, which creates its phones |
//! | `GET`, `POST`, `DELETE /_emulator/faults` | the queue of faults ([`Fault`], one or a list), add, empty |
//! | `POST`, `DELETE /_emulator/rules` | add rules ([`Rule`], a list), remove all |
//! | `POST /_emulator/advance` | `{"milliseconds": 1000}` moves the clock |
//! | `POST /_emulator/expire-tokens` | expires every token |
//! | `POST /_emulator/stop` | stops the emulator |

mod action;
mod ahead;
mod auth;
mod builder;
mod busy;
mod by_name;
mod clock;
mod command;
mod control;
mod credentials;
#[cfg(feature = "describe")]
mod describe;
mod edition;
mod emulator;
mod error;
mod fault;
mod ids;
mod journal;
mod json;
mod metrics;
mod metrics_page;
mod operation;
mod operations;
mod options;
mod phone;
mod quirk;
mod rule;
mod server;
mod service;
mod shared;
mod shell;
mod sku;
mod text;
mod wire;
mod world;

pub use action::{Action, CutWhen};
pub use auth::signature;
pub use builder::Builder;
pub use clock::{ClockMode, ClockOptions};
pub use credentials::Credentials;
#[cfg(feature = "describe")]
pub use describe::{METHODS, Method, ValueType, describe, describe_records};
pub use edition::Edition;
pub use emulator::{Emulator, StartError};
pub use error::OptionsError;
pub use fault::Fault;
pub use journal::{AuthKind, JournalEntry, JournalKind, RequestEntry, RequestStatus};
pub use operation::Operation;
pub use options::{ControlToken, Mode, Options, RateLimit};
pub use phone::PhoneEvent;
pub use phone::boot::PhoneFaults;
pub use phone::snapshot::{FileSnapshot, PhoneSnapshot};
pub use quirk::Quirk;
pub use rule::Rule;
pub use sku::Sku;
