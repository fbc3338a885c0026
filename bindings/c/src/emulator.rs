//! The local emulator: options, faults, rules, journal cross the border as JSON text.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;

use ::koophone_emulator::{Emulator, Fault, Options, OptionsError, Rule, StartError};
use koophone::{Error, ErrorKind, Result};

use crate::config::{koophone_config, koophone_credentials};
use crate::generated::enums::koophone_status;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::{Out, optional_text, required, set_count, text};
use crate::owned::{Owned, c_string, koophone_string};
use crate::panic::quietly;

/// A local KooPhone service with phones that keep state. Free to use from many threads at once.
pub struct koophone_emulator {
    inner: Emulator,
    endpoint: CString,
    _instance_ids: Vec<CString>,
    pointers: Vec<*const c_char>,
}

fn refused(name: &'static str) -> impl Fn(OptionsError) -> Error {
    move |error| Error::invalid(name, error.to_string())
}

/// Starts an emulator on a loopback port that the system chooses, and returns when it listens. `options` is a JSON object such as
/// `{"phones": 8, "seed": 7}`; NULL for the defaults. Free it with `koophone_emulator_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_emulator_start(
    options: *const c_char,
    emulator: Option<&mut MaybeUninit<*mut koophone_emulator>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(emulator, "emulator")?;
        // SAFETY: by the conventions, texts end with NUL.
        let options = match unsafe { optional_text(options, "options")? } {
            Some(json) => Options::from_json(json).map_err(refused("options"))?,
            None => Options::default(),
        };
        let inner = Emulator::start(options).map_err(|error| match error {
            StartError::Options(error) => refused("options")(error),
            StartError::System(_) => Error::configuration("emulator", error.to_string()),
            other => Error::new(ErrorKind::Network, other.to_string()),
        })?;
        let instance_ids: Vec<CString> = inner.instance_ids().iter().map(|id| c_string(id)).collect();
        let pointers = instance_ids.iter().map(|id| id.as_ptr()).collect();
        let endpoint = c_string(inner.endpoint());
        out.set_box(koophone_emulator { inner, endpoint, _instance_ids: instance_ids, pointers });
        Ok(())
    })
}

/// Its address, for both the `endpoint` and the `iam_endpoint` of a client. NULL for NULL. Valid as long as the emulator.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_endpoint(emulator: Option<&koophone_emulator>) -> *const c_char {
    quietly(ptr::null(), || emulator.map_or(ptr::null(), |one| one.endpoint.as_ptr()))
}

/// Ids of all phones, in a fixed order, ready to be passed to a client. `count` says how many. Valid as long as the emulator.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_instance_ids(
    emulator: Option<&koophone_emulator>,
    count: Option<&mut MaybeUninit<usize>>,
) -> *const *const c_char {
    quietly(ptr::null(), || {
        set_count(count, emulator.map_or(0, |one| one.pointers.len()));
        emulator.map_or(ptr::null(), |one| one.pointers.as_ptr())
    })
}

/// What to log in with: user name, password and account. Free them with `koophone_credentials_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_credentials(
    emulator: Option<&koophone_emulator>,
    credentials: Option<&mut MaybeUninit<*mut koophone_credentials>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(credentials, "credentials")?;
        out.set_box(login(&required(emulator, "emulator")?.inner));
        Ok(())
    })
}

/// Points a configuration at the emulator: endpoints, region, credentials, and nothing from the environment.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_configure(
    emulator: Option<&koophone_emulator>,
    config: Option<&mut koophone_config>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let emulator = &required(emulator, "emulator")?.inner;
        let config = required(config, "config")?;
        config.set("endpoint", emulator.endpoint());
        config.set("iam_endpoint", emulator.endpoint());
        config.set("region", &emulator.credentials().region);
        config.ignore_environment();
        config.set_credentials(&login(emulator))
    })
}

fn login(emulator: &Emulator) -> koophone_credentials {
    let login = emulator.credentials();
    let mut credentials = koophone_credentials::default();
    credentials.set("username", &login.user);
    credentials.set("password", &login.password);
    credentials.set("domain", &login.account_domain);
    credentials
}

/// Adds faults at the end of the queue: a JSON list such as
/// `[{"operation": "run_command", "times": 3, "action": "throttle"}]`. None is added if one of them cannot be used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_emulator_add_faults(
    emulator: Option<&koophone_emulator>,
    faults: *const c_char,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let emulator = &required(emulator, "emulator")?.inner;
        // SAFETY: by the conventions, texts end with NUL.
        let faults = Fault::list_from_json(unsafe { text(faults, "faults")? }).map_err(refused("faults"))?;
        emulator.add_faults(faults).map_err(refused("faults"))
    })
}

/// Empties the queue of faults. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_clear_faults(emulator: Option<&koophone_emulator>) {
    quietly((), || {
        if let Some(emulator) = emulator {
            emulator.inner.clear_faults();
        }
    })
}

/// Adds rules, which answer commands before the built-in shell does: a JSON list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_emulator_add_rules(
    emulator: Option<&koophone_emulator>,
    rules: *const c_char,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let emulator = &required(emulator, "emulator")?.inner;
        // SAFETY: by the conventions, texts end with NUL.
        let rules = Rule::list_from_json(unsafe { text(rules, "rules")? }).map_err(refused("rules"))?;
        emulator.add_rules(rules).map_err(refused("rules"))
    })
}

/// Removes all rules. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_clear_rules(emulator: Option<&koophone_emulator>) {
    quietly((), || {
        if let Some(emulator) = emulator {
            emulator.inner.clear_rules();
        }
    })
}

/// All there is to know about a phone, as a JSON object. Free it with `koophone_string_free`. Fails with `KOOPHONE_NOT_FOUND` where
/// there is no such phone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_emulator_phone(
    emulator: Option<&koophone_emulator>,
    instance_id: *const c_char,
    json: Option<&mut MaybeUninit<*mut koophone_string>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(json, "json")?;
        let emulator = &required(emulator, "emulator")?.inner;
        // SAFETY: by the conventions, texts end with NUL.
        let id = unsafe { text(instance_id, "instance_id")? };
        give_json(out, &emulator.phone(id).ok_or_else(|| no_phone(id))?)
    })
}

fn no_phone(id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("the emulator has no phone {id}"))
}

/// What the phones really did, oldest first, as a JSON list; of one phone where `instance_id` is not NULL. Free it with
/// `koophone_string_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_emulator_journal(
    emulator: Option<&koophone_emulator>,
    instance_id: *const c_char,
    json: Option<&mut MaybeUninit<*mut koophone_string>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(json, "json")?;
        let emulator = &required(emulator, "emulator")?.inner;
        // SAFETY: by the conventions, texts end with NUL.
        let entries = match unsafe { optional_text(instance_id, "instance_id")? } {
            Some(id) => emulator.journal_of(id),
            None => emulator.journal(),
        };
        give_json(out, &entries)
    })
}

/// Every request that arrived, oldest first, as a JSON list. Free it with `koophone_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_requests(
    emulator: Option<&koophone_emulator>,
    json: Option<&mut MaybeUninit<*mut koophone_string>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(json, "json")?;
        give_json(out, &required(emulator, "emulator")?.inner.requests())
    })
}

fn give_json(out: Out<koophone_string>, value: &impl serde::Serialize) -> Result<()> {
    let json = serde_json::to_string(value).map_err(|error| Error::internal(error.to_string()))?;
    out.set(Owned::hand_out(json));
    Ok(())
}

/// Empties the journal and the list of requests. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_clear_journal(emulator: Option<&koophone_emulator>) {
    quietly((), || {
        if let Some(emulator) = emulator {
            emulator.inner.clear_journal();
            emulator.inner.clear_requests();
        }
    })
}

/// Gives a phone any state number. Fails with `KOOPHONE_NOT_FOUND` where there is no such phone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_emulator_set_phone_state(
    emulator: Option<&koophone_emulator>,
    instance_id: *const c_char,
    state: i64,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let emulator = &required(emulator, "emulator")?.inner;
        // SAFETY: by the conventions, texts end with NUL.
        let id = unsafe { text(instance_id, "instance_id")? };
        if emulator.set_phone_state(id, state) { Ok(()) } else { Err(no_phone(id)) }
    })
}

/// Moves the emulator's clock forward. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_advance(emulator: Option<&koophone_emulator>, milliseconds: u64) {
    quietly((), || {
        if let Some(emulator) = emulator {
            emulator.inner.advance(Duration::from_millis(milliseconds));
        }
    })
}

/// Ends the life of every token there is. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_expire_tokens(emulator: Option<&koophone_emulator>) {
    quietly((), || {
        if let Some(emulator) = emulator {
            emulator.inner.expire_tokens();
        }
    })
}

/// Stops serving and waits until the port is free. Journal and phones can still be read. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_stop(emulator: Option<&koophone_emulator>) {
    quietly((), || {
        if let Some(emulator) = emulator {
            emulator.inner.stop();
        }
    })
}

/// Stops an emulator and frees it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_emulator_free(emulator: Option<Box<koophone_emulator>>) {
    quietly((), || drop(emulator))
}
