// Part of koophone.hpp: what the service does not accept in a command.

#ifndef KOOPHONE_COMMAND_HPP
#define KOOPHONE_COMMAND_HPP

#include <optional>
#include <string>

#include "call.hpp"

namespace koophone {
namespace command {

/// Why the service may refuse a command: nothing if it accepts it; otherwise a line for each character that it does not
/// accept, with its positions and what to use instead. Nothing is sent. See koophone_command_why_not.
[[nodiscard]] inline std::optional<std::string> why_not(const Text &text) {
    detail::Handle<koophone_string, koophone_string_free> why(
        detail::make<koophone_string>([&](koophone_string **out, koophone_error **error) {
            return koophone_command_why_not(text.c_str("text"), out, error);
        }));
    if (why->length == 0) {
        return std::nullopt;
    }
    return std::string(why->data, why->length);
}

} // namespace command
} // namespace koophone

#endif // KOOPHONE_COMMAND_HPP
