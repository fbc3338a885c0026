//! The identity service: tokens for passwords, projects and domains.

use serde_json::{Value, json};

use crate::auth::gateway::authenticate;
use crate::clock::Clock;
use crate::ids::{IdKind, fixed_hex32};
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Scope, World};

const WRONG_PASSWORD: &str = "The username or password is wrong.";

/// A project of the account.
struct Project {
    id: String,
    name: String,
}

fn projects(world: &World) -> Vec<Project> {
    let main = Project { id: world.project_id.clone(), name: world.options.region.clone() };
    let others = world.options.other_projects.iter().enumerate().map(|(number, name)| Project {
        // The number distinguishes two projects of the same name.
        id: fixed_hex32(world.options.seed, &format!("{name}/{number}")),
        name: name.clone(),
    });
    std::iter::once(main).chain(others).collect()
}

fn domain(world: &World) -> Value {
    json!({"id": fixed_hex32(world.options.seed, "domain"), "name": world.options.account_domain})
}

/// Authenticates every call except the one for a token.
fn check_caller(world: &mut World, received: &Received) -> Result<(), Refusal> {
    authenticate(world, received).map(drop).map_err(|refusal| {
        // A bad signature is refused by the gateway in front of IAM, a bad token by IAM itself.
        if received.header("authorization").is_some() && received.header("x-auth-token").is_none() {
            refusal
        } else {
            Refusal::identity(401, "The request you have made requires authentication.")
        }
    })
}

pub(crate) fn list_projects(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    check_caller(world, received)?;
    Ok(Reply::json(200, &project_list(world, received.query("name").as_deref(), &received.target)))
}

pub(crate) fn list_auth_projects(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    check_caller(world, received)?;
    Ok(Reply::json(200, &project_list(world, None, &received.target)))
}

pub(crate) fn list_domains(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    check_caller(world, received)?;
    Ok(Reply::json(200, &domain_list(world)))
}

fn project_list(world: &World, name: Option<&str>, target: &str) -> Value {
    let domain = domain(world);
    let list: Vec<Value> = projects(world)
        .iter()
        .filter(|project| name.is_none_or(|name| project.name == name))
        .map(|project| {
            json!({
                    "id": project.id, "name": project.name, "domain_id": domain["id"], "parent_id": domain["id"],
                    "enabled": true, "is_domain": false, "description": "",
            "links": {"self": format!("/v3/projects/{}", project.id)}
                })
        })
        .collect();
    json!({"projects": list, "links": {"self": target, "previous": null, "next": null}})
}

fn domain_list(world: &World) -> Value {
    let mut domain = domain(world);
    domain["enabled"] = true.into();
    domain["description"] = "".into();
    json!({"domains": [domain], "links": {"self": "/v3/auth/domains", "previous": null, "next": null}})
}

pub(crate) fn create_token(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let invalid = || Refusal::identity(400, "The request body is invalid");
    let body = received.json().ok_or_else(invalid)?;
    let identity = &body["auth"]["identity"];
    if identity["methods"] != json!(["password"]) {
        return Err(invalid());
    }
    let user = &identity["password"]["user"];
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(invalid);
    let (name, password, account) = (text(&user["name"])?, text(&user["password"])?, text(&user["domain"]["name"])?);
    check_password(world, &name, &password, &account)?;
    let scope = requested_scope(world, &body["auth"]["scope"])?;
    Ok(issue(world, scope, received.query("nocatalog").is_some_and(|value| !value.is_empty())))
}

/// A wrong user or account counts like a wrong password: the service does not distinguish them.
fn check_password(world: &mut World, name: &str, password: &str, account: &str) -> Result<(), Refusal> {
    let now = world.clock.now_ms();
    if now < world.identity.locked_until_ms {
        return Err(Refusal::identity(401, "The account is locked because of too many wrong passwords."));
    }
    let options = &world.options;
    if name == options.user && password == options.password && account == options.account_domain {
        world.identity.wrong_passwords = 0;
        return Ok(());
    }
    world.identity.wrong_passwords += 1;
    if world.identity.wrong_passwords >= options.password_attempts {
        world.identity.wrong_passwords = 0;
        let life = i64::try_from(options.password_lock_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        world.identity.locked_until_ms = now.saturating_add(life);
    }
    Err(Refusal::identity(401, WRONG_PASSWORD))
}

/// The requested scope; project takes precedence over domain.
fn requested_scope(world: &World, scope: &Value) -> Result<Scope, Refusal> {
    if let Some(wanted) = scope.get("project") {
        let (id, name) = (wanted["id"].as_str(), wanted["name"].as_str());
        if id.is_none() && name.is_none() {
            return Err(Refusal::identity(400, "The request body is invalid"));
        }
        let found = projects(world)
            .into_iter()
            .find(|project| id.is_none_or(|id| id == project.id) && name.is_none_or(|name| name == project.name));
        return match found {
            Some(project) => Ok(Scope::Project(project.id)),
            None => {
                Err(Refusal::identity(404, format!("Could not find project: {}.", id.or(name).unwrap_or_default())))
            }
        };
    }
    let Some(wanted) = scope.get("domain") else {
        return Ok(Scope::None);
    };
    let domain = domain(world);
    if wanted["id"] == domain["id"] || wanted["name"] == domain["name"] {
        Ok(Scope::Domain)
    } else {
        Err(Refusal::identity(404, "Could not find domain."))
    }
}

fn issue(world: &mut World, scope: Scope, no_catalog: bool) -> Reply {
    let life_ms = i64::try_from(world.options.token_lifetime_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
    // Real tokens begin like this: they are signed structures in base64.
    let token = format!("MII{}", world.ids.stream(IdKind::Token).letters(world.options.token_length.saturating_sub(3)));
    let service_ms = world.clock.service_ms();
    world.identity.tokens.insert(token.clone(), (scope.clone(), world.clock.now_ms().saturating_add(life_ms)));
    let domain = domain(world);
    let mut body = json!({
        "expires_at": Clock::iam_time(service_ms.saturating_add(life_ms)),
        "issued_at": Clock::iam_time(service_ms),
        "methods": ["password"],
        "catalog": if no_catalog { json!([]) } else { catalog(world) },
        "roles": [{"id": "0", "name": "te_admin"}],
        "user": {
            "id": fixed_hex32(world.options.seed, "user"), "name": world.options.user,
        "password_expires_at": "", "domain": domain
        },
    });
    match &scope {
        Scope::Project(id) => {
            let name = projects(world).into_iter().find(|project| project.id == *id).map(|project| project.name);
            body["project"] = json!({"id": id, "name": name, "domain": domain});
        }
        Scope::Domain => body["domain"] = domain,
        Scope::None => {}
    }
    Reply::json(201, &json!({"token": body})).with_header("X-Subject-Token", token)
}

fn catalog(world: &World) -> Value {
    let region = &world.options.region;
    let service = |name: &str| {
        json!({
            "id": fixed_hex32(world.options.seed, name), "name": name, "type": name,
            "endpoints": [{
                "id": fixed_hex32(world.options.seed, &format!("{name} endpoint")), "interface": "public",
                "region": region, "region_id": region, "url": format!("https://{name}.myhuaweicloud.com")
            }]
        })
    };
    Value::Array(["iam", "koophone", "cph", "obs"].map(service).to_vec())
}
