// Part of koophone.hpp: calls of koophone.h, and handles with one owner.

#ifndef KOOPHONE_HANDLE_HPP
#define KOOPHONE_HANDLE_HPP

#include <memory>

#include "model.hpp"

namespace koophone {

namespace detail {

/// Calls a function of koophone.h, and throws if it fails.
template <class Function>
void call(Function function) {
    koophone_error *error = nullptr;
    if (function(&error) != KOOPHONE_OK) {
        throw Error(error);
    }
}

/// Frees a handle with its own function.
template <auto free_function>
struct Deleter {
    template <class T>
    void operator()(T *handle) const noexcept {
        free_function(handle);
    }
};

/// A handle with one owner. It is null after a move: then functions that fail throw `invalid_argument`, and getters
/// return nothing.
template <class T, auto free_function>
using Handle = std::unique_ptr<T, Deleter<free_function>>;

/// Calls a function of koophone.h that returns a handle.
template <class T, class Function>
[[nodiscard]] T *make(Function function) {
    T *handle = nullptr;
    call([&](koophone_error **error) { return function(&handle, error); });
    return handle;
}

/// Text of a getter, which is null for a null handle.
inline std::string_view text(const char *text) noexcept { return optional(text).value_or(std::string_view()); }

} // namespace detail

} // namespace koophone

#endif // KOOPHONE_HANDLE_HPP
