// The C++ header: ownership, exceptions with every field, range-for, started calls.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <koophone.hpp>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace koophone;

namespace {

template <class T>
constexpr bool move_only = std::is_move_constructible_v<T> && std::is_move_assignable_v<T>
    && !std::is_copy_constructible_v<T>;

static_assert(move_only<Client> && move_only<Config> && move_only<Credentials> && move_only<Task> && move_only<Queue>);
static_assert(move_only<Emulator> && move_only<CommandResults> && move_only<Call<CommandResults>>
    && move_only<CancelToken>);
static_assert(std::is_base_of_v<std::exception, Error> && std::is_nothrow_copy_constructible_v<Error>);

struct Phones : testing::Test {
    Emulator emulator{R"({"phones": 3, "seed": 7})"};
    Client client{emulator.config()};
};

TEST_F(Phones, ResultsAreIterated) {
    std::size_t count = 0;
    for (const auto result : client.run_command(emulator.instance_ids(), "echo hello")) {
        EXPECT_EQ(result.instance_id(), emulator.instance_ids()[count++]);
        EXPECT_EQ(result.state(), JobState::succeeded);
        EXPECT_EQ(name(result.state()), "succeeded");
        EXPECT_EQ(result.output(), "hello");
        EXPECT_EQ(result.status(), 2);
        EXPECT_FALSE(result.error());
    }
    EXPECT_EQ(count, 3u);
    // The list at the start of a chain is passed on.
    for (const auto result : client.run_command(emulator.instance_ids(), "true").raise_for_errors()) {
        EXPECT_TRUE(result.output().empty());
    }
}

TEST_F(Phones, StatsCountWhatTheClientHasDone) {
    EXPECT_EQ(client.stats().calls(), 0u);
    EXPECT_EQ(client.query_status(emulator.instance_ids()).size(), 3u);
    EXPECT_THROW(static_cast<void>(client.query_status("no such id")), Error);
    const auto stats = client.stats();
    EXPECT_EQ(stats.calls(), 2u);
    EXPECT_EQ(stats.attempts(), 2u);
    EXPECT_EQ(stats.logins(), 1u);
    EXPECT_EQ(stats.connections_open(), 1u);
    EXPECT_EQ(stats.errors().invalid_argument(), 1u);
    EXPECT_EQ(stats.errors().outcome_unknown(), 0u);
}

TEST_F(Phones, ATraceparentIsSentWithTheRequest) {
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    // A copy points to the same text after the original is destroyed.
    auto original = std::make_unique<Options>();
    original->traceparent(trace);
    const Options copy = *original;
    original.reset();
    EXPECT_EQ(client.query_status(emulator.instance_ids(), copy).size(), 3u);
    EXPECT_NE(emulator.requests().find(trace), std::string::npos);
    EXPECT_EQ(client.begin_query_status(emulator.instance_ids(), copy).get().size(), 3u);
    try {
        static_cast<void>(client.query_status(emulator.instance_ids(), Options().traceparent("mine")));
        FAIL() << "nothing was thrown";
    } catch (const Error &error) {
        EXPECT_EQ(error.argument(), "traceparent");
    }
}

TEST_F(Phones, AnExceptionHasEveryField) {
    emulator.add_faults(
        R"([{"operation": "query_status", "action": "error_code", "code": "KOOPHONE.API.1000", "status": 400}])");
    try {
        static_cast<void>(client.query_status(emulator.instance_ids()));
        FAIL() << "nothing was thrown";
    } catch (const std::exception &exception) {
        const auto &error = dynamic_cast<const Error &>(exception);
        EXPECT_EQ(error.kind(), ErrorKind::rejected);
        EXPECT_EQ(name(error.kind()), "rejected");
        EXPECT_EQ(error.code(), "KOOPHONE.API.1000");
        EXPECT_EQ(error.http_status(), 400);
        EXPECT_EQ(error.attempts(), 1u);
        EXPECT_FALSE(error.retryable());
        EXPECT_FALSE(error.argument());
        EXPECT_EQ(error.request_id().value_or("").size(), 32u);
        EXPECT_TRUE(error.last_jobs().empty());
        EXPECT_NE(std::string(error.what()).find("KOOPHONE.API.1000"), std::string::npos);
    }
}

TEST_F(Phones, OneFailureOfManyIsThrownOnRequest) {
    const auto results = client.run_command(emulator.instance_ids(), "no-such-program");
    EXPECT_FALSE(results.all_ok());
    EXPECT_FALSE(results[0].ok());
    ASSERT_TRUE(results[0].error());
    EXPECT_EQ(results[0].error()->kind(), ErrorKind::command_failed);
    try {
        results.raise_for_errors();
        FAIL() << "nothing was thrown";
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::command_failed);
        EXPECT_EQ(error.instance_id(), emulator.instance_ids()[0]);
        EXPECT_EQ(error.output(), results[0].output());
        EXPECT_NE(error.output().value_or("").find("not found"), std::string_view::npos);
    }
}

TEST_F(Phones, CopiesOfAnErrorOutliveItsList) {
    std::optional<Error> error;
    {
        const auto results = client.run_command(emulator.instance_ids(), "false");
        error = results[0].error();
    }
    EXPECT_EQ(error->kind(), ErrorKind::command_failed);
    EXPECT_FALSE(error->message().empty());
}

TEST_F(Phones, TasksAreFollowedSavedAndResumed) {
    const Task task = client.start_command(emulator.instance_ids(), "echo done");
    EXPECT_EQ(task.phones().size(), 3u);
    EXPECT_EQ(task.operation(), "start_command");
    EXPECT_EQ(task.task_ids().size(), 1u);
    std::uint64_t done = 0;
    const auto results = client.resume_task(task.save()).wait(Options().timeout(60s), [&](const Progress &progress) {
        done = progress.succeeded();
        throw 1; // Dropped: nothing above could catch it.
    });
    EXPECT_EQ(done, 3u);
    EXPECT_EQ(results[2].output(), "done");
    EXPECT_EQ(results[2].instance_id(), emulator.instance_ids()[2]);
    const auto status = task.poll();
    EXPECT_TRUE(status.finished());
    EXPECT_EQ(status.progress().succeeded(), 3u);
    for (const auto job : status.jobs()) {
        EXPECT_TRUE(job.job_id());
    }
}

TEST_F(Phones, StartedCallsAreCollectedByAQueue) {
    Queue queue;
    std::vector<Call<CommandResults>> calls;
    for (int number = 0; number < 10; ++number) {
        calls.push_back(client.begin_run_command(emulator.instance_ids(), "echo hello", Options().queue(queue, &calls)));
    }
    for (std::size_t finished = 0; finished < calls.size(); ++finished) {
        EXPECT_EQ(queue.next(60s), static_cast<void *>(&calls));
    }
    EXPECT_FALSE(queue.next());
    for (auto &call : calls) {
        EXPECT_TRUE(call.is_finished());
        EXPECT_TRUE(call.get().all_ok());
        EXPECT_THROW(static_cast<void>(call.get()), Error);
    }
}

TEST_F(Phones, AStartedWaitOwnsItsCallback) {
    const Task task = client.start_command(emulator.instance_ids(), "true");
    const auto seen = std::make_shared<std::atomic<int>>(0);
    {
        auto call = task.begin_wait({}, [seen](const Progress &) { ++*seen; });
        EXPECT_TRUE(call.get().all_ok());
    }
    EXPECT_GT(*seen, 0);
    EXPECT_EQ(seen.use_count(), 1);
}

TEST_F(Phones, CallsAreCancelled) {
    // If nothing was executed, the call throws.
    emulator.add_faults(R"([{"operation": "create_token", "action": "no_response"}])");
    const CancelToken token;
    auto early = client.begin_run_command(emulator.instance_ids(), "true", Options().cancel(token));
    EXPECT_FALSE(early.wait(20ms));
    token.cancel();
    try {
        static_cast<void>(early.get());
        FAIL() << "nothing was thrown";
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
        EXPECT_FALSE(error.maybe_executed());
    }
    // If the command may have run, each phone has its error.
    emulator.add_faults(R"([{"operation": "run_command", "times": 0, "action": "no_response"}])");
    auto call = client.begin_run_command(emulator.instance_ids(), "true");
    while (emulator.requests().find("run_command") == std::string::npos) {
        std::this_thread::yield();
    }
    call.cancel();
    for (const auto result : call.get()) {
        EXPECT_EQ(result.error()->kind(), ErrorKind::cancelled);
        EXPECT_TRUE(result.error()->maybe_executed());
    }
    // One that goes out of scope while it is open is cancelled as well.
    const auto dropped = client.begin_run_command(emulator.instance_ids(), "true");
}

TEST(Video, SettingsAreMadeReadAndChangedByTheirPair) {
    const auto uniform = VideoSettings::uniform({3000, 30}, {5000, 30}, {8000, 60});
    EXPECT_EQ(uniform.size(), 6u);
    for (const VideoSetting &setting : uniform) {
        EXPECT_EQ(setting.p1080.bitrate_kbps, 8000u);
        EXPECT_EQ(setting.p1080.fps, 60u);
    }
    auto wifi = uniform.setting(Network::wifi, Codec::h265).value();
    wifi.p540 = {100, 60};
    const auto changed = uniform.with_setting(wifi);
    EXPECT_EQ(changed.size(), 6u);
    EXPECT_EQ(changed.setting(Network::wifi, Codec::h265)->p540.bitrate_kbps, 100u);
    EXPECT_EQ(changed.setting(Network::wifi, Codec::h264)->p540.bitrate_kbps, 3000u);
    EXPECT_EQ(uniform.setting(Network::wifi, Codec::h265)->p540.bitrate_kbps, 3000u);
    const auto one = VideoSettings(std::vector<VideoSetting>()).with_setting(wifi);
    EXPECT_EQ(one.size(), 1u);
    EXPECT_FALSE(one.setting(Network::mobile, Codec::h264));
}

TEST_F(Phones, EveryOperationCanBeCalled) {
    EXPECT_EQ(client.login().method(), "password");
    EXPECT_EQ(client.begin_login().get().method(), "password");
    const std::string first(emulator.instance_ids()[0]);
    EXPECT_EQ(client.query_status(first)[0].state(), InstanceState::running);
    EXPECT_EQ(client.begin_query_status(first).get().size(), 1u);
    auto video = VideoSettings();
    video.settings[0].p540 = {100, 60};
    EXPECT_TRUE(client.set_video_settings(first, video).all_ok());
    EXPECT_TRUE(client.begin_set_video_settings(first, video).get().all_ok());
    const VideoSetting setting{Network::wifi, Codec::h265, {0, 30}, {0, 30}, {0, 60}};
    EXPECT_TRUE(client.set_video_settings(first, {setting}).all_ok());
    EXPECT_THROW(VideoSettings::from_json("{}"), Error);
    const auto authorization = client.get_device_token(first);
    EXPECT_EQ(authorization.instance_id(), first);
    EXPECT_TRUE(authorization.external().address());
    EXPECT_EQ(h5_parameters(authorization, "player-7").uuid(), "player-7");
    EXPECT_EQ(h5_parameters(authorization).uuid().size(), 36u);
    EXPECT_EQ(h5_parameters(authorization).token(), authorization.token());
    EXPECT_EQ(android_parameters(authorization, "player-7").launch_key_userid(), "player-7");
    EXPECT_EQ(android_parameters(authorization).launch_key_token(), authorization.token());
    EXPECT_FALSE(client.begin_get_device_token(first).get().token().empty());
    const Task task = client.begin_start_command({first.c_str()}, "true").get();
    const std::string id(task.task_ids()[0]);
    EXPECT_EQ(client.get_task(id).jobs().size(), 1u);
    EXPECT_EQ(client.begin_get_task(id).get().jobs().size(), 1u);
    EXPECT_EQ(task.begin_poll().get().jobs().size(), 1u);
    EXPECT_EQ(client.reset_instances(first).operation(), "reset_instances");
    EXPECT_EQ(client.begin_reset_instances(std::string(emulator.instance_ids()[1])).get().phones().size(), 1u);
}

TEST(Configuration, IsValidatedByTheCore) {
    EXPECT_THROW(Client(Config().ignore_environment().set("endpiont", "x")), Error);
    EXPECT_THROW(Config().credentials(Credentials::token("t").set(KOOPHONE_CREDENTIAL_ACCESS_KEY, "a")), Error);
    EXPECT_NO_THROW(Client(Config().ignore_environment().credentials(Credentials::access_key("a", "s"))));
    EXPECT_NO_THROW(Client(Config().ignore_environment().set(KOOPHONE_SETTING_REGION, "cn-north-4").credentials(
        Credentials::password("u", "p", "d"))));
    EXPECT_EQ(version(), KOOPHONE_VERSION);
}

TEST(Configuration, ALogGetsRecordsAndIsReleased) {
    const auto records = std::make_shared<std::atomic<int>>(0);
    {
        const Emulator emulator;
        const Client client(
            emulator.config().log(LogLevel::debug, [records](LogLevel, std::string_view) { ++*records; }));
        client.login();
        EXPECT_TRUE(client.run_command(emulator.instance_ids(), "true").all_ok());
    }
    EXPECT_GT(*records, 0);
    EXPECT_EQ(records.use_count(), 1);
}

TEST(EmulatorInCpp, ReportsWhatPhonesDid) {
    const Emulator emulator;
    const Client client(emulator.config());
    const std::string first(emulator.instance_ids()[0]);
    EXPECT_TRUE(client.run_command(first, "echo in-the-journal")[0].ok());
    EXPECT_NE(emulator.journal().find("in-the-journal"), std::string::npos);
    EXPECT_NE(emulator.journal_of(first).find("in-the-journal"), std::string::npos);
    EXPECT_NE(emulator.requests().find("run_command"), std::string::npos);
    EXPECT_EQ(emulator.phone(first)[0], '{');
    emulator.clear_journal();
    EXPECT_EQ(emulator.journal(), "[]");
    EXPECT_THROW(emulator.set_phone_state("nobody", 1), Error);
    EXPECT_NO_THROW(Client(Config()
                               .ignore_environment()
                               .set(KOOPHONE_SETTING_ENDPOINT, std::string(emulator.endpoint()))
                               .set(KOOPHONE_SETTING_IAM_ENDPOINT, std::string(emulator.endpoint()))
                               .set(KOOPHONE_SETTING_REGION, "cn-north-4")
                               .credentials(emulator.credentials()))
                        .login());
}

} // namespace
