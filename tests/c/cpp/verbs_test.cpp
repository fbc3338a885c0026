// Verbs in C++: one phone returns a value or throws, several return one result each, and no command is sent twice.

#include <gtest/gtest.h>

#include <chrono>
#include <koophone.hpp>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace koophone;

namespace {

const char *const GAME = "com.example.game";
const char *const PACKAGE = "/sdcard/com.example.game.apk";
const char *const LOST = R"([{"operation": "run_command", "action": "cut", "when": "after_execution"}])";

/// Which argument a call is refused for, before anything is sent.
template <class Function>
std::string refused(Function function) {
    try {
        static_cast<void>(function());
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << error.what();
        EXPECT_EQ(error.attempts(), 0u);
        return std::string(error.argument().value_or("none"));
    }
    return "nothing was thrown";
}

struct Verbs : testing::Test {
    Emulator emulator{R"({"phones": 3, "seed": 7, "files": {"/sdcard/com.example.game.apk": "PK"}})"};
    Client client{emulator.config()};
    std::string first{emulator.instance_ids()[0]};
    std::string second{emulator.instance_ids()[1]};
    Phone phone = client.phone(first);
    Phones phones = client.phones(emulator.instance_ids());

    std::size_t ran(const std::string &command) const {
        const std::string journal = emulator.journal(), entry = "\"command\":\"" + command + "\"";
        std::size_t count = 0;
        for (std::size_t at = 0; (at = journal.find(entry, at)) != journal.npos; ++at) {
            ++count;
        }
        return count;
    }
};

TEST(Command, WhatTheServiceMayRefuseIsExplained) {
    EXPECT_EQ(command::why_not("getprop ro.product.model"), std::nullopt);
    const auto why = command::why_not("ls /sdcard | wc");
    ASSERT_TRUE(why);
    EXPECT_NE(why->find("'|' at place 12"), std::string::npos) << *why;
    EXPECT_TRUE(command::why_not(""));
    EXPECT_EQ(refused([] { return command::why_not("\xff"); }), "text");
}

TEST_F(Verbs, OnePhoneGivesTheValue) {
    EXPECT_EQ(phone.getprop("ro.product.model"), "KooPhone");
    EXPECT_EQ(phone.getprop("ro.no.such"), "");
    EXPECT_EQ(phone.rotation(), 0);
    EXPECT_TRUE(phone.is_screen_on());
    phone.install_remote(PACKAGE);
    EXPECT_EQ(phone.list_packages("com.example"), std::vector<std::string>{GAME});
    EXPECT_TRUE(phone.pidof(GAME).empty());
    phone.app_start(GAME, ".Main");
    EXPECT_EQ(phone.pidof(GAME).size(), 1u);
    // A structure outlives the list that it came in.
    const auto app = phone.app_current();
    const auto info = phone.app_info(GAME);
    EXPECT_EQ(app.package(), GAME);
    EXPECT_EQ(app.activity(), "com.example.game.Main");
    EXPECT_EQ(info.path(), "/data/app/com.example.game-1/base.apk");
    EXPECT_EQ(info.version_code(), 1);
    EXPECT_EQ(phone.window_size().width(), 720);
    EXPECT_EQ(phone.window_size().height(), 1280);
    EXPECT_EQ(phone.battery().level(), 100);
    EXPECT_TRUE(phone.battery().powered());
    using Processes = decltype(phone.pidof(GAME));
    static_assert(std::is_same_v<Processes, std::vector<std::int64_t>>);
}

TEST_F(Verbs, OnePhoneThrowsItsFailure) {
    try {
        phone.app_start(GAME);
        FAIL() << "nothing was thrown";
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::command_failed);
        EXPECT_EQ(error.instance_id(), first);
        EXPECT_NE(error.message().find("No activities found"), std::string_view::npos) << error.what();
        EXPECT_TRUE(error.output());
    }
    EXPECT_THROW(static_cast<void>(phone.app_info(GAME)), Error);
    auto call = phone.begin_app_info(GAME);
    EXPECT_THROW(static_cast<void>(call.get()), Error);
}

TEST_F(Verbs, SeveralPhonesGiveOneResultEachInTheOrderGiven) {
    emulator.set_phone_state(second, 1);
    const auto results = client.phones({second, first}).getprop("ro.product.model");
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results[0].instance_id(), second);
    EXPECT_FALSE(results[0].ok());
    EXPECT_FALSE(results[0].value());
    EXPECT_EQ(results[0].error()->instance_id(), second);
    EXPECT_EQ(results[1].instance_id(), first);
    EXPECT_EQ(results[1].value(), "KooPhone");
    EXPECT_EQ(results[1].raw(), "KooPhone");
    EXPECT_FALSE(results[1].truncated());
    EXPECT_TRUE(results[1].request_id());
    EXPECT_THROW(results.raise_for_errors(), Error);
    const auto sizes = phones.window_size();
    EXPECT_EQ(sizes[0].value()->height(), 1280);
    EXPECT_FALSE(sizes[1].value());
    const auto processes = phones.pidof(GAME);
    EXPECT_TRUE(processes[0].value() && processes[0].value()->empty());
    EXPECT_FALSE(processes[1].value());
    EXPECT_EQ(phones.is_screen_on()[0].value(), true);
    EXPECT_TRUE(phones.list_packages("com.example")[0].value()->empty());
}

TEST_F(Verbs, AClickIsNeverSentTwiceAndAReadIs) {
    emulator.add_faults(LOST);
    for (const auto result : phones.click(360, 640)) {
        EXPECT_EQ(result.error()->kind(), ErrorKind::outcome_unknown);
        EXPECT_TRUE(result.error()->maybe_executed());
    }
    EXPECT_EQ(ran("input tap 360 640"), 3u);
    emulator.add_faults(LOST);
    try {
        phone.click(1, 2);
        FAIL() << "nothing was thrown";
    } catch (const Error &error) {
        EXPECT_EQ(error.kind(), ErrorKind::outcome_unknown);
    }
    EXPECT_EQ(ran("input tap 1 2"), 1u);
    emulator.add_faults(LOST);
    EXPECT_NO_THROW(phone.click(3, 4, Options().repeatable()));
    EXPECT_EQ(ran("input tap 3 4"), 2u);
    emulator.add_faults(LOST);
    EXPECT_EQ(phone.getprop("ro.product.model"), "KooPhone");
    EXPECT_EQ(ran("getprop ro.product.model"), 2u);
}

TEST_F(Verbs, WrongArgumentsAreRefusedByTheirNames) {
    EXPECT_EQ(refused([&] { return phones.click(-1, 2); }), "x");
    EXPECT_EQ(refused([&] { return phones.getprop("a;reboot"); }), "name");
    EXPECT_EQ(refused([&] { return phones.settings_put("user", "a", "b"); }), "namespace");
    EXPECT_EQ(refused([&] { return phones.long_click(1, 1, 21s); }), "duration");
    // In C that is the default.
    EXPECT_EQ(refused([&] { return phones.long_click(1, 1, 0ms); }), "duration");
    EXPECT_EQ(refused([&] { return phones.begin_swipe(1, 1, 2, 2, -1ms); }), "duration");
    EXPECT_EQ(refused([&] { return phone.getprop(std::string("a\0b", 3)); }), "name");
    EXPECT_EQ(refused([&] { return phone.begin_app_start(GAME, std::string("a\0b", 3)); }), "activity");
    EXPECT_EQ(refused([&] { return client.phone(std::string("a\0b", 3)); }), "instance_id");
    EXPECT_EQ(refused([&] { return client.phones({first, std::string("a\0b", 3)}); }), "instance_ids[1]");
    EXPECT_EQ(refused([&] { return client.phone(static_cast<const char *>(nullptr)).rotation(); }), "instance_ids[0]");
    EXPECT_EQ(refused([&] { return client.phones(std::vector<std::string>()).rotation(); }), "instance_ids");
    EXPECT_EQ(emulator.requests(), "[]");
}

TEST_F(Verbs, PhonesOutliveWhatTheyWereMadeOf) {
    std::optional<Phones> kept;
    {
        const Client other(emulator.config());
        kept = other.phones(std::vector<std::string>{second, first});
    }
    const Phones moved = std::move(*kept);
    EXPECT_EQ(moved.getprop("ro.product.model")[0].instance_id(), second);
    // A move is a copy.
    EXPECT_EQ(kept->getprop("ro.product.model").size(), 2u);
    auto size = phone.window_size();
    const auto other_size = std::move(size);
    EXPECT_EQ(size.width(), other_size.width());
    Client gone = std::move(client);
    EXPECT_EQ(refused([&] { return client.phone(first).rotation(); }), "client");
    EXPECT_EQ(phone.rotation(), 0);
}

TEST_F(Verbs, EachIsStartedToo) {
    auto model = phone.begin_getprop("ro.product.model");
    auto click = phone.begin_click(1, 2);
    auto sizes = phones.begin_window_size();
    EXPECT_TRUE(model.wait(60s));
    EXPECT_EQ(model.get(), "KooPhone");
    EXPECT_NO_THROW(click.get());
    EXPECT_THROW(click.get(), Error);
    EXPECT_EQ(sizes.get()[2].value()->width(), 720);
    EXPECT_EQ(phone.begin_battery().get().level(), 100);
    Queue queue;
    auto queued = phones.begin_wake(Options().queue(queue, &queue));
    EXPECT_EQ(queue.next(60s), static_cast<void *>(&queue));
    EXPECT_TRUE(queued.get().all_ok());
}

TEST_F(Verbs, EachActs) {
    phone.install_remote(PACKAGE);
    phone.app_start(GAME);
    phone.click(1, 2);
    phone.long_click(3, 4);
    phone.long_click(3, 4, 800ms);
    phone.swipe(1, 2, 3, 4);
    phone.drag(1, 2, 3, 4, 1s);
    phone.keyevent("VOLUME_UP");
    phone.back();
    phone.home();
    phone.send_keys("player");
    phone.wake();
    phone.settings_put("system", "user_rotation", "1");
    EXPECT_EQ(phone.rotation(), 1);
    phone.app_stop(GAME);
    phone.app_clear(GAME);
    phone.uninstall(GAME);
    EXPECT_TRUE(phone.list_packages(GAME).empty());
    for (const char *command :
        {"input tap 1 2", "input swipe 3 4 3 4 500", "input swipe 3 4 3 4 800", "input swipe 1 2 3 4 500",
            "input draganddrop 1 2 3 4 1000", "input keyevent KEYCODE_BACK", "input keyevent KEYCODE_HOME",
            "input text player"}) {
        EXPECT_EQ(ran(command), 1u) << command;
    }
}

} // namespace
