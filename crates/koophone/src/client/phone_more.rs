//! Verbs on one phone or many that are several commands.

use std::path::PathBuf;

use super::form::Form;
use super::phone::Verbs;
use crate::call::WaitOptions;
use crate::model::Result;
use crate::pipeline::Phones as Ids;
use crate::verbs::boot::BootId;
use crate::verbs::files::{Pull, ReadFile};
use crate::verbs::goals;
use crate::verbs::logcat::LogcatTail;
use crate::verbs::ratio::ClickRatio;
use crate::verbs::screen::Screencap;
use crate::verbs::waits::{Goal, wait};
use crate::verbs::{Before, FileContent, LogTail, PageOptions, Predicate, PulledFile, Verb, Waited, run};

/// Verbs of several commands.
impl<F: Form> Verbs<F> {
    /// Touches one place on the screen, given as fractions of its width and height as it is held now: `0.5, 0.5` is the
    /// middle, `1.0, 1.0` the last pixel. Reads size and rotation first; the touch itself is never sent again.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.click_ratio(0.5, 0.9)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn click_ratio(&self, x: f64, y: f64) -> F::Output<()> {
        self.make(ClickRatio { x, y })
    }

    /// Writes a picture of the screen (PNG) into a file on the phone, and returns the SHA-256 of the file. The picture
    /// stays there: see [`pull`](Self::pull) for the number of calls.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.screencap("/sdcard/screen.png")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn screencap(&self, path: impl Into<String>) -> F::Output<String> {
        self.make(Screencap { path: path.into() })
    }

    /// Reads a file of the phone in pages of 495 bytes, for all phones of a list in the same calls, and verifies it by
    /// its SHA-256. Size and hash, which are read first, are two more calls. The client's timeout is for each call.
    ///
    /// A file of more than 20 calls is refused with the number of calls, unless `max_calls` allows them.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// let file = phone.read_file("/sdcard/game.log", koophone::PageOptions::new())?;
    /// println!("{} bytes", file.bytes.len());
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn read_file(&self, path: impl Into<String>, options: PageOptions) -> F::Output<FileContent> {
        self.make(ReadFile::new(path.into(), options))
    }

    /// Copies a file of the phone into a local one, as [`read_file`](Self::read_file) reads it. `local` is the file, or
    /// a directory, in which the file is named `ID-NAME`; several phones need a directory. The pages are kept beside it
    /// in a file that ends with `.part`, until it is complete: after a failure, the same call resumes there.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// let file = phone.pull("/sdcard/screen.png", "screen.png", koophone::PageOptions::new().max_calls(500))?;
    /// println!("{} bytes", file.size);
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn pull(
        &self,
        path: impl Into<String>,
        local: impl Into<PathBuf>,
        options: PageOptions,
    ) -> F::Output<PulledFile> {
        let phones = self.ids();
        let verb = phones.as_ref().map_err(Clone::clone);
        let verb = verb.and_then(|phones| Pull::new(path.into(), local.into(), options, phones));
        self.call(Pull::OPERATION.name, async move |context| run(&context, phones?, &verb?).await)
    }

    /// Reads the last lines of the log, 1 to 10,000. They are written into a file on the phone, which is read as by
    /// [`read_file`](Self::read_file) and then removed; a call that fails in between leaves it in `/data/local/tmp`.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// for line in phone.logcat_tail(50, koophone::PageOptions::new())?.lines {
    ///     println!("{line}");
    /// }
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn logcat_tail(&self, lines: i64, options: PageOptions) -> F::Output<LogTail> {
        let (phones, verb) = (self.ids(), LogcatTail::new(lines, options));
        self.call(LogcatTail::OPERATION.name, async move |context| run(&context, phones?, &verb?).await)
    }
}

/// Waits. Each asks all phones that are not ready in one call, at least a second apart, and ends after the timeout of
/// its [`WaitOptions`], by default five minutes. A phone that is not ready then has an error of kind `timeout` with its
/// last output in `output`; a cancelled wait ends in the same way, with kind `cancelled`. A wait continues after
/// transient failures, such as a lost connection.
impl<F: Form> Verbs<F> {
    /// Reads an id that is different in every boot of a phone. Read it before a reboot or reset, for
    /// [`wait_for_boot`](Self::wait_for_boot).
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.boot_id()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn boot_id(&self) -> F::Output<String> {
        self.make(BootId)
    }

    /// Waits until the phone is in another boot than `before`, and that boot is complete. Returns the new
    /// [`boot_id`](Self::boot_id). A phone that is not there yet, or refuses commands, is waited for.
    ///
    /// `before` is what `boot_id` returned before the restart, for each phone of a list in order. The boot before the
    /// restart never counts then, however long it keeps responding. With [`Before::Unknown`] any complete boot counts.
    ///
    /// ```no_run
    /// use koophone::WaitOptions;
    /// use koophone::blocking::Client;
    ///
    /// let client = Client::from_env()?;
    /// let phone = client.phone("a44uhlf7");
    /// let before = phone.boot_id()?;
    /// client.reboot_instances(["a44uhlf7"])?;
    /// let waited = phone.wait_for_boot(before, WaitOptions::new())?;
    /// println!("booted; {} calls", waited.calls);
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn wait_for_boot(&self, before: impl Into<Before>, options: WaitOptions) -> F::Output<Waited<String>> {
        let before = before.into();
        self.wait(goals::WAIT_FOR_BOOT.name, |phones| goals::is_booted(before, phones), options)
    }

    /// Waits until an application runs. Returns its process ids.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.app_wait("com.example.game", koophone::WaitOptions::new())?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn app_wait(&self, package: impl Into<String>, options: WaitOptions) -> F::Output<Waited<Vec<i64>>> {
        let goal = goals::app_runs(package.into());
        self.wait(goals::APP_WAIT.name, |_| goal, options)
    }

    /// Waits until an application does not run any more.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.app_wait_gone("com.example.game", koophone::WaitOptions::new())?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn app_wait_gone(&self, package: impl Into<String>, options: WaitOptions) -> F::Output<Waited<()>> {
        let goal = goals::app_is_gone(package.into());
        self.wait(goals::APP_WAIT_GONE.name, |_| goal, options)
    }

    /// Waits until a property has a value.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.wait_prop("debug.game.level", "3", koophone::WaitOptions::new())?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn wait_prop(
        &self,
        name: impl Into<String>,
        value: impl Into<String>,
        options: WaitOptions,
    ) -> F::Output<Waited<()>> {
        let goal = goals::prop_is(name.into(), value.into());
        self.wait(goals::WAIT_PROP.name, |_| Ok(goal), options)
    }

    /// Repeats a command that only reads until `predicate` accepts what it prints. Returns that text. A command that
    /// fails is repeated too.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// use koophone::{Predicate, WaitOptions};
    ///
    /// let is_there = Predicate::new(|text| text.contains("Download"));
    /// println!("{}", phone.wait_until("ls /sdcard", is_there, WaitOptions::new())?.value);
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn wait_until(
        &self,
        command: impl Into<String>,
        predicate: impl Into<Predicate>,
        options: WaitOptions,
    ) -> F::Output<Waited<String>> {
        let goal = goals::prints(command.into(), predicate.into());
        self.wait(goals::WAIT_UNTIL.name, |_| Ok(goal), options)
    }

    fn wait<V: Verb, T: Clone + Send + 'static>(
        &self,
        name: &'static str,
        goal: impl FnOnce(&Ids) -> Result<Goal<V, T>>,
        options: WaitOptions,
    ) -> F::Output<Waited<T>> {
        let ready = self.ids().and_then(|phones| goal(&phones).map(|goal| (phones, goal)));
        self.call(name, async move |context| {
            let (phones, goal) = ready?;
            wait(&context, phones, goal, options).await
        })
    }
}
