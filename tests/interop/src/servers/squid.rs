//! squid's configuration: one open port, and one that requires a password.

use std::path::Path;
use std::process::Command;

use crate::certificates::{NAMES, write};

pub const ARGUMENTS: &[&str] = &["-N", "-d", "1", "-f"];

/// User and password for the second port.
pub const LOGIN: &str = "kim:open-sesame";
/// A second user with a different password. squid shares one pending helper lookup among all requests of a user, so a
/// wrong password could be accepted along with a correct one.
const OTHER_LOGIN: &str = "sam:open-rye";
/// That user with a wrong password.
pub const WRONG_LOGIN: &str = "sam:open-barley";

/// Where distributions install the helper that checks a password file.
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

/// A line of the password file.
fn user(login: &str) -> Result<String, String> {
    let (user, password) = login.split_once(':').ok_or("no password")?;
    let made = Command::new("openssl").args(["passwd", "-apr1", password]).output();
    let made = made.map_err(|error| format!("openssl cannot be run ({error}); install openssl"))?;
    Ok(format!("{user}:{}", String::from_utf8_lossy(&made.stdout)))
}
