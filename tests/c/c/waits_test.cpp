// Waits: their values in C, their progress callbacks, and how they end.

#include <string>
#include <vector>

#include "support.h"

namespace {

const char *const SYSTEM = "com.android.systemui";
const char *const LEVEL = "debug.game.level";

using OwnNumbers = Own<koophone_waited_number_list_result_list, koophone_waited_number_list_result_list_free>;
using OwnDone = Own<koophone_waited_done_result_list, koophone_waited_done_result_list_free>;
using OwnTexts = Own<koophone_waited_text_result_list, koophone_waited_text_result_list_free>;

koophone_call_options soon() {
    koophone_call_options options = {};
    options.timeout_ms = 300;
    return options;
}

// What the callbacks of a test saw.
struct Seen {
    const Service *service = nullptr;
    koophone_cancel_token *token = nullptr;
    std::vector<std::uint64_t> running;
    std::thread::id thread;
    int released = 0;
};

// Has all phones reach what is waited for when the first has.
void report(const koophone_progress *progress, void *user_data) {
    auto *seen = static_cast<Seen *>(user_data);
    seen->running.push_back(progress->running);
    seen->thread = std::this_thread::get_id();
    koophone_cancel_token_cancel(seen->token);
    if (seen->service != nullptr && seen->running.size() == 2) {
        const char *rule = R"([{"command": "getprop debug.game.level", "stdout": "3\n"}])";
        OK(koophone_emulator_add_rules(seen->service->emulator, rule, &error));
    }
}

void release(void *user_data) { static_cast<Seen *>(user_data)->released++; }

TEST(Waits, GiveWhatWasWaitedForAndTheNumberOfCalls) {
    const Service service;
    koophone_waited_number_list_result_list *list = nullptr;
    OK(koophone_phones_app_wait(service.client, service.ids, 2, SYSTEM, nullptr, nullptr, nullptr, &list, &error));
    const OwnNumbers owner(list);
    ASSERT_EQ(list->count, 2u);
    const koophone_waited_number_list_result &result = list->items[1];
    EXPECT_STREQ(result.instance_id, service.ids[1]);
    EXPECT_TRUE(result.has_value);
    ASSERT_EQ(result.value.value_count, 1u);
    EXPECT_EQ(result.value.value[0], 620);
    EXPECT_EQ(result.value.calls, 1u);
    koophone_waited_text_result_list *boots = nullptr;
    OK(koophone_phones_wait_for_boot(service.client, service.ids, 1, nullptr, 0, nullptr, nullptr, nullptr, &boots,
                                     &error));
    const OwnTexts boots_owner(boots);
    EXPECT_EQ(boots->items[0].value.calls, 2u);
    // The boot before never counts.
    const char *const before[] = {boots->items[0].value.value};
    const koophone_call_options options = soon();
    koophone_waited_text_result_list *old = nullptr;
    OK(koophone_phones_wait_for_boot(service.client, service.ids, 1, before, 1, nullptr, nullptr, &options, &old,
                                     &error));
    const OwnTexts old_owner(old);
    EXPECT_FALSE(old->items[0].has_value);
    EXPECT_EQ(koophone_error_kind(old->items[0].error), KOOPHONE_TIMEOUT);
    EXPECT_STREQ(koophone_error_output(old->items[0].error), before[0]);
}

TEST(Waits, TellTheirProgressOnThisThreadAndAskAgain) {
    const Service service;
    Seen seen;
    seen.service = &service;
    const std::string id = service.ids[0];
    const std::string rule =
        R"([{"command": "getprop debug.game.level", "stdout": "3\n", "instance_ids": [")" + id + R"("]}])";
    OK(koophone_emulator_add_rules(service.emulator, rule.c_str(), &error));
    koophone_waited_done_result_list *list = nullptr;
    OK(koophone_phones_wait_prop(service.client, service.ids, 3, LEVEL, "3", report, &seen, nullptr, &list, &error));
    const OwnDone owner(list);
    EXPECT_TRUE(koophone_waited_done_result_list_all_ok(list));
    EXPECT_EQ(list->items[0].value.calls, 1u);
    EXPECT_EQ(list->items[2].value.calls, 2u);
    EXPECT_EQ(seen.running, (std::vector<std::uint64_t>{3, 2, 0}));
    EXPECT_EQ(seen.thread, std::this_thread::get_id());
}

TEST(Waits, AStartedOneIsCancelledAndReleasesItsDataOnce) {
    const Service service;
    Seen seen;
    OK(koophone_cancel_token_new(&seen.token, &error));
    koophone_call_options options = {};
    options.cancel = seen.token;
    koophone_call *call = nullptr;
    OK(koophone_phones_begin_app_wait(service.client, service.ids, 2, "com.none", report, &seen, release, &options,
                                      &call, &error));
    const OwnCall owner(call);
    ASSERT_TRUE(koophone_call_wait(call, 60000));
    koophone_waited_number_list_result_list *list = nullptr;
    OK(koophone_call_take_waited_number_list_results(call, &list, &error));
    const OwnNumbers list_owner(list);
    EXPECT_EQ(koophone_error_kind(list->items[1].error), KOOPHONE_CANCELLED);
    EXPECT_NE(seen.thread, std::this_thread::get_id());
    EXPECT_EQ(seen.released, 1);
    // Also where nothing was started.
    koophone_call *none = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "package",
            koophone_phones_begin_app_wait(service.client, service.ids, 2, nullptr, report, &seen, release, nullptr,
                                           &none, &error));
    EXPECT_EQ(seen.released, 2);
    koophone_cancel_token_free(seen.token);
}

// What a predicate was asked, and what it says at last.
struct Asked {
    const Service *service = nullptr;
    std::vector<std::string> texts;
    std::thread::id thread;
    std::int32_t last = 1;
    int released = 0;
};

// Accepts the level 3, which all phones reach when the first was asked.
std::int32_t accept(const char *text, void *user_data) {
    auto *asked = static_cast<Asked *>(user_data);
    asked->texts.push_back(text);
    asked->thread = std::this_thread::get_id();
    if (asked->texts.back() == "3") {
        return asked->last;
    }
    const char *rule = R"([{"command": "getprop debug.game.level", "stdout": "3\n"}])";
    OK(koophone_emulator_add_rules(asked->service->emulator, rule, &error));
    return 0;
}

TEST(Waits, AskAPredicateOnThisThreadAboutEachText) {
    const Service service;
    Asked asked;
    asked.service = &service;
    koophone_waited_text_result_list *list = nullptr;
    OK(koophone_phones_wait_until(service.client, service.ids, 2, "getprop debug.game.level", accept, nullptr, &asked,
                                  nullptr, &list, &error));
    const OwnTexts owner(list);
    EXPECT_TRUE(koophone_waited_text_result_list_all_ok(list));
    EXPECT_STREQ(list->items[1].value.value, "3");
    EXPECT_EQ(list->items[1].value.calls, 2u);
    EXPECT_EQ(asked.texts, (std::vector<std::string>{"", "", "3", "3"}));
    EXPECT_EQ(asked.thread, std::this_thread::get_id());
}

TEST(Waits, APredicateCanEndAStartedWait) {
    const Service service;
    Asked asked;
    asked.service = &service;
    asked.last = -1;
    koophone_call *call = nullptr;
    OK(koophone_phones_begin_wait_until(service.client, service.ids, 2, "getprop debug.game.level", accept, nullptr,
                                        &asked, [](void *data) { static_cast<Asked *>(data)->released++; }, nullptr,
                                        &call, &error));
    const OwnCall owner(call);
    ASSERT_TRUE(koophone_call_wait(call, 60000));
    koophone_waited_text_result_list *list = nullptr;
    OK(koophone_call_take_waited_text_results(call, &list, &error));
    const OwnTexts list_owner(list);
    EXPECT_EQ(koophone_error_kind(list->items[0].error), KOOPHONE_CANCELLED);
    EXPECT_EQ(koophone_error_kind(list->items[1].error), KOOPHONE_CANCELLED);
    EXPECT_NE(asked.thread, std::this_thread::get_id());
    EXPECT_EQ(asked.released, 1);
}

TEST(Waits, RefuseWhatIsWrongByItsName) {
    const Service service;
    const koophone_client *client = service.client;
    const char *const *ids = service.ids;
    const char *const two[] = {"1", "2"};
    const char *const none[] = {"1", nullptr, "3"};
    koophone_waited_number_list_result_list *numbers = nullptr;
    koophone_waited_done_result_list *done = nullptr;
    koophone_waited_text_result_list *texts = nullptr;
    const auto kind = KOOPHONE_INVALID_ARGUMENT;
    REFUSED(kind, "package",
            koophone_phones_app_wait(client, ids, 1, "a b", nullptr, nullptr, nullptr, &numbers, &error));
    REFUSED(kind, "name",
            koophone_phones_wait_prop(client, ids, 1, "a;b", "1", nullptr, nullptr, nullptr, &done, &error));
    REFUSED(kind, "before",
            koophone_phones_wait_for_boot(client, ids, 3, two, 2, nullptr, nullptr, nullptr, &texts, &error));
    REFUSED(kind, "before",
            koophone_phones_wait_for_boot(client, ids, 3, two, 0, nullptr, nullptr, nullptr, &texts, &error));
    REFUSED(kind, "predicate",
            koophone_phones_wait_until(client, ids, 3, "ls", nullptr, nullptr, nullptr, nullptr, &texts, &error));
    REFUSED(kind, "before[1]",
            koophone_phones_wait_for_boot(client, ids, 3, none, 3, nullptr, nullptr, nullptr, &texts, &error));
}

} // namespace
