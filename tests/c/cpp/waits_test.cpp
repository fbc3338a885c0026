// Waits in C++: their values, their progress callbacks, and how they end.

#include <gtest/gtest.h>

#include <chrono>
#include <koophone.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace koophone;

namespace {

const char *const SYSTEM = "com.android.systemui";
const char *const REACHED = R"([{"command": "getprop debug.game.level", "stdout": "3\n"}])";

struct Waits : testing::Test {
    Emulator emulator{R"({"phones": 2, "seed": 7})"};
    Client client{emulator.config()};
    std::string first{emulator.instance_ids()[0]};
    Phone phone = client.phone(first);
    Phones phones = client.phones(emulator.instance_ids());
};

template <class Function>
std::string refused(Function function) {
    try {
        static_cast<void>(function());
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << error.what();
        return std::string(error.argument().value_or("none"));
    }
    return "nothing was thrown";
}

TEST_F(Waits, GiveWhatWasWaitedForAndTheNumberOfCalls) {
    const auto runs = phone.app_wait(SYSTEM);
    EXPECT_EQ(runs.value()[0], 620);
    EXPECT_EQ(runs.calls(), 1u);
    EXPECT_EQ(phone.app_wait_gone("com.none", Options().timeout(60s)).calls(), 1u);
    EXPECT_EQ(phones.wait_prop("ro.product.model", "KooPhone")[1].value()->calls(), 1u);
    const auto boot = phone.wait_for_boot();
    EXPECT_EQ(boot.value(), phone.boot_id());
    EXPECT_EQ(phones.wait_for_boot({"1", "2"})[1].value()->value(), boot.value());
    EXPECT_EQ(phone.begin_wait_for_boot("1").get().calls(), 2u);
}

TEST_F(Waits, TellTheirProgressAndDropWhatIsThrown) {
    std::vector<std::uint64_t> running;
    emulator.add_rules(
        R"([{"command": "getprop debug.game.level", "stdout": "3\n", "instance_ids": [")" + first + R"("]}])");
    const auto waited = phones.wait_prop("debug.game.level", "3", {}, [&](const Progress &progress) {
        running.push_back(progress.running());
        if (running.size() == 2) {
            emulator.add_rules(REACHED);
        }
        throw std::runtime_error("dropped");
    });
    EXPECT_EQ(waited[0].value()->calls(), 1u);
    EXPECT_EQ(waited[1].value()->calls(), 2u);
    EXPECT_EQ(running, (std::vector<std::uint64_t>{2, 1, 0}));
    const CancelToken token;
    auto call = phones.begin_app_wait("com.none", Options().cancel(token), [&](const Progress &) { token.cancel(); });
    EXPECT_EQ(call.get()[1].error()->kind(), ErrorKind::cancelled);
}

TEST_F(Waits, HoldTheLastAnswerWhenTheTimeIsUp) {
    try {
        static_cast<void>(phone.app_wait_gone(SYSTEM, Options().timeout(300ms)));
        FAIL() << "nothing was thrown";
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::timeout);
        EXPECT_EQ(error.output(), "620");
        EXPECT_EQ(error.attempts(), 1u);
    }
    const auto before = phone.boot_id();
    EXPECT_THROW(static_cast<void>(phone.wait_for_boot(before, Options().timeout(300ms))), Error);
}

TEST_F(Waits, AskAPredicateAndThrowWhatItThrows) {
    std::vector<std::string> asked;
    const auto reached = [&](std::string_view level) {
        asked.emplace_back(level);
        emulator.add_rules(REACHED);
        return level == "3";
    };
    const auto waited = phone.wait_until("getprop debug.game.level", reached);
    EXPECT_EQ(waited.value(), "3");
    EXPECT_EQ(waited.calls(), 2u);
    EXPECT_EQ(asked, (std::vector<std::string>{"", "3"}));
    const auto fails = [](std::string_view) -> bool { throw std::out_of_range("no level"); };
    EXPECT_THROW(static_cast<void>(phones.wait_until("getprop debug.game.level", fails)), std::out_of_range);
    EXPECT_EQ(phones.begin_wait_until("ls /sdcard", fails).get()[1].error()->kind(), ErrorKind::cancelled);
    EXPECT_EQ(phones.begin_wait_until("ls /sdcard", [](std::string_view) { return true; }).get().all_ok(), true);
}

TEST_F(Waits, ReportThePagesOfAFile) {
    static_cast<void>(phone.screencap("/sdcard/screen.png"));
    std::vector<std::uint64_t> read;
    const auto file = phone.read_file("/sdcard/screen.png", 20, {}, [&](const Progress &progress) {
        read.push_back(progress.succeeded());
    });
    EXPECT_EQ(read.back(), 1u);
    EXPECT_EQ(file.calls(), 3u);
    read.clear();
    const auto count = [&](const Progress &progress) { read.push_back(progress.succeeded()); };
    EXPECT_FALSE(phone.begin_logcat_tail(1, 20, {}, count).get().lines().empty());
    EXPECT_EQ(read.back(), 1u);
}

TEST_F(Waits, RefuseWhatIsWrongByItsName) {
    const std::vector<std::string> none;
    EXPECT_EQ(refused([&] { return phone.app_wait("a b"); }), "package");
    EXPECT_EQ(refused([&] { return phones.wait_for_boot(none); }), "before");
    EXPECT_EQ(refused([&] { return phones.wait_for_boot("1"); }), "before");
    EXPECT_EQ(refused([&] { return phones.wait_until("ls", {}); }), "predicate");
    EXPECT_EQ(refused([&] { return phones.wait_for_boot({std::string("1"), std::string("a\0b", 3)}); }), "before[1]");
    EXPECT_EQ(refused([&] { return phones.begin_app_wait(std::string("a\0b", 3), {}, [](const Progress &) {}); }),
        "package");
    EXPECT_EQ(emulator.requests(), "[]");
}

} // namespace
