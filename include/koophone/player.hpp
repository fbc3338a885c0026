// Part of koophone.hpp: the parameters of players, and device tokens that are renewed.

#ifndef KOOPHONE_PLAYER_HPP
#define KOOPHONE_PLAYER_HPP

#include <optional>
#include <string>

#include "arguments.hpp"
#include "call.hpp"
#include "result_types.hpp"

namespace koophone {

/// The parameters of the vendor's player for browsers. `uuid` identifies the player's user; by default it is a new
/// random UUID.
[[nodiscard]] inline OwnedH5Parameters h5_parameters(
    const DeviceAuthorization &authorization, const std::optional<std::string> &uuid = std::nullopt) {
    return OwnedH5Parameters(detail::make<koophone_h5_parameters>(
        [&](koophone_h5_parameters **out, koophone_error **error) {
            return koophone_device_authorization_h5_parameters(
                &authorization.get(), uuid ? Text(*uuid).c_str("uuid") : nullptr, out, error);
        }));
}

/// The parameters of the vendor's player for Android. `userid` identifies the player's user; by default it is a new
/// random UUID.
[[nodiscard]] inline OwnedAndroidParameters android_parameters(
    const DeviceAuthorization &authorization, const std::optional<std::string> &userid = std::nullopt) {
    return OwnedAndroidParameters(detail::make<koophone_android_parameters>(
        [&](koophone_android_parameters **out, koophone_error **error) {
            return koophone_device_authorization_android_parameters(
                &authorization.get(), userid ? Text(*userid).c_str("userid") : nullptr, out, error);
        }));
}

/// The device token of one phone, for a program that needs it repeatedly: it is cached, and renewed before it expires.
/// May be used from many threads at once, also after its client is destroyed. Created by `Client::device_token`.
class [[nodiscard]] DeviceToken {
public:
    explicit DeviceToken(koophone_device_token *token) noexcept : token_(token) {}

    /// A token that has at least a tenth of its lifetime left: the cached one, or a new one. If the service returns no
    /// lifetime, nothing is cached. Of several calls at the same time, one sends a request and the others wait for it.
    [[nodiscard]] OwnedDeviceAuthorization get(const Options &options = {}) const {
        return OwnedDeviceAuthorization(detail::make<koophone_device_authorization>(
            [&](koophone_device_authorization **out, koophone_error **error) {
                return koophone_device_token_get(token_.get(), options.get(), out, error);
            }));
    }
    /// Starts `get`.
    Call<OwnedDeviceAuthorization> begin_get(const Options &options = {}) const {
        return {detail::make<koophone_call>([&](koophone_call **out, koophone_error **error) {
                    return koophone_device_token_begin_get(token_.get(), options.get(), out, error);
                }),
                koophone_call_take_device_authorization};
    }

private:
    detail::Handle<koophone_device_token, koophone_device_token_free> token_;
};

} // namespace koophone

#endif // KOOPHONE_PLAYER_HPP
