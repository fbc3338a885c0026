// Many threads on one client, and cancelling from another thread.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support.h"

namespace {

TEST(Threads, SixtyFourOnOneClient) {
    Service service;
    std::atomic<int> well{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 64; number++) {
        threads.emplace_back([&, number] {
            const std::string word = "thread-" + std::to_string(number);
            for (int round = 0; round < 4; round++) {
                if (round % 2 == 0) {
                    well += service.run(("echo " + word).c_str()) == word;
                    continue;
                }
                const OwnCall call = service.begin(("echo " + word).c_str());
                koophone_call_wait(call.get(), UINT64_MAX);
                koophone_command_result_list *list = nullptr;
                OK(koophone_call_take_command_results(call.get(), &list, &error));
                const OwnResults owner(list);
                well += list != nullptr && list->items[0].output == word;
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    EXPECT_EQ(well, 64 * 4);
}

TEST(Threads, ABlockingCallIsCancelledFromAnother) {
    Service service;
    service.faults(NO_RESPONSE);
    koophone_cancel_token *token = nullptr;
    OK(koophone_cancel_token_new(&token, &error));
    koophone_call_options options = {};
    options.cancel = token;
    koophone_command_result_list *list = nullptr;
    std::thread caller([&] {
        OK(koophone_client_run_command(service.client, service.ids, 1, "true", &options, &list, &error));
    });
    service.wait_for_commands(1);
    koophone_cancel_token_cancel(token);
    caller.join();
    const OwnResults results(list);
    expect_cancelled_in_flight(list);
    // A cancelled token ends later calls at once.
    koophone_identity *identity = nullptr;
    REFUSED(KOOPHONE_CANCELLED, nullptr, koophone_client_login(service.client, &options, &identity, &error));
    koophone_cancel_token_free(token);
}

TEST(Threads, CallsAreCancelledAndFreedWhileTheyFinish) {
    Service service;
    koophone_queue *queue = nullptr;
    OK(koophone_queue_new(&queue, &error));
    const OwnQueue owner(queue);
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; number++) {
        threads.emplace_back([&, number] {
            for (int round = 0; round < 20; round++) {
                koophone_call_options options = {};
                options.queue = queue;
                const OwnCall call = service.begin("true", &options);
                if ((number + round) % 3 == 0) {
                    koophone_call_cancel(call.get());
                } else if ((number + round) % 3 == 1) {
                    koophone_call_wait(call.get(), 1);
                }
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    // All of them were freed, so the queue is empty.
    EXPECT_EQ(koophone_queue_next(queue, 0), nullptr);
}

} // namespace
