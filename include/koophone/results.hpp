// Part of koophone.hpp: handles, ids, and what calls answer.

#ifndef KOOPHONE_RESULTS_HPP
#define KOOPHONE_RESULTS_HPP

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model.hpp"

namespace koophone {

namespace detail {

/// Calls a function of koophone.h, and throws where it fails.
template <class Function>
void call(Function function) {
    koophone_error *error = nullptr;
    if (function(&error) != KOOPHONE_OK) {
        throw Error(error);
    }
}

/// Ends a handle by its own function.
template <auto free>
struct Free {
    template <class T>
    void operator()(T *handle) const noexcept {
        free(handle);
    }
};

/// A handle with one owner.
template <class T, auto free>
using Handle = std::unique_ptr<T, Free<free>>;

/// Calls a function of koophone.h that gives a handle.
template <class T, class Function>
T *make(Function function) {
    T *handle = nullptr;
    call([&](koophone_error **error) { return function(&handle, error); });
    return handle;
}

} // namespace detail

/// Ids of phones: one string, a braced list of literals, a vector of strings, or what an emulator gives. It borrows them for the
/// call it is made in, so do not keep it.
class InstanceIds {
public:
    InstanceIds(const std::string &id) : pointers_{id.c_str()} {}
    InstanceIds(std::initializer_list<const char *> ids) : pointers_(ids) {}
    InstanceIds(const std::vector<std::string> &ids) {
        pointers_.reserve(ids.size());
        for (const std::string &id : ids) {
            pointers_.push_back(id.c_str());
        }
    }
    InstanceIds(Texts ids) {
        for (TextItem id : ids) {
            pointers_.push_back(id.data());
        }
    }

    const char *const *data() const noexcept { return pointers_.data(); }
    std::size_t size() const noexcept { return pointers_.size(); }

private:
    std::vector<const char *> pointers_;
};

/// One answer per phone, in the order asked. Owns what its views point to.
template <class View, class C, class List, auto free, auto all_ok_, auto raise_>
class Results {
public:
    using c_type = List;
    explicit Results(List *list) noexcept : list_(list) {}

    auto begin() const noexcept { return items().begin(); }
    auto end() const noexcept { return items().end(); }
    std::size_t size() const noexcept { return list_->count; }
    bool empty() const noexcept { return list_->count == 0; }
    View operator[](std::size_t at) const { return View(list_->items[at]); }

    /// Whether every phone did well.
    bool all_ok() const noexcept { return all_ok_(list_.get()); }

    /// Throws the first phone's failure; the message says how many failed. Gives the list itself, for a chain.
    const Results &raise_for_errors() const & {
        detail::call([&](koophone_error **error) { return raise_(list_.get(), error); });
        return *this;
    }
    Results raise_for_errors() && {
        std::as_const(*this).raise_for_errors();
        return std::move(*this);
    }

private:
    Items<View, C> items() const noexcept { return {list_->items, list_->count}; }

    detail::Handle<List, free> list_;
};

#define KOOPHONE_RESULTS(View, c)                                                                                            \
    Results<View, c, c##_list, c##_list_free, c##_list_all_ok, c##_list_raise_for_errors>
using CommandResults = KOOPHONE_RESULTS(CommandResult, koophone_command_result);
using JobResults = KOOPHONE_RESULTS(JobResult, koophone_job_result);
using InstanceStatuses = KOOPHONE_RESULTS(InstanceStatus, koophone_instance_status);
using InstanceOutcomes = KOOPHONE_RESULTS(InstanceOutcome, koophone_instance_outcome);
#undef KOOPHONE_RESULTS

/// A view together with what it points to.
template <class View, class C, auto free>
class Owned : public View {
public:
    using c_type = C;
    explicit Owned(C *object) noexcept : View(*object), object_(object) {}

private:
    detail::Handle<C, free> object_;
};

using OwnedTaskStatus = Owned<TaskStatus, koophone_task_status, koophone_task_status_free>;
using OwnedIdentity = Owned<Identity, koophone_identity, koophone_identity_free>;
using OwnedDeviceAuthorization =
    Owned<DeviceAuthorization, koophone_device_authorization, koophone_device_authorization_free>;

} // namespace koophone

#endif // KOOPHONE_RESULTS_HPP
