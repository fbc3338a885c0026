//! Apache's configuration.

use std::path::Path;

use super::Site;
use crate::case::Version;
use crate::certificates::Certificates;

pub const ARGUMENTS: &[&str] = &["-D", "FOREGROUND", "-f"];

/// Where distributions install the modules.
const MODULES: [&str; 3] = ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/libexec/apache2"];

pub fn configuration(sites: &[&Site<'_>], certificates: &Certificates, folder: &Path) -> String {
    let modules = MODULES.into_iter().find(|folder| Path::new(folder).is_dir()).unwrap_or(MODULES[0]);
    let names = ["mpm_event", "authz_core", "env", "proxy", "proxy_http", "socache_shmcb", "ssl"];
    let mut text: String =
        names.iter().map(|name| format!("LoadModule {name}_module {modules}/mod_{name}.so\n")).collect();
    text += &format!(
        "ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/errors
ServerName localhost
User nobody
Group nogroup
StartServers 1
ServerLimit 2
ThreadsPerChild 64
MaxRequestWorkers 128
KeepAliveTimeout 60
",
        folder = folder.display()
    );
    text.extend(sites.iter().map(|site| host(site, certificates)));
    text
}

fn host(Site { port, service, tls, lines }: &Site<'_>, certificates: &Certificates) -> String {
    let mut own: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    if let Some(tls) = tls {
        let version = if tls.version == Version::V1_2 { "TLSv1.2" } else { "TLSv1.3" };
        let file = certificates.of(tls.key);
        own.push("SSLEngine on".to_owned());
        own.push(format!("SSLProtocol -all +{version}"));
        own.push(format!("SSLCertificateFile {}", file.display()));
        if tls.client_certificate {
            own.push("SSLVerifyClient require".to_owned());
            own.push(format!("SSLCACertificateFile {}", certificates.authority().display()));
        }
    }
    format!(
        "Listen 127.0.0.1:{port}
<VirtualHost 127.0.0.1:{port}>
    {}
    ProxyPreserveHost On
    ProxyPass / http://127.0.0.1:{service}/ flushpackets=on
</VirtualHost>
",
        own.join("\n    ")
    )
}
