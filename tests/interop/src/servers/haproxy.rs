//! HAProxy's configuration.

use super::Site;
use crate::case::Version;
use crate::certificates::Certificates;

pub const ARGUMENTS: &[&str] = &["-db", "-f"];

pub fn configuration(sites: &[&Site<'_>], certificates: &Certificates) -> String {
    let sites: String = sites.iter().map(|site| section(site, certificates)).collect();
    format!(
        "global
    maxconn 1000
    nbthread 2
defaults
    mode http
    timeout connect 30s
    timeout client 60s
    timeout server 60s
{sites}"
    )
}

fn section(Site { port, service, tls, lines }: &Site<'_>, certificates: &Certificates) -> String {
    let tls = tls.map_or(String::new(), |tls| {
        let version = if tls.version == Version::V1_2 { "TLSv1.2" } else { "TLSv1.3" };
        let file = certificates.of(tls.key);
        let client = if tls.client_certificate {
            format!(" verify required ca-file {}", certificates.authority().display())
        } else {
            String::new()
        };
        format!(" ssl crt {} ssl-min-ver {version} ssl-max-ver {version}{client}", file.display())
    });
    let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("listen case{port}\n    bind 127.0.0.1:{port}{tls}\n{lines}    server service 127.0.0.1:{service}\n")
}
