//! The gateway's checks of who is calling: tokens, signatures, locked access keys.

use jiff::civil::DateTime;

use crate::auth::signature::{ALGORITHM, Authorization, DERIVED_ALGORITHM, verify};
use crate::clock;
use crate::operation::Operation;
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::Refusal;
use crate::world::{Scope, TokenState, World};

/// The service in the scope of a derived key.
const SERVICE: &str = "koophone";
/// The region in the scope of a key for all regions.
const GLOBAL: &str = "globe";

/// The authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Token(Scope),
    AccessKey,
}

/// Finds the caller of an authenticated request. A token takes precedence if both are sent.
pub(crate) fn authenticate(world: &mut World, received: &Received) -> Result<Caller, Refusal> {
    if let Some(token) = received.header("x-auth-token") {
        return match world.identity.token(token, world.clock.now_ms()) {
            TokenState::Valid(scope) => Ok(Caller::Token(scope)),
            TokenState::Expired => Err(Refusal::token_must_be_updated()),
            TokenState::Unknown => Err(Refusal::credential("decrypt token fail")),
        };
    }
    match received.header("authorization") {
        Some(header) => check_signature(world, received, header).map(|()| Caller::AccessKey),
        None => Err(Refusal::credential("x-auth-token not found")),
    }
}

/// The further checks for KooPhone: the project must be the right one.
pub(crate) fn authorise(
    world: &World,
    caller: &Caller,
    received: &Received,
    operation: Operation,
) -> Result<(), Refusal> {
    match caller {
        Caller::Token(Scope::Project(id)) if *id == world.project_id => {}
        // docs/spec/wire-notes.md#52: a token of another region's project is 0307, although a new one will not help.
        Caller::Token(Scope::Project(_)) => return Err(Refusal::token_must_be_updated()),
        Caller::Token(Scope::Domain) if world.has(Quirk::DomainTokensAccepted) => {}
        Caller::Token(Scope::Domain | Scope::None) => {
            return Err(Refusal::credential("the token is not project-scoped"));
        }
        Caller::AccessKey => match received.header("x-project-id") {
            Some(id) if id != world.project_id => {
                return Err(Refusal::service(200, "KOOPHONE.API.0004", "the project does not exist"));
            }
            _ => {}
        },
    }
    if world.has(Quirk::ReadOnlyUser) && operation.is_write() {
        return Err(Refusal::gateway(403, "APIGW.0302", "The IAM user is not authorized to access the API."));
    }
    Ok(())
}

fn check_signature(world: &mut World, received: &Received, header: &str) -> Result<(), Refusal> {
    let algorithm = Authorization::algorithm(header);
    if ![ALGORITHM, DERIVED_ALGORITHM].contains(&algorithm) {
        let text = format!("verify aksk signature fail, the algorithm {algorithm} is not supported");
        return Err(Refusal::credential(text));
    }
    let Some(authorization) = Authorization::parse(header) else {
        return Err(Refusal::credential("verify aksk signature fail, the Authorization header is malformed"));
    };
    if authorization.access_key != world.options.access_key {
        return Err(Refusal::credential(format!("ak {} not exist", authorization.access_key)));
    }
    let now = world.clock.now_ms();
    if now < world.gateway.locked_until_ms {
        return Err(Refusal::credential("AK access failed to reach the limit,forbidden"));
    }
    let scoped = check_date(world, received).and_then(|()| check_scope(world, received, &authorization));
    let result = scoped.and_then(|()| check_security_token(world, received)).and_then(|()| {
        verify(
            &authorization,
            &received.method,
            &received.target,
            &received.headers,
            &received.body,
            &world.options.secret_key,
        )
        .map_err(|canonical| format!("verify aksk signature fail, canonicalRequest:{}", canonical.replace('\n', "|")))
    });
    match result {
        Ok(()) => world.gateway.failures = 0,
        Err(_) => {
            world.gateway.failures += 1;
            if world.gateway.failures >= world.options.access_key_attempts {
                world.gateway.failures = 0;
                let life =
                    i64::try_from(world.options.access_key_lock_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
                world.gateway.locked_until_ms = now.saturating_add(life);
            }
        }
    }
    result.map_err(Refusal::credential)
}

fn check_date(world: &World, received: &Received) -> Result<(), String> {
    let text = received.header("x-sdk-date").ok_or("verify aksk signature fail, X-Sdk-Date not found")?;
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text)
        .ok()
        .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .ok_or_else(|| format!("verify aksk signature fail, X-Sdk-Date {text} is malformed"))?;
    let server_ms = world.clock.service_ms();
    let window_ms = world.options.signature_window_seconds.saturating_mul(1000);
    if time.timestamp().as_millisecond().abs_diff(server_ms) > window_ms {
        let server = clock::format(server_ms, "%Y%m%dT%H%M%SZ");
        return Err(format!("signature expired, signature time:{text}, server time:{server}"));
    }
    Ok(())
}

/// A derived key is for the day of the signature, the region and the service.
fn check_scope(world: &World, received: &Received, authorization: &Authorization) -> Result<(), String> {
    let Some(scope) = &authorization.scope else {
        return Ok(());
    };
    let day = received.header("x-sdk-date").and_then(|date| date.get(..8)).unwrap_or_default();
    let parts: Vec<&str> = scope.split('/').collect();
    match parts[..] {
        [its_day, region, SERVICE] if its_day == day && [world.options.region.as_str(), GLOBAL].contains(&region) => {
            Ok(())
        }
        _ => Err(format!(
            "verify aksk signature fail, the scope {scope} is not {day}/{}/{SERVICE}",
            world.options.region
        )),
    }
}

fn check_security_token(world: &World, received: &Received) -> Result<(), String> {
    match (&world.options.security_token, received.header("x-security-token")) {
        (Some(wanted), Some(token)) if wanted == token => Ok(()),
        (Some(_), _) => Err("Get secretKey failed, the security token is missing or wrong".to_owned()),
        (None, _) => Ok(()),
    }
}
