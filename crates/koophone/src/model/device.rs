//! The data that a player needs to stream from a phone.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::error_kind::ErrorKind;
use super::instance_id::InstanceId;

/// The longest plausible lifetime of a stream; a greater number is something else, perhaps a timestamp.
const LONGEST_LIFE: u64 = 10 * 365 * 24 * 60 * 60;

/// An address that a streaming SDK connects to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StreamAddress {
    /// IPv4 address or host name.
    pub address: Option<String>,
    /// Access port (`aport`).
    pub port: Option<i64>,
    /// Access type (`atype`), a number the documents do not explain.
    pub access_type: Option<i64>,
    /// IPv6 address.
    pub address_ipv6: Option<String>,
    /// Domain name of the address (`address_adn`), in newer responses.
    pub address_adn: Option<String>,
}

/// What is needed to start a stream from one phone. Contains a credential, which is shown as `***` when the result is
/// printed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DeviceAuthorization {
    /// The phone.
    pub instance_id: InstanceId,
    /// The device behind it.
    pub device_id: Option<String>,
    /// The credential for the streaming SDK. Secret.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub token: String,
    /// Id of the stream, in newer responses.
    pub streaming_id: Option<String>,
    /// Address for WebRTC signalling, unchanged (plain http in the documents' example).
    pub signaling_url: Option<String>,
    /// How long the stream may last, in seconds, as the service's text.
    pub expired_time: Option<String>,
    /// When that ends, as in `2026-11-29T08:00:00Z`: `expired_time` after the response's `Date`, or after this
    /// machine's time if it has none. None if the service returns no such time. Not verified with the live service.
    pub expires_at: Option<String>,
    /// The WebRTC servers, with their credentials, as the service's own JSON text. Secret.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub ice_servers: String,
    /// Address inside the vendor's network.
    pub internal: StreamAddress,
    /// Address on the Internet.
    pub external: StreamAddress,
}

impl DeviceAuthorization {
    /// The same with `***` in place of each secret, for screens and logs.
    pub fn redacted(&self) -> Self {
        let hidden = || "***".to_owned();
        // WebRTC servers come with their own user names and passwords.
        Self { token: hidden(), ice_servers: hidden(), ..self.clone() }
    }

    /// The parameters of the vendor's player for browsers (its JavaScript SDK). `uuid` identifies the player's user, in
    /// any format; by default it is a new random UUID.
    ///
    /// # Errors
    ///
    /// `protocol` if the service returned no device id or signalling address; `invalid_argument` for an empty `uuid`.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let parameters = client.get_device_token("a44uhlf7").await?.h5_parameters(Some("player-7"))?;
    /// println!("{parameters:?}"); // the token is shown as ***
    /// # Ok(()) }
    /// ```
    pub fn h5_parameters(&self, uuid: Option<&str>) -> Result<H5Parameters> {
        H5Parameters::of(self.device_id.as_deref(), &self.token, self.signaling_url.as_deref(), uuid)
    }

    /// The parameters of the vendor's player for Android (its Java SDK), which connects to the phone's address on the
    /// Internet. `userid` identifies the player's user, in any format; by default it is a new random UUID.
    ///
    /// # Errors
    ///
    /// `protocol` if the service returned no such address or port; `invalid_argument` for an empty `userid`.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let parameters = client.get_device_token("a44uhlf7").await?.android_parameters(Some("player-7"))?;
    /// println!("{parameters:?}"); // the token is shown as ***
    /// # Ok(()) }
    /// ```
    pub fn android_parameters(&self, userid: Option<&str>) -> Result<AndroidParameters> {
        AndroidParameters::of(self.external.address.as_deref(), self.external.port, &self.token, userid)
    }
}

impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.redacted();
        f.debug_struct("DeviceAuthorization")
            .field("instance_id", &shown.instance_id)
            .field("device_id", &shown.device_id)
            .field("token", &shown.token)
            .field("streaming_id", &shown.streaming_id)
            .field("signaling_url", &shown.signaling_url)
            .field("expired_time", &shown.expired_time)
            .field("expires_at", &shown.expires_at)
            .field("ice_servers", &shown.ice_servers)
            .field("internal", &shown.internal)
            .field("external", &shown.external)
            .finish()
    }
}

/// The parameters of `initMediaStream` of the vendor's player for browsers, with the same names in every language.
/// Contains a credential, which is shown as `***` when the parameters are printed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema), schemars(extend("x-verbatim" = true)))]
#[non_exhaustive]
pub struct H5Parameters {
    /// The device to stream from: `device_id` of the authorization.
    pub boxid: String,
    /// The credential. Secret.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub token: String,
    /// The user of the player.
    pub uuid: String,
    /// Address for signalling, unchanged.
    pub signaling_url: String,
}

impl H5Parameters {
    /// From the parts of an authorization.
    pub(crate) fn of(
        device_id: Option<&str>,
        token: &str,
        signaling_url: Option<&str>,
        uuid: Option<&str>,
    ) -> Result<Self> {
        Ok(Self {
            boxid: needed(device_id, "device id")?.to_owned(),
            token: token.to_owned(),
            uuid: user("uuid", uuid)?,
            signaling_url: needed(signaling_url, "signalling address")?.to_owned(),
        })
    }

    /// The same with `***` in place of the token, for screens and logs.
    pub fn redacted(&self) -> Self {
        Self { token: "***".to_owned(), ..self.clone() }
    }
}

impl fmt::Debug for H5Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("H5Parameters")
            .field("boxid", &self.boxid)
            .field("token", &"***")
            .field("uuid", &self.uuid)
            .field("signaling_url", &self.signaling_url)
            .finish()
    }
}

/// The parameters of `start` of the vendor's player for Android: the entries of its `Bundle`, under the names of the
/// keys' constants (`LAUNCH_KEY_ADDRESS` and so on) in lower case. Contains a credential, which is shown as `***` when
/// the parameters are printed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema), schemars(extend("x-verbatim" = true)))]
#[non_exhaustive]
pub struct AndroidParameters {
    /// Address of the phone on the Internet: `address` of `external`.
    pub launch_key_address: String,
    /// Its port: `port` of `external`.
    pub launch_key_port: i64,
    /// The credential. Secret.
    #[cfg_attr(feature = "describe", schemars(extend("x-secret" = true)))]
    pub launch_key_token: String,
    /// The user of the player.
    pub launch_key_userid: String,
}

impl AndroidParameters {
    /// From the parts of an authorization.
    pub(crate) fn of(address: Option<&str>, port: Option<i64>, token: &str, userid: Option<&str>) -> Result<Self> {
        Ok(Self {
            launch_key_address: needed(address, "address on the Internet")?.to_owned(),
            launch_key_port: needed(port, "port on the Internet")?,
            launch_key_token: token.to_owned(),
            launch_key_userid: user("userid", userid)?,
        })
    }

    /// The same with `***` in place of the token, for screens and logs.
    pub fn redacted(&self) -> Self {
        Self { launch_key_token: "***".to_owned(), ..self.clone() }
    }
}

impl fmt::Debug for AndroidParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AndroidParameters")
            .field("launch_key_address", &self.launch_key_address)
            .field("launch_key_port", &self.launch_key_port)
            .field("launch_key_token", &"***")
            .field("launch_key_userid", &self.launch_key_userid)
            .finish()
    }
}

/// What a player cannot do without.
fn needed<T>(value: Option<T>, what: &str) -> Result<T> {
    let message = || format!("the service returned no {what}, which the player needs to stream");
    value.ok_or_else(|| Error::new(ErrorKind::Protocol, message()))
}

/// The user of a player, by default a new random one.
fn user(argument: &'static str, user: Option<&str>) -> Result<String> {
    match user {
        Some("") => Err(Error::invalid(argument, format!("{argument} is empty; name the user, or omit it"))),
        Some(user) => Ok(user.to_owned()),
        None => random_uuid(),
    }
}

/// A UUID of version 4 (RFC 9562).
fn random_uuid() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::internal("the system provides no random numbers").caused_by(&error))?;
    let all = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{all:032x}");
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

/// How long a stream may last, from the service's text; none if that is not a usable number.
pub(crate) fn life(expired_time: Option<&str>) -> Option<Duration> {
    let seconds = expired_time?.trim().parse().ok()?;
    (1..=LONGEST_LIFE).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// A timestamp as text, in whole seconds.
pub(crate) fn moment(time: SystemTime) -> Option<String> {
    let time = jiff::Timestamp::try_from(time).ok()?;
    jiff::Timestamp::from_second(time.as_second()).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_a_positive_number_of_seconds() {
        assert_eq!(life(Some("86400")), Some(Duration::from_secs(86_400)));
        assert_eq!(life(Some(" 1 ")), Some(Duration::from_secs(1)));
        for none in ["", "0", "-1", "soon", "1.5", "1796000000", "99999999999999999999"] {
            assert_eq!(life(Some(none)), None, "{none}");
        }
        assert_eq!(life(None), None);
    }

    #[test]
    fn a_moment_is_utc_to_the_second() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_713_514_150_999);
        assert_eq!(moment(time).unwrap(), "2024-04-19T08:09:10Z");
    }

    #[test]
    fn players_parameters_have_a_uuid_and_hide_the_token() {
        let of = |uuid| H5Parameters::of(Some("d"), "S3CRET", Some("http://127.0.0.1:9"), uuid);
        let own = of(Some("player-7")).unwrap();
        let shown = serde_json::to_string(&own).unwrap();
        assert_eq!(shown, r#"{"boxid":"d","token":"S3CRET","uuid":"player-7","signaling_url":"http://127.0.0.1:9"}"#);
        assert!(!format!("{own:?} {:?}", own.redacted()).contains("S3CRET"));
        let (one, other) = (of(None).unwrap().uuid, of(None).unwrap().uuid);
        assert_ne!(one, other);
        let dashes: Vec<usize> = one.match_indices('-').map(|(at, _)| at).collect();
        assert_eq!((one.len(), dashes), (36, vec![8, 13, 18, 23]));
        assert!(one[14..].starts_with('4') && "89ab".contains(&one[19..20]), "{one}");
        assert_eq!(of(Some("")).unwrap_err().argument(), Some("uuid"));
        for (device, url) in [(None, Some("u")), (Some("d"), None)] {
            let error = H5Parameters::of(device, "S3CRET", url, None).unwrap_err();
            assert!(error.kind() == ErrorKind::Protocol && !error.to_string().contains("S3CRET"), "{error}");
        }
    }

    #[test]
    fn the_android_player_gets_the_external_address_and_its_token_is_hidden() {
        let of = |address, port, userid| AndroidParameters::of(address, port, "S3CRET", userid);
        let own = of(Some("203.0.113.7"), Some(7000), Some("player-7")).unwrap();
        let shown = serde_json::json!({
            "launch_key_address": "203.0.113.7", "launch_key_port": 7000,
            "launch_key_token": "S3CRET", "launch_key_userid": "player-7",
        });
        assert_eq!(serde_json::to_value(&own).unwrap(), shown);
        assert!(!format!("{own:?} {:?}", own.redacted()).contains("S3CRET"));
        assert_eq!(of(Some("a"), Some(1), None).unwrap().launch_key_userid.len(), 36);
        assert_eq!(of(Some("a"), Some(1), Some("")).unwrap_err().argument(), Some("userid"));
        for (address, port) in [(None, Some(1)), (Some("a"), None)] {
            assert_eq!(of(address, port, None).unwrap_err().kind(), ErrorKind::Protocol);
        }
    }
}
