//! Which settings are valid, which error is kept, and where the key may go unencrypted.

use super::*;

const KEY: &str = "k-123";

fn config(url: &str) -> Config {
    let mut config = Config::new();
    config.set_api_key(KEY).expect("a key");
    config.set_url(Some(url)).expect(url);
    config
}

fn refused(config: &Config) -> String {
    config.check().expect_err("it is refused").to_string()
}

#[test]
fn the_defaults_are_the_published_ones() {
    let config = Config::new();
    assert_eq!(config.timeout, Duration::from_secs(30));
    assert_eq!(config.connect_timeout, Duration::from_secs(10));
    assert_eq!(config.url, "https://api.99digital.co.il/sms/verifySMS");
    assert!(!config.allow_http);
    assert_eq!(refused(&config), "api_key: is not set");
}

#[test]
fn what_is_set_is_what_is_used() {
    let mut config = config("https://host/path");
    config.set_sender(Some(" Acme ")).expect("a sender");
    config.set_message(Some("##code##")).expect("a message");
    config.set_timeout(Duration::from_secs(7)).expect("a timeout");
    config.set_connect_timeout(Duration::from_secs(3)).expect("a timeout");
    config.set_ca_file(Some(Path::new("/some.pem"))).expect("a path");
    config.set_proxy(Some("http://proxy:3128")).expect("a proxy");
    assert_eq!(config.check().expect("all is well").reveal(), KEY);
    assert_eq!(config.sender.as_deref(), Some("Acme"));
    assert_eq!(config.message.as_deref(), Some("##code##"));
    assert_eq!(config.url, "https://host/path");
    assert_eq!(config.timeout, Duration::from_secs(7));
    assert_eq!(config.connect_timeout, Duration::from_secs(3));
    assert_eq!(config.ca_file.as_deref(), Some(Path::new("/some.pem")));
    assert!(matches!(&config.proxy, ProxySetting::Url(proxy) if proxy.host() == "proxy"));
    config.set_proxy(Some("")).expect("no proxy");
    assert!(matches!(config.proxy, ProxySetting::None));
    config.set_proxy(None).expect("the environment's");
    assert!(matches!(config.proxy, ProxySetting::Environment));
}

#[test]
fn delivery_status_is_beside_the_service_unless_it_is_set() {
    for (url, expected) in [
        ("https://host/sms/verifySMS", "https://host/sms/deliveryStatus"),
        ("https://host:8443/gateway/verifySMS", "https://host:8443/gateway/deliveryStatus"),
        ("https://host/elsewhere", "https://host/sms/deliveryStatus"),
    ] {
        let mut config = config(url);
        assert_eq!(config.delivery_url(), expected, "{url}");
        config.set_delivery_url(Some("https://other/status")).expect("a URL");
        assert_eq!(config.delivery_url(), "https://other/status");
        config.set_delivery_url(None).expect("the default");
        assert_eq!(config.delivery_url(), expected, "{url}");
    }
}

#[test]
fn the_first_refusal_is_the_one_that_is_told() {
    let mut config = config("https://host/");
    let sender = config.set_sender(Some("")).expect_err("it is empty");
    assert_eq!(sender.argument(), Some("sender"));
    for error in [
        config.set_api_key("").expect_err("it is empty"),
        config.set_message(Some("no code")).expect_err("it has no place for the code"),
        config.set_url(Some("ftp://host/")).expect_err("it is another scheme"),
        config.set_timeout(Duration::ZERO).expect_err("it is no time"),
        config.set_connect_timeout(Duration::ZERO).expect_err("it is no time"),
        config.set_proxy(Some("gopher://proxy")).expect_err("it is no kind of proxy"),
        config.set_ca_file(Some(Path::new(""))).expect_err("it is empty"),
    ] {
        assert_ne!(error.argument(), Some("sender"));
    }
    assert_eq!(config.check().expect_err("it is refused"), sender);
}

#[test]
fn the_name_of_the_file_of_authorities_is_as_long_as_a_path_can_be() {
    let name = |length| "/".repeat(length);
    let mut config = config("https://host/");
    config.set_ca_file(Some(Path::new(&name(4096)))).expect("a path");
    for length in [4097, 10_000] {
        let error = config.set_ca_file(Some(Path::new(&name(length)))).expect_err("too long");
        assert_eq!(error.argument(), Some("ca_file"));
    }
}

#[test]
fn a_deadline_is_between_a_millisecond_and_a_day() {
    let (day, tick) = (Duration::from_secs(86_400), Duration::from_nanos(1));
    for timeout in [Duration::from_millis(1), Duration::from_secs(1), day] {
        assert_eq!(check_timeout("timeout", timeout).expect("in between"), timeout);
    }
    for timeout in [Duration::ZERO, Duration::from_millis(1) - tick, day + tick, Duration::MAX] {
        let error = check_timeout("connect_timeout", timeout).expect_err("outside");
        assert_eq!(error.argument(), Some("connect_timeout"), "{timeout:?}");
    }
}

#[test]
fn the_key_leaves_this_machine_in_clear_only_where_that_was_allowed() {
    let in_clear = "http:// would send the key in clear";
    for url in [
        "http://localhost:8025/",
        "http://LOCALHOST/",
        "http://127.0.0.1:8025/",
        "http://127.9.9.9/",
        "http://[::1]:8025/",
        "https://host/",
    ] {
        assert!(config(url).check().is_ok(), "{url}");
    }
    for url in [
        "http://host/",
        "http://localhost.example/",
        "http://127.0.0.1.example/",
        "http://192.0.2.1/",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
    ] {
        let mut config = config(url);
        assert!(refused(&config).contains(in_clear), "{url}");
        config.allow_http = true;
        assert!(config.check().is_ok(), "{url}");
    }
}

#[test]
fn a_proxy_elsewhere_takes_the_key_off_this_machine() {
    for (url, proxy, stays) in [
        ("http://127.0.0.1/", "http://proxy:3128", false),
        ("http://127.0.0.1/", "http://192.0.2.1:3128", false),
        ("http://127.0.0.1/", "http://127.0.0.1:3128", true),
        ("http://127.0.0.1/", "", true),
        ("http://host/", "http://127.0.0.1:3128", false),
        ("https://host/", "http://proxy:3128", true),
    ] {
        let mut config = config(url);
        config.set_proxy(Some(proxy)).expect(proxy);
        assert_eq!(config.check().is_ok(), stays, "{url} through {proxy:?}");
    }
}
