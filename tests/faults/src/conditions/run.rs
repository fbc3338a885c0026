//! Runs one condition.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use koophone::{CancelToken, Client, ClientBuilder, Credentials, LogLevel};
use koophone_conformance::example::{make_ready, start_task};
use koophone_emulator::{AuthKind, Emulator, Fault, Operation, Options, RequestStatus};
use serde_json::json;

use super::call::{PhoneResults, Way, panic_in};
use super::{BATCH, Cache, Condition, Credential, End, Expected, Manner, Phone, child, id};

/// No condition may take longer: nothing here has to wait for the 30 seconds of a lock or of a refused credential.
const LONGEST: Duration = Duration::from_secs(25);
/// The deadline of [`Manner::Deadline`]: far more than the first request takes.
const DEADLINE: Duration = Duration::from_millis(1500);

/// What differs from the expectation.
pub fn problem(condition: &Condition) -> Option<String> {
    match outcome(condition) {
        Ok((phones, failed_signatures, logins)) => compare(&condition.expected, &phones, failed_signatures, logins),
        Err(why) => Some(why),
    }
}

fn compare(expected: &Expected, phones: &[Phone], failed_signatures: usize, logins: usize) -> Option<String> {
    if phones != expected.phones {
        let wrong = (0..phones.len()).filter(|&index| Some(&phones[index]) != expected.phones.get(index));
        let wrong =
            wrong.map(|index| format!("{}: {:?} instead of {:?}", id(index), phones[index], expected.phones[index]));
        return Some(wrong.collect::<Vec<_>>().join("; "));
    }
    if failed_signatures > expected.failed_signatures {
        return Some(format!("{failed_signatures} signatures were refused"));
    }
    (logins > expected.logins).then(|| format!("{logins} logins"))
}

type Found = (Vec<Phone>, usize, usize);

fn outcome(condition: &Condition) -> Result<Found, String> {
    let Condition { call, setup, expected, .. } = condition;
    let call = *call;
    let ids: Vec<String> = (0..expected.phones.len()).map(id).collect();
    let emulator = emulator(condition, &ids)?;
    // A task to follow, started without the condition.
    let saved = match call.follows() {
        true => usual(&emulator).build().and_then(|client| start_task(&client, &ids)).map(|task| task.save()),
        false => Ok(String::new()),
    };
    let saved = saved.map_err(|e| e.to_string())?;
    let ready = usual(&emulator).build().and_then(|client| make_ready(&client, call.sent(), &ids));
    ready.map_err(|e| e.to_string())?;
    emulator.clear_requests();
    let faults = Fault::list_from_json(&json!(setup.faults).to_string()).map_err(|e| e.to_string())?;
    emulator.add_faults(faults).map_err(|e| e.to_string())?;
    let place = setup.cache.map(place::Place::new).transpose().map_err(|e| e.to_string())?;
    let mut builder = with_credential(usual(&emulator), &emulator, setup.credential);
    for (name, value) in &setup.settings {
        builder = builder.setting(*name, value);
    }
    if let Some(place) = &place {
        builder = builder.token_cache(place.path());
    }
    let panics = Arc::new(AtomicUsize::new(0));
    if setup.manner == Manner::PanickingLog {
        let panics = panics.clone();
        builder = builder.log(LogLevel::Debug, move |_| panic_in(&panics));
    }
    let began = Instant::now();
    let results = match setup.manner {
        Manner::FewDescriptors => child::ask(&emulator, condition)?,
        _ => {
            let client = builder.build().map_err(|e| e.to_string())?;
            make(condition, &client, &emulator, &ids, &saved, &panics)
        }
    };
    if began.elapsed() > LONGEST {
        return Err(format!("it took {:?}", began.elapsed()));
    }
    if matches!(setup.manner, Manner::PanickingLog | Manner::PanickingProgress) && panics.load(Ordering::Relaxed) == 0 {
        return Err("the callback was not called".to_owned());
    }
    if let Some(place) = place {
        place.check()?;
    }
    Ok((phones(condition, &emulator, &ids, results)?, failed_signatures(&emulator), logins(&emulator)))
}

fn emulator(condition: &Condition, ids: &[String]) -> Result<Emulator, String> {
    let mut options = json!({"instance_ids": ids, "job_duration_ms": 0, "reset_duration_ms": 0});
    if let (Some(options), Some(more)) = (options.as_object_mut(), condition.setup.emulator.as_object()) {
        options.extend(more.clone());
    }
    let options = Options::from_json(&options.to_string()).map_err(|e| e.to_string())?;
    Emulator::start(options).map_err(|e| e.to_string())
}

/// A client without faults.
fn usual(emulator: &Emulator) -> ClientBuilder {
    let settings = [("max_attempts", "2"), ("retry_delay", "20ms"), ("timeout", "60s"), ("attempt_timeout", "20s")];
    let builder = Client::builder().environment(emulator.environment()).setting("batch_size", BATCH.to_string());
    settings.into_iter().fold(builder, |builder, (name, value)| builder.setting(name, value))
}

fn with_credential(builder: ClientBuilder, emulator: &Emulator, credential: Credential) -> ClientBuilder {
    let own = emulator.credentials();
    let key = |secret: &str| Credentials::access_key(&own.access_key, secret);
    match credential {
        Credential::Password => builder,
        Credential::WrongPassword => {
            builder.credentials(Credentials::password(&own.user, "wrong", &own.account_domain))
        }
        Credential::Key => builder.credentials(key(&own.secret_key)),
        Credential::KeyOfProject => builder.credentials(key(&own.secret_key)).project_id(&own.project_id),
        Credential::WrongKey => builder.credentials(key("wrong")),
        Credential::WrongKeyOfProject => builder.credentials(key("wrong")).project_id(&own.project_id),
    }
}

/// Makes the call in the condition's manner. The results of several calls are in the order of the phones; the first
/// call that failed as a whole is the failure.
fn make(
    condition: &Condition,
    client: &Client,
    emulator: &Emulator,
    ids: &[String],
    saved: &str,
    panics: &Arc<AtomicUsize>,
) -> PhoneResults {
    let (call, manner) = (condition.call, condition.setup.manner);
    match manner {
        Manner::Threads | Manner::Started => thread::scope(|scope| {
            let started = manner == Manner::Started;
            let one = move |id| call.make(client, std::slice::from_ref(id), saved, &Way { started, ..Way::default() });
            let calls: Vec<_> = ids.iter().map(|id| scope.spawn(move || one(id))).collect();
            let results =
                calls.into_iter().map(|call| call.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            results.collect::<koophone::Result<Vec<_>>>().map(|lists| lists.concat())
        }),
        Manner::CancelledInFlight => thread::scope(|scope| {
            let token = CancelToken::new();
            let way = Way { cancel: Some(token.clone()), ..Way::default() };
            scope.spawn(move || {
                let sent = || emulator.requests().iter().filter(|entry| entry.instances == call.batch()).count();
                let began = Instant::now();
                while sent() < 2 && began.elapsed() < LONGEST {
                    thread::yield_now();
                }
                token.cancel();
            });
            call.make(client, ids, saved, &way)
        }),
        Manner::Deadline => {
            // Logged in before, which leaves all of the time for the requests.
            client.login().wait()?;
            call.make(client, ids, saved, &Way { timeout: Some(DEADLINE), ..Way::default() })
        }
        Manner::PanickingProgress => {
            call.make(client, ids, saved, &Way { panics: Some(panics.clone()), ..Way::default() })
        }
        Manner::Once | Manner::PanickingLog | Manner::FewDescriptors => call.make(client, ids, saved, &Way::default()),
    }
}

/// The end for every phone with its journal; an error must not contradict the journal.
fn phones(
    condition: &Condition,
    emulator: &Emulator,
    ids: &[String],
    results: PhoneResults,
) -> Result<Vec<Phone>, String> {
    let call = condition.call;
    let runs = |id: &str| emulator.journal_of(id).iter().filter(|entry| Some(entry.kind) == call.journal()).count();
    let results = match results {
        Ok(results) if results.len() == ids.len() => results,
        Ok(results) => return Err(format!("{} phones were asked and there are {} results", ids.len(), results.len())),
        Err(error) if error.maybe_executed() => {
            return Err(format!("the call failed as a whole, although something may have been executed: {error}"));
        }
        Err(error) => vec![(End::Failed(error.kind()), true); ids.len()],
    };
    let phone = |((end, ruled_out), id): ((End, bool), &String)| match runs(id) {
        runs if ruled_out && runs > call.runs_before() => {
            Err(format!("{id} ran it, but its error says that nothing was executed"))
        }
        runs => Ok(Phone { end, runs }),
    };
    results.into_iter().zip(ids).map(phone).collect()
}

fn failed_signatures(emulator: &Emulator) -> usize {
    let refused = |status| status == RequestStatus::Responded(401);
    emulator.requests().iter().filter(|entry| entry.auth == AuthKind::Aksk && refused(entry.status)).count()
}

fn logins(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|entry| entry.operation == Operation::CreateToken).count()
}

/// Directories that are not usable for tokens.
mod place {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::{fs, io};

    use super::Cache;

    pub struct Place {
        path: PathBuf,
        cache: Cache,
    }

    impl Place {
        pub fn new(cache: Cache) -> io::Result<Self> {
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let name = format!("koophone-matrix-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = std::env::temp_dir().join(&name);
            let path = match cache {
                Cache::ReadOnly => Path::new("/proc").join(name),
                Cache::FileInTheWay => {
                    fs::write(&path, "")?;
                    path
                }
                #[cfg(unix)]
                Cache::OpenToOthers => {
                    use std::os::unix::fs::PermissionsExt;
                    fs::create_dir(&path)?;
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o777))?;
                    path
                }
            };
            Ok(Self { path, cache })
        }

        pub fn path(&self) -> &Path {
            &self.path
        }

        /// There must be no token where others could have put it.
        pub fn check(&self) -> Result<(), String> {
            let written = match self.cache {
                Cache::ReadOnly => self.path.exists(),
                Cache::FileInTheWay => fs::read(&self.path).map_err(|e| e.to_string())? != b"",
                #[cfg(unix)]
                Cache::OpenToOthers => fs::read_dir(&self.path).map_err(|e| e.to_string())?.next().is_some(),
            };
            if written { Err(format!("something was written to {}", self.path.display())) } else { Ok(()) }
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.path).or_else(|_| fs::remove_dir_all(&self.path));
        }
    }
}
