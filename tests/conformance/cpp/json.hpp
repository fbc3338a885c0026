// Writing JSON: one overload of `json` per kind of value.

#ifndef JSON_HPP
#define JSON_HPP

#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>
#include <type_traits>

#include "koophone.hpp"

// In the namespace of the types, where the templates below find the overloads that come later.
namespace koophone {

inline void json(std::ostream &out, std::string_view text) {
    static const char digits[] = "0123456789abcdef";
    out << '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out << '\\' << c;
        } else if (byte < 0x20) {
            out << "\\u00" << digits[byte / 16] << digits[byte % 16];
        } else {
            out << c;
        }
    }
    out << '"';
}

inline void json(std::ostream &out, std::uint8_t byte) { out << unsigned{byte}; }
inline void json(std::ostream &out, bool value) { out << (value ? "true" : "false"); }

template <class Number, std::enable_if_t<std::is_integral_v<Number> && !std::is_same_v<Number, bool>, int> = 0>
void json(std::ostream &out, Number value) {
    out << value;
}

template <class Enum, std::enable_if_t<std::is_enum_v<Enum>, int> = 0>
void json(std::ostream &out, Enum value) {
    json(out, koophone::name(value));
}

template <class Value>
void json(std::ostream &out, const std::optional<Value> &value) {
    if (value) {
        json(out, *value);
    } else {
        out << "null";
    }
}

template <class List>
void json_list(std::ostream &out, const List &list) {
    const char *mark = "";
    out << '[';
    for (const auto &item : list) {
        out << mark;
        json(out, item);
        mark = ",";
    }
    out << ']';
}

template <class View, class C>
void json(std::ostream &out, const koophone::Items<View, C> &items) {
    json_list(out, items);
}

} // namespace koophone

#endif
