//! Video settings: a list of the generated `VideoSetting`.

use koophone::VideoSettings as Core;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::convert;
use crate::types::{VideoSetting, VideoSpec};

/// What ``set_video_settings`` sends (视频参数): one to six settings, one per pair of network and codec.
///
/// Without an argument: all six pairs with the rates of the service's own example.
///
/// >>> from koophone import VideoSettings, VideoSpec
/// >>> video = VideoSettings.uniform(VideoSpec(bitrate_kbps=3000, fps=30), VideoSpec(bitrate_kbps=5000, fps=30),
/// ...                               VideoSpec(bitrate_kbps=8000, fps=60))
/// >>> len(video.settings), video.settings[0].p1080.fps
/// (6, 60)
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
    fn new(settings: Option<Vec<PyRef<'_, VideoSetting>>>) -> Self {
        Self(match settings {
            Some(settings) => Core { settings: settings.iter().map(|one| one.0).collect() },
            None => Core::default(),
        })
    }

    /// All six pairs with the same rates.
    #[staticmethod]
    fn uniform(p540: &VideoSpec, p720: &VideoSpec, p1080: &VideoSpec) -> Self {
        Self(Core::uniform(p540.0, p720.0, p1080.0))
    }

    /// Each with another pair of network and codec.
    #[getter]
    fn settings<'p>(&self, py: Python<'p>) -> PyResult<Bound<'p, PyTuple>> {
        convert::tuple::<VideoSetting, _>(py, &self.0.settings)
    }

    /// The settings as plain data, ready for JSON.
    #[pyo3(signature = (*, secrets=false))]
    fn asdict<'p>(slf: &Bound<'p, Self>, secrets: bool) -> PyResult<Bound<'p, PyDict>> {
        convert::asdict(slf, &[("settings", false)], secrets)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        convert::repr(slf, "VideoSettings", &[("settings", false)])
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<convert::Pickled> {
        convert::pickled(py, "VideoSettings", &self.0)
    }
}
