// libkoophone for C++17: RAII and exceptions over koophone.h. Header-only; needs the library,
// koophone.h and the standard library.
//
//   koophone::Client client(koophone::Config().set_region("cn-north-4").set_timeout(std::chrono::minutes(1)));
//   for (auto result : client.run_command({"a44uhlf7", "efjy72gs"}, "getprop ro.product.model")) {
//       std::cout << result.instance_id() << ": " << result.output() << '\n';
//   }
//
// - Everything that fails throws koophone::Error, which has every detail. A call about many phones throws only if
//   nothing happened on any of them; otherwise it returns a list, in which each phone has its result or its error:
//   check `ok()` or `all_ok()`, or call `raise_for_errors()`. Calls about one phone throw.
// - Handles can be moved but not copied; what they own is freed with them. After a move a list is empty, and a call
//   through the handle throws `invalid_argument`. Views (such as CommandResult) are valid as long as the list that they
//   were read from, so keep the list in a variable. Range-for over a temporary list as above works, because the list
//   itself lives until the end of the loop.
// - A text with a NUL inside is refused with `invalid_argument` before anything is sent.
// - Without exceptions (-fno-exceptions) use koophone.h: its functions return an error kind and never throw.
// - Threads, forks and lifetimes: as described in koophone.h.

#ifndef KOOPHONE_HPP
#define KOOPHONE_HPP

// Each #error is alone: what follows it would only add hundreds of others.
#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 201703L
#error "koophone.hpp needs C++17 or newer: compile with -std=c++17 (or use koophone.h, which is C99)"
#elif !defined(__cpp_exceptions)
#error "koophone.hpp throws exceptions: compile without -fno-exceptions, or use koophone.h, which never throws"
#else

#include <memory>
#include <string_view>

#include "koophone.h"
#include "koophone/arguments.hpp"
#include "koophone/command.hpp"
#include "koophone/config.hpp"
#include "koophone/emulator.hpp"
#include "koophone/operations.hpp"
#include "koophone/player.hpp"
#include "koophone/task.hpp"
#include "koophone/verbs.hpp"
#include "koophone/video.hpp"

namespace koophone {

/// The version of the library at run time; KOOPHONE_VERSION is that of the header.
inline std::string_view version() noexcept { return koophone_version(); }

/// A client of KooPhone. May be used from many threads at once. Its operations are in operations.hpp, the verbs of its
/// phones in verbs.hpp.
class Client : public Operations<Client> {
public:
    /// From the environment (`KOOPHONE_...`) and the provider chain.
    Client() : Client(nullptr) {}
    explicit Client(const Config &config) : Client(config.get()) {}
    Client(Client &&) = default;
    Client &operator=(Client &&) = default;

    /// The verbs of one phone: each returns its value, or throws the phone's error. Nothing is sent, and `instance_id`
    /// is checked by each verb.
    Phone phone(const Text &instance_id) const { return Phone(Phones(client_, instance_id.c_str("instance_id"))); }

    /// The verbs of some phones: each returns one result per phone, in the order asked. Nothing is sent, and the ids
    /// are checked by each verb.
    Phones phones(const InstanceIds &instance_ids) const { return {client_, instance_ids}; }

    /// Resumes a task: `saved` is what `Task::save` returned, or bare task ids separated by commas. Nothing is sent.
    Task resume_task(const Text &saved) const {
        return Task(detail::make<koophone_task>([&](koophone_task **out, koophone_error **error) {
            return koophone_client_resume_task(client_.get(), saved.c_str("saved"), out, error);
        }));
    }

    /// The device token of a phone, which is renewed before it expires: `get` returns it. Nothing is sent.
    DeviceToken device_token(const Text &instance_id) const {
        return DeviceToken(detail::make<koophone_device_token>([&](koophone_device_token **out, koophone_error **error) {
            return koophone_client_device_token(client_.get(), instance_id.c_str("instance_id"), out, error);
        }));
    }

    /// What the client has done in this process. Takes no lock and sends nothing.
    [[nodiscard]] OwnedStats stats() const {
        return OwnedStats(detail::make<koophone_stats>([&](koophone_stats **out, koophone_error **error) {
            return koophone_client_stats(client_.get(), out, error);
        }));
    }

    /// The handle of koophone.h, borrowed.
    const koophone_client *get() const noexcept { return client_.get(); }

private:
    explicit Client(const koophone_config *config)
        : client_(detail::Handle<koophone_client, koophone_client_free>(
              detail::make<koophone_client>([&](koophone_client **out, koophone_error **error) {
                  return koophone_client_new(config, out, error);
              }))) {}

    // Shared with its phones.
    std::shared_ptr<const koophone_client> client_;
};

} // namespace koophone

#endif // C++17 and exceptions

#endif // KOOPHONE_HPP
