// Part of koophone.hpp: common code of the verbs of phones.

#ifndef KOOPHONE_PHONE_HPP
#define KOOPHONE_PHONE_HPP

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "call.hpp"

namespace koophone {

/// A view together with what it points to. Cheap to copy.
template <class View>
class Kept : public View {
public:
    Kept(const View &view, std::shared_ptr<const void> owner) noexcept : View(view), owner_(std::move(owner)) {}
    // A move is a copy: a view without what it points to would be dangerous.
    Kept(const Kept &) = default;
    Kept &operator=(const Kept &) = default;

private:
    std::shared_ptr<const void> owner_;
};

namespace detail {

/// Stored ids of phones.
class Ids {
public:
    explicit Ids(const InstanceIds &from) {
        for (std::size_t at = 0; at < from.size(); ++at) {
            const char *id = from.data()[at];
            // The library says which of them is null.
            pointers_.push_back(id == nullptr ? nullptr : texts_.emplace_back(id).c_str());
        }
    }
    Ids(const Ids &) = delete;
    Ids &operator=(const Ids &) = delete;

    const char *const *data() const noexcept { return pointers_.data(); }
    std::size_t size() const noexcept { return pointers_.size(); }

private:
    std::vector<const char *> pointers_;
    // Its elements do not move as it grows.
    std::deque<std::string> texts_;
};

template <class View, class = void>
constexpr bool has_value = false;
template <class View>
constexpr bool has_value<View, std::void_t<decltype(std::declval<const View &>().value())>> = true;

template <class Value>
constexpr bool is_numbers = false;
template <class Number>
constexpr bool is_numbers<Numbers<Number>> = true;

/// The value of the only phone in a list, in a form that outlives the list. Throws the phone's error.
template <class Results>
auto only(Results results) {
    const auto result = results[0];
    if (const auto error = result.error()) {
        throw *error;
    }
    if constexpr (has_value<decltype(result)>) {
        const auto value = result.value().value();
        using Value = std::remove_const_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string_view>) {
            return std::string(value);
        } else if constexpr (std::is_arithmetic_v<Value>) {
            return value;
        } else if constexpr (std::is_same_v<Value, Texts>) {
            return std::vector<std::string>(value.begin(), value.end());
        } else if constexpr (is_numbers<Value>) {
            return std::vector<typename Value::iterator::value_type>(value.begin(), value.end());
        } else {
            return Kept<Value>(value, std::make_shared<const Results>(std::move(results)));
        }
    }
}

} // namespace detail

/// A started call about one phone: like `Call`, but `get` returns the value, or throws the phone's error.
template <class Results>
class [[nodiscard]] PhoneCall : public Call<Results> {
public:
    PhoneCall(Call<Results> call) noexcept : Call<Results>(std::move(call)) {}

    /// Returns the value, or throws the error of the call or of the phone. Waits if necessary. Works once.
    auto get() { return detail::only(Call<Results>::get()); }
};

} // namespace koophone

#endif // KOOPHONE_PHONE_HPP
