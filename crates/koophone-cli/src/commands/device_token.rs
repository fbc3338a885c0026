//! `koophone device-token`

use clap::Args;
use koophone::StreamAddress;

use crate::failure::RunResult;
use crate::session::Session;
use crate::table::Table;

const EXAMPLES: &str = "\
Examples:
  koophone device-token a44uhlf7
  # for a program that starts the stream
  koophone device-token a44uhlf7 --show-secrets --json > stream.json";

/// Get the token and the addresses to stream from one phone (获取云手机鉴权信息)
///
/// The token and the WebRTC servers are secrets: without --show-secrets both the table and the JSON have *** in their
/// place. Do not let them get into the logs of a build.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DeviceTokenArgs {
    /// Instance id of the phone
    phone: String,
    /// Print the secrets
    #[arg(long)]
    show_secrets: bool,
}

pub(crate) fn run(args: &DeviceTokenArgs, session: &Session) -> RunResult {
    let device = session.call(session.client()?.get_device_token(args.phone.as_str()))?;
    let device = if args.show_secrets { device } else { device.redacted() };
    session.output.show(&device, || {
        Table::of_fields([
            ("phone", Some(device.instance_id.into())),
            ("device", device.device_id.clone()),
            ("token", Some(device.token.clone())),
            ("stream", device.streaming_id.clone()),
            ("signalling", device.signaling_url.clone()),
            ("signalling ends", device.expired_time.clone()),
            ("ICE servers", Some(device.ice_servers.clone())),
            ("internal address", address(&device.internal)),
            ("external address", address(&device.external)),
        ])
    })?;
    if !args.show_secrets {
        session.output.note("secrets are hidden; --show-secrets shows them");
    }
    Ok(())
}

fn address(address: &StreamAddress) -> Option<String> {
    let hosts = [&address.address, &address.address_ipv6, &address.address_adn];
    let hosts: Vec<&str> = hosts.into_iter().flatten().map(String::as_str).collect();
    let port = address.port.map(|port| format!(" port {port}")).unwrap_or_default();
    let kind = address.access_type.map(|kind| format!(" access type {kind}")).unwrap_or_default();
    (!hosts.is_empty()).then(|| hosts.join(", ") + &port + &kind)
}
