//! nginx's configuration.

use super::Site;
use crate::case::Version;
use crate::certificates::Certificates;

pub const ARGUMENTS: &[&str] = &["-p", ".", "-e", "stderr", "-c"];

pub fn configuration(sites: &[&Site<'_>], certificates: &Certificates) -> String {
    let sites: String = sites.iter().map(|site| server(site, certificates)).collect();
    format!(
        "daemon off;
user root;
pid pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{sites}}}
"
    )
}

fn server(Site { port, service, tls, lines }: &Site<'_>, certificates: &Certificates) -> String {
    let mut own: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    if let Some(tls) = tls {
        let file = certificates.of(tls.key).display().to_string();
        let version = if tls.version == Version::V1_2 { "TLSv1.2" } else { "TLSv1.3" };
        own.push(format!("ssl_certificate {file}; ssl_certificate_key {file}; ssl_protocols {version};"));
        if tls.client_certificate {
            let authority = certificates.authority();
            own.push(format!("ssl_verify_client on; ssl_client_certificate {};", authority.display()));
        }
    }
    let (own, ssl) = (own.join("\n        "), if tls.is_some() { " ssl" } else { "" });
    format!(
        "    upstream service{port} {{ server 127.0.0.1:{service}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port}{ssl};
        {own}
        location / {{ proxy_pass http://service{port}; proxy_set_header Host $http_host; }}
    }}
"
    )
}
