//! `koophone video`

use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args, Subcommand};
use koophone::{PhoneResults, Result, VideoSettings, VideoSpec};

use crate::failure::RunResult;
use crate::outcomes;
use crate::output::word;
use crate::phone_args::PhoneArgs;
use crate::session::Session;
use crate::table::{Cell, Table};

/// Options of which at least one must be given.
const VALUES: [&str; 6] = ["settings", "bitrate_kbps", "fps", "p540", "p720", "p1080"];

const EXAMPLES: &str = "\
Examples:
  koophone video show-defaults
  koophone video set a44uhlf7 --bitrate-kbps 4000 --fps 60";

const SET_EXAMPLES: &str = "\
Examples:
  koophone video set a44uhlf7 efjy72gs --bitrate-kbps 4000 --fps 60
  # one definition only
  koophone video set a44uhlf7 --p1080 8000:60
  # another rate for each network and codec
  koophone video show-defaults --json > video.json
  koophone video set --file phones.txt --settings video.json";

const DEFAULTS_EXAMPLES: &str = "\
Examples:
  koophone video show-defaults
  koophone video show-defaults --json > video.json";

/// Set bit rates and frame rates of the video stream (视频参数)
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) enum VideoCommand {
    /// Set bit rates (码率) and frame rates (帧率) of phones
    ///
    /// Settings for all three networks and both codecs are sent together, as the newer documents require. Missing
    /// values are those of video show-defaults, not the phone's current ones, which the service does not reveal.
    #[command(after_help = SET_EXAMPLES)]
    Set(SetArgs),
    /// Show the default settings of video set
    #[command(after_help = DEFAULTS_EXAMPLES)]
    ShowDefaults,
}

/// What to set.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("values").args(VALUES).multiple(true).required(true)))]
pub(crate) struct SetArgs {
    #[command(flatten)]
    phones: PhoneArgs,
    /// Bit rate of every definition in kbit/s: a multiple of 100 up to 10000
    #[arg(long, value_name = "KBIT/S")]
    bitrate_kbps: Option<u32>,
    /// Frames per second of every definition: 30 or 60
    #[arg(long)]
    fps: Option<u32>,
    /// Bit rate and frame rate of 540P, for example 3000:30
    #[arg(long, value_name = "RATE:FPS")]
    p540: Option<Spec>,
    /// The same for 720P
    #[arg(long, value_name = "RATE:FPS")]
    p720: Option<Spec>,
    /// The same for 1080P
    #[arg(long, value_name = "RATE:FPS")]
    p1080: Option<Spec>,
    /// JSON file in the format of video show-defaults --json; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bitrate_kbps", "fps", "p540", "p720", "p1080"])]
    settings: Option<PathBuf>,
}

/// `RATE:FPS`
#[derive(Clone, Copy, Debug)]
struct Spec(VideoSpec);

impl FromStr for Spec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once(':').and_then(|(rate, fps)| Some((rate.parse().ok()?, fps.parse().ok()?)));
        let (rate, fps) = numbers.ok_or("must be a bit rate and a frame rate, like 3000:30")?;
        Ok(Self(VideoSpec::new(rate, fps)))
    }
}

impl SetArgs {
    fn video(&self, session: &Session) -> Result<VideoSettings> {
        if let Some(path) = &self.settings {
            return VideoSettings::from_json(&session.input.text(path, "settings", "the video settings")?);
        }
        let mut video = VideoSettings::default();
        for setting in &mut video.settings {
            let specs =
                [(&mut setting.p540, self.p540), (&mut setting.p720, self.p720), (&mut setting.p1080, self.p1080)];
            for (spec, own) in specs {
                spec.bitrate_kbps = self.bitrate_kbps.unwrap_or(spec.bitrate_kbps);
                spec.fps = self.fps.unwrap_or(spec.fps);
                if let Some(Spec(own)) = own {
                    *spec = own;
                }
            }
        }
        Ok(video)
    }
}

pub(crate) fn run(command: &VideoCommand, session: &Session) -> RunResult {
    match command {
        VideoCommand::Set(args) => set(args, session),
        VideoCommand::ShowDefaults => {
            let video = VideoSettings::default();
            Ok(session.output.show(&video, || defaults(&video))?)
        }
    }
}

fn set(args: &SetArgs, session: &Session) -> RunResult {
    // The settings first: standard input is for the phones only if the settings do not use it.
    let video = args.video(session)?;
    let ids = args.phones.read(session)?;
    let phones = session.call(session.client()?.set_video_settings(ids, video))?;
    outcomes::show(session, &phones, "VIDEO", "set")?;
    Ok(phones.raise_for_errors()?)
}

fn defaults(video: &VideoSettings) -> Table {
    let mut table = Table::new(["NETWORK", "CODEC", "540P", "720P", "1080P"]);
    let spec = |spec: VideoSpec| Cell::from(format!("{}:{}", spec.bitrate_kbps, spec.fps));
    for setting in &video.settings {
        table.row([
            word(&setting.network).into(),
            word(&setting.codec).into(),
            spec(setting.p540),
            spec(setting.p720),
            spec(setting.p1080),
        ]);
    }
    table
}
