// Shared by the tests of the C interface: an emulator with a client, and handles that free themselves.

#ifndef SUPPORT_H
#define SUPPORT_H

#include <gtest/gtest.h>
#include <unistd.h>
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "koophone.h"

template <auto free>
struct Free {
    template <class T>
    void operator()(T *handle) const {
        free(handle);
    }
};
template <class T, auto free>
using Own = std::unique_ptr<T, Free<free>>;

using OwnError = Own<koophone_error, koophone_error_free>;
using OwnCall = Own<koophone_call, koophone_call_free>;
using OwnQueue = Own<koophone_queue, koophone_queue_free>;
using OwnResults = Own<koophone_command_result_list, koophone_command_result_list_free>;
using OwnDeviceToken = Own<koophone_device_token, koophone_device_token_free>;
using OwnTask = Own<koophone_task, koophone_task_free>;

// Fails with the error's text if the kind is not KOOPHONE_OK.
inline void expect_ok(koophone_kind kind, koophone_error *error) {
    EXPECT_EQ(kind, KOOPHONE_OK) << (error == nullptr ? "" : koophone_error_text(error));
    koophone_error_free(error);
}

// Calls with an `error` to pass as `&error`, and expects KOOPHONE_OK.
#define OK(call)                                                                                                       \
    do {                                                                                                               \
        koophone_error *error = nullptr;                                                                               \
        const koophone_kind ended = (call);                                                                            \
        expect_ok(ended, error);                                                                                       \
    } while (0)

// Calls with an `error` to pass as `&error`, and expects that kind of error, about that argument.
#define REFUSED(expected, about, call)                                                                                 \
    do {                                                                                                               \
        koophone_error *error = nullptr;                                                                               \
        EXPECT_EQ((call), expected);                                                                                   \
        const OwnError owner(error);                                                                                   \
        EXPECT_EQ(koophone_error_kind(error), expected);                                                               \
        const char *argument = koophone_error_argument(error);                                                         \
        EXPECT_STREQ(argument, about);                                                                                 \
    } while (0)

// An emulator, a client of it, and its phones.
struct Service {
    koophone_emulator *emulator = nullptr;
    koophone_config *config = nullptr;
    koophone_client *client = nullptr;
    const char *const *ids = nullptr;
    std::size_t count = 0;

    explicit Service(const char *options = "{\"phones\": 3, \"seed\": 7}") {
        OK(koophone_emulator_start(options, &emulator, &error));
        OK(koophone_config_new(&config, &error));
        OK(koophone_emulator_configure(emulator, config, &error));
        OK(koophone_client_new(config, &client, &error));
        ids = koophone_emulator_instance_ids(emulator, &count);
    }
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;
    ~Service() {
        koophone_client_free(client);
        koophone_config_free(config);
        koophone_emulator_free(emulator);
    }

    void faults(const char *json) { OK(koophone_emulator_add_faults(emulator, json, &error)); }

    std::string journal() const {
        koophone_string *json = nullptr;
        OK(koophone_emulator_journal(emulator, nullptr, &json, &error));
        std::string text(json->data, json->length);
        koophone_string_free(json);
        return text;
    }

    // Returns when this many commands have arrived; they may have run.
    void wait_for_commands(std::size_t commands) const {
        for (std::size_t arrived = 0; arrived < commands; std::this_thread::yield()) {
            koophone_string *json = nullptr;
            OK(koophone_emulator_requests(emulator, &json, &error));
            const std::string_view text(json->data, json->length);
            arrived = 0;
            for (std::size_t at = 0; (at = text.find("\"run_command\"", at)) != text.npos; at++) {
                arrived++;
            }
            koophone_string_free(json);
        }
    }

    // Runs a command on the first phone and returns what it printed.
    std::string run(const char *command) const {
        koophone_command_result_list *list = nullptr;
        OK(koophone_client_run_command(client, ids, 1, command, nullptr, &list, &error));
        const OwnResults owner(list);
        return list == nullptr ? "" : std::string(list->items[0].output, list->items[0].output_length);
    }

    OwnCall begin(const char *command, const koophone_call_options *options = nullptr) const {
        koophone_call *call = nullptr;
        OK(koophone_client_begin_run_command(client, ids, 1, command, options, &call, &error));
        return OwnCall(call);
    }
};

// Requests that never get a response.
inline const char *const NO_RESPONSE = R"([{"operation": "run_command", "times": 0, "action": "no_response"}])";
inline const char *const NO_LOGIN_RESPONSE = R"([{"operation": "create_token", "times": 0, "action": "no_response"}])";

// Expects that each phone of a list has the error of a command that was cancelled before its response arrived.
inline void expect_cancelled_in_flight(const koophone_command_result_list *list) {
    ASSERT_NE(list, nullptr);
    EXPECT_GT(list->count, 0u);
    for (std::size_t at = 0; at < list->count; at++) {
        EXPECT_EQ(koophone_error_kind(list->items[at].error), KOOPHONE_CANCELLED);
        EXPECT_TRUE(koophone_error_maybe_executed(list->items[at].error));
        EXPECT_EQ(koophone_error_attempts(list->items[at].error), 1u);
    }
}

// What a forked child does first. It does not have the stacks of the parent's threads, so valgrind would report what
// only they point to as lost; everything else is still checked.
inline void begin_child() {
    alarm(60);
#ifdef VALGRIND_CLO_CHANGE
    VALGRIND_CLO_CHANGE("--leak-check=no");
#endif
}

// How many times slower than usual everything is: about 50 under valgrind.
inline double slowness() {
    const char *text = std::getenv("KOOPHONE_TEST_SLOWNESS");
    return text == nullptr ? 1 : std::atof(text);
}

#endif
