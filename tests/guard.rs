//! The guard of a client, against the sandbox, whose clock it keeps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use verifysms::sandbox::{Options, Sandbox, ScriptedFailure};
use verifysms::{
    Builder, Check, Client, Code, Error, GuardFailure, Limit, Outcome, Queue, Request,
};

const TO: &str = "0501234567";
const OTHER: &str = "0521234567";
const ASKER: &str = "203.0.113.7";
const STRANGER: &str = "198.51.100.9";

fn sandbox() -> Sandbox {
    Sandbox::start(Options::new()).unwrap()
}

fn settings(sandbox: &Sandbox) -> Builder {
    sandbox.client().sender("Acme").guard(Some("memory:"))
}

fn client(sandbox: &Sandbox) -> Client {
    settings(sandbox).build().unwrap()
}

fn by(end_user: &str) -> Request {
    Request::new(TO).end_user(end_user)
}

/// The limit that refused a call, and the seconds to wait.
fn limited<T>(result: Result<T, Error>) -> Option<(Limit, u64)> {
    let error = result.err()?;
    assert_eq!(error.code(), Code::Limited, "{error}");
    assert!(!error.safe_to_retry());
    Some((error.limit().expect("it names the limit"), error.retry_after().as_secs()))
}

fn wait(sandbox: &Sandbox, seconds: u64) {
    sandbox.advance(Duration::from_secs(seconds)).unwrap();
}

/// How many requests came to the service.
fn requests(sandbox: &Sandbox) -> usize {
    sandbox.requests().len()
}

fn wrong(sandbox: &Sandbox) -> &'static str {
    if sandbox.code(TO).as_deref() == Some("000000") { "000001" } else { "000000" }
}

/// Tries wrong codes until one is refused. Returns how many were looked at, and the refusal.
fn guess(client: &Client, sandbox: &Sandbox, request: &Request) -> (u32, Limit, u64) {
    for tried in 0.. {
        match client.check_request(request, wrong(sandbox)) {
            Ok(check) => assert!(!check.is_verified()),
            refused => {
                let (limit, seconds) = limited(refused).expect("refused");
                return (tried, limit, seconds);
            }
        }
    }
    unreachable!("the loop returns")
}

#[test]
fn the_sixth_guess_is_refused_before_it_leaves() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let sent = client.send(TO).unwrap();
    assert_eq!((sent.tries_left(), sent.retry_after().as_secs()), (Some(5), 30));
    assert_eq!(sent.limit(), Some(Limit::Cooldown));
    let left = |check: Check| (check.tries_left(), check.retry_after().as_secs() > 0);
    for tries in (0..5).rev() {
        let check = client.check(TO, wrong(&sandbox)).unwrap();
        assert_eq!(left(check), (Some(tries), tries == 0));
    }
    let before = requests(&sandbox);
    let refused = client.check(TO, &sandbox.code(TO).unwrap());
    let error = refused.clone().expect_err("refused");
    assert_eq!((error.to(), error.tries_left()), (Some(TO), Some(0)));
    let (limit, seconds) = limited(refused).unwrap();
    assert_eq!(limit, Limit::Tries);
    assert!((600..=638).contains(&seconds), "{seconds}");
    assert_eq!(requests(&sandbox), before, "nothing left");
    wait(&sandbox, seconds);
    assert_eq!(client.check(TO, wrong(&sandbox)).unwrap().tries_left(), Some(4));
}

#[test]
fn a_new_send_gives_new_tries() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.send(TO).unwrap();
    assert_eq!(guess(&client, &sandbox, &Request::new(TO)).0, 5);
    wait(&sandbox, 30);
    client.send(TO).unwrap();
    assert!(client.check(TO, &sandbox.code(TO).unwrap()).unwrap().is_verified());
}

#[test]
fn the_pauses_between_sends_grow_and_their_number_is_limited() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for pause in [30, 40, 60, 90] {
        assert_eq!(client.send(TO).unwrap().retry_after().as_secs(), pause);
        assert_eq!(limited(client.send(TO)), Some((Limit::Cooldown, pause)));
        wait(&sandbox, pause - 1);
        assert_eq!(limited(client.send(TO)).unwrap().0, Limit::Cooldown);
        wait(&sandbox, 1);
    }
    let last = client.send(TO).unwrap();
    assert_eq!(last.limit(), Some(Limit::SendsNumber));
    let (limit, seconds) = limited(client.send(TO)).unwrap();
    assert_eq!(limit, Limit::SendsNumber);
    wait(&sandbox, seconds);
    client.send(TO).unwrap();
    client.send(OTHER).unwrap();
}

#[test]
fn a_stranger_cannot_use_up_the_tries_of_the_person_who_asked() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.send_request(&by(ASKER)).unwrap();
    assert_eq!(guess(&client, &sandbox, &by(STRANGER)).0, 5);
    assert_eq!(guess(&client, &sandbox, &by("192.0.2.1")).0, 0, "all others share their tries");
    let code = sandbox.code(TO).unwrap();
    assert!(client.check_request(&by(ASKER), &code).unwrap().is_verified());
}

#[test]
fn spellings_of_an_address_are_one_end_user() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let spellings = [
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("2001:db8:1:2::1", "2001:DB8:1:2:ffff::"),
        ("[2001:db8:1:2::1]", " 2001:db8:1:2::9 "),
        ("fe80::1%eth0", "fe80::1%eth1"),
        ("192.0.2.1:40000", "192.0.2.1"),
        ("[2001:db8:7::1]:80", "2001:db8:7::2"),
        ("64:ff9b::192.0.2.8", "192.0.2.8"),
    ];
    for (index, (one, same)) in spellings.into_iter().enumerate() {
        client.forget(TO).unwrap();
        client.send_request(&by(one)).unwrap();
        assert_eq!(guess(&client, &sandbox, &by(one)).0, 5);
        assert_eq!(guess(&client, &sandbox, &by(same)).0, 0, "{same}");
        assert_eq!(
            guess(&client, &sandbox, &by(&format!("2001:db8:1:3{index}::1"))).0,
            5,
            "another network"
        );
    }
}

#[test]
fn an_address_that_hides_everybody_counts_as_none_and_the_log_says_so() {
    let sandbox = sandbox();
    let records = Arc::new(Mutex::new(Vec::new()));
    let log = records.clone();
    let client = settings(&sandbox)
        .limit(Limit::SendsUser, 1, 3600)
        .limit(Limit::Cooldown, 0, 0)
        .log(move |level, text| log.lock().unwrap().push((level as i32, text.to_owned())))
        .build()
        .unwrap();
    for hidden in ["127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", ""] {
        client.forget(TO).unwrap();
        client.send_request(&by(hidden)).unwrap();
    }
    let records = records.lock().unwrap();
    let warnings: Vec<_> = records.iter().filter(|(level, _)| *level == 4).collect();
    assert_eq!(warnings.len(), 1, "{records:?}");
    assert!(warnings[0].1.contains("loopback"), "{warnings:?}");
}

#[test]
fn what_sent_nothing_is_taken_back() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for reason in [2, 3, 6, 7, 9, 10] {
        sandbox.script(ScriptedFailure::Reason(reason), 1).unwrap();
        let error = client.send(TO).expect_err("refused");
        assert_eq!((error.code(), error.retry_after().as_secs()), (Code::Rejected, 0));
    }
    client.send(TO).expect("no pause, and none was counted");
    assert_eq!(limited(client.send(TO)), Some((Limit::Cooldown, 30)));
}

#[test]
fn what_may_have_sent_a_message_stays_counted() {
    let sandbox = sandbox();
    for failure in [
        ScriptedFailure::Reason(5),
        ScriptedFailure::Reason(99),
        ScriptedFailure::LoseAnswer,
        ScriptedFailure::Http(503),
        ScriptedFailure::NotHttp,
    ] {
        let client = client(&sandbox);
        sandbox.script(failure, 1).unwrap();
        let error = client.send(TO).expect_err("it fails");
        assert_eq!(error.retry_after().as_secs(), 30, "{failure:?}: the page can count down");
        assert_eq!(limited(client.send(TO)), Some((Limit::Cooldown, 30)), "{failure:?}");
        let typed = sandbox.code(TO).unwrap_or_else(|| "000000".into());
        let _ = client.check(TO, &typed).expect("the person may still type it");
    }
}

#[test]
fn a_check_without_a_judgement_is_taken_back_and_one_of_unknown_fate_is_not() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.send(TO).unwrap();
    for reason in [2, 3, 6, 7, 9, 10] {
        sandbox.script(ScriptedFailure::Reason(reason), 1).unwrap();
        assert_eq!(client.check(TO, "000000").expect_err("refused").code(), Code::Rejected);
    }
    let unsure =
        [ScriptedFailure::Reason(5), ScriptedFailure::Reason(11), ScriptedFailure::LoseAnswer];
    for (left, failure) in (0..5).rev().zip(unsure.into_iter().cycle()) {
        sandbox.script(failure, 1).unwrap();
        let error = client.check(TO, wrong(&sandbox)).expect_err("lost");
        assert_eq!(error.tries_left(), Some(left));
    }
    assert_eq!(limited(client.check(TO, "000000")).unwrap().0, Limit::Tries);
}

#[test]
fn a_request_that_reached_nobody_is_taken_back() {
    let sandbox = sandbox();
    let client = settings(&sandbox).url("http://127.0.0.1:1/").build().unwrap();
    for _ in 0..3 {
        assert_eq!(client.send(TO).expect_err("nobody listens").code(), Code::Connect);
        assert_eq!(client.check(TO, "1").expect_err("nobody listens").code(), Code::Connect);
    }
    let status = client.guard_show(TO).unwrap();
    assert_eq!((status.retry_after().as_secs(), status.tries_left()), (0, Some(5)));
    assert!(status.limits().iter().any(|limit| limit == "SENDS_NUMBER 0 of 5 in 600 s"));
}

#[test]
fn a_verified_person_starts_anew_but_for_the_ten_minutes() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let request = by(ASKER);
    for _ in 0..5 {
        client.send_request(&request).expect("no pause after a verified code");
        for _ in 0..4 {
            let _ = client.check_request(&request, wrong(&sandbox)).unwrap();
        }
        let code = sandbox.code(TO).unwrap();
        assert!(client.check_request(&request, &code).unwrap().is_verified());
    }
    assert_eq!(limited(client.send_request(&request)).unwrap().0, Limit::SendsNumber);
    let shown = client.guard_show(TO).unwrap().limits().join("\n");
    assert!(shown.contains("SENDS_NUMBER 5 of 5"), "{shown}");
    assert!(shown.contains("SENDS_NUMBER_DAY 0 of 10"), "{shown}");
    assert!(shown.contains("FAILURES_NUMBER 0 of 20"), "{shown}");
}

#[test]
fn a_day_has_ten_sends_without_a_right_code() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for _ in 0..10 {
        client.send(TO).unwrap();
        wait(&sandbox, 700);
    }
    let (limit, seconds) = limited(client.send(TO)).unwrap();
    assert_eq!(limit, Limit::SendsNumberDay);
    wait(&sandbox, seconds);
    client.send(TO).unwrap();
}

#[test]
fn an_end_user_cannot_send_to_or_guess_for_many_numbers() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let number = |i: u32| Request::new(&format!("05012345{i:02}")).end_user(ASKER);
    for i in 0..10 {
        client.send_request(&number(i)).unwrap();
    }
    let (limit, _) = limited(client.send_request(&number(10))).unwrap();
    assert_eq!(limit, Limit::SendsUser);
    client.send_request(&number(10).end_user(STRANGER)).unwrap();
    for i in 0..30 {
        let _ = client.check_request(&number(i % 6), "000000").unwrap();
    }
    let (limit, _) = limited(client.check_request(&number(7), "000000")).unwrap();
    assert_eq!(limit, Limit::FailuresUser);
}

#[test]
fn a_range_and_the_app_are_limited_if_that_is_set() {
    let sandbox = sandbox();
    let settings =
        settings(&sandbox).limit(Limit::SendsRange, 2, 3600).limit(Limit::SendsApp, 5, 3600);
    let records = Arc::new(Mutex::new(Vec::new()));
    let log = records.clone();
    let client =
        settings.log(move |_, text| log.lock().unwrap().push(text.to_owned())).build().unwrap();
    client.send("0501230000").unwrap();
    client.send("0501239999").unwrap();
    assert_eq!(limited(client.send("0501231234")).unwrap().0, Limit::SendsRange);
    client.send("0501240000").unwrap();
    client.send("0501250000").unwrap();
    client.send("0501260000").unwrap();
    assert_eq!(limited(client.send("0501270000")).unwrap().0, Limit::SendsApp);
    let near = records.lock().unwrap().iter().filter(|text| text.contains("80 %")).count();
    assert_eq!(near, 1);
}

#[test]
fn a_limit_of_0_is_none() {
    let sandbox = sandbox();
    let mut settings = settings(&sandbox);
    for limit in Limit::ALL {
        settings = settings.limit(limit, 0, 0);
    }
    let client = settings.build().unwrap();
    for _ in 0..12 {
        let sent = client.send(TO).unwrap();
        assert_eq!((sent.retry_after().as_secs(), sent.tries_left()), (0, None));
        assert_eq!(client.check(TO, "000000").unwrap().tries_left(), None);
    }
}

#[test]
fn the_operator_unlocks_a_number() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.send(TO).unwrap();
    guess(&client, &sandbox, &Request::new(TO));
    client.forget("050-123-4567").unwrap();
    assert_eq!(client.send(TO).unwrap().tries_left(), Some(5));
    let unguarded = sandbox.client().build().unwrap();
    let error = unguarded.forget(TO).expect_err("there is nothing to forget");
    assert_eq!((error.code(), error.argument()), (Code::InvalidArgument, Some("guard")));
}

#[test]
fn a_client_without_a_guard_says_so_once() {
    let sandbox = sandbox();
    let records = Arc::new(Mutex::new(Vec::new()));
    let log = records.clone();
    let client = Client::builder("sandbox-key")
        .sender("Acme")
        .url(&sandbox.url())
        .guard(None)
        .log(move |_, text| log.lock().unwrap().push(text.to_owned()))
        .build()
        .unwrap();
    client.send(TO).unwrap();
    client.send(TO).unwrap();
    let said = records.lock().unwrap().iter().filter(|text| text.contains("no guard")).count();
    assert_eq!(said, 1);
}

#[test]
fn the_calls_of_a_queue_are_limited_as_well() {
    let sandbox = sandbox();
    let client = Arc::new(client(&sandbox));
    let mut queue = Queue::new(client).unwrap();
    for key in 0..3 {
        queue.send_request(key, by(ASKER)).unwrap();
    }
    let mut sent = 0;
    while !queue.is_empty() {
        match queue.take() {
            Some((_, Ok(Outcome::Sent(_)))) => sent += 1,
            Some((_, result)) => assert_eq!(limited(result).unwrap().0, Limit::Cooldown),
            None => std::thread::yield_now(),
        }
    }
    assert_eq!(sent, 1);
}

#[test]
fn a_queue_shows_and_forgets_a_number() {
    let sandbox = sandbox();
    let client = Arc::new(client(&sandbox));
    client.send(TO).unwrap();
    let mut queue = Queue::new(client.clone()).unwrap();
    let mut result = |start: fn(&mut Queue<()>) -> Result<u64, Error>| {
        start(&mut queue).unwrap();
        loop {
            match queue.take() {
                Some(((), result)) => return result,
                None => std::thread::yield_now(),
            }
        }
    };
    let Ok(Outcome::Shown(status)) = result(|queue| queue.guard_show((), "+972 50 123 4567"))
    else {
        panic!("it is shown")
    };
    assert_eq!(status, client.guard_show(TO).unwrap());
    assert_eq!((status.to(), status.limit()), (TO, Some(Limit::Cooldown)));
    assert_eq!(result(|queue| queue.forget((), TO)), Ok(Outcome::Forgotten));
    client.send(TO).expect("forgotten");
    let error = result(|queue| queue.forget((), "12")).unwrap_err();
    assert_eq!((error.code(), error.argument()), (Code::InvalidArgument, Some("to")));
}

#[test]
fn clients_share_a_file() {
    let sandbox = sandbox();
    let folder = folder("shared");
    let store = format!("file:{}", folder.join("guard").display());
    let client = || settings(&sandbox).guard(Some(&store)).build().unwrap();
    client().send(TO).unwrap();
    assert_eq!(limited(client().send(TO)).unwrap().0, Limit::Cooldown);
    assert_eq!(guess(&client(), &sandbox, &Request::new(TO)).0, 5);
    assert_eq!(guess(&client(), &sandbox, &Request::new(TO)).0, 0);
    let other = settings(&sandbox).guard(Some(&store)).guard_namespace("other").build().unwrap();
    other.send(TO).expect("another namespace counts by itself");
    let secret = settings(&sandbox).guard(Some(&store)).guard_secret("0123456789abcdef");
    secret.build().unwrap().send(TO).expect("so does another secret");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn without_its_store_a_guard_does_what_is_set() {
    let sandbox = sandbox();
    let drive = if cfg!(windows) { "C:" } else { "" };
    let settings = settings(&sandbox).guard(Some(&format!("file:{drive}/nowhere/at/all")));
    let local = settings.clone().build().unwrap();
    local.send(TO).unwrap();
    assert_eq!(limited(local.send(TO)).unwrap().0, Limit::Cooldown);
    let refuse = settings.clone().guard_failure(GuardFailure::Refuse).build().unwrap();
    let before = requests(&sandbox);
    let error = refuse.send(TO).expect_err("refused");
    assert_eq!((error.code(), error.safe_to_retry()), (Code::GuardDown, false));
    assert_eq!(requests(&sandbox), before);
    let allow = settings.guard_failure(GuardFailure::Allow).build().unwrap();
    allow.send(TO).unwrap();
    allow.send(TO).unwrap();
}

#[test]
fn what_is_no_setting_is_refused() {
    let refused = |settings: Builder| settings.build().expect_err("refused").to_string();
    let new = || Client::builder("key");
    for store in ["", "memory", "file:guard", "file:", "file:/", "https://host/", "redis"] {
        assert!(refused(new().guard(Some(store))).starts_with("guard: "), "{store}");
    }
    assert!(refused(new().guard_secret("too short")).starts_with("guard_secret: "));
    for namespace in ["", "a b", "a{b}", &"a".repeat(65)] {
        assert!(refused(new().guard_namespace(namespace)).starts_with("guard_namespace: "));
    }
    for timeout in [Duration::ZERO, Duration::from_secs(11)] {
        assert!(refused(new().guard_timeout(timeout)).starts_with("guard_timeout: "));
    }
    for (limit, most, seconds) in [
        (Limit::Cooldown, 2, 30),
        (Limit::Tries, 65_536, 30),
        (Limit::SendsApp, u32::MAX, 30),
        (Limit::Tries, 5, 0),
        (Limit::Tries, 5, 31 * 86_400 + 1),
    ] {
        assert!(refused(new().limit(limit, most, seconds)).starts_with("limits: "));
    }
    let client = new().build().unwrap();
    for end_user in ["a\nb", &"a".repeat(257)] {
        let error = client.send_request(&by(end_user)).expect_err("refused");
        assert_eq!(error.argument(), Some("end_user"));
    }
}

/// An empty folder of this test.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("verifysms-{name}-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    folder
}
