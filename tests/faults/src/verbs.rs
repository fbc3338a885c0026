//! A call of each verb, which succeeds on every phone if nothing goes wrong.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use koophone::blocking::Phones;
use koophone::{
    Before, Client, Error, ErrorKind, PageOptions, Result, VERBS, VerbResult, WAITS, WaitOptions, blocking,
};

use crate::table::{Operation, Outcome};

/// Installed on every phone.
const GAME: &str = "com.example.game";
/// The file that it is installed from.
pub const PACKAGE: &str = "/sdcard/com.example.game.apk";

type Errors = Vec<Option<Error>>;

fn errors<T>(results: Result<Vec<VerbResult<T>>>) -> Result<Errors> {
    Ok(results?.into_iter().map(|result| result.error).collect())
}

/// Whether the operation is a verb.
pub fn is_verb(operation: &Operation) -> bool {
    VERBS.iter().chain(WAITS).any(|verb| verb.name == operation.name)
}

fn is_wait(operation: &Operation) -> bool {
    WAITS.iter().any(|wait| wait.name == operation.name)
}

/// The faults after which nothing is received for a second.
const WITHOUT_RESPONSE: [&str; 3] = ["no response, executed", "no response, not executed", "slow drip"];

/// Whether it is a wait of two commands, of which the first gets no response for a second: all the time that it has.
pub fn uses_all_time(operation: &Operation, fault: &str) -> bool {
    operation.name == "wait_for_boot" && WITHOUT_RESPONSE.contains(&fault)
}

/// The outcome of a wait by that of its requests: it retries temporary failures until its time is up.
pub fn outcome(operation: &Operation, of_requests: Outcome) -> Outcome {
    use ErrorKind::{CommandFailed, Network, NotFound, Protocol, Rejected, Throttled, Timeout, Unavailable};
    let is_wait = is_wait(operation);
    let may_pass = match of_requests.kind {
        Some(Network | Protocol | Throttled | Timeout | Unavailable) => is_wait,
        // A phone that boots is not there yet.
        Some(CommandFailed | NotFound | Rejected) => operation.name == "wait_for_boot",
        _ => false,
    };
    if may_pass { Outcome { kind: Some(Timeout), attempts: 1 } } else { of_requests }
}

/// The command of a verb that the fault strikes, and how many precede it. For a verb of one command the beginning is
/// empty, which matches any command.
pub fn struck_command(operation: &Operation) -> (&'static str, u32) {
    match operation.name {
        "click_ratio" => ("input tap", 2),
        "screencap" => ("screencap", 0),
        "logcat_tail" => ("logcat", 0),
        "read_file" | "pull" => ("xxd", 2),
        "wait_for_boot" => ("getprop ro.boottime.init", 0),
        _ => ("", 0),
    }
}

/// Puts the phones into the state that the calls need.
pub fn make_ready(client: &Client, ids: &[String]) -> Result<()> {
    errors(blocking::Client::from(client.clone()).phones(ids).install_remote(PACKAGE)).map(drop)
}

/// Makes the call; none for an operation that is not a verb.
pub fn call(client: &Client, operation: &Operation, ids: &[String]) -> Option<Result<Errors>> {
    let second = Duration::from_secs(1);
    // A wait pauses for longer than what is left then: it asks once.
    let once = || WaitOptions::new().timeout(second);
    let phones: Phones = blocking::Client::from(client.clone()).phones(ids);
    Some(match operation.name {
        "getprop" => errors(phones.getprop("ro.product.model")),
        "boot_id" => errors(phones.boot_id()),
        "window_size" => errors(phones.window_size()),
        "rotation" => errors(phones.rotation()),
        "is_screen_on" => errors(phones.is_screen_on()),
        "battery" => errors(phones.battery()),
        "app_current" => errors(phones.app_current()),
        "list_packages" => errors(phones.list_packages("com.example")),
        "app_info" => errors(phones.app_info(GAME)),
        "pidof" => errors(phones.pidof(GAME)),
        "app_stop" => errors(phones.app_stop(GAME)),
        "app_clear" => errors(phones.app_clear(GAME)),
        "wake" => errors(phones.wake()),
        "settings_put" => errors(phones.settings_put("system", "screen_off_timeout", "600000")),
        "click" => errors(phones.click(360, 640)),
        "long_click" => errors(phones.long_click(360, 640, second)),
        "swipe" => errors(phones.swipe(360, 1000, 360, 200, second)),
        "drag" => errors(phones.drag(1, 2, 3, 4, second)),
        "keyevent" => errors(phones.keyevent("VOLUME_UP")),
        "back" => errors(phones.back()),
        "home" => errors(phones.home()),
        "send_keys" => errors(phones.send_keys("player")),
        "click_ratio" => errors(phones.click_ratio(0.5, 0.5)),
        "screencap" => errors(phones.screencap("/sdcard/screen.png")),
        "logcat_tail" => errors(phones.logcat_tail(5, PageOptions::new())),
        "read_file" => errors(phones.read_file(PACKAGE, PageOptions::new())),
        "pull" => pull(&phones),
        "app_start" => errors(phones.app_start(GAME, "")),
        "install_remote" => errors(phones.install_remote(PACKAGE)),
        "uninstall" => errors(phones.uninstall(GAME)),
        "wait_for_boot" => errors(phones.wait_for_boot(Before::Unknown, once())),
        "app_wait" => errors(phones.app_wait("com.android.systemui", once())),
        "app_wait_gone" => errors(phones.app_wait_gone(GAME, once())),
        "wait_prop" => errors(phones.wait_prop("ro.product.model", "KooPhone", once())),
        "wait_until" => errors(phones.wait_until("getprop ro.product.model", |text: &str| text == "KooPhone", once())),
        _ => return None,
    })
}

/// Whether it sends a command like the one that the fault strikes again later.
pub fn continues(operation: &Operation) -> bool {
    matches!(operation.name, "screencap" | "logcat_tail" | "wait_for_boot")
}

/// Into a directory that is removed afterwards.
fn pull(phones: &Phones) -> Result<Errors> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("koophone-faults-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let directory = std::env::temp_dir().join(name);
    let cannot = |cause: std::io::Error| Error::internal(format!("{}: {cause}", directory.display()));
    std::fs::create_dir(&directory).map_err(cannot)?;
    let pulled = errors(phones.pull(PACKAGE, &directory, PageOptions::new()));
    std::fs::remove_dir_all(&directory).map_err(cannot)?;
    pulled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::faults;

    #[test]
    fn the_faults_without_response_are_in_the_table() {
        let faults = faults();
        assert!(WITHOUT_RESPONSE.iter().all(|name| faults.iter().any(|fault| fault.name == *name)));
    }
}
