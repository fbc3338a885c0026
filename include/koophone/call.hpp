// Part of koophone.hpp: the options of a call, and started calls.

#ifndef KOOPHONE_CALL_HPP
#define KOOPHONE_CALL_HPP

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "handle.hpp"

namespace koophone {

/// Cancels calls from any thread.
class CancelToken {
public:
    CancelToken() : token_(detail::make<koophone_cancel_token>(koophone_cancel_token_new)) {}

    /// Cancels every call that has this token, like `Call::cancel`. Never blocks.
    void cancel() const noexcept { koophone_cancel_token_cancel(token_.get()); }
    [[nodiscard]] bool is_cancelled() const noexcept { return koophone_cancel_token_is_cancelled(token_.get()); }
    const koophone_cancel_token *get() const noexcept { return token_.get(); }

private:
    detail::Handle<koophone_cancel_token, koophone_cancel_token_free> token_;
};

class Queue;

/// The options of one call: `client.query_status(ids, Options().timeout(2s))`.
class Options {
public:
    /// Total deadline with all batches and retries, instead of the client's `timeout`; for a task's wait, how long to
    /// wait.
    Options &timeout(std::chrono::milliseconds timeout) noexcept {
        const auto count = timeout.count();
        options_.timeout_ms = count < 1 ? 1 : static_cast<std::uint64_t>(count);
        return *this;
    }

    /// Declares that repeating this is harmless.
    Options &repeatable(bool repeatable = true) noexcept {
        options_.repeatable = repeatable;
        return *this;
    }

    /// Lets `token` cancel the call.
    Options &cancel(const CancelToken &token) noexcept {
        options_.cancel = token.get();
        return *this;
    }

    /// The W3C trace context that the requests belong to, sent with each of them as the header `traceparent`.
    Options &traceparent(const Text &traceparent) {
        traceparent_ = std::make_shared<const std::string>(traceparent.c_str("traceparent"));
        options_.traceparent = traceparent_->c_str();
        return *this;
    }

    /// For started calls: the queue in which the call appears when it has finished, and what `Queue::next` returns for
/// it.
    Options &queue(const Queue &queue, void *tag) noexcept;

    const koophone_call_options *get() const noexcept { return &options_; }

private:
    koophone_call_options options_ = {};
    // Shared by copies, which point to the same text.
    std::shared_ptr<const std::string> traceparent_;
};

/// A started call: poll it each frame, wait for it, cancel it, take its result. Its destructor cancels a call that is
/// not finished, so keep it.
template <class Result>
class [[nodiscard]] Call {
public:
    using Take = koophone_kind (*)(koophone_call *, typename Result::c_type **, koophone_error **);
    Call(koophone_call *call, Take take) noexcept : call_(call), take_(take) {}

    /// Whether the result can be taken. Never blocks.
    [[nodiscard]] bool is_finished() const noexcept { return koophone_call_is_finished(call_.get()); }

    /// Waits until it is finished, at most `limit`, and returns whether it is.
    bool wait(std::chrono::milliseconds limit) const noexcept {
        return koophone_call_wait(call_.get(), limit.count() < 0 ? 0 : static_cast<std::uint64_t>(limit.count()));
    }

    /// Cancels the call without waiting: it finishes soon after. Then `get` throws `cancelled` if nothing was executed;
    /// otherwise it returns the results received so far, and each phone without a response has an error. Never blocks.
    void cancel() const noexcept { koophone_call_cancel(call_.get()); }

    /// Returns the result, or throws the call's error. Waits if necessary. Works once.
    [[nodiscard]] Result get() {
        koophone_call_wait(call_.get(), UINT64_MAX);
        return Result(detail::make<typename Result::c_type>([this](typename Result::c_type **result,
            koophone_error **error) {
            return take_(call_.get(), result, error);
        }));
    }

    /// The handle of koophone.h, borrowed; `get` is the result.
    koophone_call *handle() const noexcept { return call_.get(); }

private:
    detail::Handle<koophone_call, koophone_call_free> call_;
    Take take_;
};

/// A queue in which started calls appear as they finish.
class Queue {
public:
    Queue() : queue_(detail::make<koophone_queue>(koophone_queue_new)) {}

    /// The tag of a call that has finished, each once, in the order in which they finished; nothing if none finishes
    /// within `limit`.
    [[nodiscard]] std::optional<void *> next(
        std::chrono::milliseconds limit = std::chrono::milliseconds(0)) const noexcept {
        const auto count = limit.count();
        koophone_call *call = koophone_queue_next(queue_.get(), count < 0 ? 0 : static_cast<std::uint64_t>(count));
        return call == nullptr ? std::nullopt : std::optional<void *>(koophone_call_tag(call));
    }

    const koophone_queue *get() const noexcept { return queue_.get(); }

private:
    detail::Handle<koophone_queue, koophone_queue_free> queue_;
};

inline Options &Options::queue(const Queue &queue, void *tag) noexcept {
    options_.queue = queue.get();
    options_.tag = tag;
    return *this;
}

} // namespace koophone

#endif // KOOPHONE_CALL_HPP
