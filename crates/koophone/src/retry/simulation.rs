//! Many callers against a simulated service that allows so many calls a second, in simulated time. The figures that these
//! tests assert are those of ARCHITECTURE.md.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::Retries;
use crate::envelope;
use crate::error::{ErrorKind, Result};
use crate::http::{Headers, HttpResponse};
use crate::operation::Operation;
use crate::outcome;

const OPERATION: Operation = Operation {
    name: "run_command",
    service_name: "sync-command",
    method: Method::POST,
    path: "/",
    changes: true,
    destroys: false,
    max_batch: 0,
};

/// Calls per second.
const ALLOWED: f64 = 10.0;
const SECOND: Duration = Duration::from_secs(1);

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
    says_limit: bool,
    retry_after: Option<&'static str>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    since: Instant,
    /// Tokens of the bucket, or calls left in the window.
    left: f64,
    accepted: usize,
    refused: usize,
    /// When each call came in, refused ones included.
    arrivals: Vec<Instant>,
}

impl Service {
    fn new(rule: Rule, says_limit: bool) -> Self {
        let state = State { since: Instant::now(), left: ALLOWED, accepted: 0, refused: 0, arrivals: Vec::new() };
        Self { rule, says_limit, retry_after: None, state: state.into() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// 10 ms on the way there, 10 ms back; a call that is let in takes another 100 ms.
    async fn respond(&self) -> HttpResponse {
        sleep(Duration::from_millis(10)).await;
        let let_in = self.let_in();
        sleep(Duration::from_millis(if let_in { 110 } else { 10 })).await;
        if let_in {
            return HttpResponse { status: 200, headers: Headers::of_head("".into()), body: Default::default() };
        }
        let limit = if self.says_limit { "limit:10,time:1 second" } else { "too many" };
        let body = format!(r#"{{"error_code":"APIGW.0308","error_msg":"{limit}","request_id":"r"}}"#);
        let head = self.retry_after.map_or_else(String::new, |seconds| format!("retry-after: {seconds}\r\n"));
        HttpResponse { status: 429, headers: Headers::of_head(head.into()), body: body.into() }
    }

    fn let_in(&self) -> bool {
        let (mut state, now) = (self.state(), Instant::now());
        state.arrivals.push(now);
        let passed = now - state.since;
        match self.rule {
            Rule::Bucket => {
                state.left = (state.left + passed.as_secs_f64() * ALLOWED).min(ALLOWED);
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
        } else {
            state.refused += 1;
        }
        let_in
    }
}

fn retries() -> Arc<Retries> {
    Arc::new(Retries::new(3, SECOND))
}

/// One request, as `call.rs` makes it.
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
        let said = envelope::read_error(&response.body).unwrap();
        let failure = outcome::refusal(&OPERATION, &response, said);
        let Some(pause) = retry.after(&failure, Some(&response)) else { return Err(failure.error) };
        sleep(pause).await;
    }
}

/// What came of a simulation.
#[derive(Debug)]
struct Outcome {
    /// Accepted calls in terms of those that were allowed.
    used: f64,
    /// Refused calls in terms of all.
    refused: f64,
    /// The longest that a call took, in terms of what it takes when each caller has its equal share.
    longest: f64,
}

/// `callers` make `calls` calls each, one after the other.
async fn simulate(callers: usize, calls: usize, service: Service) -> Outcome {
    let (retries, service, begin) = (retries(), Arc::new(service), Instant::now());
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
    let share = (callers as f64 / ALLOWED).max(0.12);
    Outcome {
        used: state.accepted as f64 / (begin.elapsed().as_secs_f64() * ALLOWED),
        refused: state.refused as f64 / state.arrivals.len() as f64,
        longest: longest.as_secs_f64() / share,
    }
}

#[tokio::test(start_paused = true)]
async fn the_allowed_rate_is_used_and_hardly_exceeded() {
    for (callers, calls) in [(1, 1000), (50, 60), (200, 50)] {
        for rule in [Rule::Bucket, Rule::FixedWindow] {
            for says_limit in [true, false] {
                let outcome = simulate(callers, calls, Service::new(rule, says_limit)).await;
                println!("{callers} {rule:?} {says_limit}: {outcome:?}");
            }
        }
    }
}
