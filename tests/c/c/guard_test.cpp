// The guard at the language boundary: panics, NULL, and that no function bypasses it.

#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "functions.h"
#include "support.h"

// In libraries built with the feature panic-injection only.
extern "C" void koophone_test_panic_next(void);

namespace {

// Calls a function with NULL and 0 for everything except the error, which is last.
template <class... Parameters, std::size_t... Index>
koophone_kind call_with_nothing(
    koophone_kind (*function)(Parameters...), koophone_error **error, std::index_sequence<Index...>) {
    std::tuple<Parameters...> arguments{};
    std::get<sizeof...(Parameters) - 1>(arguments) = error;
    return function(std::get<Index>(arguments)...);
}

template <class... Parameters>
koophone_kind call_with_nothing(koophone_kind (*function)(Parameters...), koophone_error **error) {
    return call_with_nothing(function, error, std::index_sequence_for<Parameters...>());
}

std::string header() {
    std::ifstream file(KOOPHONE_HEADER);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// The functions of the header whose declaration matches.
std::set<std::string> declared(const char *pattern) {
    const std::string text = header();
    const std::regex fitting(std::string("\\n") + pattern + "\\(");
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), fitting), end; at != end; ++at) {
        found.insert((*at)[1]);
    }
    return found;
}

#define NAME(function) #function,

TEST(Guard, HeaderAndListsOfFunctionsAgree) {
    std::set<std::string> fallible = declared(R"(koophone_kind (koophone_\w+))");
    // A getter that returns an error kind.
    EXPECT_EQ(fallible.erase("koophone_error_kind"), 1u);
    EXPECT_EQ(fallible, std::set<std::string>({FOR_EVERY_FALLIBLE_FUNCTION(NAME)}));
    EXPECT_EQ(declared(R"(void (koophone_\w+_free))"), std::set<std::string>({FOR_EVERY_FREE(NAME)}));
    EXPECT_EQ(declared(R"(bool (koophone_\w+_all_ok))"), std::set<std::string>({FOR_EVERY_ALL_OK(NAME)}));
}

TEST(Guard, APanicInAnyFunctionIsAnErrorOfKindInternal) {
#define PANICS(function)                                                                                               \
    {                                                                                                                  \
        koophone_error *error = nullptr;                                                                               \
        koophone_test_panic_next();                                                                                    \
        EXPECT_EQ(call_with_nothing(function, &error), KOOPHONE_INTERNAL) << #function;                                \
        const OwnError owner(error);                                                                                   \
        ASSERT_NE(error, nullptr) << #function;                                                                        \
        EXPECT_NE(std::strstr(koophone_error_message(error), "injected"), nullptr) << #function;                       \
    }
    FOR_EVERY_FALLIBLE_FUNCTION(PANICS)
}

TEST(Guard, APanicIsCaughtWithoutAPlaceForItsError) {
    koophone_test_panic_next();
    EXPECT_EQ(koophone_config_new(nullptr, nullptr), KOOPHONE_INTERNAL);
    koophone_config *config = nullptr;
    EXPECT_EQ(koophone_config_new(&config, nullptr), KOOPHONE_OK);
    koophone_config_free(config);
}

TEST(Guard, EveryFunctionRefusesNullForAllArguments) {
#define NOTHING(function)                                                                                              \
    {                                                                                                                  \
        koophone_error *error = nullptr;                                                                               \
        EXPECT_EQ(call_with_nothing(function, &error), KOOPHONE_INVALID_ARGUMENT) << #function;                        \
        const OwnError owner(error);                                                                                   \
        ASSERT_NE(error, nullptr) << #function;                                                                        \
        EXPECT_NE(koophone_error_argument(error), nullptr) << #function;                                               \
        EXPECT_EQ(call_with_nothing(function, nullptr), KOOPHONE_INVALID_ARGUMENT) << #function;                       \
    }
    FOR_EVERY_FALLIBLE_FUNCTION(NOTHING)
}

TEST(Guard, GettersAndFreesAcceptNull) {
    std::size_t count = 7;
    EXPECT_EQ(koophone_error_kind(nullptr), KOOPHONE_OK);
    EXPECT_EQ(koophone_error_message(nullptr), nullptr);
    EXPECT_EQ(koophone_error_argument(nullptr), nullptr);
    EXPECT_EQ(koophone_error_code(nullptr), nullptr);
    EXPECT_EQ(koophone_error_http_status(nullptr), 0);
    EXPECT_EQ(koophone_error_request_id(nullptr), nullptr);
    EXPECT_EQ(koophone_error_server_request_id(nullptr), nullptr);
    EXPECT_FALSE(koophone_error_retryable(nullptr));
    EXPECT_EQ(koophone_error_attempts(nullptr), 0u);
    EXPECT_EQ(koophone_error_excerpt(nullptr), nullptr);
    EXPECT_EQ(koophone_error_text(nullptr), nullptr);
    EXPECT_EQ(koophone_error_clone(nullptr), nullptr);
    EXPECT_EQ(koophone_error_causes(nullptr, &count), nullptr);
    EXPECT_EQ(count, 0u);
    count = 7;
    EXPECT_EQ(koophone_error_last_jobs(nullptr, &count), nullptr);
    EXPECT_EQ(count, 0u);
    EXPECT_EQ(koophone_error_causes(nullptr, nullptr), nullptr);
    EXPECT_EQ(koophone_task_save(nullptr), nullptr);
    EXPECT_EQ(koophone_task_operation(nullptr), nullptr);
    EXPECT_EQ(koophone_task_ids(nullptr, &count), nullptr);
    EXPECT_EQ(koophone_task_ids(nullptr, nullptr), nullptr);
    EXPECT_EQ(koophone_task_phones(nullptr), nullptr);
    EXPECT_FALSE(koophone_task_can_be_followed(nullptr));
    EXPECT_FALSE(koophone_call_is_finished(nullptr));
    EXPECT_FALSE(koophone_call_wait(nullptr, UINT64_MAX));
    EXPECT_EQ(koophone_call_tag(nullptr), nullptr);
    EXPECT_EQ(koophone_queue_next(nullptr, UINT64_MAX), nullptr);
    EXPECT_FALSE(koophone_cancel_token_is_cancelled(nullptr));
    EXPECT_EQ(koophone_emulator_endpoint(nullptr), nullptr);
    EXPECT_EQ(koophone_emulator_instance_ids(nullptr, nullptr), nullptr);
#define IS_FALSE(function) EXPECT_FALSE(function(nullptr)) << #function;
    FOR_EVERY_ALL_OK(IS_FALSE)
    koophone_call_cancel(nullptr);
    koophone_cancel_token_cancel(nullptr);
    koophone_emulator_clear_faults(nullptr);
    koophone_emulator_clear_rules(nullptr);
    koophone_emulator_clear_journal(nullptr);
    koophone_emulator_advance(nullptr, 1);
    koophone_emulator_set_free_machines(nullptr, 1);
    koophone_emulator_expire_tokens(nullptr);
    koophone_emulator_stop(nullptr);
#define FREES_NOTHING(function) function(nullptr);
    FOR_EVERY_FREE(FREES_NOTHING)
}

} // namespace
