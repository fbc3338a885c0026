//! Progress of a task or a long verb: a bar on a terminal, lines with --verbose, nothing otherwise.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};
use koophone::Progress;
use serde_json::json;

use crate::output::{Style, complain};

/// Shows progress until it is dropped.
pub(crate) struct Reporter {
    bar: Option<ProgressBar>,
    style: Style,
}

impl Reporter {
    /// `counted` is what is counted.
    pub fn new(style: Style, counted: &str) -> Self {
        // The log's lines and a bar would overwrite each other.
        let wanted = io::stderr().is_terminal() && !style.quiet && style.verbose == 0;
        let bar = wanted.then(|| {
            let template = format!("{{bar:30}} {{pos}}/{{len}} {counted}{{msg}} [{{elapsed}}]");
            let look = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(0).with_style(look);
            bar.enable_steady_tick(std::time::Duration::from_millis(250));
            bar
        });
        Self { bar, style }
    }

    /// The callback for the core, called on every change.
    pub fn sink(&self) -> impl FnMut(Progress) + Send + use<> {
        let (bar, style) = (self.bar.clone(), self.style);
        move |progress| {
            let Progress { succeeded, failed, running, total, .. } = progress;
            if let Some(bar) = &bar {
                bar.set_length(total);
                bar.set_position(succeeded + failed);
                bar.set_message(format!(", {failed} failed, {running} running"));
            } else if style.verbose > 0 && style.json {
                complain(&json!({ "progress": progress }).to_string());
            } else if style.verbose > 0 {
                complain(&format!("progress: {}", line(&progress)));
            }
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Progress as text.
pub(crate) fn line(progress: &Progress) -> String {
    let Progress { succeeded, failed, running, total, .. } = progress;
    format!("{succeeded} succeeded, {failed} failed, {running} running of {total}")
}
