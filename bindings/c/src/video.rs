//! Video settings: structures of the caller's, or a list read from JSON.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use koophone::{Codec, Error, Network, Result, VideoSetting, VideoSettings, VideoSpec};

use crate::error::koophone_error;
use crate::generated::enums::koophone_status;
use crate::guard::{guard, quietly};
use crate::input::{Out, slice, text};
use crate::owned::{Keep, Owned, View};

/// The network a phone's stream goes over.
#[repr(C)]
pub enum koophone_network {
    /// Mobile network.
    KOOPHONE_NETWORK_MOBILE = 0,
    /// WLAN.
    KOOPHONE_NETWORK_WIFI = 1,
    /// Cable.
    KOOPHONE_NETWORK_WIRED = 2,
}

/// The codec of a stream.
#[repr(C)]
pub enum koophone_codec {
    /// H.264
    KOOPHONE_CODEC_H264 = 0,
    /// H.265
    KOOPHONE_CODEC_H265 = 1,
}

const NETWORKS: [(i32, Network); 3] = [
    (koophone_network::KOOPHONE_NETWORK_MOBILE as i32, Network::Mobile),
    (koophone_network::KOOPHONE_NETWORK_WIFI as i32, Network::Wifi),
    (koophone_network::KOOPHONE_NETWORK_WIRED as i32, Network::Wired),
];
const CODECS: [(i32, Codec); 2] = [
    (koophone_codec::KOOPHONE_CODEC_H264 as i32, Codec::H264),
    (koophone_codec::KOOPHONE_CODEC_H265 as i32, Codec::H265),
];

/// Bit rate and frame rate of one definition.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct koophone_video_spec {
    /// Bit rate in kbit/s: a multiple of 100 from 0 to 10,000.
    pub bitrate_kbps: u32,
    /// Frames per second: 30 or 60.
    pub fps: u32,
}

/// The settings of one network and codec.
#[repr(C)]
pub struct koophone_video_setting {
    /// One of `koophone_network`.
    pub network: i32,
    /// One of `koophone_codec`.
    pub codec: i32,
    /// 540P
    pub p540: koophone_video_spec,
    /// 720P
    pub p720: koophone_video_spec,
    /// 1080P
    pub p1080: koophone_video_spec,
}

/// Several settings. Free them with `koophone_video_setting_list_free`.
#[repr(C)]
pub struct koophone_video_setting_list {
    /// The first of them.
    pub items: *const koophone_video_setting,
    /// How many there are.
    pub count: usize,
}

impl View for koophone_video_setting {
    type Source = VideoSetting;

    fn of(source: &VideoSetting, _: &mut Keep) -> Self {
        let spec = |spec: VideoSpec| koophone_video_spec { bitrate_kbps: spec.bitrate_kbps, fps: spec.fps };
        Self {
            network: number_of(&NETWORKS, source.network),
            codec: number_of(&CODECS, source.codec),
            p540: spec(source.p540),
            p720: spec(source.p720),
            p1080: spec(source.p1080),
        }
    }
}

impl View for koophone_video_setting_list {
    type Source = VideoSettings;

    fn of(source: &VideoSettings, keep: &mut Keep) -> Self {
        let (items, count) = keep.views(&source.settings);
        Self { items, count }
    }
}

/// The core's form of the caller's structures.
///
/// # Safety
///
/// `first` is NULL or points to `count` structures.
pub(crate) unsafe fn read(first: *const koophone_video_setting, count: usize) -> Result<VideoSettings> {
    // SAFETY: as the caller says.
    let settings = unsafe { slice(first, count, "settings")? };
    let read = settings.iter().enumerate().map(|(number, setting)| {
        let spec = |spec: koophone_video_spec| VideoSpec { bitrate_kbps: spec.bitrate_kbps, fps: spec.fps };
        Ok(VideoSetting {
            network: one_of(&NETWORKS, setting.network, number, "network")?,
            codec: one_of(&CODECS, setting.codec, number, "codec")?,
            p540: spec(setting.p540),
            p720: spec(setting.p720),
            p1080: spec(setting.p1080),
        })
    });
    Ok(VideoSettings { settings: read.collect::<Result<_>>()? })
}

fn one_of<T: Copy>(all: &[(i32, T)], value: i32, number: usize, name: &str) -> Result<T> {
    let found = all.iter().find(|(other, _)| *other == value);
    found.map(|(_, found)| *found).ok_or_else(|| {
        Error::invalid(name, format!("settings[{number}].{name} is {value}, which is none of koophone_{name}"))
    })
}

fn number_of<T: PartialEq>(all: &[(i32, T)], value: T) -> i32 {
    all.iter().find(|(_, other)| *other == value).map_or(-1, |(number, _)| *number)
}

/// The rates of the documents' own example, for every network and codec: a list to change and pass on.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_video_settings_default(
    settings: Option<&mut MaybeUninit<*mut koophone_video_setting_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        Out::new(settings, "settings")?.set(Owned::hand_out(VideoSettings::default()));
        Ok(())
    })
}

/// Reads the JSON form: a list of `{"network", "codec", "p540", "p720", "p1080"}`, each of the last three
/// `{"bitrate_kbps", "fps"}`, with `mobile`, `wifi`, `wired` and `h264`, `h265`.
///
/// Fails with `KOOPHONE_INVALID_ARGUMENT` where the text is no such list. The rates are checked by
/// `koophone_client_set_video_settings`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_video_settings_from_json(
    json: *const c_char,
    settings: Option<&mut MaybeUninit<*mut koophone_video_setting_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(settings, "settings")?;
        // SAFETY: by the conventions, texts end with NUL.
        out.set(Owned::hand_out(VideoSettings::from_json(unsafe { text(json, "json")? })?));
        Ok(())
    })
}

/// Frees it. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_video_setting_list_free(list: *mut koophone_video_setting_list) {
    // SAFETY: by the conventions, what the library handed out is freed once.
    quietly((), || unsafe { Owned::free(list) })
}
