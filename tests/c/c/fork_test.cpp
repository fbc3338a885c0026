// After a fork the child continues with the same client, and what was started before belongs to the parent.

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "support.h"

namespace {

// Runs `work` in a forked child; it returns 0 for success.
template <class Work>
void in_child(Work work) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        begin_child();
        // No destructors and no leak check: those are for the parent.
        _exit(work());
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

// 0 if a blocking and a started call of the client succeed.
int calls_work(const Service &service) {
    koophone_command_result_list *list = nullptr;
    if (koophone_client_run_command(service.client, service.ids, 1, "echo child", nullptr, &list, nullptr) !=
        KOOPHONE_OK) {
        return 1;
    }
    if (std::strcmp(list->items[0].output, "child") != 0) {
        return 2;
    }
    koophone_command_result_list_free(list);
    koophone_call *call = nullptr;
    if (koophone_client_begin_run_command(service.client, service.ids, 1, "echo started", nullptr, &call, nullptr)) {
        return 3;
    }
    if (!koophone_call_wait(call, 50000) || koophone_call_take_command_results(call, &list, nullptr) != KOOPHONE_OK) {
        return 4;
    }
    koophone_command_result_list_free(list);
    koophone_call_free(call);
    return 0;
}

TEST(Fork, AClientThatWasUsedWorksInTheChild) {
    Service service;
    ASSERT_EQ(calls_work(service), 0);
    in_child([&] { return calls_work(service); });
    EXPECT_EQ(calls_work(service), 0);
}

TEST(Fork, ACallStartedBeforeBelongsToTheParent) {
    Service service;
    service.faults(NO_RESPONSE);
    koophone_queue *queue = nullptr;
    OK(koophone_queue_new(&queue, &error));
    const OwnQueue owner(queue);
    koophone_call_options options = {};
    options.queue = queue;
    OwnCall call = service.begin("true", &options);
    in_child([&] {
        koophone_command_result_list *list = nullptr;
        if (!koophone_call_wait(call.get(), UINT64_MAX)) {
            return 1;
        }
        if (koophone_call_take_command_results(call.get(), &list, nullptr) != KOOPHONE_INVALID_ARGUMENT) {
            return 2;
        }
        if (koophone_queue_next(queue, UINT64_MAX) != nullptr) {
            return 3;
        }
        koophone_call_free(call.get());
        return 0;
    });
    EXPECT_FALSE(koophone_call_is_finished(call.get()));
    koophone_call_cancel(call.get());
    EXPECT_EQ(koophone_queue_next(queue, UINT64_MAX), call.get());
}

TEST(Fork, AnEmulatorBelongsToTheParent) {
    Service service;
    in_child([&] {
        koophone_emulator_free(service.emulator);
        return 0;
    });
    EXPECT_EQ(service.run("echo still"), "still");
}

} // namespace
