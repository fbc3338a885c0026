// Arguments: texts with a NUL are refused before anything is sent, ids in every form, and typed settings.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <koophone.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using namespace koophone;

namespace {

/// Which argument an `invalid_argument` is about.
std::string refused(const std::function<void()> &call) {
    try {
        call();
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << error.what();
        EXPECT_FALSE(error.maybe_executed());
        EXPECT_NE(error.message().find("NUL at offset 4"), std::string_view::npos) << error.what();
        return std::string(error.argument().value_or("none"));
    }
    return "nothing was thrown";
}

struct Arguments : testing::Test {
    Emulator emulator{R"({"phones": 3, "seed": 7})"};
    Client client{emulator.config()};
    std::string first{emulator.instance_ids()[0]};
};

TEST_F(Arguments, ATextWithANulIsRefusedBeforeAnythingIsSent) {
    const std::string nul = "echo\0; reboot"s;
    const std::string_view view = nul;
    const auto ignore = [](auto &&) {};
    EXPECT_EQ(refused([&] { ignore(client.run_command(first, nul)); }), "command");
    EXPECT_EQ(refused([&] { ignore(client.run_command(first, view)); }), "command");
    EXPECT_EQ(refused([&] { ignore(client.begin_run_command(first, nul)); }), "command");
    EXPECT_EQ(refused([&] { ignore(client.start_command(first, nul)); }), "command");
    EXPECT_EQ(refused([&] { ignore(client.begin_start_command(first, view)); }), "command");
    EXPECT_EQ(refused([&] { ignore(client.get_task(nul)); }), "task_id");
    EXPECT_EQ(refused([&] { ignore(client.begin_get_task(nul)); }), "task_id");
    EXPECT_EQ(refused([&] { ignore(client.get_device_token(nul)); }), "instance_id");
    EXPECT_EQ(refused([&] { ignore(client.begin_get_device_token(view)); }), "instance_id");
    EXPECT_EQ(refused([&] { ignore(client.resume_task(nul)); }), "saved");
    EXPECT_EQ(refused([&] { ignore(client.query_status(nul)); }), "instance_ids[0]");
    EXPECT_EQ(refused([&] { ignore(client.query_status(std::vector<std::string>{first, nul})); }), "instance_ids[1]");
    EXPECT_EQ(refused([&] { ignore(client.reset_instances({std::string_view(first), view})); }), "instance_ids[1]");
    EXPECT_EQ(refused([&] { ignore(client.begin_reset_instances(view)); }), "instance_ids[0]");
    EXPECT_EQ(refused([&] { ignore(client.set_video_settings(view, VideoSettings())); }), "instance_ids[0]");
    EXPECT_EQ(emulator.requests(), "[]");
    EXPECT_EQ(emulator.journal(), "[]");
}

TEST_F(Arguments, SettingsCredentialsAndTheEmulatorRefuseANulToo) {
    const std::string nul = "pass\0word"s;
    EXPECT_EQ(refused([&] { Config().set(nul, "1"); }), "setting");
    EXPECT_EQ(refused([&] { Config().set(KOOPHONE_SETTING_REGION, nul); }), "value");
    EXPECT_EQ(refused([&] { Config().set_region(nul); }), "value");
    EXPECT_EQ(refused([&] { Credentials().set(nul, "1"); }), "field");
    EXPECT_EQ(refused([&] { Credentials::token(nul); }), "value");
    EXPECT_EQ(refused([&] { Credentials::password("u", nul, "d"); }), "value");
    EXPECT_EQ(refused([&] { Credentials::access_key("a", nul); }), "value");
    EXPECT_EQ(refused([&] { VideoSettings::from_json(nul); }), "json");
    EXPECT_EQ(refused([&] { Emulator started(nul); }), "options");
    EXPECT_EQ(refused([&] { emulator.add_faults(nul); }), "faults");
    EXPECT_EQ(refused([&] { emulator.add_rules(nul); }), "rules");
    EXPECT_EQ(refused([&] { emulator.phone(nul); }), "instance_id");
    EXPECT_EQ(refused([&] { emulator.journal_of(nul); }), "instance_id");
    EXPECT_EQ(refused([&] { emulator.set_phone_state(nul, 1); }), "instance_id");
}

TEST_F(Arguments, IdsAreAcceptedInEveryForm) {
    const std::string second(emulator.instance_ids()[1]);
    const std::string_view one = std::string_view(first).substr(0, first.size());
    const auto asked = [&](const InstanceIds &ids) {
        std::vector<std::string> responded;
        for (const auto status : client.query_status(ids)) {
            EXPECT_TRUE(status.ok());
            responded.emplace_back(status.instance_id());
        }
        return responded;
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(asked(first), Ids{first});
    EXPECT_EQ(asked(one), Ids{first});
    EXPECT_EQ(asked(first.c_str()), Ids{first});
    EXPECT_EQ(asked({first, second}), (Ids{first, second}));
    EXPECT_EQ(asked({one, second}), (Ids{first, second}));
    EXPECT_EQ(asked({first.c_str(), second.c_str()}), (Ids{first, second}));
    EXPECT_EQ(asked(emulator.instance_ids()).size(), 3u);
    EXPECT_EQ(asked(std::vector<std::string_view>{second, one}), (Ids{second, first}));
    EXPECT_EQ(asked(std::vector<const char *>{second.c_str()}), Ids{second});
    EXPECT_EQ(asked(std::array<std::string, 2>{second, first}), (Ids{second, first}));
    EXPECT_EQ(asked(std::set<std::string>{first}), Ids{first});
    // A view of a part is not followed by a NUL.
    const std::string long_text = first + "-and-more";
    EXPECT_EQ(asked(std::string_view(long_text).substr(0, first.size())), Ids{first});
    EXPECT_THROW(asked({}), Error);
    EXPECT_THROW(asked(static_cast<const char *>(nullptr)), Error);
    EXPECT_EQ(client.run_command(first, std::string_view("echo part").substr(0, 7))[0].output(), "pa");
}

/// The setting that a configuration is refused for.
std::string wrong(Config &config) {
    try {
        const Client client(config.ignore_environment());
    } catch (const Error &error) {
        return std::string(error.argument().value_or("none")) + ": " + std::string(error.message());
    }
    return "nothing was thrown";
}

TEST(TypedSettings, AcceptNumbersTimesAndBooleans) {
    const Client client(Config()
                            .ignore_environment()
                            .set_concurrency(4)
                            .set_timeout(1500ms)
                            .set_connect_timeout(2s)
                            .set_allow_http(true)
                            .set_region("cn-north-4"sv)
                            .set(KOOPHONE_SETTING_BATCH_SIZE, 16)
                            .set(KOOPHONE_SETTING_STRICT_COMMANDS, false)
                            .set(KOOPHONE_SETTING_ATTEMPT_TIMEOUT, 3s));
    // 0 is a number, not a null pointer, and reaches the check of the core.
    EXPECT_EQ(wrong(Config().set_concurrency(0)).find("concurrency: "), 0u);
    EXPECT_EQ(wrong(Config().set_concurrency(-1)).find("concurrency: "), 0u);
    EXPECT_NE(wrong(Config().set(KOOPHONE_SETTING_CONCURRENCY, 0)).find("from 1 to 256"), std::string::npos);
    EXPECT_EQ(wrong(Config().set_timeout(0ms)).find("timeout: "), 0u);
}

} // namespace
