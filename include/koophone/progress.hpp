// Part of koophone.hpp: the callbacks of long calls.

#ifndef KOOPHONE_PROGRESS_HPP
#define KOOPHONE_PROGRESS_HPP

#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>
#include <utility>

#include "model.hpp"

namespace koophone {

/// Called with the progress of a wait: once at the start, and then after every change. Exceptions are ignored.
using OnProgress = std::function<void(const Progress &)>;

/// Decides from what a command printed on a phone, which is valid only during the call, whether the phone is ready.
using Predicate = std::function<bool(std::string_view text)>;

namespace detail {

/// The `user_data` of a wait.
struct Callbacks {
    OnProgress on_progress;
    Predicate predicate;
    /// What the predicate threw.
    std::exception_ptr thrown;

    Callbacks(OnProgress progress, Predicate decides = {})
        : on_progress(std::move(progress)), predicate(std::move(decides)) {}

    static void observe(const koophone_progress *progress, void *user_data) noexcept {
        try {
            static_cast<Callbacks *>(user_data)->on_progress(Progress(*progress));
        } catch (...) {
            // It must not propagate through C.
        }
    }

    static std::int32_t ask(const char *text, void *user_data) noexcept {
        auto &callbacks = *static_cast<Callbacks *>(user_data);
        try {
            return callbacks.predicate(text) ? 1 : 0;
        } catch (...) {
            callbacks.thrown = std::current_exception();
            return -1;
        }
    }

    /// The callback for the library: none without a function to call.
    koophone_progress_function observer() const noexcept { return on_progress ? observe : nullptr; }
};

/// The callback for a predicate; none for an empty one, which the library refuses.
inline koophone_predicate_function asker(const Predicate &predicate) noexcept {
    return predicate ? Callbacks::ask : nullptr;
}

inline void forget_callbacks(void *user_data) noexcept { delete static_cast<Callbacks *>(user_data); }

} // namespace detail

} // namespace koophone

#endif // KOOPHONE_PROGRESS_HPP
