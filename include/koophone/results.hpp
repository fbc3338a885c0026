// Part of koophone.hpp: what calls return, and its ownership; result_types.hpp has the types.

#ifndef KOOPHONE_RESULTS_HPP
#define KOOPHONE_RESULTS_HPP

#include <utility>

#include "handle.hpp"

namespace koophone {

/// One result per phone, in the order asked. Owns what its views point to. After a move it is empty, and not `all_ok`.
template <class View, class C, class List, auto free_function, auto all_ok_function, auto raise_function>
class Results {
public:
    using c_type = List;
    explicit Results(List *list) noexcept : list_(list) {}

    [[nodiscard]] auto begin() const noexcept { return items().begin(); }
    [[nodiscard]] auto end() const noexcept { return items().end(); }
    [[nodiscard]] std::size_t size() const noexcept { return items().size(); }
    [[nodiscard]] bool empty() const noexcept { return items().empty(); }
    [[nodiscard]] View operator[](std::size_t at) const { return items()[at]; }

    /// Whether every phone succeeded.
    [[nodiscard]] bool all_ok() const noexcept { return all_ok_function(list_.get()); }

    /// Throws the error of the first phone that failed, with its `instance_id` and `output`; the message says how many
    /// failed. Returns the list itself, for chaining.
    const Results &raise_for_errors() const & {
        detail::call([&](koophone_error **error) { return raise_function(list_.get(), error); });
        return *this;
    }
    Results raise_for_errors() && {
        std::as_const(*this).raise_for_errors();
        return std::move(*this);
    }

private:
    Items<View, C> items() const noexcept {
        return list_ ? Items<View, C>(list_->items, list_->count) : Items<View, C>(nullptr, 0);
    }

    detail::Handle<List, free_function> list_;
};

/// A view together with what it points to. After a move every field is empty.
template <class View, class C, auto free_function>
class Owned : public View {
public:
    using c_type = C;
    explicit Owned(C *object) noexcept : View(*object), object_(object) {}
    Owned(Owned &&other) noexcept : View(other), object_(std::move(other.object_)) { other.point_to(nothing()); }
    Owned &operator=(Owned &&other) noexcept {
        if (this != &other) {
            point_to(other.get());
            object_ = std::move(other.object_);
            other.point_to(nothing());
        }
        return *this;
    }

private:
    static const C &nothing() noexcept {
        static const C object = {};
        return object;
    }
    void point_to(const C &object) noexcept { static_cast<View &>(*this) = View(object); }

    detail::Handle<C, free_function> object_;
};

} // namespace koophone

#endif // KOOPHONE_RESULTS_HPP
