// Wrong arguments: every pointer NULL in turn, text that is not UTF-8, wrong numbers, huge counts, contradictions.

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "misuse_operations.h"
#include "support.h"

namespace {

// Replaces one argument with NULL and calls; the error is last. `optional` arguments are left out.
template <std::size_t At, class... Parameters>
void with_null_at(const char *name, koophone_kind (*function)(Parameters...), std::tuple<Parameters...> arguments,
                  const std::vector<std::size_t> &optional) {
    using Parameter = std::tuple_element_t<At, std::tuple<Parameters...>>;
    for (const std::size_t skipped : optional) {
        if (skipped == At) {
            return;
        }
    }
    if constexpr (std::is_pointer_v<Parameter>) {
        koophone_error *error = nullptr;
        std::get<sizeof...(Parameters) - 1>(arguments) = &error;
        std::get<At>(arguments) = nullptr;
        EXPECT_EQ(std::apply(function, arguments), KOOPHONE_INVALID_ARGUMENT) << name << ", parameter " << At;
        const OwnError owner(error);
        ASSERT_NE(error, nullptr);
        EXPECT_NE(std::string(koophone_error_message(error)).find("NULL"), std::string::npos) << koophone_error_text(error);
        std::get<sizeof...(Parameters) - 1>(arguments) = nullptr;
        EXPECT_EQ(std::apply(function, arguments), KOOPHONE_INVALID_ARGUMENT) << name << ", parameter " << At;
    }
}

template <class... Parameters, std::size_t... At>
void each_null(const char *name, koophone_kind (*function)(Parameters...), std::tuple<Parameters...> arguments,
               const std::vector<std::size_t> &optional, std::index_sequence<At...>) {
    (with_null_at<At>(name, function, arguments, optional), ...);
}

// `function`, which would succeed with `arguments` (without the error), with each pointer NULL in turn.
template <class... Parameters, class... Arguments>
void each_null(const char *name, koophone_kind (*function)(Parameters...), const std::vector<std::size_t> &optional,
               Arguments... arguments) {
    std::tuple<Parameters...> all(arguments..., nullptr);
    each_null(name, function, all, optional, std::make_index_sequence<sizeof...(Parameters) - 1>());
}

#define EACH_NULL(function, optional, ...) each_null(#function, function, optional, __VA_ARGS__)
using Optional = std::vector<std::size_t>;

void log_nothing(koophone_log_level, const char *, void *) {}

TEST(Misuse, EveryPointerNullInTurn) {
    Service service;
    koophone_credentials *credentials = nullptr;
    OK(koophone_emulator_credentials(service.emulator, &credentials, &error));
    koophone_task *task = nullptr;
    OK(koophone_client_start_command(service.client, service.ids, 1, "true", nullptr, &task, &error));
    const koophone_video_spec spec = {6000, 30};
    const koophone_client *client = service.client;
    const char *const *ids = service.ids;
    const koophone_call_options *options = nullptr;
    void *nothing = nullptr;

    koophone_task *new_task;
    koophone_task_status *status;
    koophone_job_result_list *jobs;
    koophone_call *call;
    koophone_client *new_client;
    koophone_config *config;
    koophone_credentials *new_credentials;
    koophone_emulator *emulator;
    koophone_string *string;
    koophone_video_setting_list *settings;

    koophone_device_authorization *authorization;
    koophone_device_token *device_token = nullptr;
    OK(koophone_client_device_token(client, ids[0], &device_token, &error));
    const OwnDeviceToken token(device_token);

    each_null_of_operations(
        client, ids, [](const char *name, auto function, const Optional &optional, auto... arguments) {
        each_null(name, function, optional, arguments...);
    });
    EACH_NULL(koophone_client_resume_task, Optional(), client, "t", &new_task);
    EACH_NULL(koophone_client_device_token, Optional(), client, ids[0], &device_token);
    EACH_NULL(koophone_device_token_get, Optional({1}), token.get(), options, &authorization);
    EACH_NULL(koophone_device_token_begin_get, Optional({1}), token.get(), options, &call);
    EACH_NULL(koophone_client_new, Optional({0}), service.config, &new_client);
    EACH_NULL(koophone_task_poll, Optional({1}), task, options, &status);
    EACH_NULL(koophone_task_begin_poll, Optional({1}), task, options, &call);
    EACH_NULL(koophone_task_wait, Optional({1, 2, 3}), task, nullptr, nothing, options, &jobs);
    EACH_NULL(koophone_task_begin_wait, Optional({1, 2, 3, 4}), task, nullptr, nothing, nullptr, options, &call);
    EACH_NULL(koophone_config_new, Optional(), &config);
    EACH_NULL(koophone_config_set, Optional(), service.config, "region", "r");
    EACH_NULL(koophone_config_set_credentials, Optional(), service.config, credentials);
    EACH_NULL(koophone_config_set_log, Optional({3, 4}), service.config, KOOPHONE_LOG_INFO, log_nothing, nothing,
        nullptr);
    EACH_NULL(koophone_config_ignore_environment, Optional(), service.config);
    EACH_NULL(koophone_credentials_new, Optional(), &new_credentials);
    EACH_NULL(koophone_credentials_set, Optional(), credentials, "token", "t");
    EACH_NULL(koophone_emulator_start, Optional({0}), "{}", &emulator);
    EACH_NULL(koophone_emulator_credentials, Optional(), service.emulator, &new_credentials);
    EACH_NULL(koophone_emulator_configure, Optional(), service.emulator, service.config);
    EACH_NULL(koophone_emulator_add_faults, Optional(), service.emulator, "[]");
    EACH_NULL(koophone_emulator_add_rules, Optional(), service.emulator, "[]");
    EACH_NULL(koophone_emulator_journal, Optional({1}), service.emulator, ids[0], &string);
    EACH_NULL(koophone_emulator_requests, Optional(), service.emulator, &string);
    EACH_NULL(koophone_emulator_phone, Optional(), service.emulator, ids[0], &string);
    EACH_NULL(koophone_emulator_start_stream, Optional(), service.emulator, ids[0]);
    EACH_NULL(koophone_emulator_set_frozen, Optional(), service.emulator, ids[0], false);
    EACH_NULL(koophone_emulator_pay_order, Optional(), service.emulator, "CS1");
    EACH_NULL(koophone_emulator_set_phone_state, Optional(), service.emulator, ids[0], std::int64_t(2));
    EACH_NULL(koophone_video_settings_default, Optional(), &settings);
    EACH_NULL(koophone_video_settings_uniform, Optional(), &spec, &spec, &spec, &settings);
    EACH_NULL(koophone_video_settings_from_json, Optional(), "[]", &settings);

    koophone_task_free(task);
    koophone_credentials_free(credentials);
}

TEST(Misuse, TextThatIsNotUtf8IsRefusedWithTheNameOfTheArgument) {
    Service service;
    const char *bad = "ab\xff";
    koophone_task *task = nullptr;
    bad_texts_of_operations(service.client, service.ids);
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "saved", koophone_client_resume_task(service.client, bad, &task, &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "setting", koophone_config_set(service.config, bad, "x", &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "value", koophone_config_set(service.config, "region", bad, &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "faults", koophone_emulator_add_faults(service.emulator, bad, &error));
}

TEST(Misuse, NumbersOutsideAnEnumerationAreRefused) {
    Service service;
    koophone_instance_outcome_list *outcomes = nullptr;
    koophone_video_setting setting = {};
    setting.p540 = setting.p720 = setting.p1080 = {6000, 30};
    using Limits = std::numeric_limits<std::int32_t>;
    for (const std::int32_t wrong : {-1, 3, Limits::max(), Limits::min()}) {
        setting.network = wrong;
        setting.codec = KOOPHONE_CODEC_H264;
        REFUSED(KOOPHONE_INVALID_ARGUMENT, "network",
                koophone_client_set_video_settings(service.client, service.ids, 1, &setting, 1, nullptr, &outcomes,
                    &error));
        setting.network = KOOPHONE_NETWORK_WIFI;
        setting.codec = wrong;
        REFUSED(KOOPHONE_INVALID_ARGUMENT, "codec",
                koophone_client_set_video_settings(service.client, service.ids, 1, &setting, 1, nullptr, &outcomes,
                    &error));
        REFUSED(KOOPHONE_INVALID_ARGUMENT, "level",
                koophone_config_set_log(service.config, wrong == 3 ? 5 : wrong, log_nothing, nullptr, nullptr, &error));
        EXPECT_STREQ(koophone_kind_name(wrong == 3 ? 16 : wrong), "unknown");
        EXPECT_STREQ(koophone_job_state_name(wrong == 3 ? 5 : wrong), "unknown");
        EXPECT_STREQ(koophone_instance_state_name(wrong == 3 ? 6 : wrong), "unknown");
    }
    EXPECT_STREQ(koophone_kind_name(KOOPHONE_OUTCOME_UNKNOWN), "outcome_unknown");
}

TEST(Misuse, HugeCountsAreRefusedBeforeAnythingIsRead) {
    Service service;
    koophone_instance_status_list *list = nullptr;
    for (const std::size_t count : {std::size_t(1) << 21, std::numeric_limits<std::size_t>::max()}) {
        huge_counts_of_operations(service.client, service.ids, count);
    }
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "instance_ids",
            koophone_client_query_status(service.client, nullptr, 0, nullptr, &list, &error));
}

TEST(Misuse, ContradictionsAreRefusedByTheCore) {
    koophone_credentials *credentials = nullptr;
    koophone_config *config = nullptr;
    koophone_client *client = nullptr;
    OK(koophone_credentials_new(&credentials, &error));
    OK(koophone_config_new(&config, &error));
    OK(koophone_config_ignore_environment(config, &error));
    OK(koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_TOKEN, "t", &error));
    OK(koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_ACCESS_KEY, "a", &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "access_key", koophone_config_set_credentials(config, credentials, &error));
    OK(koophone_config_set(config, "endpiont", "https://example.com", &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "endpiont", koophone_client_new(config, &client, &error));
    EXPECT_EQ(client, nullptr);
    koophone_config_free(config);
    koophone_credentials_free(credentials);
}

TEST(Misuse, OptionsOfStartedCallsAreRefusedForBlockingOnes) {
    Service service;
    koophone_queue *queue = nullptr;
    OK(koophone_queue_new(&queue, &error));
    koophone_call_options options = {};
    options.queue = queue;
    koophone_command_result_list *list = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "queue",
            koophone_client_run_command(service.client, service.ids, 1, "true", &options, &list, &error));
    koophone_queue_free(queue);
}

TEST(Misuse, OnSuccessTheErrorIsSetToNull) {
    Service service;
    // Not an error: a caller's variable that was never set.
    auto *error = reinterpret_cast<koophone_error *>(std::uintptr_t(1));
    koophone_identity *identity = nullptr;
    EXPECT_EQ(koophone_client_login(service.client, nullptr, &identity, &error), KOOPHONE_OK);
    EXPECT_EQ(error, nullptr);
    koophone_identity_free(identity);
}

} // namespace
