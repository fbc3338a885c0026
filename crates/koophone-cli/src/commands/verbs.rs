//! The verbs that testers use most: `koophone tap`, `swipe`, `key`, `type`, `start`, `stop`, `getprop`.

use std::time::Duration;

use clap::Args;
use koophone::{Call, PhoneResults, Phones, Result, VerbResult};

use crate::failure::RunResult;
use crate::outcomes;
use crate::output::brief;
use crate::phone_args::PhoneArgs;
use crate::session::Session;
use crate::table::Table;

/// Touch one place on the screen (点击)
///
/// A touch that may have happened is never sent again: the exit code is then 11.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone tap 360 640 a44uhlf7
  koophone tap 360 640 --all")]
pub(crate) struct TapArgs {
    /// Pixels from the left
    x: i64,
    /// Pixels from the top
    y: i64,
    #[command(flatten)]
    phones: PhoneArgs,
    /// How long it lasts, in milliseconds up to 20,000 [default: a short touch]
    #[arg(long, value_name = "MS")]
    hold: Option<u64>,
}

pub(crate) fn tap(args: &TapArgs, session: &Session) -> RunResult {
    let phones = phones(&args.phones, session)?;
    let call = match args.hold {
        Some(hold) => phones.long_click(args.x, args.y, Duration::from_millis(hold)),
        None => phones.click(args.x, args.y),
    };
    act(session, call, "TAP", "tapped")
}

/// Move a finger over the screen (滑动)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone swipe 360 1000 360 200 a44uhlf7
  koophone swipe 360 1000 360 200 --ms 800 a44uhlf7")]
pub(crate) struct SwipeArgs {
    /// Start: pixels from the left
    x1: i64,
    /// Start: pixels from the top
    y1: i64,
    /// End: pixels from the left
    x2: i64,
    /// End: pixels from the top
    y2: i64,
    #[command(flatten)]
    phones: PhoneArgs,
    /// How long it lasts, in milliseconds up to 20,000
    #[arg(long, value_name = "MS", default_value_t = 500)]
    ms: u64,
}

pub(crate) fn swipe(args: &SwipeArgs, session: &Session) -> RunResult {
    let phones = phones(&args.phones, session)?;
    let call = phones.swipe(args.x1, args.y1, args.x2, args.y2, Duration::from_millis(args.ms));
    act(session, call, "SWIPE", "swiped")
}

/// Press a key (按键)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone key HOME a44uhlf7
  koophone key VOLUME_UP --all
  koophone key 4 a44uhlf7")]
pub(crate) struct KeyArgs {
    /// Name or number of Android's key code: HOME, KEYCODE_HOME or 3
    key: String,
    #[command(flatten)]
    phones: PhoneArgs,
}

pub(crate) fn key(args: &KeyArgs, session: &Session) -> RunResult {
    act(session, phones(&args.phones, session)?.keyevent(&args.key), "KEY", "pressed")
}

/// Type a text (输入文本)
///
/// Letters, digits and _ . / : - are typed directly; space, tab, line feed and # * + , ; = @ [ ] \ ' ` with their
/// keys. Any other character is refused before anything is sent.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone type 'player@example.com' a44uhlf7")]
pub(crate) struct TypeArgs {
    /// The text
    #[arg(allow_hyphen_values = true)]
    text: String,
    #[command(flatten)]
    phones: PhoneArgs,
}

pub(crate) fn type_text(args: &TypeArgs, session: &Session) -> RunResult {
    act(session, phones(&args.phones, session)?.send_keys(&args.text), "TEXT", "typed")
}

/// Start an application (启动应用)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone start com.example.game a44uhlf7
  koophone start com.example.game/.MainActivity --all")]
pub(crate) struct StartArgs {
    /// Its package and, optionally, an activity [default: the activity that the launcher starts]
    #[arg(value_name = "PACKAGE[/ACTIVITY]")]
    app: String,
    #[command(flatten)]
    phones: PhoneArgs,
}

pub(crate) fn start(args: &StartArgs, session: &Session) -> RunResult {
    let (package, activity) = args.app.split_once('/').unwrap_or((&args.app, ""));
    act(session, phones(&args.phones, session)?.app_start(package, activity), "START", "started")
}

/// Stop an application (停止应用)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone stop com.example.game a44uhlf7 efjy72gs")]
pub(crate) struct StopArgs {
    /// Its package
    package: String,
    #[command(flatten)]
    phones: PhoneArgs,
}

pub(crate) fn stop(args: &StopArgs, session: &Session) -> RunResult {
    act(session, phones(&args.phones, session)?.app_stop(&args.package), "STOP", "stopped")
}

/// Read a property (读取系统属性)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  koophone getprop ro.product.model a44uhlf7 efjy72gs")]
pub(crate) struct GetpropArgs {
    /// The property
    #[arg(value_name = "NAME")]
    property: String,
    #[command(flatten)]
    phones: PhoneArgs,
}

pub(crate) fn getprop(args: &GetpropArgs, session: &Session) -> RunResult {
    let results = session.call(phones(&args.phones, session)?.getprop(&args.property))?;
    session.output.show(&results, || {
        let mut table = Table::new(["PHONE", "VALUE", "ERROR"]);
        for result in &results {
            let value = result.value.clone().unwrap_or_default();
            table.row([result.instance_id.as_str().into(), value.into(), brief(result.error.as_ref()).into()]);
        }
        table
    })?;
    Ok(results.raise_for_errors()?)
}

fn phones(args: &PhoneArgs, session: &Session) -> Result<Phones> {
    Ok(session.client()?.phones(args.read(session)?))
}

/// Makes a verb that returns no value.
fn act(session: &Session, call: Call<Vec<VerbResult<()>>>, what: &'static str, done: &str) -> RunResult {
    let results = session.call(call)?;
    outcomes::show(session, &results, what, done)?;
    Ok(results.raise_for_errors()?)
}
