// Part of koophone.hpp: what players take.

#ifndef KOOPHONE_PLAYER_HPP
#define KOOPHONE_PLAYER_HPP

#include <optional>
#include <string>

#include "arguments.hpp"
#include "result_types.hpp"

namespace koophone {

/// What the vendor's player for browsers takes. `uuid` names the player's user; without one it is a fresh random UUID.
[[nodiscard]] inline OwnedH5Parameters h5_parameters(
    const DeviceAuthorization &authorization, const std::optional<std::string> &uuid = std::nullopt) {
    return OwnedH5Parameters(detail::make<koophone_h5_parameters>(
        [&](koophone_h5_parameters **out, koophone_error **error) {
            return koophone_device_authorization_h5_parameters(
                &authorization.get(), uuid ? Text(*uuid).c_str("uuid") : nullptr, out, error);
        }));
}

} // namespace koophone

#endif // KOOPHONE_PLAYER_HPP
