// Moved-from objects: empty, and refused by the functions that can fail; nothing crashes.

#include <gtest/gtest.h>

#include <koophone.hpp>
#include <string>
#include <utility>

using namespace std::chrono_literals;
using namespace koophone;

namespace {

struct Moved : testing::Test {
    Emulator emulator{R"({"phones": 2, "seed": 7})"};
    Client client{emulator.config()};
    std::string first{emulator.instance_ids()[0]};
};

/// Expects that a function throws `invalid_argument`, about this argument.
template <class Function>
void expect_refused(const char *argument, Function function) {
    try {
        function();
        ADD_FAILURE() << "nothing was thrown; expected an error about " << argument;
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
        EXPECT_EQ(error.argument().value_or(""), argument);
    }
}

template <class Results>
void expect_empty(const Results &list) {
    EXPECT_EQ(list.size(), 0u);
    EXPECT_TRUE(list.empty());
    EXPECT_TRUE(list.begin() == list.end());
    // A list that no longer exists must not report that all is well.
    EXPECT_FALSE(list.all_ok());
    expect_refused("list", [&] { list.raise_for_errors(); });
}

TEST_F(Moved, ListsAreEmpty) {
    auto results = client.run_command(first, "true");
    const auto kept = std::move(results);
    expect_empty(results);
    EXPECT_EQ(kept.size(), 1u);
    auto statuses = client.query_status(first);
    const auto other = std::move(statuses);
    expect_empty(statuses);
    auto outcomes = client.set_video_settings(first, VideoSettings());
    auto &same = outcomes;
    outcomes = std::move(same);
    EXPECT_EQ(outcomes.size(), 1u);
    auto jobs = client.start_command(first, "true").wait();
    jobs = std::move(jobs).raise_for_errors();
    EXPECT_TRUE(jobs[0].ok());
}

TEST_F(Moved, ObjectsAreEmptyAfterTheirNewOwnerIsDestroyed) {
    auto identity = client.login();
    auto authorization = client.get_device_token(first);
    auto status = client.start_command(first, "true").poll();
    {
        const auto new_identity = std::move(identity);
        EXPECT_EQ(new_identity.method(), "password");
        const auto new_authorization = std::move(authorization);
        EXPECT_EQ(new_authorization.instance_id(), first);
        const auto new_status = std::move(status);
        EXPECT_EQ(new_status.jobs().size(), 1u);
    }
    EXPECT_EQ(identity.method(), "");
    EXPECT_FALSE(identity.user());
    EXPECT_EQ(authorization.token(), "");
    EXPECT_FALSE(authorization.external().address());
    EXPECT_TRUE(status.jobs().empty());
    EXPECT_FALSE(status.finished());
    EXPECT_EQ(status.progress().total(), 0u);
    // An object can be assigned again.
    identity = client.login();
    EXPECT_EQ(identity.method(), "password");
}

TEST_F(Moved, HandlesAreRefused) {
    auto task = client.start_command(first, "true");
    const auto kept = std::move(task);
    EXPECT_EQ(task.save(), "");
    EXPECT_EQ(task.operation(), "");
    EXPECT_TRUE(task.task_ids().empty());
    EXPECT_TRUE(task.phones().empty());
    EXPECT_FALSE(task.can_be_followed());
    expect_refused("task", [&] { static_cast<void>(task.wait()); });
    expect_refused("task", [&] { static_cast<void>(task.begin_wait({}, [](const Progress &) {})); });

    auto call = client.begin_query_status(first);
    auto open = std::move(call);
    EXPECT_FALSE(call.is_finished());
    EXPECT_FALSE(call.wait(1ms));
    call.cancel();
    expect_refused("call", [&] { static_cast<void>(call.get()); });
    EXPECT_EQ(open.get().size(), 1u);

    auto device_token = client.device_token(first);
    const auto new_token = std::move(device_token);
    expect_refused("token", [&] { static_cast<void>(device_token.get()); });
    EXPECT_EQ(new_token.get().instance_id(), first);

    CancelToken token;
    const CancelToken other_token = std::move(token);
    token.cancel();
    EXPECT_FALSE(token.is_cancelled() || other_token.is_cancelled());
    Queue queue;
    const Queue other_queue = std::move(queue);
    EXPECT_FALSE(queue.next());

    Config config = emulator.config();
    const Config other_config = std::move(config);
    expect_refused("config", [&] { config.set_concurrency(1); });
    Credentials credentials = Credentials::token("t");
    const Credentials other_credentials = std::move(credentials);
    expect_refused("credentials", [&] { credentials.set(KOOPHONE_CREDENTIAL_TOKEN, "t"); });
    Client moved = std::move(client);
    expect_refused("client", [&] { static_cast<void>(client.query_status(first)); });
    Emulator running = std::move(emulator);
    EXPECT_EQ(emulator.endpoint(), "");
    EXPECT_TRUE(emulator.instance_ids().empty());
    expect_refused("emulator", [&] { static_cast<void>(emulator.journal()); });
    emulator.stop();
    EXPECT_TRUE(moved.query_status(first).all_ok());
}

TEST_F(Moved, AnErrorSaysThatItHasNoDetails) {
    try {
        client.query_status("nobody").raise_for_errors();
        FAIL() << "nothing was thrown";
    } catch (Error &error) {
        const Error kept = std::move(error);
        EXPECT_NE(std::string(error.what()), "");
        EXPECT_EQ(error.message(), "");
        EXPECT_FALSE(error.code());
        EXPECT_TRUE(error.last_jobs().empty());
        EXPECT_FALSE(kept.message().empty());
    }
}

} // namespace
