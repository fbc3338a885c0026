//! Quirks: one switch for each odd format or rule that docs/spec/wire-notes.md describes.

use serde::{Deserialize, Serialize};

/// One row for each quirk: its variant, its name in JSON and TOML, and what it does, which the help of the command
/// prints too.
macro_rules! quirks {
    ($(#[$doc:meta])* $($variant:ident $name:literal $meaning:literal)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
        pub enum Quirk {
            $(#[doc = $meaning] #[serde(rename = $name)] $variant,)*
        }

        impl Quirk {
            /// All of them, in the order of their declaration.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name used in JSON and TOML.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it does, in one sentence, with the number of its note in docs/spec/wire-notes.md.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

quirks! {
    /// An odd behaviour of the service that a client must handle. In JSON, TOML and [`name`](Quirk::name) the names are
    /// in snake_case (`business_errors_as_200`). Note n is docs/spec/wire-notes.md#n.
    ///
    /// The notes without a quirk, and what the emulator does about them:
    ///
    /// | note | the emulator |
    /// |---|---|
    /// | 2, 38, 45 | always: a result for each phone, jobs that name no phone, a plain http signalling address |
    /// | 7, 49, 66, 68 to 70, 74, 76, 77, 80 | always: as in the schemas, and numbers are accepted as text |
    /// | 9, 71 | also the option `edition` |
    /// | 21 | always: `x-request-id` in the query or in a header |
    /// | 33 to 35, 64, 72, 73, 81 | always: as in the newest documents |
    /// | 37, 79 | nothing: paths of samples are not served, codes of other pages not sent |
    /// | 11, 15, 16, 17 | faults as well: `html`, `expired_token`, `no_permission`, `error_code` |
    /// | 12, 18, 19, 28, 56, 60, 61 | nothing: no effect on what is served |
    /// | 36 | always: ids in paths are decoded |
    /// | 47 | also the option `task_retention_ms` |
    /// | 51 | the options `token_lifetime_seconds`, `token_length`, and `expire_tokens` |
    /// | 52 | always: project before domain, 0307 for the project of another region (option `other_projects`) |
    /// | 53, 55 | always: locks after wrong passwords and wrong signatures (options `password_*`, `access_key_*`) |
    /// | 54 | the option `clock.skew_ms` |
    /// | 57 | also the option `rate_limit` and the fault `throttle` |
    /// | 58 | the option `gateway_timeout_ms`; the faults `response` and `html` with `executed` |
    /// | 59 | the option `max_header_bytes` |
    BusinessErrorsAs200 "business_errors_as_200"
        "KooPhone's own errors (`KOOPHONE.API.*`) have HTTP status 200. (Note 1.)"
    NumericErrorCode "numeric_error_code"
        r#"Success is the number 0, not the text "0". (Note 3.)"#
    MissingErrorCode "missing_error_code"
        "A success has its data, but neither `error_code` nor `error_msg`. (Note 3.)"
    NoErrorAsNull "no_error_as_null"
        r#""No error" of a phone or job is null instead of the empty text. (Note 4.)"#
    NoErrorAbsent "no_error_absent"
        r#""No error" of a phone or job is left out. (Note 4.)"#
    NoErrorAsZero "no_error_as_zero"
        r#""No error" of a phone or job is "0". (Note 4.)"#
    UpperCaseMessages "upper_case_messages"
        r#"The message of a success is "OK". (Note 5.)"#
    ChineseMessages "chinese_messages"
        r#"Messages are in Chinese: "成功" for success, "请求失败" for errors. (Note 5.)"#
    BareStatusResults "bare_status_results"
        "The response to the status query is `status_results` without an envelope. (Note 6.)"
    DataNull "data_null"
        r#"Responses without data have `"data": null`. (Note 8.)"#
    DataText "data_text"
        r#"Responses without data have `"data": ""`. (Note 8.)"#
    ResetWithoutTask "reset_without_task"
        "The response to a reset, an unassignment or a backup is only the envelope. In force if `edition` is 2024. \
            (Note 9.)"
    CodeMessageErrors "code_message_errors"
        "Errors are `{code, message}` inside an `error_detail` object. (Note 11.)"
    DetailedErrors "detailed_errors"
        "Errors also have `encoded_authorization_message` and `details`. (Note 11.)"
    MixedCasePrefix "mixed_case_prefix"
        "Codes are spelled `KooPhone.API.x`. (Note 13.)"
    CpsDotVariants "cps_dot_variants"
        "The dot in codes of jobs and phones is the other way round: `CPS0191`, `CPS.0005`. (Note 13.)"
    ZeroCodeOnErrors "zero_code_on_errors"
        r#"Errors keep their HTTP status but have `error_code` "0". (Note 14.)"#
    AlternativeStatuses "alternative_statuses"
        "Codes have their other documented status: 1000 has 200, 1001 has 400, 9999 has 400. (Note 17.)"
    RequestIdRequired "request_id_required"
        "The calls that need `x-request-id` according to any source are refused without it (KOOPHONE.API.0002 with \
            status 200). (Note 20.)"
    LowerCaseHeaders "lower_case_headers"
        "Header names are sent in lower case. (Note 22.)"
    AnyCharacter "any_character"
        "Commands may contain any character; quotes, pipes and redirections then work. (Note 23.)"
    SpacesRefused "spaces_refused"
        "The documented list of characters is taken literally: not even spaces are accepted. (Note 23.)"
    CommandLimitInCharacters "command_limit_in_characters"
        "The limit of 1,024 for a command counts characters instead of bytes. (Note 24.)"
    StrictLimit32 "strict_limit_32"
        "A request may name 32 phones, not 100. (Note 25.)"
    DuplicateResults "duplicate_results"
        "A phone named twice runs once but has two results. (Note 26.)"
    DuplicatesRefused "duplicates_refused"
        "A phone named twice is a parameter error. (Note 26.)"
    MixedRegions "mixed_regions"
        "Every second phone is in another region; naming both kinds in one request is KOOPHONE.API.1002. (Note 27.)"
    StringNumbers "string_numbers"
        r#"`status` is a text ("2", "-1") everywhere. (Note 29.)"#
    LengthRequired "length_required"
        "A POST or PUT without `Content-Length` is refused with 411. (Note 30.)"
    AuthNeedsBody "auth_needs_body"
        "The device token call needs `{}` as its body. (Note 30.)"
    StrictVideo "strict_video"
        "Video settings need all six pairs, one group each, and a `code_rate` of at least 100. (Notes 31, 32.)"
    FailedJobsStatus3 "failed_jobs_status_3"
        "Failed jobs of a task have status 3 instead of -1. (Note 39.)"
    NewStateScale "new_state_scale"
        r#"States are numbered as in 2025-12: 2 "data loaded" is running, 1 "restoring" is resetting. (Note 40.)"#
    MissingInstances "missing_instances"
        "Every second result of a batch is left out. (Note 41.)"
    UnknownInstancesOmitted "unknown_instances_omitted"
        "Unknown ids are left out of the response; the request is not refused as a whole. (Note 41.)"
    NullFields "null_fields"
        "Every field that may be null is null. (Note 42.)"
    InternalAddress "internal_address"
        "The `internal` endpoint is present, with ports as text. (Note 42.)"
    SwappedAportTypes "swapped_aport_types"
        "The types of `aport` and `atype` are swapped: text under `external`, numbers under `internal`. (Note 43.)"
    ExpiredTimePresent "expired_time_present"
        "`expired_time` contains seconds as text. (Note 44.)"
    IceServersPresent "ice_servers_present"
        "`ice_servers` contains one text and one object. (Note 44.)"
    CutInsideCharacter "cut_inside_character"
        "Output is cut at exactly 1,024 bytes, even inside a character: the JSON may contain invalid UTF-8. (Note 46.)"
    CutAsLoneSurrogate "cut_as_lone_surrogate"
        "The same, but a broken character becomes a lone surrogate escape. (Note 46.)"
    CutAsReplacement "cut_as_replacement"
        "The same, but a broken character becomes U+FFFD. (Note 46.)"
    ResetTaskNested "reset_task_nested"
        "The task of a reset, an unassignment, a backup or an installation is one level deeper, in `data.data`. \
            (Notes 10, 65.)"
    RmTaskIds "rm_task_ids"
        "Tasks of resets are `RM_` and 32 digits. (Note 47.)"
    ResetTaskUnreadable "reset_task_unreadable"
        "Tasks of resets, unassignments and backups cannot be read with the task query. (Note 47.)"
    CmdJobsInstanceAsList "cmd_jobs_instance_as_list"
        "`cmd_jobs[].instance_id` is a list of one id. (Note 48.)"
    UnknownFields "unknown_fields"
        "Responses have unknown fields on every level. (Note 50.)"
    NewerFields "newer_fields"
        "The device token response has the fields added since 2024, from `streamingId` to `ip_proxy`. In force unless \
            `edition` is 2024. (Notes 50, 71.)"
    DomainTokensAccepted "domain_tokens_accepted"
        "KooPhone accepts domain-scoped tokens too. (Note 52.)"
    GatewayDotVariants "gateway_dot_variants"
        "Gateway codes are spelled `APIG.x`. (Notes 13, 57.)"
    ThrottledAs503 "throttled_as_503"
        "Throttling has status 503 instead of 429. (Note 57.)"
    ReadOnlyUser "read_only_user"
        "The user may only read: calls classified Write (the status query among them) are 403 APIGW.0302. (Note 62.)"
    MissingJobs "missing_jobs"
        "Responses to task queries leave out every second job. (Note 41.)"
    ShuffledResults "shuffled_results"
        "Results and jobs are in any order. (Note 41.)"
    StrictRequestId "strict_request_id"
        "The calls that need `x-request-id` since 2026 are refused without it (KOOPHONE.API.0002 with status 200). \
            (Note 20.)"
    WideLimits "wide_limits"
        "A request may name 100 phones where the definitions of 2026 allow 10 or 50. (Note 63.)"
    PartialExecution "partial_execution"
        "If one phone of a batch is refused, the others are processed, but the response is still an error. (Note 2.)"
    HashOptional "hash_optional"
        "An installation may leave out `content_md5`. (Note 67.)"
    ReleaseEndsStream "release_ends_stream"
        "Releasing a session ends the stream too, instead of being refused while one runs."
    IconUrlsPresent "icon_urls_present"
        "`icon_url` of an application is an address that looks signed. (Note 75.)"
    RebootReportedLate "reboot_reported_late"
        "A restarting phone is still reported as running for the first half of the restart. (Note 66.)"
    SampleTypes "sample_types"
        "The list of SKUs has the types of its sample: `resourceSize` a number, `id` a text, no `network`. (Note 68.)"
    NullAsText "null_as_text"
        r#"The list of phones has the text "null" for `phone_id`, `error_code` and `error_msg`. (Note 78.)"#
    FinalNewlineKept "final_newline_kept"
        "The line break at the end of the output is kept. (Note 46.)"
}

impl Quirk {
    /// The quirk of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quirk| quirk.name() == name)
    }
}

/// A set of quirks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quirks(u128);

impl Quirks {
    pub(crate) fn new(quirks: impl IntoIterator<Item = Quirk>) -> Self {
        Self(quirks.into_iter().fold(0, |set, quirk| set | 1 << (quirk as u32)))
    }

    pub(crate) fn has(self, quirk: Quirk) -> bool {
        self.0 & 1 << (quirk as u32) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_work_both_ways() {
        for (number, quirk) in Quirk::ALL.into_iter().enumerate() {
            assert_eq!(quirk as usize, number, "order of ALL");
            assert_eq!(Quirk::from_name(quirk.name()), Some(quirk));
            assert_eq!(serde_json::to_value(quirk).unwrap(), quirk.name());
        }
        assert_eq!(Quirk::BusinessErrorsAs200.name(), "business_errors_as_200");
        assert_eq!(Quirk::from_name("no_such_quirk"), None);
    }

    #[test]
    fn a_set_contains_what_was_added() {
        let set = Quirks::new([Quirk::NullFields, Quirk::FinalNewlineKept]);
        assert!(set.has(Quirk::NullFields) && set.has(Quirk::FinalNewlineKept) && !set.has(Quirk::AnyCharacter));
    }
}
