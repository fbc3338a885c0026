//! Every setting of a client, declared once: its name in code, environment variable, default, meaning and type.

use super::field::{Field, SettingKind};
use super::{ENDPOINT, parse};

/// A setting that can be given as text: by [`ClientBuilder::setting`](crate::ClientBuilder::setting), by its
/// environment variable, or by an option of any binding.
pub struct Setting {
    /// Name in code.
    pub name: &'static str,
    /// Environment variable.
    pub variable: &'static str,
    /// Default value.
    pub default: &'static str,
    /// What it does, with units. The format of its value depends on the language: see [`about_text`](Self::about_text).
    pub meaning: &'static str,
    pub(super) field: Field,
}

impl Setting {
    /// The type of its value.
    pub const fn kind(&self) -> SettingKind {
        self.field.kind()
    }

    /// What it does, for values given as text.
    pub fn about_text(&self) -> String {
        match self.kind() {
            SettingKind::Limit => format!("{}; a number means seconds, none disables it", self.meaning),
            _ => self.meaning.to_owned(),
        }
    }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "endpoint",
        variable: "KOOPHONE_ENDPOINT",
        default: ENDPOINT,
        meaning: "address of the KooPhone service (终端节点)",
        field: Field::Url(|s, url| s.endpoint = url),
    },
    Setting {
        name: "iam_endpoint",
        variable: "KOOPHONE_IAM_ENDPOINT",
        default: "https://iam.{region}.myhuaweicloud.com, without a region https://iam.myhuaweicloud.com",
        meaning: "address of the identity service (统一身份认证服务)",
        field: Field::Url(|s, url| s.iam_endpoint = Some(url)),
    },
    Setting {
        name: "region",
        variable: "KOOPHONE_REGION",
        default: "none",
        meaning: "region of the project, for example cn-north-4 (区域); required to log in with a password unless \
            project_id is given",
        field: Field::Text(parse::identifier, |s, id| s.region = Some(id)),
    },
    Setting {
        name: "project_id",
        variable: "KOOPHONE_PROJECT_ID",
        default: "looked up by region if a signature needs it",
        meaning: "id of the project (项目ID)",
        field: Field::Text(parse::identifier, |s, id| s.project_id = Some(id)),
    },
    Setting {
        name: "timeout",
        variable: "KOOPHONE_TIMEOUT",
        default: "300s",
        meaning: "total deadline of a call with all its batches and retries",
        field: Field::Limit(|s, limit| s.timeout = limit),
    },
    Setting {
        name: "attempt_timeout",
        variable: "KOOPHONE_ATTEMPT_TIMEOUT",
        default: "120s",
        meaning: "limit of one request, from connecting to the end of the response",
        field: Field::Duration(|s, d| s.attempt_timeout = d),
    },
    Setting {
        name: "connect_timeout",
        variable: "KOOPHONE_CONNECT_TIMEOUT",
        default: "10s",
        meaning: "limit for DNS, TCP and TLS of one connection",
        field: Field::Duration(|s, d| s.connect_timeout = d),
    },
    Setting {
        name: "max_attempts",
        variable: "KOOPHONE_MAX_ATTEMPTS",
        default: "3",
        meaning: "maximum number of requests for one call and batch, the first included (1 to 10); one that the \
            service refuses for the number of calls (429) does not count",
        field: Field::Count(1..=10, |s, n| s.max_attempts = n as u32),
    },
    Setting {
        name: "retry_delay",
        variable: "KOOPHONE_RETRY_DELAY",
        default: "1s",
        meaning: "pause before the first retry (1ms to 15s); each further pause is four times as long, up to twenty \
            times this, and of every pause up to half is left out at random",
        field: Field::Duration(|s, d| s.retry_delay = d),
    },
    Setting {
        name: "batch_size",
        variable: "KOOPHONE_BATCH_SIZE",
        default: "32",
        meaning: "phones in one request (1 to 100); 32 is within every limit in the service's documents",
        field: Field::Count(1..=100, |s, n| s.batch_size = n),
    },
    Setting {
        name: "concurrency",
        variable: "KOOPHONE_CONCURRENCY",
        default: "8",
        meaning: "concurrent requests of one call (1 to 256)",
        field: Field::Count(1..=256, |s, n| s.concurrency = n),
    },
    Setting {
        name: "max_connections",
        variable: "KOOPHONE_MAX_CONNECTIONS",
        default: "64",
        meaning: "maximum number of open connections of the client (1 to 4096); further requests wait for one, until \
            their deadline",
        field: Field::Count(1..=4096, |s, n| s.max_connections = n),
    },
    Setting {
        name: "split_refused_batches",
        variable: "KOOPHONE_SPLIT_REFUSED_BATCHES",
        default: "true",
        meaning: "whether a request that is refused because of single phones is split in half until each of them is in \
            a separate request; this adds at most 2 log2(batch_size) + 2 requests for each such phone",
        field: Field::Bool(|s, yes| s.split_refused_batches = yes),
    },
    Setting {
        name: "max_response_bytes",
        variable: "KOOPHONE_MAX_RESPONSE_BYTES",
        default: "16777216",
        meaning: "largest response accepted, in bytes",
        field: Field::Count(1024..=1 << 30, |s, n| s.max_response_bytes = n),
    },
    Setting {
        name: "proxy",
        variable: "KOOPHONE_PROXY",
        default: "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY of the environment",
        meaning: "URL of a proxy (http, https, socks5, socks5h), or none for a direct connection; loopback endpoints \
            are always reached directly",
        field: Field::Proxy(|s, proxy| s.proxy = proxy),
    },
    Setting {
        name: "ca_file",
        variable: "KOOPHONE_CA_FILE",
        default: "the system's certificate store",
        meaning: "PEM file with the only certificate authorities to trust",
        field: Field::Path(|s, path| s.ca_file = Some(path)),
    },
    Setting {
        name: "user_agent",
        variable: "KOOPHONE_USER_AGENT",
        default: concat!("koophone/", env!("CARGO_PKG_VERSION")),
        meaning: "User-Agent header",
        field: Field::Text(parse::user_agent, |s, text| s.user_agent = text),
    },
    Setting {
        name: "allow_http",
        variable: "KOOPHONE_ALLOW_HTTP",
        default: "false",
        meaning: "whether plain http is allowed to hosts other than loopback; tokens are then sent unencrypted",
        field: Field::Bool(|s, yes| s.allow_http = yes),
    },
    Setting {
        name: "strict_commands",
        variable: "KOOPHONE_STRICT_COMMANDS",
        default: "false",
        meaning: "whether to refuse commands with characters that the service does not document",
        field: Field::Bool(|s, yes| s.strict_commands = yes),
    },
    Setting {
        name: "metadata",
        variable: "KOOPHONE_METADATA",
        default: "true",
        meaning: "whether the provider chain, when it finds nothing else, may ask the metadata service of a cloud \
            server (ECS) for a key: for at most 3 s, and not again for 60 s if it did not respond",
        field: Field::Bool(|s, yes| s.metadata = yes),
    },
    Setting {
        name: "metadata_endpoint",
        variable: "KOOPHONE_METADATA_ENDPOINT",
        default: "http://169.254.169.254",
        meaning: "address of the metadata service",
        field: Field::Url(|s, url| s.metadata_endpoint = Some(url)),
    },
    Setting {
        name: "token_cache",
        variable: "KOOPHONE_TOKEN_CACHE",
        default: "none: tokens stay in memory",
        meaning: "directory where tokens are cached (mode 0600) so that many processes log in once; it must belong to \
            the user and be writable by no other user",
        field: Field::Path(|s, path| s.token_cache = Some(path)),
    },
];
