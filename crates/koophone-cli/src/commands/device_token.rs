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
  koophone device-token a44uhlf7 --show-secrets --json > stream.json
  # for the vendor's player in a browser: what its initMediaStream takes
  koophone device-token a44uhlf7 --h5 --uuid player-7 --show-secrets --json > player.json
  # for its player on Android: the entries of its Bundle
  koophone device-token a44uhlf7 --android --userid player-7 --show-secrets --json > player.json";

/// Get the token and addresses to stream from one phone (获取云手机鉴权信息)
///
/// The token and the WebRTC servers are secrets: without --show-secrets they are shown as ***. Keep them out of build
/// logs.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DeviceTokenArgs {
    /// Instance id of the phone
    phone: String,
    /// Print the parameters of the vendor's browser player: boxid, token, uuid, signaling_url
    #[arg(long)]
    h5: bool,
    /// The player's user, with --h5 [default: a new random UUID]
    #[arg(long, value_name = "TEXT", requires = "h5")]
    uuid: Option<String>,
    /// Print the parameters of the vendor's Android player: LAUNCH_KEY_ADDRESS, _PORT, _TOKEN, _USERID
    #[arg(long, conflicts_with = "h5")]
    android: bool,
    /// The player's user, with --android [default: a new random UUID]
    #[arg(long, value_name = "TEXT", requires = "android")]
    userid: Option<String>,
    /// Print the secrets
    #[arg(long)]
    show_secrets: bool,
}

pub(crate) fn run(args: &DeviceTokenArgs, session: &Session) -> RunResult {
    let device = session.call(session.client()?.get_device_token(args.phone.as_str()))?;
    if args.h5 {
        let parameters = device.h5_parameters(args.uuid.as_deref())?;
        let shown = if args.show_secrets { parameters } else { parameters.redacted() };
        session.output.show(&shown, || {
            Table::of_fields([
                ("boxid", Some(shown.boxid.clone())),
                ("token", Some(shown.token.clone())),
                ("uuid", Some(shown.uuid.clone())),
                ("signaling_url", Some(shown.signaling_url.clone())),
            ])
        })?;
        return note_of_secrets(args, session);
    }
    if args.android {
        let parameters = device.android_parameters(args.userid.as_deref())?;
        let shown = if args.show_secrets { parameters } else { parameters.redacted() };
        session.output.show(&shown, || {
            Table::of_fields([
                ("launch_key_address", Some(shown.launch_key_address.clone())),
                ("launch_key_port", Some(shown.launch_key_port.to_string())),
                ("launch_key_token", Some(shown.launch_key_token.clone())),
                ("launch_key_userid", Some(shown.launch_key_userid.clone())),
            ])
        })?;
        return note_of_secrets(args, session);
    }
    let device = if args.show_secrets { device } else { device.redacted() };
    session.output.show(&device, || {
        Table::of_fields([
            ("phone", Some(device.instance_id.into())),
            ("device", device.device_id.clone()),
            ("token", Some(device.token.clone())),
            ("stream", device.streaming_id.clone()),
            ("signalling", device.signaling_url.clone()),
            ("stream lasts", device.expired_time.as_ref().map(|seconds| format!("{seconds} s"))),
            ("until", device.expires_at.clone()),
            ("ICE servers", Some(device.ice_servers.clone())),
            ("internal address", address(&device.internal)),
            ("external address", address(&device.external)),
        ])
    })?;
    note_of_secrets(args, session)
}

fn note_of_secrets(args: &DeviceTokenArgs, session: &Session) -> RunResult {
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
