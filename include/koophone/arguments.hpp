// Part of koophone.hpp: texts and lists of ids that are passed to the library.

#ifndef KOOPHONE_ARGUMENTS_HPP
#define KOOPHONE_ARGUMENTS_HPP

#include <cstdint>
#include <cstring>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "handle.hpp"

namespace koophone {

namespace detail {

/// Throws `invalid_argument` if there is a NUL in the text: C would take the part before it for the whole text.
template <class Name>
void check_text(std::string_view text, Name name) {
    if (!text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr) {
        const std::string argument = name();
        call([&](koophone_error **error) {
            return koophone_text_check(text.data(), text.size(), argument.c_str(), error);
        });
    }
}

/// The number. Throws `invalid_argument` if it is 0, which C would take for the default.
inline std::int64_t not_zero(std::int64_t number, const char *argument) {
    call([&](koophone_error **error) { return koophone_number_check(number, argument, error); });
    return number;
}

template <class T>
constexpr bool is_text = std::is_convertible_v<T, std::string_view>;

template <class Range, class = void>
constexpr bool is_list_of_texts = false;
template <class Range>
constexpr bool is_list_of_texts<Range, std::void_t<decltype(*std::begin(std::declval<const Range &>()))>> =
    is_text<decltype(*std::begin(std::declval<const Range &>()))> && !is_text<const Range &>;

} // namespace detail

/// Text for the library: a literal, a `std::string` or a `std::string_view`. It only borrows the text for the duration
/// of the call, so do not store it.
class Text {
public:
    Text(const char *text) noexcept : borrowed_(text) {}
    Text(const std::string &text) noexcept : borrowed_(text.c_str()), length_(text.size()) {}
    Text(std::string_view text) : copy_(text), length_(text.size()) {}
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;

    /// The text for C. Throws `invalid_argument` with this name if there is a NUL in it.
    const char *c_str(const char *argument) const {
        const char *text = copy_ ? copy_->c_str() : borrowed_;
        detail::check_text(std::string_view(text, length_), [&] { return argument; });
        return text;
    }

private:
    const char *borrowed_ = nullptr;
    std::optional<std::string> copy_;
    // 0 if the end of the text is known only by its NUL.
    std::size_t length_ = 0;
};

/// Texts for the library: one text, a braced list of texts, or any container of texts. It only borrows them for the
/// duration of the call, so do not store it. `Argument` names the places in errors.
template <class Argument>
class TextList {
public:
    TextList() = default;
    TextList(const char *text) { add(text); }
    TextList(const std::string &text) { add(text); }
    TextList(std::string_view text) { add(text); }
    TextList(std::initializer_list<const char *> texts) { add_all(texts); }
    TextList(std::initializer_list<std::string_view> texts) { add_all(texts); }
    template <class Range, std::enable_if_t<detail::is_list_of_texts<Range>, int> = 0>
    TextList(const Range &texts) {
        add_all(texts);
    }
    TextList(const TextList &) = delete;
    TextList &operator=(const TextList &) = delete;

    /// Null where no list was given, which is not the same as an empty one.
    const char *const *data() const noexcept { return is_given_ && pointers_.empty() ? &nothing : pointers_.data(); }
    std::size_t size() const noexcept { return pointers_.size(); }

private:
    static constexpr const char *nothing = nullptr;

    template <class Range>
    void add_all(const Range &texts) {
        is_given_ = true;
        for (auto &&text : texts) {
            add(std::forward<decltype(text)>(text));
        }
    }

    template <class Item>
    void add(Item &&item) {
        using Plain = std::decay_t<Item>;
        if constexpr (std::is_pointer_v<Plain>) {
            pointers_.push_back(item);
        } else {
            const std::string_view text(item);
            detail::check_text(text, [&] { return Argument::place + (std::to_string(pointers_.size()) + "]"); });
            constexpr bool lives_on = std::is_lvalue_reference_v<Item> && std::is_same_v<Plain, std::string>;
            // Only these end with a NUL.
            if constexpr (lives_on || std::is_same_v<Plain, TextItem>) {
                pointers_.push_back(text.data());
            } else {
                pointers_.push_back(copies_.emplace_back(text).c_str());
            }
        }
    }

    std::vector<const char *> pointers_;
    // Its elements do not move as it grows.
    std::deque<std::string> copies_;
    bool is_given_ = false;
};

namespace detail {

struct IdsArgument {
    static constexpr const char *place = "instance_ids[";
};
struct BeforeArgument {
    static constexpr const char *place = "before[";
};

} // namespace detail

/// Ids of phones; also the type that an emulator returns.
using InstanceIds = TextList<detail::IdsArgument>;
/// The boots of phones before they were restarted: what `boot_id` returned for each, in order. `{}`: not known.
using Before = TextList<detail::BeforeArgument>;

} // namespace koophone

#endif // KOOPHONE_ARGUMENTS_HPP
