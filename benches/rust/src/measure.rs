//! What all measured programs have in common: reading arguments, measuring and reporting. The harnesses for C, Python
//! and Node do the same.

use std::time::{Duration, Instant};

use crate::payload::Payload;

/// `URL PAYLOAD CALLS IN_FLIGHT WARM_UP [signed]`
pub struct Arguments {
    /// The server's base URL.
    pub url: String,
    /// What each call does.
    pub payload: Payload,
    /// How many calls to make.
    pub calls: usize,
    /// The number of concurrent calls.
    pub in_flight: usize,
    /// Calls before measuring, which open connections and fill caches.
    pub warm_up: usize,
    /// Whether requests are signed.
    pub signed: bool,
}

impl Arguments {
    /// Reads the arguments of this process; exits with a message if they are invalid.
    pub fn read() -> Self {
        let words: Vec<String> = std::env::args().skip(1).collect();
        Self::parse(&words).unwrap_or_else(|error| {
            eprintln!("{error}; usage: URL PAYLOAD CALLS IN_FLIGHT WARM_UP [signed]");
            std::process::exit(2)
        })
    }

    fn parse(words: &[String]) -> Result<Self, String> {
        let [url, payload, calls, in_flight, warm_up, rest @ ..] = words else {
            return Err("too few arguments".to_owned());
        };
        let number = |text: &String| text.parse().map_err(|_| format!("{text} is not a number"));
        let (calls, in_flight, warm_up) = (number(calls)?, number(in_flight)?, number(warm_up)?);
        let signed = rest.iter().any(|word| word == "signed");
        Ok(Self { url: url.clone(), payload: payload.parse()?, calls, in_flight, warm_up, signed })
    }
}

/// Measures creating clients. Each client then makes one call if calls are requested, which counts for memory but not
/// for time.
pub fn making<C>(arguments: &Arguments, count: usize, make: impl Fn() -> C, call: impl Fn(&C)) {
    let start = Moment::now();
    let clients: Vec<C> = (0..count).map(|_| make()).collect();
    let end = Moment::now();
    if arguments.calls > 0 {
        clients.iter().for_each(call);
    }
    start.report(&end, count, vec![end.wall - start.wall]);
}

/// Measures blocking calls: each worker is one caller; several workers have a thread each.
pub fn blocking<W: FnMut() + Send>(arguments: &Arguments, mut workers: Vec<W>) {
    share(&mut workers, arguments.warm_up);
    let start = Moment::now();
    let walls = share(&mut workers, arguments.calls);
    start.report(&Moment::now(), arguments.calls, walls);
}

/// Measures concurrent calls: `in_flight` tasks, each with one open call at a time.
pub async fn concurrent<F: Future<Output = ()> + Send>(
    arguments: &Arguments,
    call: impl Fn() -> F + Clone + Send + 'static,
) {
    spread(arguments.in_flight, arguments.warm_up, &call).await;
    let start = Moment::now();
    let walls = spread(arguments.in_flight, arguments.calls, &call).await;
    start.report(&Moment::now(), arguments.calls, walls);
}

fn share<W: FnMut() + Send>(workers: &mut [W], calls: usize) -> Vec<Duration> {
    let count = workers.len();
    let several = |worker: &mut W, calls: usize| -> Vec<Duration> { (0..calls).map(|_| timed(&mut *worker)).collect() };
    if let [worker] = workers {
        return several(worker, calls);
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = workers
            .iter_mut()
            .enumerate()
            .map(|(index, worker)| scope.spawn(move || several(worker, part(calls, count, index))))
            .collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a worker that ends well")).collect()
    })
}

async fn spread<F: Future<Output = ()> + Send>(
    in_flight: usize,
    calls: usize,
    call: &(impl Fn() -> F + Clone + Send + 'static),
) -> Vec<Duration> {
    let several = |index: usize| {
        let (call, calls) = (call.clone(), part(calls, in_flight, index));
        async move {
            let mut walls = Vec::with_capacity(calls);
            for _ in 0..calls {
                let start = Instant::now();
                call().await;
                walls.push(start.elapsed());
            }
            walls
        }
    };
    if in_flight == 1 {
        return several(0).await;
    }
    let tasks: Vec<_> = (0..in_flight).map(|index| tokio::spawn(several(index))).collect();
    let mut walls = Vec::with_capacity(calls);
    for task in tasks {
        walls.extend(task.await.expect("a task that ends well"));
    }
    walls
}

/// The number of calls for one of `count` workers.
fn part(calls: usize, count: usize, index: usize) -> usize {
    calls / count + usize::from(index < calls % count)
}

fn timed(work: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

struct Moment {
    wall: Instant,
    cpu: Duration,
}

impl Moment {
    fn now() -> Self {
        Self { wall: Instant::now(), cpu: cpu_of(libc::RUSAGE_SELF) }
    }

    fn report(&self, end: &Self, calls: usize, mut walls: Vec<Duration>) {
        let (wall, cpu) = (end.wall - self.wall, end.cpu - self.cpu);
        walls.sort_unstable();
        let median = walls[walls.len() / 2].as_secs_f64() * 1e6;
        let rate = calls as f64 / wall.as_secs_f64();
        let line = serde_json::json!({
            "cpu_us": cpu.as_micros() as u64, "wall_us": median, "calls_per_s": rate, "rss_kb": peak_memory(),
        });
        println!("{line}");
    }
}

/// User and system CPU time of all threads of this process, or of its finished children.
pub fn cpu_of(who: libc::c_int) -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer refers to a local rusage, for which all zeros is a valid value.
    let usage = unsafe {
        libc::getrusage(who, usage.as_mut_ptr());
        usage.assume_init()
    };
    let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// The peak memory of this process in kB. Not `ru_maxrss`, which includes the parent's peak.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_made_once() {
        let parts: Vec<usize> = (0..64).map(|index| part(1000, 64, index)).collect();
        assert_eq!(parts.iter().sum::<usize>(), 1000);
        assert_eq!(parts.iter().max().unwrap() - parts.iter().min().unwrap(), 1);
    }

    #[test]
    fn arguments_are_read_and_refused() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let read = Arguments::parse(&words("http://127.0.0.1:1 fleet:10000 20 1 3 signed")).unwrap();
        assert_eq!((read.payload, read.calls, read.warm_up, read.signed), (Payload::Fleet(10_000), 20, 3, true));
        assert!(Arguments::parse(&words("http://127.0.0.1:1 nothing 20 1 3")).is_err());
        assert!(Arguments::parse(&words("http://127.0.0.1:1")).is_err());
    }

    #[test]
    fn memory_is_known() {
        assert!(peak_memory().unwrap() > 500);
    }
}
