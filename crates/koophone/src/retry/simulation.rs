//! Many callers against a simulated service with a rate limit, in simulated time. The figures that these tests assert
//! are those of ARCHITECTURE.md.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::Retries;
use crate::http::{FaultReason, HttpFault, HttpResponse};
use crate::model::{ErrorKind, Result};
use crate::operations::run_command::OPERATION;
use crate::outcome;
use crate::wire::envelope;

/// Calls per second.
const ALLOWED: f64 = 10.0;
const SECOND: Duration = Duration::from_secs(1);

/// Requests that may be open at once.
const MOST_OPEN: usize = 64;

/// How the service counts.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// Ten tokens at most, ten more each second.
    Bucket,
    /// Ten calls in each second of the clock.
    FixedWindow,
}

#[derive(Debug)]
struct Service {
    rule: Rule,
    /// Its message for a refusal.
    says: &'static str,
    retry_after: Option<&'static str>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    since: Instant,
    /// Tokens of the bucket, or calls left in the window.
    left: f64,
    accepted: usize,
    /// When each call arrived, refused ones included.
    arrivals: Vec<Instant>,
}

impl Service {
    fn new(rule: Rule, says_limit: bool) -> Self {
        let state = State { since: Instant::now(), left: ALLOWED, accepted: 0, arrivals: Vec::new() };
        let says = if says_limit { "limit:10,time:1 second" } else { "too many" };
        Self { rule, says, retry_after: None, state: state.into() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// 10 ms there, 10 ms back; an accepted call takes another 20 ms.
    async fn respond(&self) -> HttpResponse {
        sleep(Duration::from_millis(10)).await;
        let let_in = self.let_in();
        sleep(Duration::from_millis(if let_in { 30 } else { 10 })).await;
        if let_in {
            return HttpResponse { status: 200, headers: HeaderMap::new().into(), body: Default::default() };
        }
        let body = format!(r#"{{"error_code":"APIGW.0308","error_msg":"{}","request_id":"r"}}"#, self.says);
        let headers: HeaderMap =
            self.retry_after.map(|seconds| (RETRY_AFTER, HeaderValue::from_static(seconds))).into_iter().collect();
        HttpResponse { status: 429, headers: headers.into(), body: body.into() }
    }

    fn let_in(&self) -> bool {
        let (mut state, now) = (self.state(), Instant::now());
        state.arrivals.push(now);
        let passed = now - state.since;
        match self.rule {
            Rule::Bucket => {
                let filled = (state.left + passed.as_secs_f64() * ALLOWED).min(ALLOWED);
                state.left = state.left.max(filled);
                state.since = now;
            }
            Rule::FixedWindow if passed >= SECOND => {
                state.left = ALLOWED;
                state.since += SECOND * u32::try_from(passed.as_secs()).unwrap();
            }
            Rule::FixedWindow => {}
        }
        let let_in = state.left >= 1.0;
        if let_in {
            state.left -= 1.0;
            state.accepted += 1;
        }
        let_in
    }
}

fn retries() -> Arc<Retries> {
    Arc::new(Retries::new(3, SECOND, MOST_OPEN, Arc::default()))
}

/// One request, as `pipeline/exchange.rs` makes it.
async fn call(retries: &Retries, service: &Service, deadline: Option<Instant>) -> Result<()> {
    let mut retry = retries.request(&OPERATION, deadline, false);
    loop {
        retry.turn().await?;
        retry.sending();
        let response = service.respond().await;
        if response.is_success() {
            retry.succeeded();
            return Ok(());
        }
        let said = envelope::read_error(&response.body, &[]).unwrap();
        let failure = outcome::refusal(&OPERATION, &response, said);
        let Some(pause) = retry.after(&failure, Some(&response)) else { return Err(failure.error) };
        sleep(pause).await;
    }
}

/// `callers` make `calls` calls each, one after the other. At least 90 % of what is allowed must be used, 5 % of the
/// calls at most refused, and no call take much longer than with equal shares.
async fn simulate(callers: usize, calls: usize) {
    for (rule, says_limit) in
        [(Rule::Bucket, true), (Rule::Bucket, false), (Rule::FixedWindow, true), (Rule::FixedWindow, false)]
    {
        let (retries, service, begin) = (retries(), Arc::new(Service::new(rule, says_limit)), Instant::now());
        let mut tasks = JoinSet::new();
        for _ in 0..callers {
            let (retries, service) = (retries.clone(), service.clone());
            tasks.spawn(async move {
                let mut longest = Duration::ZERO;
                for _ in 0..calls {
                    let begin = Instant::now();
                    call(&retries, &service, None).await.unwrap();
                    longest = longest.max(begin.elapsed());
                }
                longest
            });
        }
        let longest = tasks.join_all().await.into_iter().max().unwrap();
        let state = service.state();
        assert_eq!(state.accepted, callers * calls, "a call was lost or made twice");
        let used = state.accepted as f64 / (begin.elapsed().as_secs_f64() * ALLOWED);
        let refused = (state.arrivals.len() - state.accepted) as f64 / state.arrivals.len() as f64;
        let share = Duration::from_secs_f64(callers as f64 / ALLOWED);
        let what = format!(
            "{callers} callers, {rule:?}, limit stated: {says_limit}: {:.1} % used, {:.1} % refused, longest \
                {longest:?} of {share:?}",
            used * 100.0,
            refused * 100.0
        );
        assert!(used >= 0.9 && refused <= 0.05 && longest <= share * 2 + SECOND * 4, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_caller_uses_the_allowed_rate() {
    simulate(1, 500).await;
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_use_the_allowed_rate() {
    simulate(50, 40).await;
}

#[tokio::test(start_paused = true)]
async fn two_hundred_callers_use_the_allowed_rate() {
    simulate(200, 40).await;
}

fn in_time(time: Duration) -> Option<Instant> {
    Some(Instant::now() + time)
}

/// Makes calls that all start now.
async fn at_once(
    count: usize,
    retries: &Arc<Retries>,
    service: &Arc<Service>,
    deadline: Option<Instant>,
) -> Vec<Result<()>> {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let (retries, service) = (retries.clone(), service.clone());
        calls.spawn(async move { call(&retries, &service, deadline).await });
    }
    calls.join_all().await
}

#[tokio::test(start_paused = true)]
async fn a_fleet_is_slowed_down_and_not_given_up() {
    for rule in [Rule::Bucket, Rule::FixedWindow] {
        for says_limit in [true, false] {
            let (retries, service) = (retries(), Arc::new(Service::new(rule, says_limit)));
            // 3,000 phones in requests of 32, eight at a time.
            let deadline = in_time(SECOND * 20);
            let requests = (0..94).map(|_| call(&retries, &service, deadline));
            let outcomes: Vec<_> = stream::iter(requests).buffer_unordered(8).collect().await;
            assert!(outcomes.iter().all(Result::is_ok), "{rule:?} {says_limit}");
        }
        // The same phones, each in a separate call, all at once. At the full rate that takes 300 s.
        let (retries, service) = (retries(), Arc::new(Service::new(rule, false)));
        let outcomes = at_once(3000, &retries, &service, in_time(SECOND * 330)).await;
        assert!(outcomes.iter().all(Result::is_ok), "{rule:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_leave_in_the_order_in_which_they_were_made() {
    let (retries, service) = (retries(), Arc::new(Service::new(Rule::FixedWindow, false)));
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let (retries, service, order) = (retries.clone(), service.clone(), order.clone());
        calls.spawn(async move {
            call(&retries, &service, None).await.unwrap();
            order.lock().unwrap().push(number);
        });
    }
    calls.join_all().await;
    assert!(order.lock().unwrap().is_sorted(), "{order:?}");
}

/// A client that knows of a limit of ten calls a minute.
async fn limited() -> (Arc<Retries>, Arc<Service>) {
    let (retries, mut service) = (retries(), Service::new(Rule::Bucket, true));
    service.says = "limit:10,time:1 minute";
    service.state().left = 0.0;
    let service = Arc::new(service);
    call(&retries, &service, None).await.unwrap();
    (retries, service)
}

#[tokio::test(start_paused = true)]
async fn a_turn_after_the_deadline_fails_at_once_and_is_not_booked() {
    let (retries, service) = limited().await;
    let (sent, begin) = (service.state().arrivals.len(), Instant::now());
    for outcome in at_once(200, &retries, &service, in_time(SECOND)).await {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.retryable()), (ErrorKind::Throttled, true));
        assert!(error.message().contains("allows the next call in"), "{error}");
    }
    assert_eq!((service.state().arrivals.len(), begin.elapsed()), (sent, Duration::ZERO));
    // This does not delay the callers that have enough time: six seconds each.
    let outcomes = at_once(9, &retries, &service, in_time(SECOND * 90)).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    // The limit is known, so it is also known which callers cannot be served.
    let outcomes = at_once(30, &retries, &service, in_time(SECOND * 90)).await;
    assert!((8..=15).contains(&outcomes.iter().filter(|outcome| outcome.is_ok()).count()), "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_gives_up_the_place() {
    let (retries, service) = limited().await;
    let (last, begin) = (service.state().arrivals.len(), Instant::now());
    let mut waiting: Vec<_> = (0..50).map(|_| Box::pin(call(&retries, &service, None))).collect();
    for call in &mut waiting {
        assert!(call.as_mut().now_or_never().is_none());
    }
    drop(waiting);
    // So does a caller that has its turn but cannot use it.
    let mut unused = retries.request(&OPERATION, None, false);
    unused.turn().await.unwrap();
    drop(unused);
    call(&retries, &service, None).await.unwrap();
    assert!(begin.elapsed() < SECOND * 10, "{:?}", begin.elapsed());
    assert_eq!(service.state().arrivals.len(), last + 1);
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_every_caller_back() {
    let mut service = Service::new(Rule::Bucket, false);
    service.retry_after = Some("7");
    let (retries, service) = (retries(), Arc::new(service));
    service.state().left = 0.0;
    let begin = Instant::now();
    let first = at_once(1, &retries, &service, None);
    let later = async {
        sleep(Duration::from_millis(500)).await;
        at_once(50, &retries, &service, None).await
    };
    tokio::join!(first, later);
    let arrivals = service.state().arrivals.clone();
    assert_eq!(arrivals.iter().filter(|&&at| at - begin < SECOND * 7).count(), 1, "{arrivals:?}");
    // A caller that cannot wait that long gets the service's own message.
    service.state().left = -1e9;
    let error = call(&retries, &service, in_time(SECOND * 5)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Throttled, Some("APIGW.0308")));
    assert!(error.message().contains("too many; the service's limit allows the next call in 7.0 s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_for_ever_is_given_up() {
    let (retries, service, begin) = (retries(), Service::new(Rule::Bucket, false), Instant::now());
    service.state().left = -1e9;
    let error = call(&retries, &service, None).await.unwrap_err();
    assert_eq!((error.kind(), service.state().arrivals.len()), (ErrorKind::Throttled, 20));
    assert!((SECOND * 120..SECOND * 400).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    // With a deadline, it is the end.
    let begin = Instant::now();
    let error = call(&retries, &service, in_time(SECOND * 100)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert!(begin.elapsed() <= SECOND * 100, "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_pace_ends_when_the_service_no_longer_refuses() {
    for (says_limit, time) in [(false, 60), (true, 120)] {
        let (retries, service) = (retries(), Arc::new(Service::new(Rule::Bucket, says_limit)));
        at_once(50, &retries, &service, None).await;
        service.state().left = 1e9;
        let begin = Instant::now();
        let quick = async || {
            let begin = Instant::now();
            assert!(at_once(500, &retries, &service, None).await.iter().all(Result::is_ok));
            begin.elapsed() < SECOND
        };
        while !quick().await {
            assert!(begin.elapsed() < SECOND * time, "still paced");
        }
    }
}

/// Attempts at a service that cannot be reached for some time.
async fn away(time: Duration, deadline: Option<Instant>) -> (bool, u32) {
    let (retries, back) = (retries(), Instant::now() + time);
    let mut retry = retries.request(&OPERATION, deadline, false);
    let mut attempts = 0;
    loop {
        retry.turn().await.unwrap();
        retry.sending();
        attempts += 1;
        if Instant::now() >= back {
            return (true, attempts);
        }
        let fault = HttpFault { maybe_sent: false, reason: FaultReason::Connect, causes: Vec::new() };
        let Some(pause) = retry.after(&outcome::broken(&OPERATION, fault), None) else { return (false, attempts) };
        sleep(pause).await;
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_span_a_short_outage_and_keep_to_the_deadline() {
    for (milliseconds, attempts) in [(300, 2), (2000, 3)] {
        assert_eq!(away(Duration::from_millis(milliseconds), None).await, (true, attempts));
    }
    assert_eq!(away(SECOND * 60, None).await, (false, 3));
    // Half a second has room for shorter pauses, and a millisecond for none.
    let begin = Instant::now();
    assert_eq!(away(Duration::from_millis(200), in_time(SECOND / 2)).await, (true, 2));
    assert!(begin.elapsed() < SECOND / 2, "{:?}", begin.elapsed());
    assert_eq!(away(SECOND, in_time(Duration::from_millis(1))).await, (false, 1));
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_connection_learns_of_a_limit_before_it_is_sent() {
    let (retries, service) = (retries(), Arc::new(Service::new(Rule::Bucket, false)));
    let outcomes = at_once(1000, &retries, &service, None).await;
    assert!(outcomes.iter().all(Result::is_ok));
    let sent = service.state().arrivals.len();
    assert!((1000 + 54..1000 + 54 + 50).contains(&sent), "{sent}");
    // Where nothing is limited, the deadline passes like any other.
    let retries = Retries::new(3, SECOND, 1, Arc::default());
    let mut open = retries.request(&OPERATION, None, false);
    open.turn().await.unwrap();
    let mut waits = retries.request(&OPERATION, in_time(SECOND), false);
    let error = waits.turn().await.unwrap_err();
    assert_eq!((error.kind(), error.causes()[0].contains("max_connections")), (ErrorKind::Timeout, true));
    drop(open);
    waits.turn().await.unwrap();
}

#[cfg(unix)]
#[test]
fn a_fork_while_a_turn_is_taken_does_not_stop_the_child() {
    let retries = retries();
    let turn = || {
        let mut retry = retries.request(&OPERATION, None, false);
        retry.turn().now_or_never().is_some_and(|turn| turn.is_ok())
    };
    assert!(turn());
    let status = retries.with_pacer_locked(|| {
        // SAFETY: the child only takes its own lock and leaves by _exit; its alarm kills it if it hangs.
        unsafe {
            let child = libc::fork();
            assert!(child >= 0);
            if child == 0 {
                libc::alarm(10);
                libc::_exit(if turn() { 0 } else { 1 });
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &mut status, 0), child);
            status
        }
    });
    assert_eq!(status, 0, "14 is the alarm: it hung");
}
