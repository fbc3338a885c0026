//! Quirks: one switch for each odd shape or rule that the wire notes name.

use serde::{Deserialize, Serialize};

/// An odd behaviour a client must survive. In JSON, TOML and [`name`](Quirk::name) the names are in snake_case
/// (`business_errors_as_200`). The number in each line is the wire note's.
///
/// The wire notes that have no quirk, and what the emulator does about them:
///
/// | note | here |
/// |---|---|
/// | 2, 38, 45 | always: a result for each phone, jobs that name no phone, a plain http signalling address |
/// | 7, 10, 21, 33 to 35, 37, 49 | nothing: they are about operations or paths that are not served |
/// | 11, 15, 16, 17 | faults as well: `html`, `expired_token`, `no_right`, `error_code` |
/// | 12, 18, 19, 28, 56, 60, 61 | nothing: no effect on what is served |
/// | 36 | always: ids in paths are decoded |
/// | 47 | also the option `task_retention_ms` |
/// | 51 | the options `token_life_seconds`, `token_length`, and `expire_tokens` |
/// | 52 | always: project before domain, 0307 for the project of another region (option `other_projects`) |
/// | 53, 55 | always: locks after wrong passwords and wrong signatures (options `password_*`, `access_key_*`) |
/// | 54 | the option `clock.skew_ms` |
/// | 57 | also the option `rate_limit` and the fault `throttle` |
/// | 58 | the option `gateway_timeout_ms`; the faults `answer` and `html` with `executed` |
/// | 59 | the option `max_header_bytes` |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Quirk {
    /// KooPhone's own errors (`KOOPHONE.API.*`) come with HTTP 200. (Note 1.)
    #[serde(rename = "business_errors_as_200")]
    BusinessErrorsAs200,
    /// Success is the number 0, not the text "0". (Note 3.)
    #[serde(rename = "numeric_error_code")]
    NumericErrorCode,
    /// A success carries its data and neither `error_code` nor `error_msg`. (Note 3.)
    #[serde(rename = "missing_error_code")]
    MissingErrorCode,
    /// "No error" of one phone or job is null instead of the empty text. (Note 4.)
    #[serde(rename = "no_error_as_null")]
    NoErrorAsNull,
    /// "No error" of one phone or job is left out. (Note 4.)
    #[serde(rename = "no_error_absent")]
    NoErrorAbsent,
    /// "No error" of one phone or job is "0". (Note 4.)
    #[serde(rename = "no_error_as_zero")]
    NoErrorAsZero,
    /// Success says "OK". (Note 5.)
    #[serde(rename = "upper_case_messages")]
    UpperCaseMessages,
    /// Messages are Chinese: success says "成功", errors "请求失败". (Note 5.)
    #[serde(rename = "chinese_messages")]
    ChineseMessages,
    /// The status query answers with `status_results` alone, no wrapper. (Note 6.)
    #[serde(rename = "bare_status_results")]
    BareStatusResults,
    /// Answers without data say `"data": null`. (Note 8.)
    #[serde(rename = "data_null")]
    DataNull,
    /// Answers without data say `"data": ""`. (Note 8.)
    #[serde(rename = "data_text")]
    DataText,
    /// A reset answers with the envelope only, as in 2024. (Note 9.)
    #[serde(rename = "reset_without_task")]
    ResetWithoutTask,
    /// Errors are `{code, message}` inside an `error_detail` object. (Note 11.)
    #[serde(rename = "code_message_errors")]
    CodeMessageErrors,
    /// Errors carry `encoded_authorization_message` and `details` as well. (Note 11.)
    #[serde(rename = "detailed_errors")]
    DetailedErrors,
    /// Codes are spelled `KooPhone.API.x`. (Note 13.)
    #[serde(rename = "mixed_case_prefix")]
    MixedCasePrefix,
    /// Codes of jobs and phones swap their dot: `CPS0191`, `CPS.0005`. (Note 13.)
    #[serde(rename = "cps_dot_variants")]
    CpsDotVariants,
    /// Errors keep their HTTP status but say `error_code` "0". (Note 14.)
    #[serde(rename = "zero_code_on_errors")]
    ZeroCodeOnErrors,
    /// The other documented status of a code: 1000 under 200, 1001 under 400, 9999 under 400. (Note 17.)
    #[serde(rename = "alternative_statuses")]
    AlternativeStatuses,
    /// Calls for which `x-request-id` is documented as required are refused without it (KOOPHONE.API.0002 under 200). (Note 20.)
    #[serde(rename = "strict_request_id")]
    StrictRequestId,
    /// Header names are sent in lower case. (Note 22.)
    #[serde(rename = "lower_case_headers")]
    LowerCaseHeaders,
    /// Commands may hold any character; quotes, pipes and redirection then work. (Note 23.)
    #[serde(rename = "any_character")]
    AnyCharacter,
    /// The documented character list taken literally: not even blanks. (Note 23.)
    #[serde(rename = "blank_refused")]
    BlankRefused,
    /// The 1,024 of a command counts characters instead of bytes. (Note 24.)
    #[serde(rename = "command_limit_in_characters")]
    CommandLimitInCharacters,
    /// A request may name 32 phones, not 100. (Note 25.)
    #[serde(rename = "strict_limit_32")]
    StrictLimit32,
    /// A phone named twice runs once but has two results. (Note 26.)
    #[serde(rename = "duplicates_answered_twice")]
    DuplicatesAnsweredTwice,
    /// A phone named twice is a parameter error. (Note 26.)
    #[serde(rename = "duplicates_refused")]
    DuplicatesRefused,
    /// Every second phone lives in another region; naming both kinds in one request is KOOPHONE.API.1002. (Note 27.)
    #[serde(rename = "mixed_regions")]
    MixedRegions,
    /// `status` is a text ("2", "-1") everywhere. (Note 29.)
    #[serde(rename = "string_numbers")]
    StringNumbers,
    /// A POST or PUT without `Content-Length` is refused with 411. (Note 30.)
    #[serde(rename = "length_required")]
    LengthRequired,
    /// The device token call needs `{}` as its body. (Note 30.)
    #[serde(rename = "auth_needs_body")]
    AuthNeedsBody,
    /// Video settings need all six pairs, one group each, and a `code_rate` of at least 100. (Notes 31, 32.)
    #[serde(rename = "strict_video")]
    StrictVideo,
    /// Failed jobs of a task have status 3 instead of -1. (Note 39.)
    #[serde(rename = "failed_jobs_status_3")]
    FailedJobsStatus3,
    /// States are numbered as in the table of 2025-12 (running is 2 "data loaded", resetting is 1 "restoring"). (Note 40.)
    #[serde(rename = "new_state_scale")]
    NewStateScale,
    /// Every second result of a batch is left out. (Note 41.)
    #[serde(rename = "missing_instances")]
    MissingInstances,
    /// Unknown ids are left out of the answer instead of refusing the whole request. (Note 41.)
    #[serde(rename = "unknown_instances_left_out")]
    UnknownInstancesLeftOut,
    /// Every field that may be null is null. (Note 42.)
    #[serde(rename = "null_fields")]
    NullFields,
    /// The `internal` endpoint is filled in, ports as text. (Note 42.)
    #[serde(rename = "internal_address")]
    InternalAddress,
    /// `aport` and `atype` have each other's type: text under `external`, numbers under `internal`. (Note 43.)
    #[serde(rename = "swapped_aport_types")]
    SwappedAportTypes,
    /// `expired_time` holds seconds as text. (Note 44.)
    #[serde(rename = "expired_time_given")]
    ExpiredTimeGiven,
    /// `ice_servers` holds one text and one object. (Note 44.)
    #[serde(rename = "ice_servers_given")]
    IceServersGiven,
    /// Output is cut at 1,024 bytes wherever that falls: the JSON may hold invalid UTF-8. (Note 46.)
    #[serde(rename = "cut_inside_character")]
    CutInsideCharacter,
    /// The same, the broken character shown as a lone surrogate escape. (Note 46.)
    #[serde(rename = "cut_as_lone_surrogate")]
    CutAsLoneSurrogate,
    /// The same, the broken character shown as U+FFFD. (Note 46.)
    #[serde(rename = "cut_as_replacement")]
    CutAsReplacement,
    /// Tasks of resets are `RM_` and 32 digits. (Note 47.)
    #[serde(rename = "rm_task_ids")]
    RmTaskIds,
    /// Tasks of resets cannot be read with the task query. (Note 47.)
    #[serde(rename = "reset_task_unreadable")]
    ResetTaskUnreadable,
    /// `cmd_jobs[].instance_id` is a list of one id. (Note 48.)
    #[serde(rename = "cmd_jobs_instance_as_list")]
    CmdJobsInstanceAsList,
    /// Unknown fields on every level. (Note 50.)
    #[serde(rename = "unknown_fields")]
    UnknownFields,
    /// The device token answer has `streamingId`, `address_adn` and `app_ip_synchronize_list`. (Note 50.)
    #[serde(rename = "newer_fields")]
    NewerFields,
    /// KooPhone accepts domain-scoped tokens too. (Note 52.)
    #[serde(rename = "domain_tokens_accepted")]
    DomainTokensAccepted,
    /// Gateway codes are spelled `APIG.x`. (Notes 13, 57.)
    #[serde(rename = "gateway_dot_variants")]
    GatewayDotVariants,
    /// Rate limits come as 503 instead of 429. (Note 57.)
    #[serde(rename = "throttled_as_503")]
    ThrottledAs503,
    /// The user may only read: calls classified Write (the status query among them) are 403 APIGW.0302. (Note 62.)
    #[serde(rename = "read_only_user")]
    ReadOnlyUser,
    /// Task answers leave out every second job. (Note 41.)
    #[serde(rename = "missing_jobs")]
    MissingJobs,
    /// Results and jobs come in any order. (Note 41.)
    #[serde(rename = "shuffled_results")]
    ShuffledResults,
    /// The line end at the end of the output is not taken away. (Note 46.)
    #[serde(rename = "final_newline_kept")]
    FinalNewlineKept,
}

impl Quirk {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 55] = [
        Self::BusinessErrorsAs200,
        Self::NumericErrorCode,
        Self::MissingErrorCode,
        Self::NoErrorAsNull,
        Self::NoErrorAbsent,
        Self::NoErrorAsZero,
        Self::UpperCaseMessages,
        Self::ChineseMessages,
        Self::BareStatusResults,
        Self::DataNull,
        Self::DataText,
        Self::ResetWithoutTask,
        Self::CodeMessageErrors,
        Self::DetailedErrors,
        Self::MixedCasePrefix,
        Self::CpsDotVariants,
        Self::ZeroCodeOnErrors,
        Self::AlternativeStatuses,
        Self::StrictRequestId,
        Self::LowerCaseHeaders,
        Self::AnyCharacter,
        Self::BlankRefused,
        Self::CommandLimitInCharacters,
        Self::StrictLimit32,
        Self::DuplicatesAnsweredTwice,
        Self::DuplicatesRefused,
        Self::MixedRegions,
        Self::StringNumbers,
        Self::LengthRequired,
        Self::AuthNeedsBody,
        Self::StrictVideo,
        Self::FailedJobsStatus3,
        Self::NewStateScale,
        Self::MissingInstances,
        Self::UnknownInstancesLeftOut,
        Self::NullFields,
        Self::InternalAddress,
        Self::SwappedAportTypes,
        Self::ExpiredTimeGiven,
        Self::IceServersGiven,
        Self::CutInsideCharacter,
        Self::CutAsLoneSurrogate,
        Self::CutAsReplacement,
        Self::RmTaskIds,
        Self::ResetTaskUnreadable,
        Self::CmdJobsInstanceAsList,
        Self::UnknownFields,
        Self::NewerFields,
        Self::DomainTokensAccepted,
        Self::GatewayDotVariants,
        Self::ThrottledAs503,
        Self::ReadOnlyUser,
        Self::MissingJobs,
        Self::ShuffledResults,
        Self::FinalNewlineKept,
    ];

    /// The name used in JSON and TOML.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The quirk of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
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
    fn the_list_is_complete_and_names_work_both_ways() {
        for (number, quirk) in Quirk::ALL.into_iter().enumerate() {
            assert_eq!(quirk as usize, number, "order of ALL");
            assert_eq!(Quirk::from_name(&quirk.name()), Some(quirk));
        }
        // Anything declared after the last entry of ALL would not be in it.
        assert_eq!(Quirk::ALL.last(), Some(&Quirk::FinalNewlineKept));
        assert_eq!(Quirk::BusinessErrorsAs200.name(), "business_errors_as_200");
        assert_eq!(Quirk::from_name("no_such_quirk"), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = Quirks::new([Quirk::NullFields, Quirk::FinalNewlineKept]);
        assert!(set.has(Quirk::NullFields) && set.has(Quirk::FinalNewlineKept) && !set.has(Quirk::AnyCharacter));
    }
}
