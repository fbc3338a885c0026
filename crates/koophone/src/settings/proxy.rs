//! Selects the proxy of a request.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::model::{Error, Result};

/// Whether an address is on this machine: then plain http is safe, and no proxy is used.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The setting `proxy`.
#[derive(Clone)]
pub(crate) enum ProxySetting {
    /// From the environment.
    Environment(ProxyVariables),
    /// No proxy.
    None,
    /// Through this proxy.
    Url(ProxyUrl),
}

impl ProxySetting {
    /// The proxies of `endpoints`. A variable is only read if one of them would use it: a program must not fail because
    /// of a variable that does not concern it, and must not bypass a proxy whose variable is unreadable.
    pub fn resolve(&self, endpoints: &[&Url]) -> Result<Proxy> {
        let remote: Vec<&Url> = endpoints.iter().copied().filter(|url| !is_loopback(url)).collect();
        let routes = match self {
            _ if remote.is_empty() => return Ok(Proxy::None),
            Self::None => return Ok(Proxy::None),
            Self::Url(url) => Routes { http: Some(url.clone()), https: Some(url.clone()), except: String::new() },
            Self::Environment(variables) => variables.resolve(&remote)?,
        };
        Ok(if routes.http.is_none() && routes.https.is_none() { Proxy::None } else { Proxy::Through(routes) })
    }
}

/// `HTTPS_PROXY`, `NO_PROXY` and the like, in either case. Not printable: they may contain a password.
#[derive(Clone, Default)]
pub(crate) struct ProxyVariables {
    http: Option<Variable>,
    https: Option<Variable>,
    except: String,
}

#[derive(Clone)]
struct Variable {
    name: String,
    text: String,
}

impl ProxyVariables {
    pub fn read(environment: &[(String, String)]) -> Self {
        let find = |name: &str| {
            let spelt = [name.to_ascii_lowercase(), name.to_owned()];
            let found =
                spelt.iter().find_map(|name| environment.iter().find(|(n, text)| n == name && !text.is_empty()));
            found.map(|(name, text)| Variable { name: name.clone(), text: text.clone() })
        };
        let all = find("ALL_PROXY");
        // In a CGI program HTTP_PROXY is a request header of the client.
        let http = find("HTTP_PROXY").filter(|_| find("REQUEST_METHOD").is_none());
        Self {
            http: http.or_else(|| all.clone()),
            https: find("HTTPS_PROXY").or(all),
            except: find("NO_PROXY").map(|no| no.text).unwrap_or_default(),
        }
    }

    fn resolve(&self, remote: &[&Url]) -> Result<Routes> {
        let exceptions = exceptions(&self.except);
        let proxy = |scheme: &str, variable: &Option<Variable>| {
            let used = remote.iter().any(|url| url.scheme() == scheme && !is_exception(&exceptions, url));
            variable.as_ref().filter(|_| used).map(Variable::parse).transpose()
        };
        let (http, https) = (proxy("http", &self.http)?, proxy("https", &self.https)?);
        Ok(Routes { http, https, except: self.except.clone() })
    }
}

impl Variable {
    fn parse(&self) -> Result<ProxyUrl> {
        let Self { name, text } = self;
        // By convention the scheme may be left out.
        let url = if text.contains("://") { ProxyUrl::parse(text) } else { ProxyUrl::parse(&format!("http://{text}")) };
        url.map_err(|why| {
            let message = format!(
                "environment variable {name} does not name a usable proxy (its value is not shown): it {why}; correct \
                 it, unset it, or set proxy (KOOPHONE_PROXY) to none for a direct connection"
            );
            Error::configuration(name, message)
        })
    }
}

/// The address of a proxy. User and password are never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ProxyUrl(Url);

impl ProxyUrl {
    /// The error completes the sentence "it ...".
    pub fn parse(text: &str) -> Result<Self, String> {
        const EXAMPLE: &str = "must be a URL like http://my-proxy:3128";
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            // URL parsers silently ignore line breaks.
            return Err("contains a space, line break or other control character".into());
        }
        let url = Url::parse(text).map_err(|e| format!("{EXAMPLE} ({e})"))?;
        match url.scheme() {
            "http" | "https" | "socks5" | "socks5h" => {}
            "socks" | "socks4" | "socks4a" => {
                return Err("is a SOCKS 4 proxy, which is not supported; use socks5:// or socks5h://".into());
            }
            _ => return Err(format!("{EXAMPLE}; the schemes are http, https, socks5 and socks5h")),
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(format!("{EXAMPLE}, with a host"));
        }
        let proxy = Self(url);
        let (user, password) = proxy.login().unwrap_or_default();
        if proxy.is_socks()
            && [user, password].into_iter().any(|part| part.len() > 255 || String::from_utf8(part).is_err())
        {
            return Err(
                "has a user or password that is not UTF-8 or longer than the 255 bytes that SOCKS allows".into()
            );
        }
        match proxy.address().parse::<Uri>() {
            Ok(_) => Ok(proxy),
            Err(_) => Err(format!("{EXAMPLE}; its host is not usable")),
        }
    }

    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(1080)
    }

    /// Scheme, host and port, without user and password.
    pub fn address(&self) -> String {
        format!("{}://{self}", self.0.scheme())
    }

    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub fn is_socks(&self) -> bool {
        self.0.scheme().starts_with("socks")
    }

    /// Whether the proxy, not this machine, resolves host names.
    pub fn resolves_names(&self) -> bool {
        self.0.scheme() != "socks5"
    }

    /// User and password, if it has any.
    pub fn login(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let decoded = |text: &str| percent_decode_str(text).collect();
        let (user, password) = (self.0.username(), self.0.password());
        (!user.is_empty() || password.is_some()).then(|| (decoded(user), decoded(password.unwrap_or_default())))
    }

    /// The header that carries user and password.
    pub fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = self.login()?;
        let basic = STANDARD.encode([&user[..], b":", &password].concat());
        let mut header = HeaderValue::try_from(format!("Basic {basic}")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// Host and port.
impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host(), self.port())
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())
    }
}

/// How to reach the endpoints of a client.
#[derive(Clone, Debug)]
pub(crate) enum Proxy {
    /// No proxy.
    None,
    /// Some of them through a proxy.
    Through(Routes),
}

impl Proxy {
    /// Host and port of the proxy for `url`.
    pub fn of(&self, url: &Url) -> Option<String> {
        Rule::of(self)?.proxy(url).map(ToString::to_string)
    }
}

/// The proxy of each scheme, and the hosts that are excepted.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    http: Option<ProxyUrl>,
    https: Option<ProxyUrl>,
    except: String,
}

/// Finds the proxy of an address.
pub(crate) struct Rule {
    routes: Routes,
    exceptions: Matcher,
}

impl Rule {
    /// `None` if no address has one.
    pub fn of(proxy: &Proxy) -> Option<Self> {
        match proxy {
            Proxy::None => None,
            Proxy::Through(routes) => Some(Self { routes: routes.clone(), exceptions: exceptions(&routes.except) }),
        }
    }

    pub fn proxy(&self, url: &Url) -> Option<&ProxyUrl> {
        let proxy = match url.scheme() {
            "https" => self.routes.https.as_ref(),
            _ => self.routes.http.as_ref(),
        };
        proxy.filter(|_| !is_loopback(url) && !is_exception(&self.exceptions, url))
    }
}

/// The rules of `NO_PROXY`: this matcher intercepts every address that is not an exception.
fn exceptions(no_proxy: &str) -> Matcher {
    const ANY: &str = "http://gate.invalid";
    Matcher::builder().http(ANY).https(ANY).no(no_proxy).build()
}

fn is_exception(exceptions: &Matcher, url: &Url) -> bool {
    // An address that cannot be parsed is no exception: it must not bypass the proxy.
    url.as_str().parse::<Uri>().is_ok_and(|address| exceptions.intercept(&address).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(variables: &[(&str, &str)], url: &str) -> Result<Option<String>> {
        let variables: Vec<_> = variables.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        let url = Url::parse(url).unwrap();
        let proxy = ProxySetting::Environment(ProxyVariables::read(&variables)).resolve(&[&url])?;
        Ok(Rule::of(&proxy).and_then(|rule| rule.proxy(&url).map(ProxyUrl::address)))
    }

    #[test]
    fn the_environment_is_read_as_other_programs_read_it() {
        let proxy = |variables: &[(&str, &str)], url: &str| resolve(variables, url).unwrap();
        let by = |proxy: &str| Some(proxy.to_owned());
        assert_eq!(proxy(&[("HTTPS_PROXY", "http://proxy")], "https://a.example"), by("http://proxy:80"));
        assert_eq!(proxy(&[("https_proxy", "proxy:3128/")], "https://a.example"), by("http://proxy:3128"));
        assert_eq!(proxy(&[("HTTPS_PROXY", "u:p@[::1]:1")], "https://a.example"), by("http://[::1]:1"));
        assert_eq!(proxy(&[("HTTPS_PROXY", "https://proxy")], "https://a.example"), by("https://proxy:443"));
        assert_eq!(proxy(&[("all_proxy", "socks5h://proxy")], "http://a.example"), by("socks5h://proxy:1080"));
        for (variables, url) in [
            (&[("NO_PROXY", "*"), ("https_proxy", "")][..], "https://a.example"),
            (&[("HTTPS_PROXY", "http://proxy")], "http://a.example"),
            (&[("https_proxy", "http://proxy"), ("NO_PROXY", "b.example,.a.example")], "https://x.a.example"),
            (&[("HTTP_PROXY", "http://proxy"), ("REQUEST_METHOD", "GET")], "http://a.example"),
            (&[("ALL_PROXY", "http://proxy")], "http://127.0.0.1:8080"),
        ] {
            assert_eq!(proxy(variables, url), None, "{variables:?}");
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_refused_by_name_and_never_shown() {
        for bad in [
            " ",
            "http://user:secret@proxy:3128\r",
            "http://user:secret@pro xy",
            "garbage://user:secret@proxy",
            "socks4://user:secret@proxy",
            "http://user:secret",
            "http://user:secret@",
            "http://",
            "://secret",
        ] {
            let error = resolve(&[("HTTPS_PROXY", bad)], "https://a.example").unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Configuration, "{bad:?}");
            assert_eq!(error.argument(), Some("HTTPS_PROXY"));
            assert!(!format!("{error:?} {:?}", error.details()).contains("secret"), "{error:?}");
        }
        let error = resolve(&[("all_proxy", "garbage://x")], "http://a.example").unwrap_err();
        assert_eq!(error.argument(), Some("all_proxy"));
    }

    #[test]
    fn a_variable_that_no_endpoint_would_use_does_not_matter() {
        let garbage = "garbage://x";
        for (variables, url) in [
            (&[("HTTP_PROXY", garbage)][..], "https://a.example"),
            (&[("ALL_PROXY", garbage), ("HTTPS_PROXY", "http://proxy")], "https://a.example"),
            (&[("HTTPS_PROXY", garbage), ("NO_PROXY", "a.example")], "https://a.example"),
            (&[("HTTPS_PROXY", garbage)], "https://127.0.0.1"),
        ] {
            resolve(variables, url).unwrap();
        }
    }

    #[test]
    fn user_and_password_are_decoded_for_the_proxy_and_printed_nowhere() {
        let proxy = ProxyUrl::parse("http://us%40er:s%C3%A9cret@proxy:3128").unwrap();
        assert_eq!(proxy.authorization().unwrap(), format!("Basic {}", STANDARD.encode("us@er:sécret")).as_str());
        assert_eq!(format!("{proxy} {proxy:?}"), "proxy:3128 http://proxy:3128");
        assert_eq!(ProxyUrl::parse("http://proxy").unwrap().authorization(), None);
        let url = Url::parse("https://a.example").unwrap();
        let resolved = ProxySetting::Url(proxy).resolve(&[&url]).unwrap();
        let printed = format!("{resolved:?}");
        assert!(printed.contains("proxy:3128") && !printed.contains("cret") && !printed.contains("us%40"), "{printed}");
    }
}
