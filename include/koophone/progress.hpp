// Part of koophone.hpp: what is told of a wait.

#ifndef KOOPHONE_PROGRESS_HPP
#define KOOPHONE_PROGRESS_HPP

#include <functional>

#include "model.hpp"

namespace koophone {

/// Called with the progress of a wait: once at the beginning, and then at every change. What it throws is dropped.
using OnProgress = std::function<void(const Progress &)>;

namespace detail {

/// Calls the `OnProgress` that `user_data` is.
inline void observe(const koophone_progress *progress, void *user_data) noexcept {
    try {
        (*static_cast<OnProgress *>(user_data))(Progress(*progress));
    } catch (...) {
        // Nobody above could catch it.
    }
}

/// What the library is given for it: nothing where there is nobody to tell.
inline koophone_progress_function observer(const OnProgress &on_progress) noexcept {
    return on_progress ? observe : nullptr;
}

inline void forget_observer(void *user_data) noexcept { delete static_cast<OnProgress *>(user_data); }

} // namespace detail

} // namespace koophone

#endif // KOOPHONE_PROGRESS_HPP
