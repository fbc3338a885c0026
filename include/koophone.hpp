// libkoophone for C++17: RAII and exceptions over koophone.h. Header-only; needs the library,
// koophone.h and the standard library.
//
//   koophone::Client client(koophone::Config().set_region("cn-north-4").set_timeout(std::chrono::minutes(1)));
//   for (auto result : client.run_command({"a44uhlf7", "efjy72gs"}, "getprop ro.product.model")) {
//       std::cout << result.instance_id() << ": " << result.output() << '\n';
//   }
//
// - Whatever fails throws koophone::Error, which has every detail. A call for many phones throws only where nothing
//   happened on any of them; otherwise it returns a list, in which each phone has its result or its error: look at
//   `ok()`, `all_ok()`, or call `raise_for_errors()`. Calls about one phone throw.
// - Handles can be moved and not copied; what they own is freed with them. After a move a list is empty, and a call
//   through the handle throws `invalid_argument`. Views (CommandResult and its like) are valid as long as what they
//   came from, so keep the list in a variable: range-for over a temporary list as above is fine, because the list
//   itself lives until the end of the loop.
// - A text with a NUL inside is refused with `invalid_argument` before anything is sent.
// - Without exceptions (-fno-exceptions) use koophone.h: its functions return a status and never throw.
// - Threads, forks and lifetimes: as koophone.h says.

#ifndef KOOPHONE_HPP
#define KOOPHONE_HPP

// Each #error comes alone: what follows it would only add hundreds of others.
#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 201703L
#error "koophone.hpp needs C++17 or newer: compile with -std=c++17 (or use koophone.h, which is C99)"
#elif !defined(__cpp_exceptions)
#error "koophone.hpp throws exceptions: compile without -fno-exceptions, or use koophone.h, which never throws"
#else

#include <string_view>

#include "koophone.h"
#include "koophone/arguments.hpp"
#include "koophone/call.hpp"
#include "koophone/config.hpp"
#include "koophone/emulator.hpp"
#include "koophone/model.hpp"
#include "koophone/results.hpp"
#include "koophone/task.hpp"

namespace koophone {

/// The version of the library at run time; KOOPHONE_VERSION is that of the header.
inline std::string_view version() noexcept { return koophone_version(); }

/// A client of KooPhone. Free to use from many threads at once.
class Client {
public:
    /// From the environment (`KOOPHONE_...`) and the provider chain.
    Client() : Client(nullptr) {}
    explicit Client(const Config &config) : Client(config.get()) {}

    /// Runs a shell command on every phone and waits for every result: `sync-command`. See koophone_client_run_command.
    [[nodiscard]] CommandResults run_command(const InstanceIds &ids, const Text &command, const Options &options = {}) const {
        return now<CommandResults>(koophone_client_run_command, options, ids.data(), ids.size(), command.c_str("command"));
    }
    /// Starts `run_command`.
    Call<CommandResults>
    begin_run_command(const InstanceIds &ids, const Text &command, const Options &options = {}) const {
        return {begin(koophone_client_begin_run_command, options, ids.data(), ids.size(), command.c_str("command")),
                koophone_call_take_command_results};
    }

    /// Starts a shell command on every phone: `async-command`. See koophone_client_start_command.
    Task start_command(const InstanceIds &ids, const Text &command, const Options &options = {}) const {
        return now<Task>(koophone_client_start_command, options, ids.data(), ids.size(), command.c_str("command"));
    }
    /// Starts `start_command`.
    Call<Task> begin_start_command(const InstanceIds &ids, const Text &command, const Options &options = {}) const {
        return {begin(koophone_client_begin_start_command, options, ids.data(), ids.size(), command.c_str("command")),
                koophone_call_take_task};
    }

    /// Reads the state of all jobs of one task. See koophone_client_get_task.
    [[nodiscard]] OwnedTaskStatus get_task(const Text &task_id, const Options &options = {}) const {
        return now<OwnedTaskStatus>(koophone_client_get_task, options, task_id.c_str("task_id"));
    }
    /// Starts `get_task`.
    Call<OwnedTaskStatus> begin_get_task(const Text &task_id, const Options &options = {}) const {
        return {begin(koophone_client_begin_get_task, options, task_id.c_str("task_id")), koophone_call_take_task_status};
    }

    /// Sets bit rates and frame rates of the video stream. See koophone_client_set_video_settings.
    [[nodiscard]] InstanceOutcomes
    set_video_settings(const InstanceIds &ids, const VideoSettings &video, const Options &options = {}) const {
        return now<InstanceOutcomes>(koophone_client_set_video_settings, options, ids.data(), ids.size(),
                                     video.settings.data(), video.settings.size());
    }
    /// Starts `set_video_settings`.
    Call<InstanceOutcomes>
    begin_set_video_settings(const InstanceIds &ids, const VideoSettings &video, const Options &options = {}) const {
        return {begin(koophone_client_begin_set_video_settings, options, ids.data(), ids.size(), video.settings.data(),
                      video.settings.size()),
                koophone_call_take_instance_outcomes};
    }

    /// Reads the state of phones. See koophone_client_query_status.
    [[nodiscard]] InstanceStatuses query_status(const InstanceIds &ids, const Options &options = {}) const {
        return now<InstanceStatuses>(koophone_client_query_status, options, ids.data(), ids.size());
    }
    /// Starts `query_status`.
    Call<InstanceStatuses> begin_query_status(const InstanceIds &ids, const Options &options = {}) const {
        return {begin(koophone_client_begin_query_status, options, ids.data(), ids.size()),
                koophone_call_take_instance_statuses};
    }

    /// Returns phones to factory state. USER DATA IS LOST. See koophone_client_reset_instances.
    Task reset_instances(const InstanceIds &ids, const Options &options = {}) const {
        return now<Task>(koophone_client_reset_instances, options, ids.data(), ids.size());
    }
    /// Starts `reset_instances`.
    Call<Task> begin_reset_instances(const InstanceIds &ids, const Options &options = {}) const {
        return {begin(koophone_client_begin_reset_instances, options, ids.data(), ids.size()), koophone_call_take_task};
    }

    /// Gets the credential and addresses to stream from one phone: a secret. See koophone_client_get_device_token.
    [[nodiscard]] OwnedDeviceAuthorization get_device_token(const Text &instance_id, const Options &options = {}) const {
        return now<OwnedDeviceAuthorization>(koophone_client_get_device_token, options, instance_id.c_str("instance_id"));
    }
    /// Starts `get_device_token`.
    Call<OwnedDeviceAuthorization>
    begin_get_device_token(const Text &instance_id, const Options &options = {}) const {
        return {begin(koophone_client_begin_get_device_token, options, instance_id.c_str("instance_id")),
                koophone_call_take_device_authorization};
    }

    /// Makes sure that there is a credential, and says whose it is. See koophone_client_login.
    OwnedIdentity login(const Options &options = {}) const { return now<OwnedIdentity>(koophone_client_login, options); }
    /// Starts `login`.
    Call<OwnedIdentity> begin_login(const Options &options = {}) const {
        return {begin(koophone_client_begin_login, options), koophone_call_take_identity};
    }

    /// Takes up a task again: what `Task::save` gave, or bare task ids with commas between. Nothing is sent.
    Task resume_task(const Text &saved) const {
        return Task(detail::make<koophone_task>([&](koophone_task **out, koophone_error **error) {
            return koophone_client_resume_task(client_.get(), saved.c_str("saved"), out, error);
        }));
    }

    const koophone_client *get() const noexcept { return client_.get(); }

private:
    explicit Client(const koophone_config *config)
        : client_(detail::make<koophone_client>([&](koophone_client **out, koophone_error **error) {
              return koophone_client_new(config, out, error);
          })) {}

    /// Makes a blocking call.
    template <class Result, class Function, class... Arguments>
    Result now(Function function, const Options &options, Arguments... arguments) const {
        using C = typename Result::c_type;
        return Result(detail::make<C>([&](C **out, koophone_error **error) {
            return function(client_.get(), arguments..., options.get(), out, error);
        }));
    }

    /// Starts a call.
    template <class Function, class... Arguments>
    koophone_call *begin(Function function, const Options &options, Arguments... arguments) const {
        return detail::make<koophone_call>([&](koophone_call **out, koophone_error **error) {
            return function(client_.get(), arguments..., options.get(), out, error);
        });
    }

    detail::Handle<koophone_client, koophone_client_free> client_;
};

} // namespace koophone

#endif // C++17 and exceptions

#endif // KOOPHONE_HPP
