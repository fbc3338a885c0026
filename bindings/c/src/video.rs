//! Lists of video settings as a starting point; callers may also fill their own structures.

use koophone::{Result, VideoSettings, VideoSpec};

use crate::generated::arguments::{koophone_video_setting, koophone_video_spec};
use crate::input::Argument;
use crate::owned::{Keep, View};

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

/// The core's form of a caller's rates.
pub(crate) fn core(spec: &koophone_video_spec) -> Result<VideoSpec> {
    // SAFETY: it has no pointers.
    unsafe { spec.read(&"spec") }
}
