//! Video settings (视频参数): bit rate and frame rate per network, codec and definition.

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// The network that a phone's stream uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Network {
    /// `MOBILE_NETWORK`
    Mobile,
    /// `WIFI`
    Wifi,
    /// `WIRED`
    Wired,
}

/// The codec of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Codec {
    /// H.264
    H264,
    /// H.265
    H265,
}

/// Bit rate and frame rate of one definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VideoSpec {
    /// Bit rate (码率) in kbit/s: a multiple of 100 from 0 to 10,000. Later documents begin at 100.
    pub bitrate_kbps: u32,
    /// Frames per second (帧率): 30 or 60.
    pub fps: u32,
}

impl VideoSpec {
    /// `bitrate_kbps` kbit/s at `fps` frames per second.
    pub const fn new(bitrate_kbps: u32, fps: u32) -> Self {
        Self { bitrate_kbps, fps }
    }
}

/// The settings of one network and codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VideoSetting {
    /// Network.
    pub network: Network,
    /// Codec.
    pub codec: Codec,
    /// 540P
    pub p540: VideoSpec,
    /// 720P
    pub p720: VideoSpec,
    /// 1080P
    pub p1080: VideoSpec,
}

/// The types of this file as JSON Schemas by name, as [`describe`](super::describe()) for results.
#[cfg(feature = "describe")]
pub fn describe_arguments() -> Vec<(&'static str, serde_json::Value)> {
    vec![
        ("Network", schemars::schema_for!(Network).to_value()),
        ("Codec", schemars::schema_for!(Codec).to_value()),
        ("VideoSpec", schemars::schema_for!(VideoSpec).to_value()),
        ("VideoSetting", schemars::schema_for!(VideoSetting).to_value()),
        ("LogLevel", schemars::schema_for!(crate::log::LogLevel).to_value()),
    ]
}

/// What [`set_video_settings`](crate::Client::set_video_settings) sends: one to six settings, one per pair of network
/// and codec.
///
/// ```
/// use koophone::{Codec, Network, VideoSettings, VideoSpec};
///
/// // The same for every network and codec, as the newer documents require ...
/// let (p540, p720) = (VideoSpec::new(3000, 30), VideoSpec::new(5000, 30));
/// let mut video = VideoSettings::uniform(p540, p720, VideoSpec::new(8000, 60));
/// // ... but less over mobile networks.
/// video.setting_mut(Network::Mobile, Codec::H264).unwrap().p1080 = VideoSpec::new(4000, 30);
/// assert_eq!(video.settings.len(), 6);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VideoSettings {
    /// One to six, each with another pair of network and codec.
    pub settings: Vec<VideoSetting>,
}

impl Default for VideoSettings {
    /// The rates of the example in the service's documents, with all six pairs.
    fn default() -> Self {
        Self::uniform(VideoSpec::new(6000, 30), VideoSpec::new(6000, 30), VideoSpec::new(8000, 30))
    }
}

impl VideoSettings {
    /// All six pairs with the same rates.
    ///
    /// ```
    /// use koophone::{VideoSettings, VideoSpec};
    ///
    /// let (p540, p720) = (VideoSpec::new(3000, 30), VideoSpec::new(5000, 30));
    /// let video = VideoSettings::uniform(p540, p720, VideoSpec::new(8000, 60));
    /// assert_eq!(video.settings.len(), 6);
    /// ```
    pub fn uniform(p540: VideoSpec, p720: VideoSpec, p1080: VideoSpec) -> Self {
        let networks = [Network::Mobile, Network::Wifi, Network::Wired];
        let pairs = networks.into_iter().flat_map(|network| [(network, Codec::H264), (network, Codec::H265)]);
        Self { settings: pairs.map(|(network, codec)| VideoSetting { network, codec, p540, p720, p1080 }).collect() }
    }

    /// The same with `setting` replacing the one for its pair of network and codec.
    ///
    /// ```
    /// use koophone::{Codec, Network, VideoSettings, VideoSpec};
    ///
    /// let mut mobile = *VideoSettings::default().setting(Network::Mobile, Codec::H264).unwrap();
    /// mobile.p1080 = VideoSpec::new(4000, 30);
    /// let video = VideoSettings::default().with_setting(mobile);
    /// assert_eq!(video.setting(Network::Mobile, Codec::H264).unwrap().p1080.bitrate_kbps, 4000);
    /// ```
    #[must_use]
    pub fn with_setting(mut self, setting: VideoSetting) -> Self {
        match self.setting_mut(setting.network, setting.codec) {
            Some(old) => *old = setting,
            None => self.settings.push(setting),
        }
        self
    }

    /// The setting of one pair.
    ///
    /// ```
    /// use koophone::{Codec, Network, VideoSettings};
    ///
    /// assert_eq!(VideoSettings::default().setting(Network::Wifi, Codec::H265).unwrap().p720.fps, 30);
    /// ```
    pub fn setting(&self, network: Network, codec: Codec) -> Option<&VideoSetting> {
        self.settings.iter().find(|setting| setting.network == network && setting.codec == codec)
    }

    /// The setting of one pair, mutable.
    ///
    /// ```
    /// use koophone::{Codec, Network, VideoSettings};
    ///
    /// let mut video = VideoSettings::default();
    /// video.setting_mut(Network::Wifi, Codec::H265).unwrap().p720.fps = 60;
    /// ```
    pub fn setting_mut(&mut self, network: Network, codec: Codec) -> Option<&mut VideoSetting> {
        self.settings.iter_mut().find(|setting| setting.network == network && setting.codec == codec)
    }

    /// Reads the JSON format that the bindings use: a list of objects with the fields of [`VideoSetting`].
    ///
    /// # Errors
    ///
    /// `invalid_argument` for a text in another format.
    ///
    /// ```
    /// use koophone::VideoSettings;
    ///
    /// let video = VideoSettings::from_json(
    ///     r#"[{"network": "wifi", "codec": "h264", "p540": {"bitrate_kbps": 3000, "fps": 30},
    ///          "p720": {"bitrate_kbps": 5000, "fps": 30}, "p1080": {"bitrate_kbps": 8000, "fps": 60}}]"#,
    /// )?;
    /// assert_eq!(video.settings.len(), 1);
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|e| {
            let message = "the video settings are not a list of {network, codec, p540, p720, p1080}, each of the last \
                three {bitrate_kbps, fps}";
            Error::invalid("video_settings", message).caused_by(&e)
        })
    }

    /// Validates every number and returns the wire format.
    pub(crate) fn to_wire(&self) -> Result<Vec<WireSetting>> {
        if self.settings.is_empty() {
            return Err(Error::invalid(
                "video_settings",
                "the settings are empty; VideoSettings::default() has all six",
            ));
        }
        let mut wire: Vec<WireSetting> = Vec::with_capacity(self.settings.len());
        for setting in &self.settings {
            let next = WireSetting::new(setting)?;
            if wire.iter().any(|w| w.network_type == next.network_type && w.encoding_type == next.encoding_type) {
                let pair = format!("{} and {}", next.network_type, next.encoding_type);
                return Err(Error::invalid("video_settings", format!("{pair} is set twice; keep one of the two")));
            }
            wire.push(next);
        }
        Ok(wire)
    }
}

impl FromIterator<VideoSetting> for VideoSettings {
    fn from_iter<I: IntoIterator<Item = VideoSetting>>(settings: I) -> Self {
        Self { settings: settings.into_iter().collect() }
    }
}

impl IntoIterator for VideoSettings {
    type Item = VideoSetting;
    type IntoIter = std::vec::IntoIter<VideoSetting>;

    fn into_iter(self) -> Self::IntoIter {
        self.settings.into_iter()
    }
}

/// The wire's names (docs/spec/wire-notes.md#28: written by hand, with capital P).
#[derive(Debug, Serialize)]
pub(crate) struct WireSetting {
    network_type: &'static str,
    encoding_type: &'static str,
    video_spec_groups: [WireGroup; 1],
}

#[derive(Debug, Serialize)]
struct WireGroup {
    #[serde(rename = "definition_540P")]
    p540: WireSpec,
    #[serde(rename = "definition_720P")]
    p720: WireSpec,
    #[serde(rename = "definition_1080P")]
    p1080: WireSpec,
}

#[derive(Debug, Serialize)]
struct WireSpec {
    code_rate: u32,
    fps: u32,
}

impl From<VideoSpec> for WireSpec {
    fn from(spec: VideoSpec) -> Self {
        Self { code_rate: spec.bitrate_kbps, fps: spec.fps }
    }
}

impl WireSetting {
    fn new(setting: &VideoSetting) -> Result<Self> {
        for (name, spec) in [("p540", setting.p540), ("p720", setting.p720), ("p1080", setting.p1080)] {
            if spec.bitrate_kbps > 10_000 || !spec.bitrate_kbps.is_multiple_of(100) {
                return Err(Error::invalid(
                    "bitrate_kbps",
                    format!(
                        "{name}: bitrate_kbps is {}; it must be a multiple of 100 from 0 to 10000 (kbit/s)",
                        spec.bitrate_kbps
                    ),
                ));
            }
            if !matches!(spec.fps, 30 | 60) {
                return Err(Error::invalid("fps", format!("{name}: fps is {}; it must be 30 or 60", spec.fps)));
            }
        }
        let network_type = match setting.network {
            Network::Mobile => "MOBILE_NETWORK",
            Network::Wifi => "WIFI",
            Network::Wired => "WIRED",
        };
        let encoding_type = match setting.codec {
            Codec::H264 => "H264",
            Codec::H265 => "H265",
        };
        let group = WireGroup { p540: setting.p540.into(), p720: setting.p720.into(), p1080: setting.p1080.into() };
        Ok(Self { network_type, encoding_type, video_spec_groups: [group] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // docs/spec/wire-notes.md#31
    #[test]
    fn bitrates_are_checked_and_zero_is_allowed() {
        let with = |bitrate, fps| {
            let spec = VideoSpec::new(bitrate, fps);
            VideoSettings::uniform(spec, spec, spec).to_wire()
        };
        assert!(with(0, 30).is_ok() && with(10_000, 60).is_ok());
        for bad in [50, 101, 10_100] {
            assert_eq!(with(bad, 30).unwrap_err().argument(), Some("bitrate_kbps"));
        }
        assert_eq!(with(100, 25).unwrap_err().argument(), Some("fps"));
    }

    // docs/spec/wire-notes.md#32
    #[test]
    fn all_six_pairs_by_default_and_each_once() {
        let wire = VideoSettings::default().to_wire().unwrap();
        let text = serde_json::to_string(&wire[0]).unwrap();
        assert_eq!(
            text,
            r#"{"network_type":"MOBILE_NETWORK","encoding_type":"H264","video_spec_groups":[{"definition_540P":{"code_rate":6000,"fps":30},"definition_720P":{"code_rate":6000,"fps":30},"definition_1080P":{"code_rate":8000,"fps":30}}]}"#
        );
        assert_eq!(wire.len(), 6);
        let mut twice = VideoSettings::default();
        twice.settings.push(twice.settings[0]);
        assert!(twice.to_wire().unwrap_err().message().contains("set twice"));
        assert!(VideoSettings { settings: Vec::new() }.to_wire().is_err());
    }

    #[test]
    fn the_json_form_is_checked() {
        let video = VideoSettings::default();
        assert_eq!(VideoSettings::from_json(&serde_json::to_string(&video).unwrap()).unwrap(), video);
        assert!(VideoSettings::from_json(r#"[{"network":"wifi"}]"#).is_err());
    }
}
