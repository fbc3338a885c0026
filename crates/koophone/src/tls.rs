//! TLS: rustls with ring, set up here and nowhere else. No process-wide default provider is installed, so a host
//! program that uses rustls itself is not touched.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Result};

/// `wanted` is false when every endpoint is plain http on loopback: then the certificate store is not read at all.
pub(crate) fn client_config(wanted: bool, ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => add_file(&mut roots, path)?,
        None if wanted => add_system_store(&mut roots)?,
        None => {}
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal("TLS cannot be set up").caused_by(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    let wrong = |what: &str| {
        let path = path.display();
        Error::configuration(
            "ca_file",
            format!("{what}: {path}; name a PEM file with the certificates of your authority"),
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

fn add_system_store(roots: &mut RootCertStore) -> Result<()> {
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let error = Error::configuration(
            "ca_file",
            "this system has no certificate store, so no https connection can be trusted; install one (Debian and Ubuntu: the package \
             ca-certificates) or set ca_file (KOOPHONE_CA_FILE) to a PEM file",
        );
        return Err(found.errors.iter().fold(error, |error, cause| error.caused_by(cause)));
    }
    Ok(())
}
