// The results of operations as C structures, and how errors are read.

#include <cstring>
#include <string>

#include "support.h"

namespace {

TEST(Results, RunCommandReturnsOnePerPhoneInOrder) {
    Service service;
    koophone_command_result_list *list = nullptr;
    OK(koophone_client_run_command(service.client, service.ids, service.count, "echo one", nullptr, &list, &error));
    const OwnResults owner(list);
    ASSERT_EQ(list->count, service.count);
    for (std::size_t i = 0; i < list->count; i++) {
        const koophone_command_result &result = list->items[i];
        EXPECT_STREQ(result.instance_id, service.ids[i]);
        EXPECT_EQ(result.instance_id_length, std::strlen(service.ids[i]));
        EXPECT_EQ(result.state, KOOPHONE_JOB_STATE_SUCCEEDED);
        EXPECT_TRUE(result.has_status);
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(std::string(result.output), "one");
        EXPECT_EQ(result.output_length, std::strlen(result.output));
        EXPECT_FALSE(result.output_truncated);
        EXPECT_EQ(result.error, nullptr);
    }
    EXPECT_TRUE(koophone_command_result_list_all_ok(list));
    OK(koophone_command_result_list_raise_for_errors(list, &error));
}

TEST(Results, TheLengthOfAnOutputIncludesANul) {
    Service service;
    OK(koophone_emulator_add_rules(service.emulator, R"([{"command": "nul", "stdout": "a\u0000b"}])", &error));
    EXPECT_EQ(service.run("nul"), std::string("a\0b", 3));
}

TEST(Results, APhonesOwnFailureIsInItsResult) {
    Service service;
    koophone_command_result_list *list = nullptr;
    OK(koophone_client_run_command(service.client, service.ids, 2, "no-such-program", nullptr, &list, &error));
    const OwnResults owner(list);
    ASSERT_EQ(list->count, 2u);
    EXPECT_EQ(list->items[0].state, KOOPHONE_JOB_STATE_FAILED);
    ASSERT_NE(list->items[0].error, nullptr);
    EXPECT_EQ(koophone_error_kind(list->items[0].error), KOOPHONE_COMMAND_FAILED);
    EXPECT_FALSE(koophone_command_result_list_all_ok(list));
    koophone_error *raised = nullptr;
    EXPECT_EQ(koophone_command_result_list_raise_for_errors(list, &raised), KOOPHONE_COMMAND_FAILED);
    EXPECT_STREQ(koophone_error_instance_id(raised), service.ids[0]);
    EXPECT_STREQ(koophone_error_output(raised), list->items[0].output);
    EXPECT_NE(std::strstr(koophone_error_message(raised), "2 of 2 phones failed"), nullptr);
    // A copy outlives the list.
    const OwnError copy(koophone_error_clone(list->items[0].error));
    const std::string text = koophone_error_text(list->items[0].error);
    koophone_error_free(raised);
    EXPECT_EQ(text, koophone_error_text(copy.get()));
}

TEST(Results, EveryOperationReturnsItsStructure) {
    Service service;
    koophone_identity *identity = nullptr;
    OK(koophone_client_login(service.client, nullptr, &identity, &error));
    EXPECT_STREQ(identity->method, "password");
    EXPECT_STREQ(identity->source, "code");
    EXPECT_NE(identity->user, nullptr);
    EXPECT_EQ(identity->access_key, nullptr);
    EXPECT_EQ(identity->access_key_length, 0u);
    koophone_identity_free(identity);

    koophone_instance_status_list *statuses = nullptr;
    OK(koophone_client_query_status(service.client, service.ids, service.count, nullptr, &statuses, &error));
    ASSERT_EQ(statuses->count, service.count);
    EXPECT_EQ(statuses->items[2].state, KOOPHONE_INSTANCE_STATE_RUNNING);
    EXPECT_TRUE(koophone_instance_status_list_all_ok(statuses));
    koophone_instance_status_list_free(statuses);

    koophone_video_setting_list *video = nullptr;
    koophone_instance_outcome_list *outcomes = nullptr;
    OK(koophone_video_settings_default(&video, &error));
    EXPECT_EQ(video->count, 6u);
    OK(koophone_client_set_video_settings(service.client, service.ids, 1, video->items, video->count, nullptr,
                                          &outcomes, &error));
    EXPECT_EQ(outcomes->count, 1u);
    koophone_instance_outcome_list_free(outcomes);
    koophone_video_setting_list_free(video);

    koophone_device_authorization *authorization = nullptr;
    OK(koophone_client_get_device_token(service.client, service.ids[0], nullptr, &authorization, &error));
    EXPECT_STREQ(authorization->instance_id, service.ids[0]);
    EXPECT_GT(authorization->token_length, 0u);
    EXPECT_NE(authorization->external.address, nullptr);
    EXPECT_TRUE(authorization->external.has_port);
    EXPECT_EQ(authorization->expires_at, nullptr);
    koophone_h5_parameters *parameters = nullptr;
    OK(koophone_device_authorization_h5_parameters(authorization, "player-7", &parameters, &error));
    EXPECT_STREQ(parameters->boxid, authorization->device_id);
    EXPECT_STREQ(parameters->token, authorization->token);
    EXPECT_STREQ(parameters->uuid, "player-7");
    EXPECT_STREQ(parameters->signaling_url, authorization->signaling_url);
    koophone_android_parameters *android = nullptr;
    OK(koophone_device_authorization_android_parameters(authorization, nullptr, &android, &error));
    EXPECT_STREQ(android->launch_key_address, authorization->external.address);
    EXPECT_EQ(android->launch_key_port, authorization->external.port);
    EXPECT_STREQ(android->launch_key_token, authorization->token);
    EXPECT_EQ(android->launch_key_userid_length, 36u);
    koophone_android_parameters_free(android);
    koophone_device_authorization_free(authorization);
    EXPECT_GT(parameters->token_length, 0u);
    koophone_h5_parameters_free(parameters);
}

struct Seen {
    int calls = 0;
    koophone_progress last = {};
};

void see(const koophone_progress *progress, void *user_data) {
    auto *seen = static_cast<Seen *>(user_data);
    seen->calls++;
    seen->last = *progress;
}

TEST(Results, ATaskIsFollowedSavedAndResumed) {
    Service service;
    koophone_task *task = nullptr;
    OK(koophone_client_start_command(service.client, service.ids, 2, "echo done", nullptr, &task, &error));
    OwnTask owner(task);
    std::size_t count = 0;
    ASSERT_NE(koophone_task_ids(task, &count), nullptr);
    EXPECT_EQ(count, 1u);
    EXPECT_STREQ(koophone_task_operation(task), "start_command");
    EXPECT_TRUE(koophone_task_can_be_followed(task));
    ASSERT_EQ(koophone_task_phones(task)->count, 2u);
    EXPECT_STREQ(koophone_task_phones(task)->items[1].instance_id, service.ids[1]);
    EXPECT_NE(koophone_task_phones(task)->items[1].job_id, nullptr);

    koophone_task *again = nullptr;
    OK(koophone_client_resume_task(service.client, koophone_task_save(task), &again, &error));
    owner.reset(again);
    Seen seen;
    koophone_job_result_list *results = nullptr;
    OK(koophone_task_wait(again, see, &seen, nullptr, &results, &error));
    ASSERT_EQ(results->count, 2u);
    EXPECT_STREQ(results->items[0].instance_id, service.ids[0]);
    EXPECT_STREQ(results->items[0].output, "done");
    EXPECT_GE(seen.calls, 1);
    EXPECT_EQ(seen.last.succeeded, 2u);
    koophone_job_result_list_free(results);

    koophone_task_status *status = nullptr;
    OK(koophone_task_poll(again, nullptr, &status, &error));
    EXPECT_TRUE(status->finished);
    EXPECT_EQ(status->jobs_count, 2u);
    EXPECT_EQ(status->progress.succeeded, 2u);
    koophone_task_status_free(status);
    OK(koophone_client_get_task(service.client, koophone_task_ids(again, nullptr)[0], nullptr, &status, &error));
    EXPECT_EQ(status->jobs_count, 2u);
    EXPECT_EQ(status->jobs[0].instance_id, nullptr);
    koophone_task_status_free(status);
}

TEST(Results, ATimeoutOfAWaitHasTheLastJobs) {
    Service service("{\"job_duration_ms\": 60000}");
    koophone_task *task = nullptr;
    OK(koophone_client_start_command(service.client, service.ids, 2, "true", nullptr, &task, &error));
    const OwnTask owner(task);
    koophone_job_result_list *results = nullptr;
    koophone_error *error = nullptr;
    koophone_call_options options = {};
    options.timeout_ms = 300;
    EXPECT_EQ(koophone_task_wait(task, nullptr, nullptr, &options, &results, &error), KOOPHONE_TIMEOUT);
    EXPECT_EQ(results, nullptr);
    std::size_t count = 0;
    const koophone_job_result *jobs = koophone_error_last_jobs(error, &count);
    ASSERT_EQ(count, 2u);
    EXPECT_STREQ(jobs[1].instance_id, service.ids[1]);
    // Copies have their own.
    const OwnError copy(koophone_error_clone(error));
    koophone_error_free(error);
    EXPECT_STREQ(koophone_error_last_jobs(copy.get(), &count)[0].instance_id, service.ids[0]);
}

TEST(Results, AnErrorHasEveryField) {
    Service service;
    service.faults(
        R"([{"operation": "query_status", "action": "error_code", "code": "KOOPHONE.API.1000", "status": 400}])");
    koophone_instance_status_list *list = nullptr;
    koophone_error *error = nullptr;
    EXPECT_EQ(koophone_client_query_status(service.client, service.ids, 1, nullptr, &list, &error), KOOPHONE_REJECTED);
    const OwnError owner(error);
    EXPECT_EQ(list, nullptr);
    EXPECT_STREQ(koophone_error_code(error), "KOOPHONE.API.1000");
    EXPECT_EQ(koophone_error_http_status(error), 400);
    EXPECT_EQ(std::strlen(koophone_error_request_id(error)), 32u);
    EXPECT_EQ(koophone_error_attempts(error), 1u);
    EXPECT_FALSE(koophone_error_retryable(error));
    EXPECT_EQ(koophone_error_argument(error), nullptr);
    EXPECT_NE(std::strstr(koophone_error_text(error), "KOOPHONE.API.1000"), nullptr);

    koophone_emulator_stop(service.emulator);
    koophone_error *network = nullptr;
    EXPECT_EQ(koophone_client_query_status(service.client, service.ids, 1, nullptr, &list, &network), KOOPHONE_NETWORK);
    std::size_t causes = 0;
    EXPECT_NE(koophone_error_causes(network, &causes), nullptr);
    EXPECT_GT(causes, 0u);
    koophone_error_free(network);
}

TEST(Results, TheEmulatorReportsWhatPhonesDid) {
    Service service;
    service.run("echo for-the-journal");
    EXPECT_NE(service.journal().find("for-the-journal"), std::string::npos);
    koophone_string *json = nullptr;
    OK(koophone_emulator_journal(service.emulator, service.ids[1], &json, &error));
    EXPECT_STREQ(json->data, "[]");
    koophone_string_free(json);
    OK(koophone_emulator_requests(service.emulator, &json, &error));
    EXPECT_GT(json->length, 2u);
    koophone_string_free(json);
    OK(koophone_emulator_phone(service.emulator, service.ids[0], &json, &error));
    EXPECT_EQ(json->data[0], '{');
    koophone_string_free(json);
    OK(koophone_emulator_set_phone_state(service.emulator, service.ids[0], 5, &error));
    koophone_instance_status_list *statuses = nullptr;
    OK(koophone_client_query_status(service.client, service.ids, 1, nullptr, &statuses, &error));
    EXPECT_EQ(statuses->items[0].state, KOOPHONE_INSTANCE_STATE_POWERED_OFF);
    koophone_instance_status_list_free(statuses);
    OK(koophone_emulator_start_stream(service.emulator, service.ids[0], &error));
    OK(koophone_emulator_set_frozen(service.emulator, service.ids[0], true, &error));
    koophone_emulator_set_free_machines(service.emulator, 1);
    koophone_error *missing = nullptr;
    EXPECT_EQ(koophone_emulator_pay_order(service.emulator, "CS1", &missing), KOOPHONE_NOT_FOUND);
    koophone_error_free(missing);
    missing = nullptr;
    EXPECT_EQ(koophone_emulator_set_phone_state(service.emulator, "nobody", 5, &missing), KOOPHONE_NOT_FOUND);
    koophone_error_free(missing);
    koophone_emulator_clear_journal(service.emulator);
    EXPECT_EQ(service.journal(), "[]");
    koophone_emulator *other = nullptr;
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "options", koophone_emulator_start("{\"fones\": 1}", &other, &error));
    REFUSED(KOOPHONE_INVALID_ARGUMENT, "faults", koophone_emulator_add_faults(service.emulator, "{", &error));
}

} // namespace
