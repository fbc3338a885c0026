// Started calls: poll, wait, cancel, take, free while open, and the queue.

#include <sys/time.h>
#include <time.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support.h"

namespace {

constexpr std::uint64_t FOREVER = UINT64_MAX;

double cpu_seconds_of_this_thread() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

OwnResults take(const OwnCall &call) {
    koophone_command_result_list *list = nullptr;
    OK(koophone_call_take_command_results(call.get(), &list, &error));
    return OwnResults(list);
}

TEST(Started, ACallIsPolledWaitedForAndTakenOnce) {
    Service service;
    const OwnCall call = service.begin("echo started");
    ASSERT_TRUE(koophone_call_wait(call.get(), FOREVER));
    EXPECT_TRUE(koophone_call_is_finished(call.get()));
    const OwnResults results = take(call);
    EXPECT_STREQ(results->items[0].output, "started");
    koophone_command_result_list *list = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "call", koophone_call_take_command_results(call.get(), &list, &error));
    EXPECT_EQ(list, nullptr);
}

TEST(Started, AnOpenCallIsNotTakenAndAWaitEndsInTime) {
    Service service;
    service.faults(NO_RESPONSE);
    const OwnCall call = service.begin("true");
    EXPECT_FALSE(koophone_call_is_finished(call.get()));
    EXPECT_FALSE(koophone_call_wait(call.get(), 0));
    EXPECT_FALSE(koophone_call_wait(call.get(), 20));
    koophone_command_result_list *list = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "call", koophone_call_take_command_results(call.get(), &list, &error));
    service.wait_for_commands(1);
    koophone_call_cancel(call.get());
    EXPECT_TRUE(koophone_call_wait(call.get(), FOREVER));
    // It may have run, so there is a list.
    expect_cancelled_in_flight(take(call).get());
}

TEST(Started, ACallThatIsCancelledBeforeItIsSentHasAnError) {
    Service service;
    service.faults(NO_LOGIN_RESPONSE);
    const OwnCall call = service.begin("true");
    koophone_call_cancel(call.get());
    EXPECT_TRUE(koophone_call_wait(call.get(), FOREVER));
    koophone_command_result_list *list = nullptr;
    // A failure can be read again.
    REFUSED(KOOPHONE_CANCELLED, nullptr, koophone_call_take_command_results(call.get(), &list, &error));
    REFUSED(KOOPHONE_CANCELLED, nullptr, koophone_call_take_command_results(call.get(), &list, &error));
    EXPECT_EQ(service.journal(), "[]");
}

TEST(Started, ACancelledCallHasTheEarlierResultsAndItsQueueReturnsIt) {
    // One request for each phone; the second never gets a response.
    Service service;
    OK(koophone_config_set(service.config, KOOPHONE_SETTING_BATCH_SIZE, "1", &error));
    OK(koophone_config_set(service.config, KOOPHONE_SETTING_CONCURRENCY, "1", &error));
    koophone_client *client = nullptr;
    OK(koophone_client_new(service.config, &client, &error));
    const Own<koophone_client, koophone_client_free> client_owner(client);
    service.faults((R"([{"operation": "run_command", "times": 0, "action": "no_response", "instance_id": ")" +
                    std::string(service.ids[1]) + "\"}]").c_str());
    koophone_queue *queue = nullptr;
    OK(koophone_queue_new(&queue, &error));
    const OwnQueue queue_owner(queue);
    koophone_call_options options = {};
    options.queue = queue;
    koophone_call *call = nullptr;
    OK(koophone_client_begin_run_command(client, service.ids, 3, "echo came", &options, &call, &error));
    const OwnCall owner(call);
    service.wait_for_commands(2);
    koophone_call_cancel(call);
    EXPECT_EQ(koophone_queue_next(queue, FOREVER), call);
    const OwnResults results = take(owner);
    ASSERT_EQ(results->count, 3u);
    EXPECT_STREQ(results->items[0].output, "came");
    EXPECT_EQ(results->items[0].error, nullptr);
    EXPECT_EQ(koophone_error_kind(results->items[1].error), KOOPHONE_CANCELLED);
    EXPECT_TRUE(koophone_error_maybe_executed(results->items[1].error));
    EXPECT_EQ(koophone_error_kind(results->items[2].error), KOOPHONE_CANCELLED);
    EXPECT_FALSE(koophone_error_maybe_executed(results->items[2].error));
}

TEST(Started, TheWrongTypeIsRefusedAndTheResultStays) {
    Service service;
    const OwnCall call = service.begin("echo kept");
    koophone_call_wait(call.get(), FOREVER);
    koophone_identity *identity = nullptr;
    koophone_error *error = nullptr;
    EXPECT_EQ(koophone_call_take_identity(call.get(), &identity, &error), KOOPHONE_INVALID_ARGUMENT);
    EXPECT_NE(std::string(koophone_error_message(error)).find("koophone_command_result_list"), std::string::npos);
    koophone_error_free(error);
    EXPECT_STREQ(take(call)->items[0].output, "kept");
}

TEST(Started, EveryOperationCanBeStarted) {
    Service service;
    const koophone_client *client = service.client;
    koophone_call *call = nullptr;
#define FINISHED(type, take, free)                                                                                     \
    {                                                                                                                  \
        const OwnCall owner(call);                                                                                     \
        type *result = nullptr;                                                                                        \
        EXPECT_TRUE(koophone_call_wait(call, FOREVER));                                                                \
        OK(take(call, &result, &error));                                                                               \
        EXPECT_NE(result, nullptr);                                                                                    \
        free(result);                                                                                                  \
    }
    OK(koophone_client_begin_login(client, nullptr, &call, &error));
    FINISHED(koophone_identity, koophone_call_take_identity, koophone_identity_free);
    OK(koophone_client_begin_query_status(client, service.ids, 2, nullptr, &call, &error));
    FINISHED(koophone_instance_status_list, koophone_call_take_instance_statuses, koophone_instance_status_list_free);
    OK(koophone_client_begin_get_device_token(client, service.ids[0], nullptr, &call, &error));
    FINISHED(koophone_device_authorization, koophone_call_take_device_authorization,
        koophone_device_authorization_free);
    koophone_video_setting_list *video = nullptr;
    OK(koophone_video_settings_from_json(
        R"([{"network":"wifi","codec":"h264","p540":{"bitrate_kbps":100,"fps":30},"p720":{"bitrate_kbps":100,"fps":30},
            "p1080":{"bitrate_kbps":100,"fps":60}}])", &video, &error));
    EXPECT_EQ(video->items[0].network, KOOPHONE_NETWORK_WIFI);
    EXPECT_EQ(video->items[0].p1080.fps, 60u);
    OK(koophone_client_begin_set_video_settings(client, service.ids, 1, video->items, video->count, nullptr, &call,
        &error));
    koophone_video_setting_list_free(video);
    FINISHED(koophone_instance_outcome_list, koophone_call_take_instance_outcomes, koophone_instance_outcome_list_free);
    OK(koophone_client_begin_reset_instances(client, service.ids, 1, nullptr, &call, &error));
    FINISHED(koophone_task, koophone_call_take_task, koophone_task_free);

    OK(koophone_client_begin_start_command(client, &service.ids[1], 1, "true", nullptr, &call, &error));
    koophone_call_wait(call, FOREVER);
    koophone_task *task = nullptr;
    OK(koophone_call_take_task(call, &task, &error));
    koophone_call_free(call);
    const OwnTask owner(task);
    OK(koophone_client_begin_get_task(client, koophone_task_ids(task, nullptr)[0], nullptr, &call, &error));
    FINISHED(koophone_task_status, koophone_call_take_task_status, koophone_task_status_free);
    OK(koophone_task_begin_poll(task, nullptr, &call, &error));
    FINISHED(koophone_task_status, koophone_call_take_task_status, koophone_task_status_free);
    OK(koophone_task_begin_wait(task, nullptr, nullptr, nullptr, nullptr, &call, &error));
    FINISHED(koophone_job_result_list, koophone_call_take_job_results, koophone_job_result_list_free);
}

TEST(Started, TheResultOfACallThatNobodyTakesIsFreed) {
    Service service;
    const OwnCall call = service.begin("true");
    EXPECT_TRUE(koophone_call_wait(call.get(), FOREVER));
}

TEST(Started, AnOpenCallMayBeFreedAndItsClientBeforeIt) {
    Service service;
    service.faults(NO_RESPONSE);
    OwnCall first = service.begin("true"), second = service.begin("true");
    koophone_client_free(service.client);
    service.client = nullptr;
    EXPECT_FALSE(koophone_call_is_finished(second.get()));
    first.reset();
    koophone_call_cancel(second.get());
    EXPECT_TRUE(koophone_call_wait(second.get(), FOREVER));
}

TEST(Started, AQueueReturnsEveryCallOnceWithItsTag) {
    Service service;
    koophone_queue *queue = nullptr;
    OK(koophone_queue_new(&queue, &error));
    const OwnQueue owner(queue);
    EXPECT_EQ(koophone_queue_next(queue, 0), nullptr);
    EXPECT_EQ(koophone_queue_next(queue, 10), nullptr);
    std::vector<int> numbers(20);
    std::vector<OwnCall> calls;
    std::set<koophone_call *> open;
    for (int &number : numbers) {
        koophone_call_options options = {};
        options.queue = queue;
        options.tag = &number;
        calls.push_back(service.begin("true", &options));
        open.insert(calls.back().get());
    }
    std::set<void *> tags;
    while (!open.empty()) {
        koophone_call *call = koophone_queue_next(queue, FOREVER);
        EXPECT_TRUE(koophone_call_is_finished(call));
        EXPECT_EQ(open.erase(call), 1u);
        tags.insert(koophone_call_tag(call));
    }
    EXPECT_EQ(tags.size(), numbers.size());
    EXPECT_EQ(koophone_queue_next(queue, 0), nullptr);
}

TEST(Started, AQueueForgetsFreedCallsAndMayBeFreedBeforeThem) {
    Service service;
    koophone_queue *queue = nullptr;
    OK(koophone_queue_new(&queue, &error));
    koophone_call_options options = {};
    options.queue = queue;
    OwnCall finished = service.begin("true", &options);
    EXPECT_TRUE(koophone_call_wait(finished.get(), FOREVER));
    // It is on the queue a moment after it has finished; freeing removes it at any time.
    finished.reset();
    EXPECT_EQ(koophone_queue_next(queue, 20), nullptr);
    service.faults(NO_RESPONSE);
    const OwnCall open = service.begin("true", &options);
    koophone_queue_free(queue);
    koophone_call_cancel(open.get());
    EXPECT_TRUE(koophone_call_wait(open.get(), FOREVER));
}

TEST(Started, OneTokenCancelsManyCallsAndFreeingItCancelsNone) {
    Service service;
    service.faults(NO_LOGIN_RESPONSE);
    koophone_cancel_token *token = nullptr;
    OK(koophone_cancel_token_new(&token, &error));
    koophone_call_options options = {};
    options.cancel = token;
    const OwnCall first = service.begin("true", &options), second = service.begin("true", &options);
    // Cancelling one call does not cancel the token's others.
    koophone_call_cancel(first.get());
    EXPECT_TRUE(koophone_call_wait(first.get(), FOREVER));
    EXPECT_FALSE(koophone_cancel_token_is_cancelled(token));
    EXPECT_FALSE(koophone_call_wait(second.get(), 20));
    koophone_cancel_token_cancel(token);
    EXPECT_TRUE(koophone_cancel_token_is_cancelled(token));
    koophone_cancel_token_free(token);
    EXPECT_TRUE(koophone_call_wait(second.get(), FOREVER));
    koophone_command_result_list *list = nullptr;
    REFUSED(KOOPHONE_CANCELLED, nullptr, koophone_call_take_command_results(second.get(), &list, &error));
}

TEST(Started, DeadlinesApplyToStartedCalls) {
    // For a call that only reads, the kind is the same whether or not the request was sent in time.
    Service service(R"({"faults": [{"operation": "query_status", "times": 0, "action": "no_response"}]})");
    koophone_call_options options = {};
    options.timeout_ms = 100;
    koophone_call *call = nullptr;
    OK(koophone_client_begin_query_status(service.client, service.ids, 1, &options, &call, &error));
    const OwnCall owner(call);
    EXPECT_TRUE(koophone_call_wait(call, FOREVER));
    koophone_instance_status_list *list = nullptr;
    REFUSED(KOOPHONE_TIMEOUT, nullptr, koophone_call_take_instance_statuses(call, &list, &error));
}

TEST(Started, PollingAThousandOpenCallsCostsMicroseconds) {
    // All of them wait for one login that never gets a response, so they need one connection.
    Service service(R"({"faults": [{"operation": "create_token", "times": 0, "action": "no_response"}]})");
    std::vector<OwnCall> calls;
    for (int i = 0; i < 1000; i++) {
        calls.push_back(service.begin("true"));
    }
    double best = 1;
    for (int round = 0; round < 20; round++) {
        const double start = cpu_seconds_of_this_thread();
        const auto finished = std::count_if(
            calls.begin(), calls.end(), [](const OwnCall &call) { return koophone_call_is_finished(call.get()); });
        best = std::min(best, cpu_seconds_of_this_thread() - start);
        ASSERT_EQ(finished, 0);
    }
    RecordProperty("microseconds", std::to_string(best * 1e6));
    std::printf("polling 1000 open calls: %.1f us\n", best * 1e6);
    EXPECT_LT(best, 300e-6 * slowness());
}

struct Seen {
    std::thread::id thread;
    bool waited = true;
    koophone_call *other = nullptr;
    std::uint64_t released = 0;
};

void report(const koophone_progress *, void *user_data) {
    auto *seen = static_cast<Seen *>(user_data);
    seen->thread = std::this_thread::get_id();
    // It would block a thread that all calls share.
    seen->waited = koophone_call_wait(seen->other, FOREVER);
}

void release(void *user_data) { static_cast<Seen *>(user_data)->released++; }

TEST(Started, CallbacksCannotBlockAndTheirDataIsReleasedOnce) {
    Service service;
    service.faults(NO_RESPONSE);
    const OwnCall open = service.begin("true");
    koophone_task *task = nullptr;
    OK(koophone_client_start_command(service.client, service.ids, 1, "true", nullptr, &task, &error));
    const OwnTask owner(task);
    Seen seen;
    seen.other = open.get();
    koophone_call *call = nullptr;
    OK(koophone_task_begin_wait(task, report, &seen, release, nullptr, &call, &error));
    EXPECT_TRUE(koophone_call_wait(call, FOREVER));
    EXPECT_FALSE(seen.waited);
    EXPECT_NE(seen.thread, std::this_thread::get_id());
    koophone_call_free(call);
    EXPECT_EQ(seen.released, 1u);
    // Also if nothing was started.
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "task",
            koophone_task_begin_wait(nullptr, report, &seen, release, nullptr, &call, &error));
    EXPECT_EQ(seen.released, 2u);
}

} // namespace
