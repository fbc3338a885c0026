//! Video settings: a list of the generated `VideoSetting`.

use koophone::VideoSettings as Core;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyTuple};

use crate::types::{VideoSetting, VideoSpec};
use crate::{arguments, convert};

/// What ``set_video_settings`` sends (视频参数): one to six settings, one per pair of network and codec.
///
/// Without an argument: all six pairs with the rates of the service's own example. It is immutable, and iterating it gives
/// each `VideoSetting`.
///
/// >>> from koophone import VideoSetting, VideoSettings, VideoSpec
/// >>> low, high = VideoSpec(bitrate_kbps=3000, fps=30), VideoSpec(bitrate_kbps=8000, fps=60)
/// >>> video = VideoSettings.uniform(low, low, high)
/// >>> video = video.with_setting(VideoSetting(network="mobile", codec="h264", p540=low, p720=low, p1080=low))
/// >>> len(video), video.setting("mobile", "h264").p1080.fps, video.setting("wifi", "h264").p1080.fps
/// (6, 30, 60)
#[pyclass(frozen, eq, hash, module = "koophone")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VideoSettings(pub Core);

#[pymethods]
impl VideoSettings {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str,) = ("settings",);

    #[new]
    #[pyo3(signature = (settings=None))]
    fn new(settings: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let settings = settings.map(|given| arguments::objects::<VideoSetting, _>("settings", given, |one| one.0));
        Ok(Self(settings.transpose()?.map_or_else(Core::default, Core::from_iter)))
    }

    /// All six pairs with the rates of the service's own example.
    #[staticmethod]
    fn default() -> Self {
        Self(Core::default())
    }

    /// All six pairs with the same rates.
    #[staticmethod]
    fn uniform(p540: &VideoSpec, p720: &VideoSpec, p1080: &VideoSpec) -> Self {
        Self(Core::uniform(p540.0, p720.0, p1080.0))
    }

    /// The setting of a pair, or None.
    fn setting(&self, network: &str, codec: &str) -> PyResult<Option<VideoSetting>> {
        let (network, codec) = (convert::parse("network", network)?, convert::parse("codec", codec)?);
        Ok(self.0.setting(network, codec).copied().map(VideoSetting))
    }

    /// The same settings with this one in the place of the one for its pair, or added.
    fn with_setting(&self, setting: &VideoSetting) -> Self {
        Self(self.0.clone().with_setting(setting.0))
    }

    /// Each with another pair of network and codec.
    #[getter]
    fn settings<'p>(&self, py: Python<'p>) -> PyResult<Bound<'p, PyTuple>> {
        convert::tuple::<VideoSetting, _>(py, self.0.settings.iter().copied())
    }

    fn __iter__<'p>(&self, py: Python<'p>) -> PyResult<Bound<'p, PyIterator>> {
        self.settings(py)?.try_iter()
    }

    fn __len__(&self) -> usize {
        self.0.settings.len()
    }

    /// The settings as plain data, ready for JSON.
    #[pyo3(signature = (*, secrets=false))]
    fn asdict<'p>(slf: &Bound<'p, Self>, secrets: bool) -> PyResult<Bound<'p, PyDict>> {
        convert::asdict(slf, &[("settings", false)], secrets)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        convert::repr(slf, "VideoSettings", &[("settings", false)])
    }

    fn __getnewargs__<'p>(&self, py: Python<'p>) -> PyResult<(Bound<'p, PyTuple>,)> {
        Ok((self.settings(py)?,))
    }
}
