// Every function of koophone.h that can fail, so that a rule can be tried on each of them. `header_lists_them_all` in
// guard_test.cpp fails while one is missing.

#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#define FOR_EVERY_FALLIBLE_FUNCTION(apply)                                                                                   \
    apply(koophone_call_take_command_results) apply(koophone_call_take_device_authorization)                                 \
    apply(koophone_call_take_identity) apply(koophone_call_take_instance_outcomes)                                           \
    apply(koophone_call_take_instance_statuses) apply(koophone_call_take_job_results) apply(koophone_call_take_task)         \
    apply(koophone_call_take_task_status) apply(koophone_cancel_token_new) apply(koophone_client_begin_get_device_token)     \
    apply(koophone_client_begin_get_task) apply(koophone_client_begin_login) apply(koophone_client_begin_query_status)       \
    apply(koophone_client_begin_reset_instances) apply(koophone_client_begin_run_command)                                    \
    apply(koophone_client_begin_set_video_settings) apply(koophone_client_begin_start_command)                               \
    apply(koophone_client_get_device_token) apply(koophone_client_get_task) apply(koophone_client_login)                     \
    apply(koophone_client_new) apply(koophone_client_query_status) apply(koophone_client_reset_instances)                    \
    apply(koophone_client_resume_task) apply(koophone_client_run_command) apply(koophone_client_set_video_settings)          \
    apply(koophone_client_start_command) apply(koophone_command_result_list_raise_for_errors)                                \
    apply(koophone_config_ignore_environment) apply(koophone_config_new) apply(koophone_config_set)                          \
    apply(koophone_config_set_credentials) apply(koophone_config_set_log) apply(koophone_credentials_new)                    \
    apply(koophone_credentials_set) apply(koophone_emulator_add_faults) apply(koophone_emulator_add_rules)                   \
    apply(koophone_emulator_configure) apply(koophone_emulator_credentials) apply(koophone_emulator_journal)                 \
    apply(koophone_emulator_phone) apply(koophone_emulator_requests) apply(koophone_emulator_set_phone_state)                \
    apply(koophone_emulator_start) apply(koophone_instance_outcome_list_raise_for_errors)                                    \
    apply(koophone_instance_status_list_raise_for_errors) apply(koophone_job_result_list_raise_for_errors)                   \
    apply(koophone_queue_new) apply(koophone_task_begin_poll) apply(koophone_task_begin_wait) apply(koophone_task_poll)      \
    apply(koophone_task_wait) apply(koophone_text_check) apply(koophone_video_settings_default) apply(koophone_video_settings_from_json)

#endif
