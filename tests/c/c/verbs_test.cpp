// Verbs: each kind of value in C, each error in its place, and no command sent twice.

#include <string>
#include <vector>

#include "support.h"

namespace {

const char *const GAME = "com.example.game";
const char *const PACKAGE = "/sdcard/com.example.game.apk";
const char *const PHONES = R"({"phones": 3, "seed": 7, "files": {"/sdcard/com.example.game.apk": "PK"}})";
const char *const LOST = R"([{"operation": "run_command", "action": "cut", "when": "after_execution"}])";

using OwnTexts = Own<koophone_text_result_list, koophone_text_result_list_free>;
using OwnDone = Own<koophone_done_result_list, koophone_done_result_list_free>;

// How often a command is in the journal of the phones.
std::size_t ran(const Service &service, const std::string &command) {
    const std::string journal = service.journal();
    const std::string entry = "\"command\":\"" + command + "\"";
    std::size_t count = 0;
    for (std::size_t at = 0; (at = journal.find(entry, at)) != journal.npos; at++) {
        count++;
    }
    return count;
}

// Whether any command was sent.
bool sent(const Service &service) {
    koophone_string *json = nullptr;
    OK(koophone_emulator_requests(service.emulator, &json, &error));
    const bool found = std::string(json->data).find("run_command") != std::string::npos;
    koophone_string_free(json);
    return found;
}

void install(const Service &service) {
    koophone_done_result_list *done = nullptr;
    OK(koophone_phones_install_remote(service.client, service.ids, service.count, PACKAGE, nullptr, &done, &error));
    OK(koophone_done_result_list_raise_for_errors(done, &error));
    koophone_done_result_list_free(done);
    koophone_emulator_clear_journal(service.emulator);
}

TEST(Verbs, TextsAreGivenOnePerPhoneInTheOrderAsked) {
    const Service service(PHONES);
    const char *const asked[] = {service.ids[2], service.ids[0]};
    koophone_text_result_list *list = nullptr;
    OK(koophone_phones_getprop(service.client, asked, 2, "ro.product.model", nullptr, &list, &error));
    const OwnTexts owner(list);
    ASSERT_EQ(list->count, 2u);
    for (std::size_t at = 0; at < 2; at++) {
        const koophone_text_result &result = list->items[at];
        EXPECT_STREQ(result.instance_id, asked[at]);
        EXPECT_STREQ(result.value, "KooPhone");
        EXPECT_EQ(result.value_length, 8u);
        EXPECT_STREQ(result.raw, "KooPhone");
        EXPECT_FALSE(result.truncated);
        EXPECT_NE(result.request_id, nullptr);
        EXPECT_EQ(result.error, nullptr);
    }
    EXPECT_TRUE(koophone_text_result_list_all_ok(list));
    EXPECT_EQ(ran(service, "getprop ro.product.model"), 2u);
}

TEST(Verbs, NumbersFlagsAndStructuresHaveTheirValues) {
    const Service service(PHONES);
    koophone_number_result_list *rotation = nullptr;
    OK(koophone_phones_rotation(service.client, service.ids, 1, nullptr, &rotation, &error));
    EXPECT_TRUE(rotation->items[0].has_value);
    EXPECT_EQ(rotation->items[0].value, 0);
    koophone_number_result_list_free(rotation);

    koophone_flag_result_list *on = nullptr;
    OK(koophone_phones_is_screen_on(service.client, service.ids, 1, nullptr, &on, &error));
    EXPECT_TRUE(on->items[0].has_value && on->items[0].value);
    koophone_flag_result_list_free(on);

    koophone_window_size_result_list *size = nullptr;
    OK(koophone_phones_window_size(service.client, service.ids, 1, nullptr, &size, &error));
    EXPECT_TRUE(size->items[0].has_value);
    EXPECT_EQ(size->items[0].value.width, 720);
    EXPECT_EQ(size->items[0].value.height, 1280);
    koophone_window_size_result_list_free(size);

    koophone_battery_result_list *battery = nullptr;
    OK(koophone_phones_battery(service.client, service.ids, 1, nullptr, &battery, &error));
    EXPECT_EQ(battery->items[0].value.level, 100);
    EXPECT_TRUE(battery->items[0].value.powered);
    koophone_battery_result_list_free(battery);
}

TEST(Verbs, ListsHaveTheirValuesAndAnEmptyOneIsNoneThatIsAbsent) {
    const Service service(PHONES);
    install(service);
    koophone_text_list_result_list *packages = nullptr;
    OK(koophone_phones_list_packages(service.client, service.ids, 1, "com.example", nullptr, &packages, &error));
    EXPECT_TRUE(packages->items[0].has_value);
    ASSERT_EQ(packages->items[0].value_count, 1u);
    EXPECT_STREQ(packages->items[0].value[0], GAME);
    koophone_text_list_result_list_free(packages);

    koophone_app_info_result_list *info = nullptr;
    OK(koophone_phones_app_info(service.client, service.ids, 1, GAME, nullptr, &info, &error));
    EXPECT_TRUE(info->items[0].has_value);
    EXPECT_STREQ(info->items[0].value.package, GAME);
    EXPECT_STREQ(info->items[0].value.path, "/data/app/com.example.game-1/base.apk");
    EXPECT_EQ(info->items[0].value.version_code, 1);
    koophone_app_info_result_list_free(info);

    koophone_done_result_list *done = nullptr;
    // NULL for the activity that the launcher starts.
    OK(koophone_phones_app_start(service.client, service.ids, 1, GAME, nullptr, nullptr, &done, &error));
    EXPECT_TRUE(koophone_done_result_list_all_ok(done));
    koophone_done_result_list_free(done);
    koophone_number_list_result_list *processes = nullptr;
    OK(koophone_phones_pidof(service.client, service.ids, 2, GAME, nullptr, &processes, &error));
    EXPECT_TRUE(processes->items[0].has_value && processes->items[1].has_value);
    ASSERT_EQ(processes->items[0].value_count, 1u);
    EXPECT_GT(processes->items[0].value[0], 0);
    EXPECT_EQ(processes->items[1].value_count, 0u);
    koophone_number_list_result_list_free(processes);
}

TEST(Verbs, APhoneThatFailsHasAnErrorAndNoValueAndTheOthersHaveTheirs) {
    const Service service(PHONES);
    install(service);
    OK(koophone_emulator_set_phone_state(service.emulator, service.ids[1], 1, &error));
    koophone_window_size_result_list *list = nullptr;
    OK(koophone_phones_window_size(service.client, service.ids, 3, nullptr, &list, &error));
    EXPECT_TRUE(list->items[0].has_value && list->items[2].has_value);
    EXPECT_FALSE(list->items[1].has_value);
    EXPECT_EQ(list->items[1].value.width, 0);
    ASSERT_NE(list->items[1].error, nullptr);
    EXPECT_FALSE(koophone_error_maybe_executed(list->items[1].error));
    EXPECT_FALSE(koophone_window_size_result_list_all_ok(list));
    koophone_error *raised = nullptr;
    EXPECT_NE(koophone_window_size_result_list_raise_for_errors(list, &raised), KOOPHONE_OK);
    EXPECT_STREQ(koophone_error_instance_id(raised), service.ids[1]);
    koophone_error_free(raised);
    koophone_window_size_result_list_free(list);

    koophone_app_info_result_list *info = nullptr;
    OK(koophone_phones_app_info(service.client, service.ids, 2, GAME, nullptr, &info, &error));
    EXPECT_FALSE(info->items[1].has_value);
    EXPECT_EQ(info->items[1].value.package, nullptr);
    koophone_app_info_result_list_free(info);
    koophone_number_list_result_list *processes = nullptr;
    OK(koophone_phones_pidof(service.client, service.ids, 2, GAME, nullptr, &processes, &error));
    EXPECT_FALSE(processes->items[1].has_value);
    EXPECT_EQ(processes->items[1].value, nullptr);
    EXPECT_EQ(processes->items[1].value_count, 0u);
    koophone_number_list_result_list_free(processes);

    // What the phone says when it fails is its error.
    koophone_done_result_list *done = nullptr;
    OK(koophone_phones_install_remote(service.client, service.ids, 1, "/sdcard/none.apk", nullptr, &done, &error));
    const OwnDone owner(done);
    EXPECT_EQ(koophone_error_kind(done->items[0].error), KOOPHONE_COMMAND_FAILED);
    EXPECT_STREQ(koophone_error_output(done->items[0].error), done->items[0].raw);
}

TEST(Verbs, AClickWhoseResponseIsLostIsNotSentAgain) {
    Service service(PHONES);
    service.faults(LOST);
    koophone_done_result_list *done = nullptr;
    OK(koophone_phones_click(service.client, service.ids, 2, 360, 640, nullptr, &done, &error));
    OwnDone owner(done);
    for (std::size_t at = 0; at < 2; at++) {
        EXPECT_EQ(koophone_error_kind(done->items[at].error), KOOPHONE_OUTCOME_UNKNOWN);
        EXPECT_TRUE(koophone_error_maybe_executed(done->items[at].error));
    }
    EXPECT_EQ(ran(service, "input tap 360 640"), 2u);

    // Unless the caller says that it may be.
    service.faults(LOST);
    koophone_call_options options = {};
    options.repeatable = true;
    OK(koophone_phones_click(service.client, service.ids, 1, 1, 2, &options, &done, &error));
    owner.reset(done);
    EXPECT_TRUE(koophone_done_result_list_all_ok(done));
    EXPECT_EQ(ran(service, "input tap 1 2"), 2u);
}

TEST(Verbs, WhatReadsOrEndsInTheSameStateIsSentAgain) {
    Service service(PHONES);
    service.faults(LOST);
    koophone_text_result_list *list = nullptr;
    OK(koophone_phones_getprop(service.client, service.ids, 1, "ro.product.model", nullptr, &list, &error));
    const OwnTexts owner(list);
    EXPECT_STREQ(list->items[0].value, "KooPhone");
    EXPECT_EQ(ran(service, "getprop ro.product.model"), 2u);
    service.faults(LOST);
    koophone_done_result_list *done = nullptr;
    OK(koophone_phones_wake(service.client, service.ids, 1, nullptr, &done, &error));
    const OwnDone done_owner(done);
    EXPECT_TRUE(koophone_done_result_list_all_ok(done));
    EXPECT_EQ(ran(service, "input keyevent KEYCODE_WAKEUP"), 2u);
}

TEST(Verbs, WrongArgumentsAreRefusedByTheirNamesBeforeAnythingIsSent) {
    const Service service(PHONES);
    const koophone_client *client = service.client;
    const char *const *ids = service.ids;
    koophone_text_result_list *texts = nullptr;
    koophone_done_result_list *done = nullptr;
    koophone_call *call = nullptr;
    const auto kind = KOOPHONE_INVALID_ARGUMENT;
    REFUSED(kind, "name", koophone_phones_getprop(client, ids, 1, "a;reboot", nullptr, &texts, &error));
    REFUSED(kind, "x", koophone_phones_click(client, ids, 1, -1, 5, nullptr, &done, &error));
    REFUSED(kind, "y2", koophone_phones_swipe(client, ids, 1, 1, 1, 1, 40000, 0, nullptr, &done, &error));
    REFUSED(kind, "duration", koophone_phones_long_click(client, ids, 1, 1, 1, 20001, nullptr, &done, &error));
    REFUSED(kind, "duration", koophone_phones_long_click(client, ids, 1, 1, 1, -1, nullptr, &done, &error));
    REFUSED(kind, "duration", koophone_phones_begin_long_click(client, ids, 1, 1, 1, -1, nullptr, &call, &error));
    REFUSED(kind, "namespace", koophone_phones_settings_put(client, ids, 1, "user", "a", "b", nullptr, &done, &error));
    REFUSED(kind, "text", koophone_phones_send_keys(client, ids, 1, "\xe4\xbb\xb7", nullptr, &done, &error));
    REFUSED(kind, "activity", koophone_phones_app_start(client, ids, 1, GAME, "a/b", nullptr, &done, &error));
    EXPECT_EQ(done, nullptr);
    EXPECT_EQ(call, nullptr);
    EXPECT_FALSE(sent(service));
}

TEST(Verbs, ATimeOfNothingIsTheDefault) {
    const Service service(PHONES);
    koophone_done_result_list *done = nullptr;
    OK(koophone_phones_swipe(service.client, service.ids, 1, 1, 2, 3, 4, 0, nullptr, &done, &error));
    OwnDone owner(done);
    OK(koophone_phones_long_click(service.client, service.ids, 1, 5, 6, 800, nullptr, &done, &error));
    owner.reset(done);
    EXPECT_EQ(ran(service, "input swipe 1 2 3 4 500"), 1u);
    EXPECT_EQ(ran(service, "input swipe 5 6 5 6 800"), 1u);
}

TEST(Verbs, AStartedOneIsTakenAsItsType) {
    const Service service(PHONES);
    koophone_call *call = nullptr;
    OK(koophone_phones_begin_getprop(service.client, service.ids, 2, "ro.product.model", nullptr, &call, &error));
    const OwnCall owner(call);
    ASSERT_TRUE(koophone_call_wait(call, 60000));
    koophone_done_result_list *wrong = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "call", koophone_call_take_done_results(call, &wrong, &error));
    koophone_text_result_list *list = nullptr;
    OK(koophone_call_take_text_results(call, &list, &error));
    const OwnTexts texts(list);
    ASSERT_EQ(list->count, 2u);
    EXPECT_STREQ(list->items[1].instance_id, service.ids[1]);
    EXPECT_STREQ(list->items[1].value, "KooPhone");
}

} // namespace
