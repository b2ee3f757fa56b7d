//! Which proxy the variables of the environment choose. The client is in a process of its own, in a
//! network whose addresses are not this machine's loopback ones, which shows who is spoken to.

use std::ffi::{OsStr, OsString};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::Command;

use verifysms::{Client, Code, Error};

use crate::support::client_process::MARK;
use crate::support::dns::skip;
use crate::support::script::{OK, Step, steps};
use crate::support::server::RawServer;
use crate::support::{KEY, TO, play_all};

/// Addresses of the network, on which the service listens in clear (8080) and not quite in TLS (443).
const ADDRESSES: [&str; 2] = ["10.1.2.3", "fd00::5"];
/// Where the proxy is.
const PROXY: &str = "http://127.0.0.1:3128";
/// A name of both addresses.
const NAME: &str = "sms.example.test";

const NETWORK: &str = r#"ip link set lo up && ip address add 10.1.2.3/32 dev lo &&
ip address add fd00::5/128 dev lo nodad && mount --bind "$1" /etc/hosts && shift && exec "$@""#;

type Variables<'a> = &'a [(&'a str, &'a OsStr)];

/// Runs the ignored test `entry` of this program in the network, with these variables alone; what it
/// printed. None where a network takes rights that this process does not have.
fn in_network(entry: &str, url: &str, variables: Variables<'_>) -> Option<String> {
    let allowed = Command::new("unshare").args(["--net", "--mount", "true"]).output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let hosts = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("environment-hosts");
    let lines = ADDRESSES.map(|address| format!("{address} {NAME}\n")).concat();
    if std::fs::read_to_string(&hosts).ok().as_ref() != Some(&lines) {
        std::fs::write(&hosts, lines).expect("the build's directory can be written to");
    }
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-c", NETWORK, "sh"]).arg(hosts);
    command.arg(std::env::current_exe().expect("this program has a path"));
    command.args(["--exact", entry, "--ignored", "--nocapture", "--test-threads=1"]);
    for name in names {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    let output = command.env("URL", url).envs(variables.iter().copied()).output();
    let output = output.expect("this program can be started again");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let printed = text.lines().find_map(|line| line.strip_prefix(MARK));
    let printed =
        printed.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    Some(printed.to_owned())
}

/// Plays all cases, some at a time, and asserts that nothing is wrong with them.
fn for_each<T: Sync>(cases: &[T], play: impl Fn(&T) -> Option<String> + Sync) {
    let wrong = play_all(4, cases, |case| play(case).into_iter().collect());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The address, NO_PROXY, and whether the proxy is gone around.
const NO_PROXY: &[(&str, &str, bool)] = &[
    // None.
    ("http://10.1.2.3:8080/", "", false),
    ("http://10.1.2.3:8080/", ",", false),
    ("http://sms.example.test:8080/", ".", false),
    ("http://sms.example.test:8080/", " , ,", false),
    // All.
    ("http://10.1.2.3:8080/", "*", true),
    ("http://sms.example.test:8080/", " * ", true),
    ("https://[fd00::5]/", "*", true),
    // Networks (RFC 4632, RFC 4291).
    ("http://10.1.2.3:8080/", "10.0.0.0/8", true),
    ("https://10.1.2.3/", "10.0.0.0/8", true),
    ("http://10.1.2.3:8080/", "10.1.2.3/32", true),
    ("http://10.1.2.3:8080/", "10.1.2.0/25", true),
    ("http://10.1.2.3:8080/", "10.0.0.0/13", true),
    ("http://10.1.2.3:8080/", "10.200.0.0/8", true),
    ("http://10.1.2.3:8080/", "0.0.0.0/0", true),
    ("http://10.1.2.3:8080/", "a.example, 10.0.0.0/8 ,b.example", true),
    ("http://10.1.2.3:8080/", "a.example 10.0.0.0/8", true),
    ("http://10.1.2.3:8080/", "10.8.0.0/13", false),
    ("http://10.1.2.3:8080/", "10.1.2.128/25", false),
    ("http://10.1.2.3:8080/", "10.1.2.2/32", false),
    ("http://10.1.2.3:8080/", "11.0.0.0/8", false),
    ("http://10.1.2.3:8080/", "10.0.0.0/33", false),
    ("http://10.1.2.3:8080/", "10.0.0.0/", false),
    ("http://10.1.2.3:8080/", "10.0.0.0/-1", false),
    ("http://10.1.2.3:8080/", "10.0.0.0/+8", false),
    ("http://10.1.2.3:8080/", "10.0.0/8", false),
    ("http://10.1.2.3:8080/", "fd00::/8", false),
    ("http://10.1.2.3:8080/", "::/0", false),
    ("http://[fd00::5]:8080/", "fd00::/8", true),
    ("https://[fd00::5]/", "fd00::/8", true),
    ("http://[fd00::5]:8080/", "fc00::/7", true),
    ("http://[fd00::5]:8080/", "fd00::4/127", true),
    ("http://[fd00::5]:8080/", "::/0", true),
    ("http://[fd00::5]:8080/", "FD00:0::/16", true),
    ("http://[fd00::5]:8080/", "fe00::/8", false),
    ("http://[fd00::5]:8080/", "fd00::6/127", false),
    ("http://[fd00::5]:8080/", "fd00::/129", false),
    ("http://[fd00::5]:8080/", "0.0.0.0/0", false),
    // A name is not looked up for them.
    ("http://sms.example.test:8080/", "10.0.0.0/8,fd00::/8", false),
    // Addresses.
    ("http://10.1.2.3:8080/", "10.1.2.3", true),
    ("http://10.1.2.3:8080/", "10.1.2.3:8080", true),
    ("https://10.1.2.3/", "10.1.2.3:443", true),
    ("http://10.1.2.3:8080/", "10.1.2.3:443", false),
    ("http://10.1.2.3:8080/", "10.1.2.30", false),
    ("http://10.1.2.3:8080/", "0.1.2.3", false),
    ("http://10.1.2.3:8080/", ".1.2.3", false),
    ("http://10.1.2.3:8080/", "2.3", false),
    ("http://[fd00::5]:8080/", "fd00::5", true),
    ("http://[fd00::5]:8080/", "[fd00::5]", true),
    ("http://[fd00::5]:8080/", "FD00:0:0:0:0:0:0:5", true),
    ("http://[fd00::5]:8080/", "fd00::0.0.0.5", true),
    ("http://[fd00:0:0::0005]:8080/", "fd00::5", true),
    ("http://[fd00::5]:8080/", "[fd00::5]:8080", true),
    ("http://[fd00::5]:8080/", "[fd00:0::5]:8080", true),
    ("https://[fd00::5]/", "[fd00::5]:443", true),
    ("http://[fd00::5]:8080/", "[fd00::5]:443", false),
    ("http://[fd00::5]:8080/", "fd00::6", false),
    ("http://[fd00::5]:8080/", "::5", false),
    // Names.
    ("http://sms.example.test:8080/", "sms.example.test", true),
    ("http://sms.example.test:8080/", "SMS.Example.TEST", true),
    ("http://SMS.example.test:8080/", "sms.example.test", true),
    ("http://sms.example.test:8080/", "sms.example.test.", true),
    ("http://sms.example.test:8080/", ".example.test", true),
    ("http://sms.example.test:8080/", ".example.test.", true),
    ("http://sms.example.test:8080/", "example.test", true),
    ("http://sms.example.test:8080/", "a.test,\tsms.example.test , b.test", true),
    ("http://sms.example.test:8080/", "sms.example.test:8080", true),
    ("http://sms.example.test:8080/", ".example.test:8080", true),
    ("https://sms.example.test/", "sms.example.test:443", true),
    ("http://sms.example.test:8080/", "sms.example.test:443", false),
    ("https://sms.example.test/", "sms.example.test:8080", false),
    ("http://sms.example.test:8080/", "ample.test", false),
    ("http://sms.example.test:8080/", "other.example.test", false),
    ("http://sms.example.test:8080/", "a.sms.example.test", false),
    ("http://sms.example.test:8080/", "sms.example", false),
];

#[test]
fn no_proxy_has_the_forms_that_curl_and_go_have() {
    for_each(NO_PROXY, |&(url, no_proxy, is_direct)| {
        let variables = [("ALL_PROXY", OsStr::new(PROXY)), ("NO_PROXY", OsStr::new(no_proxy))];
        let printed = in_network("proxy_variables::who_is_spoken_to", url, &variables)?;
        let wanted = if is_direct { "the service" } else { "the proxy" };
        (printed != wanted).then(|| format!("{url} with NO_PROXY={no_proxy:?}: {printed}"))
    });
    if in_network("proxy_variables::who_is_spoken_to", "http://10.1.2.3:8080/", &[]).is_none() {
        skip("no_proxy_has_the_forms_that_curl_and_go_have", "a network takes the rights of root");
    }
}

#[test]
#[ignore = "the process that makes a call in a network of its own"]
fn who_is_spoken_to() {
    let at = |address: &str, port| TcpListener::bind((address, port)).expect("a free port");
    let clear = ADDRESSES.map(|address| {
        RawServer::listen(at(address, 8080), None, steps([Step::ReadRequest, Step::send(OK)]))
    });
    let secure = ADDRESSES.map(|address| {
        let bad_request = Step::send("HTTP/1.1 400 Bad Request\r\n\r\n");
        RawServer::listen(at(address, 443), None, steps([Step::AwaitBytes, bad_request]))
    });
    let forbidden = Step::send("HTTP/1.1 403 Forbidden\r\n\r\n");
    let proxy = at("127.0.0.1", 3128);
    let proxy = RawServer::listen(proxy, None, steps([Step::ReadConnect, forbidden]));
    let url = std::env::var("URL").expect("the address");
    let client = Client::builder(KEY).sender("Acme").url(&url).allow_http(true);
    let _ = client.build().expect("valid settings").send(TO);
    let services = clear.iter().chain(&secure).map(RawServer::connections).sum::<usize>();
    let printed = match (services, proxy.connections()) {
        (0, 0) => "nobody",
        (_, 0) => "the service",
        (0, _) => "the proxy",
        _ => "both",
    };
    println!("\n{MARK}{printed}");
}

#[test]
fn a_proxy_variable_that_is_no_address_is_an_error_that_names_it() {
    let mut cases: Vec<(&str, OsString)> = Vec::new();
    for variable in ["HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"] {
        for value in [
            "http://",
            "http://s3cret@",
            "ftp://s3cret.example:21",
            "http://s3cret.example:99999",
            "http://s3cret.example:port",
            "http://s3cret.example:3128:3128",
            "http://s3cret .example:3128",
            "://s3cret",
            "http://user:s3cret#@proxy.example:3128",
        ] {
            cases.push((variable, value.into()));
        }
        for value in [&b"http://s3cret\xff:3128"[..], b"\xe9s3cret", b"http://u:s3cret\xe9@proxy:1"]
        {
            cases.push((variable, OsStr::from_bytes(value).to_owned()));
        }
    }
    for_each(&cases, |(variable, value)| {
        let scheme = if *variable == "http_proxy" { "http" } else { "https" };
        let url = format!("{scheme}://10.1.2.3/");
        let printed = in_network("proxy_variables::what_is_refused", &url, &[(variable, value)])?;
        let named = printed.starts_with("INVALID_ARGUMENT") && printed.contains(variable);
        let fine = named && !printed.contains("s3cret");
        (!fine).then(|| format!("{variable}={value:?}: {printed}"))
    });
}

#[test]
fn an_empty_proxy_variable_is_none() {
    let cases = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"];
    for_each(&cases, |variable| {
        let printed = in_network(
            "proxy_variables::what_is_refused",
            "https://10.1.2.3/",
            &[(variable, OsStr::new(""))],
        )?;
        (printed != "nothing").then(|| format!("{variable}: {printed}"))
    });
}

#[test]
#[ignore = "the process that makes a client with the variables"]
fn what_is_refused() {
    let url = std::env::var("URL").expect("the address");
    let client = Client::builder(KEY).sender("Acme").url(&url).allow_http(true).build();
    let printed = client.err().map(|error| format!("{} {error}", error.code()));
    println!("\n{MARK}{}", printed.unwrap_or_else(|| "nothing".into()));
}

fn refused(proxy: &str) -> Error {
    Client::builder(KEY).sender("Acme").proxy(proxy).build().map(drop).expect_err(proxy)
}

#[test]
fn a_password_that_cuts_the_address_is_to_be_percent_encoded() {
    for proxy in [
        "http://user:p4ss#w@proxy.example",
        "http://user:p4ss#w@proxy.example:3128",
        "http://user:p4ss/w@proxy.example:3128",
        "http://user:p4ss?w@proxy.example:3128",
        "https://user:#p4ss@proxy.example:3128",
        "socks5h://user:p4ss#w@proxy.example:1080",
        "http://user:p4ss w@proxy.example:3128",
        "http://user#p4ss@proxy.example:3128",
    ] {
        let error = refused(proxy);
        assert_eq!((error.code(), error.argument()), (Code::InvalidArgument, Some("proxy")));
        let text = error.to_string();
        assert!(text.contains("percent-encode"), "{proxy}: {text}");
        assert!(!text.contains("p4ss"), "{text}");
    }
    let fine = Client::builder(KEY).sender("Acme").proxy("http://user:p4ss%23w@proxy.example:3128");
    assert!(fine.build().is_ok());
}
