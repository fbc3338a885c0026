//! Verbs on one phone or many: the same methods, which differ only in what they return.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Client;
use super::form::{Form, Many, One};
use crate::model::Result;
use crate::pipeline::{CallContext, ClientInner, Phones as Ids};
use crate::verbs::apps::{
    AppClear, AppCurrent, AppStart, AppStop, InstallRemote, ListPackages, Pidof, ReadAppInfo, Uninstall,
};
use crate::verbs::input::{Back, Click, Drag, Home, Keyevent, LongClick, Swipe, Way};
use crate::verbs::screen::{IsScreenOn, ReadRotation, ReadWindowSize, Wake};
use crate::verbs::system::{Getprop, ReadBattery, SettingsPut};
use crate::verbs::typing::SendKeys;
use crate::verbs::{self, AppInfo, AppOnScreen, Battery, Verb, VerbResult, WindowSize};

/// One phone and its verbs. Each method is a [`Call`](crate::Call) for its value, or for the error of the phone.
///
/// ```no_run
/// # async fn example(client: koophone::Client) -> koophone::Result<()> {
/// let phone = client.phone("a44uhlf7");
/// phone.app_start("com.example.game", "").await?;
/// phone.click(360, 640).await?;
/// println!("{}", phone.getprop("ro.product.model").await?);
/// # Ok(()) }
/// ```
pub type Phone = Verbs<One>;

/// Some phones and their verbs. Each method is a [`Call`](crate::Call) for one [`VerbResult`](crate::VerbResult) per
/// phone, in the order asked.
///
/// ```no_run
/// # async fn example(client: koophone::Client) -> koophone::Result<()> {
/// let phones = client.phones(["a44uhlf7", "efjy72gs"]);
/// for result in phones.getprop("ro.product.model").await? {
///     println!("{}: {:?}", result.instance_id, result.value);
/// }
/// # Ok(()) }
/// ```
pub type Phones = Verbs<Many>;

impl Client {
    /// The verbs of one phone. Nothing is sent; a wrong id is the error of each verb.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// client.phone("a44uhlf7").keyevent("HOME").await?;
    /// # Ok(()) }
    /// ```
    pub fn phone(&self, instance_id: impl AsRef<str>) -> Phone {
        Verbs::new(&self.inner, [instance_id], One)
    }

    /// The verbs of some phones. Nothing is sent; a wrong id is the error of each verb.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// use koophone::PhoneResults;
    ///
    /// client.phones(["a44uhlf7", "efjy72gs"]).app_stop("com.example.game").await?.raise_for_errors()?;
    /// # Ok(()) }
    /// ```
    pub fn phones(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Phones {
        Verbs::new(&self.inner, instance_ids, Many)
    }
}

/// The verbs of one phone or of several: see [`Phone`] and [`Phones`].
///
/// A verb is a command whose output is parsed. Verbs that only read, or that are idempotent, are retried automatically
/// after a lost response; the others are never sent again once they may have run. Arguments become words of a command:
/// letters, digits and `_ . / : -`; anything else is refused before anything is sent, because nothing can be escaped.
///
/// # Errors
///
/// Every verb: `invalid_argument` before anything is sent; `command_failed` where the phone says that it failed, or
/// where its output does not contain what is read; and the errors of [`Client::run_command`].
#[derive(Clone)]
pub struct Verbs<F> {
    inner: Arc<ClientInner>,
    phones: Result<Ids>,
    form: F,
}

impl<F: Form> Verbs<F> {
    pub(super) fn new(inner: &Arc<ClientInner>, ids: impl IntoIterator<Item = impl AsRef<str>>, form: F) -> Self {
        Self { inner: inner.clone(), phones: Ids::new(ids), form }
    }

    pub(super) fn make<V: Verb>(&self, verb: V) -> F::Output<V::Value> {
        let phones = self.ids();
        self.call(V::OPERATION.name, async move |context| verbs::run(&context, phones?, &verb).await)
    }

    pub(super) fn ids(&self) -> Result<Ids> {
        self.phones.clone()
    }

    pub(super) fn call<T, R>(
        &self,
        name: &'static str,
        run: impl FnOnce(CallContext) -> R + Send + 'static,
    ) -> F::Output<T>
    where
        T: Send + 'static,
        R: Future<Output = Result<Vec<VerbResult<T>>>> + Send + 'static,
    {
        self.form.output(self.inner.call(name, run))
    }
}

/// The verbs.
impl<F: Form> Verbs<F> {
    /// Reads a property, for example `ro.product.model`. A property that is not set is empty.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.getprop("ro.product.model")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn getprop(&self, name: impl Into<String>) -> F::Output<String> {
        self.make(Getprop { name: name.into() })
    }

    /// Reads the size of the screen in pixels, as it is held upright.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.window_size()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn window_size(&self) -> F::Output<WindowSize> {
        self.make(ReadWindowSize)
    }

    /// Reads how the screen is turned: 0 upright, 1, 2 or 3 quarter turns.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.rotation()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn rotation(&self) -> F::Output<i64> {
        self.make(ReadRotation)
    }

    /// Reads whether the screen is on.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.is_screen_on()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn is_screen_on(&self) -> F::Output<bool> {
        self.make(IsScreenOn)
    }

    /// Reads the battery as Android sees it; a cloud phone pretends to have one.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.battery()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn battery(&self) -> F::Output<Battery> {
        self.make(ReadBattery)
    }

    /// Reads which application is in the foreground.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.app_current()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn app_current(&self) -> F::Output<AppOnScreen> {
        self.make(AppCurrent)
    }

    /// Reads the packages whose name contains `part`. The service cuts the output at 1,024 bytes, about 30 names:
    /// more than that is an error, whose output has the first of them, and a longer `part` finds fewer.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.list_packages("com.example")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn list_packages(&self, part: impl Into<String>) -> F::Output<Vec<String>> {
        self.make(ListPackages { part: part.into() })
    }

    /// Reads where an application is and its version.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.app_info("com.example.game")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn app_info(&self, package: impl Into<String>) -> F::Output<AppInfo> {
        self.make(ReadAppInfo { package: package.into() })
    }

    /// Reads the process ids of an application or program; none where it does not run.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.pidof("com.example.game")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn pidof(&self, name: impl Into<String>) -> F::Output<Vec<i64>> {
        self.make(Pidof { name: name.into() })
    }

    /// Ends an application. Repeated after a lost response.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.app_stop("com.example.game")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn app_stop(&self, package: impl Into<String>) -> F::Output<()> {
        self.make(AppStop { package: package.into() })
    }

    /// Ends an application and deletes its data. Repeated after a lost response.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.app_clear("com.example.game")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn app_clear(&self, package: impl Into<String>) -> F::Output<()> {
        self.make(AppClear { package: package.into() })
    }

    /// Switches the screen on, if it is off. Repeated after a lost response.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.wake()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn wake(&self) -> F::Output<()> {
        self.make(Wake)
    }

    /// Changes a setting of Android; the namespace is `system`, `secure` or `global`. Repeated after a lost response.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.settings_put("system", "screen_off_timeout", "600000")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn settings_put(
        &self,
        namespace: impl Into<String>,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> F::Output<()> {
        self.make(SettingsPut { namespace: namespace.into(), key: key.into(), value: value.into() })
    }

    /// Touches one place on the screen, in pixels from the left and from the top.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.click(360, 640)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn click(&self, x: i64, y: i64) -> F::Output<()> {
        self.make(Click { x, y })
    }

    /// Touches one place on the screen for a time of 1 ms to 20 s.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.long_click(360, 640, std::time::Duration::from_millis(800))?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn long_click(&self, x: i64, y: i64, duration: Duration) -> F::Output<()> {
        self.make(LongClick { x, y, duration })
    }

    /// Moves a finger from (x1, y1) to (x2, y2) in a time of 1 ms to 20 s.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.swipe(360, 1000, 360, 200, std::time::Duration::from_millis(300))?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn swipe(&self, x1: i64, y1: i64, x2: i64, y2: i64, duration: Duration) -> F::Output<()> {
        self.make(Swipe(Way { x1, y1, x2, y2, duration }))
    }

    /// Drags what is at (x1, y1) to (x2, y2), in 1 ms to 20 s.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.drag(100, 200, 300, 400, std::time::Duration::from_secs(1))?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn drag(&self, x1: i64, y1: i64, x2: i64, y2: i64, duration: Duration) -> F::Output<()> {
        self.make(Drag(Way { x1, y1, x2, y2, duration }))
    }

    /// Presses a key: the name or number of Android's key code, `HOME`, `KEYCODE_HOME` or `3`.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.keyevent("VOLUME_UP")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn keyevent(&self, key: impl Into<String>) -> F::Output<()> {
        self.make(Keyevent { key: key.into() })
    }

    /// Types a text into what has the focus: letters, digits, dot, `_ / : -` as they are, blank, tab, line feed and
    /// ``# * + , ; = @ [ ] \ ' ` `` by their keys. Every other character is refused before anything is sent, with its
    /// place.
    ///
    /// A text may take several commands, of which each is sent once. If one of them fails, the phone's error says how
    /// many characters were typed before it.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.send_keys("player@example.com")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn send_keys(&self, text: impl Into<String>) -> F::Output<()> {
        self.make(SendKeys::new(&text.into()))
    }

    /// Presses the back key.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.back()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn back(&self) -> F::Output<()> {
        self.make(Back)
    }

    /// Presses the home key.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.home()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn home(&self) -> F::Output<()> {
        self.make(Home)
    }

    /// Starts an application, or brings it to the front. An empty activity is the one that the launcher starts.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.app_start("com.example.game", ".MainActivity")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn app_start(&self, package: impl Into<String>, activity: impl Into<String>) -> F::Output<()> {
        self.make(AppStart { package: package.into(), activity: activity.into() })
    }

    /// Installs a package that is already on the phone, and keeps the data of an older version. For a package elsewhere
    /// see [`Client::install_app`].
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.install_remote("/sdcard/game.apk")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn install_remote(&self, path: impl Into<String>) -> F::Output<()> {
        self.make(InstallRemote { path: path.into() })
    }

    /// Removes an application and its data.
    ///
    /// ```no_run
    /// # let phone = koophone::blocking::Client::from_env()?.phone("a44uhlf7");
    /// phone.uninstall("com.example.game")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn uninstall(&self, package: impl Into<String>) -> F::Output<()> {
        self.make(Uninstall { package: package.into() })
    }
}

impl<F> fmt::Debug for Verbs<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verbs").field("phones", &self.phones).finish_non_exhaustive()
    }
}
