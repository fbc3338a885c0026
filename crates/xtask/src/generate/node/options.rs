//! `options.ts`: the named options of a client and a call, and how they are checked.

use minijinja::context;
use serde::Serialize;

use super::super::template::render;

/// An interface of TypeScript.
#[derive(Serialize)]
struct Options {
    name: &'static str,
    doc: &'static str,
    extends: &'static str,
    /// The constant with its checks, and that of the interface that it extends.
    constant: &'static str,
    extends_constant: &'static str,
    options: &'static [Choice],
}

#[derive(Serialize)]
struct Choice {
    name: &'static str,
    /// Its type in TypeScript.
    of: &'static str,
    /// The check, as an expression.
    kind: &'static str,
    doc: &'static str,
}

const fn choice(name: &'static str, of: &'static str, kind: &'static str, doc: &'static str) -> Choice {
    Choice { name, of, kind, doc }
}

const ON_PROGRESS: Choice = choice(
    "onProgress",
    "((progress: Progress) => void)",
    "check.callback",
    "Called once at the start and then after every change. An exception that it throws ends the call.",
);

const ALL: &[Options] = &[
    Options {
        name: "ClientOptions",
        doc: "The configuration of a client. Unknown names are refused.",
        extends: "ClientSettings",
        constant: "CLIENT_OPTIONS",
        extends_constant: "SETTINGS",
        options: &[
            choice(
                "credentials",
                "Credentials | CredentialFields",
                "check.named",
                "The credentials. Default: the provider chain (environment, profile file, metadata service).",
            ),
            choice(
                "environment",
                "Readonly<Record<string, string | undefined>>",
                "check.named",
                "Replaces `process.env` as the source of settings and credentials that are not passed here; `{}` \
                 ignores it.",
            ),
            choice(
                "log",
                "((record: LogRecord) => void)",
                "check.callback",
                "Receives the client's log records, up to `logLevel`. {@link Client.setLog} changes it.",
            ),
            choice(
                "logLevel",
                "LogLevel",
                "LOG_LEVEL",
                "The minimum level of records that `log` receives; `info` by default.",
            ),
        ],
    },
    Options {
        name: "CallOptions",
        doc: "Options of any call. Unknown names are refused.",
        extends: "",
        constant: "CALL_OPTIONS",
        extends_constant: "",
        options: &[
            choice(
                "signal",
                "AbortSignal",
                "check.signal",
                "Cancels the call: it ends at once. If nothing has happened on any phone it fails with kind \
                 `cancelled`, with the signal's reason as its `cause`; otherwise a call about many phones still \
                 returns its list, with the result or the error of each phone. What was already sent may still run.",
            ),
            choice(
                "timeoutMs",
                "number",
                "check.limit",
                "Total deadline in milliseconds, with all batches and retries, instead of the client's `timeoutMs`. \
                 `Infinity`: none.",
            ),
            choice(
                "repeatable",
                "boolean",
                "check.boolean",
                "Declares that repeating the call is harmless: it is then sent again even if its outcome is unknown.",
            ),
            choice(
                "traceparent",
                "string",
                "check.string",
                "The W3C trace context that the requests belong to, sent with each of them as the header \
                 `traceparent`.",
            ),
        ],
    },
    Options {
        name: "FleetOptions",
        doc: "Options of a call about many phones.",
        extends: "CallOptions",
        constant: "FLEET_OPTIONS",
        extends_constant: "CALL_OPTIONS",
        options: &[choice(
            "check",
            "boolean",
            "check.boolean",
            "Throws the first phone's error. It has that phone's `instanceId` and `output`, and all `results`; its \
             message says how many phones failed.",
        )],
    },
    Options {
        name: "WaitOptions",
        doc: "Options of a long call: a wait, whose `timeoutMs` is how long, or one that reads a file.",
        extends: "FleetOptions",
        constant: "WAIT_OPTIONS",
        extends_constant: "FLEET_OPTIONS",
        options: &[ON_PROGRESS],
    },
    Options {
        name: "PhoneWaitOptions",
        doc: "Options of a long call about one phone: a wait, whose `timeoutMs` is how long, or one that reads a file.",
        extends: "CallOptions",
        constant: "PHONE_WAIT_OPTIONS",
        extends_constant: "CALL_OPTIONS",
        options: &[ON_PROGRESS],
    },
];

pub(super) fn options() -> Result<String, String> {
    render("options.ts.j2", include_str!("../../../templates/node/options.ts.j2"), context! { all => ALL })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_its_type_and_its_check() {
        let text = options().unwrap();
        for part in [
            "export interface CallOptions {\n  /**\n   * Cancels the call: ",
            "`info` by default. */\n  readonly logLevel?: LogLevel | undefined;\n",
            "export const CALL_OPTIONS = {\n  signal: check.signal,\n  timeoutMs: check.limit,\n",
            "export interface WaitOptions extends FleetOptions {\n",
            "export const FLEET_OPTIONS = {\n  ...CALL_OPTIONS,\n  check: check.boolean,\n};\n",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
    }
}
