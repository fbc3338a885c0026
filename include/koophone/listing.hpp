// Part of koophone.hpp: lists that are read page by page.

#ifndef KOOPHONE_LISTING_HPP
#define KOOPHONE_LISTING_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "handle.hpp"

namespace koophone {

/// A single-pass range: `for (const auto &phone : client.list_instances())`. A page is read when its first item is
/// requested. An item is valid until the next step.
///
/// A step that throws does not end the list: `begin`, like `next`, continues at the same place and reads the same page
/// again.
template <class View, class C, class Handle, auto next_function, auto page_no_function, auto free_function>
class [[nodiscard]] Listing {
public:
    using c_type = Handle;
    explicit Listing(Handle *listing) noexcept : listing_(listing) {}

    /// The next one; nothing after the last.
    std::optional<View> next() {
        const C *item = nullptr;
        detail::call([&](koophone_error **error) { return next_function(listing_.get(), &item, error); });
        return item == nullptr ? std::nullopt : std::optional<View>(View(*item));
    }

    /// The page that is read next, from 1. Items of the previous page may still be pending.
    [[nodiscard]] std::int64_t page_no() const noexcept { return page_no_function(listing_.get()); }

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = View;
        using difference_type = std::ptrdiff_t;
        using pointer = const View *;
        using reference = const View &;

        iterator() = default;
        explicit iterator(Listing &listing) : listing_(&listing), item_(listing.next()) {}

        reference operator*() const noexcept { return *item_; }
        pointer operator->() const noexcept { return &*item_; }
        iterator &operator++() {
            item_ = listing_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator &one, const iterator &other) noexcept {
            return one.item_.has_value() == other.item_.has_value();
        }
        friend bool operator!=(const iterator &one, const iterator &other) noexcept { return !(one == other); }

    private:
        Listing *listing_ = nullptr;
        std::optional<View> item_;
    };

    [[nodiscard]] iterator begin() { return iterator(*this); }
    [[nodiscard]] iterator end() noexcept { return {}; }

    /// The handle of koophone.h, borrowed.
    Handle *get() const noexcept { return listing_.get(); }

private:
    detail::Handle<Handle, free_function> listing_;
};

} // namespace koophone

#endif // KOOPHONE_LISTING_HPP
