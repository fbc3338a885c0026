//! The core's device token that is renewed in time. What it can do is generated.

use koophone::DeviceToken;

/// The device token of one phone, for a program that needs it again and again: it is kept, and renewed before it ends.
/// Free to use from many threads at once, also after its client is freed.
pub struct koophone_device_token {
    pub(crate) inner: DeviceToken,
}
