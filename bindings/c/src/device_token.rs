//! The core's device token that is renewed before it expires. Its functions are generated.

use koophone::DeviceToken;

/// The device token of one phone, for a program that needs it repeatedly: it is cached, and renewed before it expires.
/// May be used from many threads at once, also after its client is freed.
pub struct koophone_device_token {
    pub(crate) inner: DeviceToken,
}
