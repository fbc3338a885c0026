// Part of koophone.hpp: tasks.

#ifndef KOOPHONE_TASK_HPP
#define KOOPHONE_TASK_HPP

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "call.hpp"
#include "progress.hpp"
#include "result_types.hpp"

namespace koophone {

/// A command or reset in progress on many phones. It is the only record of which job belongs to which phone.
class [[nodiscard]] Task {
public:
    using c_type = koophone_task;
    using OnProgress = koophone::OnProgress;
    explicit Task(koophone_task *task) noexcept : task_(task) {}

    /// The task as one line of text; `Client::resume_task` resumes it, also in another process.
    [[nodiscard]] std::string save() const { return std::string(detail::text(koophone_task_save(task_.get()))); }
    /// `start_command`, `reset_instances`, or `unknown` for a bare id.
    [[nodiscard]] std::string_view operation() const noexcept {
        return detail::text(koophone_task_operation(task_.get()));
    }
    /// The service's task ids: one per request that was sent.
    [[nodiscard]] Texts task_ids() const noexcept {
        std::size_t count = 0;
        const char *const *first = koophone_task_ids(task_.get(), &count);
        return {first, count};
    }
    /// One entry per phone, in the order asked; empty for a task resumed from a bare id.
    [[nodiscard]] Items<TaskPhone, koophone_task_phone> phones() const noexcept {
        const koophone_task_phone_list *phones = koophone_task_phones(task_.get());
        if (phones == nullptr) {
            return {nullptr, 0};
        }
        return {phones->items, phones->count};
    }
    /// Whether the service returned anything to follow.
    [[nodiscard]] bool can_be_followed() const noexcept { return koophone_task_can_be_followed(task_.get()); }

    /// Reads the state of every job once.
    [[nodiscard]] OwnedTaskStatus poll(const Options &options = {}) const {
        return OwnedTaskStatus(detail::make<koophone_task_status>([&](koophone_task_status **out, koophone_error **error) {
            return koophone_task_poll(task_.get(), options.get(), out, error);
        }));
    }
    /// Starts `poll`.
    Call<OwnedTaskStatus> begin_poll(const Options &options = {}) const {
        return {detail::make<koophone_call>([&](koophone_call **out, koophone_error **error) {
                    return koophone_task_begin_poll(task_.get(), options.get(), out, error);
                }),
                koophone_call_take_task_status};
    }

    /// Waits until every job has ended. On a timeout the error has kind `timeout` and `last_jobs()`. What `on_progress`
    /// throws is dropped.
    [[nodiscard]] JobResults wait(const Options &options = {}, OnProgress on_progress = {}) const {
        detail::Callbacks callbacks(std::move(on_progress));
        return JobResults(detail::make<koophone_job_result_list>([&](koophone_job_result_list **out, koophone_error **error) {
            return koophone_task_wait(task_.get(), callbacks.observer(), &callbacks, options.get(), out, error);
        }));
    }
    /// Starts `wait`. `on_progress` is called on another thread.
    Call<JobResults> begin_wait(const Options &options = {}, OnProgress on_progress = {}) const {
        auto callbacks = std::make_unique<detail::Callbacks>(std::move(on_progress));
        const auto observer = callbacks->observer();
        // The library releases them, even if the call cannot be started.
        void *released = callbacks.release();
        return {detail::make<koophone_call>([&](koophone_call **out, koophone_error **error) {
                    return koophone_task_begin_wait(
                        task_.get(), observer, released, detail::forget_callbacks, options.get(), out, error);
                }),
                koophone_call_take_job_results};
    }

    const koophone_task *get() const noexcept { return task_.get(); }

private:
    detail::Handle<koophone_task, koophone_task_free> task_;
};

} // namespace koophone

#endif // KOOPHONE_TASK_HPP
