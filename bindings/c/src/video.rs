//! Lists of video settings, to begin with: callers may as well fill structures of their own.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use koophone::VideoSettings;

use crate::generated::arguments::{koophone_video_setting, koophone_video_spec};
use crate::generated::enums::koophone_status;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::{Argument, Out, required, text};
use crate::owned::{Keep, Owned, View};
use crate::panic::quietly;

/// Several settings. Free them with `koophone_video_setting_list_free`.
#[repr(C)]
pub struct koophone_video_setting_list {
    /// The first of them.
    pub items: *const koophone_video_setting,
    /// How many there are.
    pub count: usize,
}

impl View for koophone_video_setting_list {
    type Source = VideoSettings;

    fn of(source: &VideoSettings, keep: &mut Keep) -> Self {
        let (items, count) = keep.views(&source.settings);
        Self { items, count }
    }
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

/// The same three rates for every network and codec: a list to change and pass on.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_video_settings_uniform(
    p540: Option<&koophone_video_spec>,
    p720: Option<&koophone_video_spec>,
    p1080: Option<&koophone_video_spec>,
    settings: Option<&mut MaybeUninit<*mut koophone_video_setting_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(settings, "settings")?;
        // SAFETY: it has no pointers.
        let spec = |spec, name| unsafe { required::<&koophone_video_spec>(spec, name)?.read(&name) };
        out.set(Owned::hand_out(VideoSettings::uniform(spec(p540, "p540")?, spec(p720, "p720")?, spec(p1080, "p1080")?)));
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
