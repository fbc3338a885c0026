//! Which requests go through a proxy.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::settings::is_loopback;

/// How to reach the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// As the environment says.
    Environment(ProxyVariables),
    /// Directly.
    None,
    /// Through this URL.
    Url(Url),
}

/// `HTTPS_PROXY`, `NO_PROXY` and the like, in either case; empty where they are not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProxyVariables {
    pub http: String,
    pub https: String,
    pub except: String,
}

impl ProxyVariables {
    pub fn read(environment: &[(String, String)]) -> Self {
        let text = |name: &str| {
            let spelt = [name.to_ascii_lowercase(), name.to_owned()];
            let found =
                spelt.iter().find_map(|name| environment.iter().find(|(n, text)| n == name && !text.is_empty()));
            found.map(|(_, text)| text.clone())
        };
        let or_all = |text: Option<String>, all: &Option<String>| text.or_else(|| all.clone()).unwrap_or_default();
        let all = text("ALL_PROXY");
        // In a CGI program HTTP_PROXY is a header that the other side sent.
        let http = text("HTTP_PROXY").filter(|_| text("REQUEST_METHOD").is_none());
        Self {
            http: or_all(http, &all),
            https: or_all(text("HTTPS_PROXY"), &all),
            except: text("NO_PROXY").unwrap_or_default(),
        }
    }
}

/// Which addresses have a proxy.
pub(super) enum Rule {
    All,
    Environment(Box<Matcher>),
}

impl Rule {
    /// `None`: no address has one.
    pub fn of(proxy: &Proxy) -> Option<Self> {
        match proxy {
            Proxy::None => None,
            Proxy::Url(_) => Some(Self::All),
            Proxy::Environment(ProxyVariables { http, https, .. }) if http.is_empty() && https.is_empty() => None,
            Proxy::Environment(ProxyVariables { http, https, except }) => {
                let matcher = Matcher::builder().http(http.as_str()).https(https.as_str()).no(except.as_str());
                Some(Self::Environment(Box::new(matcher.build())))
            }
        }
    }

    pub fn applies(&self, url: &Url) -> bool {
        let intercepts = || match self {
            Self::All => true,
            Self::Environment(matcher) => {
                url.as_str().parse::<Uri>().is_ok_and(|address| matcher.intercept(&address).is_some())
            }
        };
        !is_loopback(url) && intercepts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_it_as_for_other_programs() {
        let rule = |variables: &[(&str, &str)]| {
            let variables: Vec<_> = variables.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
            Rule::of(&Proxy::Environment(ProxyVariables::read(&variables)))
        };
        let applies = |variables: &[(&str, &str)], url: &str| {
            rule(variables).is_some_and(|rule| rule.applies(&Url::parse(url).unwrap()))
        };
        assert!(rule(&[]).is_none() && rule(&[("NO_PROXY", "*"), ("https_proxy", "")]).is_none());
        assert!(applies(&[("HTTPS_PROXY", "http://proxy")], "https://a.example"));
        assert!(applies(&[("all_proxy", "http://proxy")], "http://a.example"));
        assert!(!applies(&[("HTTPS_PROXY", "http://proxy")], "http://a.example"));
        assert!(!applies(
            &[("https_proxy", "http://proxy"), ("NO_PROXY", "b.example,.a.example")],
            "https://x.a.example"
        ));
        assert!(!applies(&[("HTTP_PROXY", "http://proxy"), ("REQUEST_METHOD", "GET")], "http://a.example"));
        assert!(!applies(&[("ALL_PROXY", "http://proxy")], "http://127.0.0.1:8080"));
    }
}
