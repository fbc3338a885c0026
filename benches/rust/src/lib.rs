//! What the measured Rust programs share: the work to do, the server, the floor, and the measuring.
//!
//! `cargo xtask bench` runs the programs of `src/bin`; `cargo bench -p koophone-bench` runs the criterion bench, which
//! measures the core alone.

pub mod floor;
pub mod measure;
pub mod payload;
pub mod server;

/// A client for the server at `url`, with a token or with signed requests; the server checks neither.
pub fn client(url: &str, signed: bool) -> koophone::Client {
    use koophone::{Client, Credentials};
    let credentials = if signed {
        Credentials::access_key(payload::ACCESS_KEY, payload::SECRET_KEY)
    } else {
        Credentials::token(payload::TOKEN)
    };
    let builder = Client::builder().environment([]).endpoint(url).iam_endpoint(url).credentials(credentials);
    builder.setting("project_id", payload::PROJECT_ID).build().expect("a client")
}
