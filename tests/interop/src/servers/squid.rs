//! squid, with a port for everybody and one that asks for a password.

use std::path::Path;
use std::process::Command;

use crate::certificates::{NAMES, write};

pub const ARGUMENTS: &[&str] = &["-N", "-d", "1", "-f"];

/// User and password that the second port wants.
pub const LOGIN: &str = "kim:open-sesame";
/// Another user, whose password is another one: squid lets requests of one user wait for the same answer of its helper,
/// so that a wrong password would pass beside a right one.
const OTHER_LOGIN: &str = "sam:open-rye";
/// A wrong password of that user.
pub const WRONG_LOGIN: &str = "sam:open-barley";

/// Where distributions keep the helper that reads a file of passwords.
const HELPERS: [&str; 2] = ["/usr/lib/squid/basic_ncsa_auth", "/usr/lib64/squid/basic_ncsa_auth"];

pub fn configuration(folder: &Path, open: u16, locked: u16) -> Result<String, String> {
    let helper = HELPERS.into_iter().find(|file| Path::new(file).is_file()).unwrap_or(HELPERS[0]);
    let (hosts, users) = (folder.join("hosts"), folder.join("users"));
    write(&hosts, &format!("127.0.0.1 {}\n", NAMES[1]))?;
    write(&users, &[user(LOGIN)?, user(OTHER_LOGIN)?].concat())?;
    Ok(format!(
        "http_port 127.0.0.1:{open}
http_port 127.0.0.1:{locked}
acl open localport {open}
auth_param basic program {helper} {users}
acl known proxy_auth REQUIRED
http_access allow open
http_access allow known
http_access deny all
hosts_file {hosts}
dns_nameservers 127.0.0.1
visible_hostname localhost
cache deny all
cache_log /dev/null
access_log none
pid_filename none
netdb_filename none
pinger_enable off
max_filedescriptors 1024
coredump_dir {folder}
",
        users = users.display(),
        hosts = hosts.display(),
        folder = folder.display()
    ))
}

/// A line of the file of passwords.
fn user(login: &str) -> Result<String, String> {
    let (user, password) = login.split_once(':').ok_or("no password")?;
    let made = Command::new("openssl").args(["passwd", "-apr1", password]).output();
    let made = made.map_err(|error| format!("openssl cannot be run ({error}); install openssl"))?;
    Ok(format!("{user}:{}", String::from_utf8_lossy(&made.stdout)))
}
