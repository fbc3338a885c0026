//! Certificates for the servers, in PEM files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::case::Key;

/// The host names in the certificates.
pub const NAMES: [&str; 2] = ["localhost", "phones.invalid"];

/// A folder with a certificate authority and the certificates that it issued.
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Creates the authority and issues the certificates.
    pub fn issue(folder: &Path) -> Result<Self, String> {
        let failed = |error: rcgen::Error| format!("the certificates cannot be created: {error}");
        let mut authority = CertificateParams::new([]).map_err(failed)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = authority.self_signed(&key).map_err(failed)?;
        let issuer = Issuer::new(authority, key);
        let made = Self { folder: folder.to_owned() };
        write(&made.authority(), &certificate.pem())?;
        for kind in [Key::Rsa, Key::Ecdsa] {
            let key = match kind {
                Key::Rsa => KeyPair::from_pem(&rsa_key()?).map_err(failed)?,
                Key::Ecdsa => KeyPair::generate().map_err(failed)?,
            };
            let params = CertificateParams::new(NAMES.map(str::to_owned)).map_err(failed)?;
            let certificate = params.signed_by(&key, &issuer).map_err(failed)?;
            write(&made.of(kind), &(certificate.pem() + &key.serialize_pem()))?;
        }
        Ok(made)
    }

    /// The certificate of the authority.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The file with a server's certificate and key.
    pub fn of(&self, kind: Key) -> PathBuf {
        self.folder.join(if kind == Key::Rsa { "rsa.pem" } else { "ecdsa.pem" })
    }
}

/// Uses openssl, because ring cannot generate RSA keys.
fn rsa_key() -> Result<String, String> {
    let arguments = ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let made = Command::new("openssl").args(arguments).output();
    let made = made.map_err(|error| format!("openssl cannot be run ({error}); install openssl"))?;
    match String::from_utf8(made.stdout) {
        Ok(key) if made.status.success() => Ok(key),
        _ => Err(format!("openssl failed to create a key: {}", String::from_utf8_lossy(&made.stderr))),
    }
}

/// Writes a file.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
