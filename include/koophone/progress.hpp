// Part of koophone.hpp: the progress of a wait.

#ifndef KOOPHONE_PROGRESS_HPP
#define KOOPHONE_PROGRESS_HPP

#include <functional>

#include "model.hpp"

namespace koophone {

/// Called with the progress of a wait: once at the start, and then after every change. Exceptions are ignored.
using OnProgress = std::function<void(const Progress &)>;

namespace detail {

/// Calls the `OnProgress` that `user_data` points to.
inline void observe(const koophone_progress *progress, void *user_data) noexcept {
    try {
        (*static_cast<OnProgress *>(user_data))(Progress(*progress));
    } catch (...) {
        // It must not propagate through C.
    }
}

/// The callback for the library; null if there is no `OnProgress`.
inline koophone_progress_function observer(const OnProgress &on_progress) noexcept {
    return on_progress ? observe : nullptr;
}

inline void forget_observer(void *user_data) noexcept { delete static_cast<OnProgress *>(user_data); }

} // namespace detail

} // namespace koophone

#endif // KOOPHONE_PROGRESS_HPP
