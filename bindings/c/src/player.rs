//! The parameters of players, made from a device authorization.

use koophone::{AndroidParameters, H5Parameters, Result, binding_support};

use crate::generated::structs::koophone_device_authorization;
use crate::input;

/// From its texts: a structure that the caller has filled works like one of the library's.
pub(crate) fn h5_parameters(from: &koophone_device_authorization, uuid: Option<&str>) -> Result<H5Parameters> {
    // SAFETY: by the conventions, texts are NULL or end with NUL.
    unsafe {
        let device_id = input::optional_text(from.device_id, "device_id")?;
        let signaling_url = input::optional_text(from.signaling_url, "signaling_url")?;
        binding_support::h5_parameters(device_id, input::text(from.token, "token")?, signaling_url, uuid)
    }
}

/// From its texts and its port, in the same way.
pub(crate) fn android_parameters(
    from: &koophone_device_authorization,
    userid: Option<&str>,
) -> Result<AndroidParameters> {
    let (external, port) = (&from.external, from.external.has_port.then_some(from.external.port));
    // SAFETY: by the conventions, texts are NULL or end with NUL.
    unsafe {
        let address = input::optional_text(external.address, "external.address")?;
        binding_support::android_parameters(address, port, input::text(from.token, "token")?, userid)
    }
}
