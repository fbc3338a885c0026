//! `koophone sign`

use std::convert::Infallible;
use std::path::PathBuf;

use clap::Args;
use koophone::signing::{Algorithm, Signed, SigningRequest, sign};
use koophone::{Error, Result, Secret};
use serde_json::json;

use crate::failure::RunResult;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  # keys from HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK
  koophone sign --method GET --url https://koophone.myhuaweicloud.com/v1/instances/tasks/6837531f
  # prompts for the secret key
  koophone sign --ak AKEXAMPLE --method POST --url https://koophone.myhuaweicloud.com/v1/instances/sync-command \\
      --header 'Content-Type: application/json' --body-file body.json --date 20240419T080910Z";

/// Sign a request with AK and SK, and show every step (请求签名)
///
/// For debugging a refused signature: the gateway's response has its canonical request, with | for line breaks. Compare
/// it with ours.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SignArgs {
    /// HTTP method
    #[arg(long, default_value = "GET")]
    method: String,
    /// Absolute URL as it is sent, percent-encoded
    #[arg(long)]
    url: String,
    /// Header to sign, Name: value; may be repeated. Host and X-Sdk-Date are added if missing
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Body of the request
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// File with the body, byte for byte; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    body_file: Option<PathBuf>,
    /// Access key (AK); the same as --access-key
    #[arg(long)]
    ak: Option<String>,
    /// Secret key (SK). Other users of this machine can read it in the list of processes, and your shell records it:
    /// prefer HUAWEICLOUD_SDK_SK, --secret-key-file, or the prompt
    #[arg(long, value_parser = secret)]
    sk: Option<Secret>,
    /// X-Sdk-Date, in UTC, like 20240419T080910Z [default: now]
    #[arg(long)]
    date: Option<String>,
    /// Region of the derived key (V11-HMAC-SHA256), only for private domains
    #[arg(long, value_name = "REGION", requires = "derive_service")]
    derive_region: Option<String>,
    /// Service of the derived key
    #[arg(long, value_name = "SERVICE", requires = "derive_region")]
    derive_service: Option<String>,
}

pub(crate) fn run(args: &SignArgs, session: &Session) -> RunResult {
    let given = [args.ak.as_deref(), args.sk.as_ref().map(Secret::expose)];
    let (access_key, secret_key) = session.credentials.key_pair(&session.input, given)?;
    let body = match (&args.body, &args.body_file) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(path)) => session.input.bytes(path, "body_file", "the body")?,
        (None, None) => Vec::new(),
    };
    let headers = args.headers.iter().map(|header| split(header)).collect::<Result<Vec<_>>>()?;
    let algorithm = match (&args.derive_region, &args.derive_service) {
        (Some(region), Some(service)) => Algorithm::Derived { region, service },
        _ => Algorithm::HmacSha256,
    };
    let request = SigningRequest {
        method: &args.method,
        url: &args.url,
        headers: &headers,
        body: &body,
        date: args.date.as_deref(),
        algorithm,
    };
    show(&sign(&request, &access_key, secret_key.expose())?, session)
}

/// Hides it from `Debug` of the arguments.
fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

fn split(header: &str) -> Result<(&str, &str)> {
    // The header may contain a security token, so it is not shown.
    header
        .split_once(':')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| Error::invalid("header", "a header must have the form Name: value"))
}

fn show(signed: &Signed, session: &Session) -> RunResult {
    let printed = signed.canonical_request_as_gateway_prints_it();
    if session.output.style.json {
        let mut value = json!(signed);
        value["canonical_request_as_gateway_prints_it"] = json!(printed);
        return Ok(session.output.json(&value)?);
    }
    let mut text = String::new();
    let sections = [
        ("Canonical request", signed.canonical_request.as_str()),
        ("Canonical request as the gateway prints it", &printed),
        ("String to sign", &signed.string_to_sign),
        ("Authorization", &signed.authorization),
    ];
    for (title, content) in sections {
        text.push_str(&format!("--- {title}\n{content}\n\n"));
    }
    text.push_str("--- Headers to add\n");
    for (name, value) in &signed.added_headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push_str(&format!("Authorization: {}\n", signed.authorization));
    session.output.text(&text);
    Ok(())
}
