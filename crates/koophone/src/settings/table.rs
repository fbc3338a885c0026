//! Every setting of a client, declared once: its name in code, its environment variable, its default, how it is read.

use super::parse::{boolean, count, duration, identifier, limit, path, url};
use super::{ENDPOINT, Settings};
use crate::http::Proxy;

/// A setting that can be given as text: by [`ClientBuilder::setting`](crate::ClientBuilder::setting), by its environment
/// variable, or by an option of any binding.
pub struct Setting {
    /// Name in code.
    pub name: &'static str,
    /// Environment variable.
    pub variable: &'static str,
    /// What holds when it is not given.
    pub default: &'static str,
    /// What it does, with units.
    pub meaning: &'static str,
    pub(super) apply: fn(&mut Settings, &str) -> Result<(), String>,
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "endpoint",
        variable: "KOOPHONE_ENDPOINT",
        default: ENDPOINT,
        meaning: "address of the KooPhone service (终端节点)",
        apply: |s, text| url(text).map(|url| s.endpoint = url),
    },
    Setting {
        name: "iam_endpoint",
        variable: "KOOPHONE_IAM_ENDPOINT",
        default: "https://iam.{region}.myhuaweicloud.com, without a region https://iam.myhuaweicloud.com",
        meaning: "address of the identity service (统一身份认证服务)",
        apply: |s, text| url(text).map(|url| s.iam_endpoint = Some(url)),
    },
    Setting {
        name: "region",
        variable: "KOOPHONE_REGION",
        default: "none",
        meaning: "region of the project, for example cn-north-4 (区域); needed to log in with a password unless project_id is given",
        apply: |s, text| identifier(text).map(|id| s.region = Some(id)),
    },
    Setting {
        name: "project_id",
        variable: "KOOPHONE_PROJECT_ID",
        default: "looked up by region where a signature needs it",
        meaning: "id of the project (项目ID)",
        apply: |s, text| identifier(text).map(|id| s.project_id = Some(id)),
    },
    Setting {
        name: "timeout",
        variable: "KOOPHONE_TIMEOUT",
        default: "300s",
        meaning: "total deadline of a call with all its batches and repeats; a number means seconds, none switches it off",
        apply: |s, text| limit(text).map(|limit| s.timeout = limit),
    },
    Setting {
        name: "attempt_timeout",
        variable: "KOOPHONE_ATTEMPT_TIMEOUT",
        default: "120s",
        meaning: "limit of one request, from connecting to the end of the answer",
        apply: |s, text| duration(text).map(|d| s.attempt_timeout = d),
    },
    Setting {
        name: "connect_timeout",
        variable: "KOOPHONE_CONNECT_TIMEOUT",
        default: "10s",
        meaning: "limit for DNS, TCP and TLS of one connection",
        apply: |s, text| duration(text).map(|d| s.connect_timeout = d),
    },
    Setting {
        name: "max_attempts",
        variable: "KOOPHONE_MAX_ATTEMPTS",
        default: "3",
        meaning: "requests sent at most for one call and batch, the first included (1 to 10)",
        apply: |s, text| count(text, 1, 10).map(|n| s.max_attempts = n as u32),
    },
    Setting {
        name: "batch_size",
        variable: "KOOPHONE_BATCH_SIZE",
        default: "32",
        meaning: "phones in one request (1 to 100); 32 is right under every reading of the documents",
        apply: |s, text| count(text, 1, 100).map(|n| s.batch_size = n),
    },
    Setting {
        name: "concurrency",
        variable: "KOOPHONE_CONCURRENCY",
        default: "8",
        meaning: "requests of one call under way at once (1 to 256)",
        apply: |s, text| count(text, 1, 256).map(|n| s.concurrency = n),
    },
    Setting {
        name: "split_refused_batches",
        variable: "KOOPHONE_SPLIT_REFUSED_BATCHES",
        default: "true",
        meaning: "whether a request refused because of single phones is halved until those stand alone; costs at most \
                  2 log2(batch_size) + 2 further requests for each such phone",
        apply: |s, text| boolean(text).map(|yes| s.split_refused_batches = yes),
    },
    Setting {
        name: "max_response_bytes",
        variable: "KOOPHONE_MAX_RESPONSE_BYTES",
        default: "16777216",
        meaning: "largest answer accepted, in bytes",
        apply: |s, text| count(text, 1024, 1 << 30).map(|n| s.max_response_bytes = n),
    },
    Setting {
        name: "proxy",
        variable: "KOOPHONE_PROXY",
        default: "HTTPS_PROXY and NO_PROXY of the environment",
        meaning: "URL of an HTTP proxy, or none for a direct connection; loopback endpoints are always reached directly",
        apply: |s, text| {
            s.proxy = if text == "none" { Proxy::None } else { Proxy::Url(url(text)?) };
            Ok(())
        },
    },
    Setting {
        name: "ca_file",
        variable: "KOOPHONE_CA_FILE",
        default: "the system's certificate store",
        meaning: "PEM file of the only authorities to trust",
        apply: |s, text| path(text).map(|path| s.ca_file = Some(path)),
    },
    Setting {
        name: "user_agent",
        variable: "KOOPHONE_USER_AGENT",
        default: concat!("koophone/", env!("CARGO_PKG_VERSION")),
        meaning: "User-Agent header",
        apply: |s, text| {
            let readable = !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b));
            if !readable {
                return Err("must be readable ASCII text".into());
            }
            s.user_agent = text.into();
            Ok(())
        },
    },
    Setting {
        name: "allow_http",
        variable: "KOOPHONE_ALLOW_HTTP",
        default: "false",
        meaning: "whether plain http is allowed to hosts other than loopback; tokens then travel readable",
        apply: |s, text| boolean(text).map(|yes| s.allow_http = yes),
    },
    Setting {
        name: "strict_commands",
        variable: "KOOPHONE_STRICT_COMMANDS",
        default: "false",
        meaning: "whether to refuse commands with characters that the service does not document",
        apply: |s, text| boolean(text).map(|yes| s.strict_commands = yes),
    },
    Setting {
        name: "metadata",
        variable: "KOOPHONE_METADATA",
        default: "true",
        meaning: "whether the provider chain may ask the metadata service of a cloud server (ECS) for a key",
        apply: |s, text| boolean(text).map(|yes| s.metadata = yes),
    },
    Setting {
        name: "metadata_endpoint",
        variable: "KOOPHONE_METADATA_ENDPOINT",
        default: "http://169.254.169.254",
        meaning: "address of the metadata service",
        apply: |s, text| url(text).map(|url| s.metadata_endpoint = Some(url)),
    },
    Setting {
        name: "token_cache",
        variable: "KOOPHONE_TOKEN_CACHE",
        default: "none: tokens stay in memory",
        meaning: "directory where tokens are kept (mode 0600) so that many processes log in once",
        apply: |s, text| path(text).map(|path| s.token_cache = Some(path)),
    },
];
