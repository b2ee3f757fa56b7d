//! Where requests go: the URL of the service, and the proxy on the way.

use ureq::http::Uri;

use super::http::USER_AGENT;
use crate::proxy::ChosenProxy;

pub(super) struct Route {
    pub(super) is_https: bool,
    pub(super) proxy: Option<ChosenProxy>,
    pub(super) host: String,
    pub(super) port: u16,
    /// The service, as error texts name it.
    pub(super) service: String,
    /// The head of every request, up to the value of Content-Type.
    pub(super) head: String,
}

impl Route {
    pub(super) fn new(url: &Uri, proxy: Option<ChosenProxy>) -> Route {
        let is_https = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default().to_owned();
        let port = url.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let service = format!("{host}:{port}");
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let slash = if path.starts_with('/') { "" } else { "/" };
        let authority = url.authority().map_or("", |authority| authority.as_str());
        // Some web application firewalls reject requests without Accept.
        let head = format!(
            "POST {slash}{path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {USER_AGENT}\r\n\
             Accept: */*\r\nContent-Type: "
        );
        Route { is_https, proxy, host, port, service, head }
    }

    /// The next hop, as error texts name it.
    pub(super) fn peer(&self) -> String {
        match &self.proxy {
            None => self.service.clone(),
            Some(ChosenProxy { proxy, variable }) => {
                let source = variable.map(|name| format!(" ({name})")).unwrap_or_default();
                format!("the proxy {}:{}{source}", proxy.host(), proxy.port())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_path() {
        for (url, line) in [
            ("https://sms.example.test", "POST / HTTP/1.1\r\n"),
            ("https://sms.example.test/sms", "POST /sms HTTP/1.1\r\n"),
            ("https://sms.example.test?a=b", "POST /?a=b HTTP/1.1\r\n"),
        ] {
            let head = Route::new(&url.parse().unwrap(), None).head;
            assert!(head.starts_with(line), "{url}: {head}");
        }
    }
}
