//! Texts from files, options and messages: saved tasks, the gateway's limits, video settings, times.

#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use koophone::{Client, Credentials, VideoSettings};

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let builder = Client::builder().environment([]).credentials(Credentials::token("token"));
    builder.build().expect("a token is enough for a client")
});

libfuzzer_sys::fuzz_target!(|text: &str| {
    koophone::fuzzing::limit(text);
    koophone::fuzzing::saved_task(&CLIENT, text);
    // The engine cannot find valid base64 on its own, so encode the text.
    koophone::fuzzing::saved_task(&CLIENT, &format!("kptask1.{}", URL_SAFE_NO_PAD.encode(text)));
    let _ = VideoSettings::from_json(text);
    let _ = koophone::binding_support::time_limit(text);
});
