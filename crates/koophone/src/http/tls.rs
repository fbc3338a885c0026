//! TLS: rustls with ring, set up here and nowhere else. No process-wide default provider is installed, so a host
//! program that uses rustls itself is not touched. Windows and macOS verify certificates themselves unless a CA file is
//! set; elsewhere rustls does, with the certificates of the system's store.

#[cfg(not(any(windows, target_vendor = "apple")))]
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use rustls::client::WantsClientCert;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{AlertDescription, CertificateError, ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use crate::model::{Error, Result};
use crate::runtime::PerProcess;

/// The certificates that were read, shared by all clients: reading the system's takes some 10 ms.
static READ: PerProcess<Mutex<Vec<Read>>> = PerProcess::new();
/// Maximum number of certificate files kept in memory.
const MAX_SOURCES: usize = 16;

struct Read {
    source: Source,
    roots: Arc<RootCertStore>,
}

/// The source of certificates, and its state when it was read.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    /// The system's store, and the variables that can move it.
    #[cfg(not(any(windows, target_vendor = "apple")))]
    System([Option<OsString>; 2]),
    File {
        path: PathBuf,
        changed: Option<SystemTime>,
        length: u64,
    },
}

impl Source {
    #[cfg(not(any(windows, target_vendor = "apple")))]
    fn system() -> Self {
        Self::System(["SSL_CERT_FILE", "SSL_CERT_DIR"].map(std::env::var_os))
    }

    fn file(path: &Path) -> Self {
        let found = std::fs::metadata(path).ok();
        let changed = found.as_ref().and_then(|found| found.modified().ok());
        Self::File { path: path.to_owned(), changed, length: found.map_or(0, |found| found.len()) }
    }

    /// Whether `newer` replaces it.
    fn is_outdated_by(&self, newer: &Self) -> bool {
        matches!((self, newer), (Self::File { path, .. }, Self::File { path: same, .. }) if path == same)
    }

    fn read(&self) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        match self {
            #[cfg(not(any(windows, target_vendor = "apple")))]
            Self::System(_) => add_system_store(&mut roots)?,
            Self::File { path, .. } => add_file(&mut roots, path)?,
        }
        Ok(roots)
    }
}

/// `wanted` is false when every endpoint is plain http on loopback: then the certificate store is not read at all.
pub(crate) fn client_config(wanted: bool, ca_file: Option<&Path>) -> Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal("TLS cannot be set up").caused_by(&e))?;
    let builder = match ca_file {
        Some(path) => builder.with_root_certificates(roots(Source::file(path))?),
        None if wanted => trusting_the_system(builder)?,
        None => builder.with_root_certificates(RootCertStore::empty()),
    };
    let mut config = builder.with_no_client_auth();
    // A server that speaks HTTP/2 only refuses this before anything is sent.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

type Builder<State> = ConfigBuilder<ClientConfig, State>;

#[cfg(not(any(windows, target_vendor = "apple")))]
fn trusting_the_system(builder: Builder<WantsVerifier>) -> Result<Builder<WantsClientCert>> {
    Ok(builder.with_root_certificates(roots(Source::system())?))
}

/// Nothing is read now: the system looks up what it needs, also certificates that it first has to download.
#[cfg(any(windows, target_vendor = "apple"))]
fn trusting_the_system(builder: Builder<WantsVerifier>) -> Result<Builder<WantsClientCert>> {
    use rustls_platform_verifier::BuilderVerifierExt;
    builder.with_platform_verifier().map_err(|e| Error::internal("TLS cannot be set up").caused_by(&e))
}

/// The certificates of `source`, read unless another client has done so.
fn roots(source: Source) -> Result<Arc<RootCertStore>> {
    let read = READ.get_or_try_init(|| Ok::<_, Error>(Mutex::default()), drop)?;
    let mut read = read.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(known) = read.iter().find(|known| known.source == source) {
        return Ok(known.roots.clone());
    }
    let roots = Arc::new(source.read()?);
    read.retain(|known| !known.source.is_outdated_by(&source));
    if read.len() == MAX_SOURCES {
        read.remove(0);
    }
    read.push(Read { source, roots: roots.clone() });
    Ok(roots)
}

/// What to do about a rejected certificate; `None` if the error has another reason.
pub(crate) fn distrust(error: &rustls::Error) -> Option<&'static str> {
    use CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(reason) = error else { return None };
    Some(match reason {
        // A bad signature: an authority of the same name is known, but has another key.
        Certificate::UnknownIssuer | Certificate::BadSignature => UNKNOWN_ISSUER,
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            "it was issued for another host name; use an endpoint whose name it contains"
        }
        Certificate::Expired | Certificate::ExpiredContext { .. } => EXPIRED,
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            "it is not valid yet; correct this machine's clock"
        }
        // rustls passes on errors that it has no name for.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "it is a certificate of an authority (CA:TRUE), as openssl req -x509 makes them, and not one of a server; \
             issue it with -addext basicConstraints=critical,CA:FALSE, and set ca_file to it"
        }
        #[cfg(any(windows, target_vendor = "apple", test))]
        other => of_the_system(other).unwrap_or(INVALID),
        #[cfg(not(any(windows, target_vendor = "apple", test)))]
        _ => INVALID,
    })
}

const UNKNOWN_ISSUER: &str = "no known authority has issued it; set ca_file to a PEM file with the certificate of its \
    authority, or with itself if it is self-signed";
const INVALID: &str = "replace it with a valid one";
const EXPIRED: &str = "it has expired; renew it, or correct this machine's clock";

/// Errors of Windows and macOS that their verifier passes on by number.
#[cfg(any(windows, target_vendor = "apple", test))]
fn of_the_system(reason: &CertificateError) -> Option<&'static str> {
    let text = reason.to_string();
    let numbers = [
        ("-2146762486", UNKNOWN_ISSUER), // CERT_E_CHAINING: the chain ends before an authority
        ("-2146869244", UNKNOWN_ISSUER), // TRUST_E_CERT_SIGNATURE: a bad signature, as above
        ("-67843", UNKNOWN_ISSUER),      // errSecNotTrusted
        ("-67818", EXPIRED),             // errSecCertificateExpired
    ];
    numbers.iter().find(|(number, _)| text.contains(number)).map(|(_, advice)| *advice)
}

/// Whether the server gave up because the client has not shown a certificate.
pub(crate) fn wants_client_certificate(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::AlertReceived(AlertDescription::CertificateRequired))
}

/// A handshake that the server ended without a reason: TLS 1.2 has no alert for a missing certificate.
pub(crate) fn handshake_refused(error: &rustls::Error) -> Option<&'static str> {
    let alerts = [AlertDescription::HandshakeFailure, AlertDescription::CertificateRequired];
    matches!(error, rustls::Error::AlertReceived(alert) if alerts.contains(alert)).then_some(
        "the server ended the TLS handshake: it wants a client certificate, which koophone cannot show, or it shares \
            no cipher suite with this client",
    )
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    let wrong = |what: &str| {
        let path = path.display();
        Error::configuration(
            "ca_file",
            format!("{what}: {path}; set it to a PEM file with the certificates of your authority"),
        )
    };
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|e| wrong("the CA file cannot be read").caused_by(&e))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|e| wrong("the CA file is not PEM").caused_by(&e))?;
        roots.add(certificate).map_err(|e| wrong("the CA file has an unusable certificate").caused_by(&e))?;
    }
    if roots.is_empty() {
        return Err(wrong("the CA file has no certificate"));
    }
    Ok(())
}

#[cfg(not(any(windows, target_vendor = "apple")))]
fn add_system_store(roots: &mut RootCertStore) -> Result<()> {
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let error = Error::configuration(
            "ca_file",
            "this system has no certificate store, so no https connection can be trusted; install one (Debian and \
                Ubuntu: the package ca-certificates) or set ca_file (KOOPHONE_CA_FILE) to a PEM file",
        );
        return Err(found.errors.iter().fold(error, |error, cause| error.caused_by(cause)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_the_system_passes_on_by_number_have_their_advice() {
        let advice = |text: &str| {
            let other = rustls::OtherError(Arc::new(std::io::Error::other(text.to_owned())));
            distrust(&rustls::Error::InvalidCertificate(CertificateError::Other(other)))
        };
        assert_eq!(advice("A certificate chain could not be built (os error -2146762486)"), Some(UNKNOWN_ISSUER));
        assert_eq!(advice("the signature cannot be verified (os error -2146869244)"), Some(UNKNOWN_ISSUER));
        assert_eq!(advice("certificate is not trusted: -67843"), Some(UNKNOWN_ISSUER));
        assert_eq!(advice("certificate is expired: -67818"), Some(EXPIRED));
        assert_eq!(advice("something else: -1"), Some(INVALID));
    }

    #[test]
    fn certificates_are_read_once_and_again_when_their_file_changes() {
        let path = std::env::temp_dir().join(format!("koophone-tls-{}.pem", std::process::id()));
        let write = |names: &[&str]| {
            let pem = |name: &&str| {
                let certified = rcgen::generate_simple_self_signed([(*name).to_owned()]).unwrap();
                let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, certified.cert.der());
                format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
            };
            std::fs::write(&path, names.iter().map(pem).collect::<String>()).unwrap();
        };
        let read = || roots(Source::file(&path)).unwrap();
        write(&["a"]);
        let first = read();
        assert!(first.len() == 1 && Arc::ptr_eq(&first, &read()), "the same file was read twice");
        write(&["a", "b"]);
        let second = read();
        assert_eq!(second.len(), 2, "the file has changed");
        assert!(Arc::ptr_eq(&second, &read()));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(roots(Source::file(&path)).unwrap_err().argument(), Some("ca_file"));
        for number in 0..3 * MAX_SOURCES {
            let _ = roots(Source::file(Path::new(&format!("/nowhere/{number}"))));
        }
        let known = READ.get_or_try_init(|| Ok::<_, Error>(Mutex::default()), drop).unwrap().lock().unwrap().len();
        assert!(known <= MAX_SOURCES);
    }
}
