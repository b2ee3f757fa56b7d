//! The command line against the sandbox: output, error line, exit status, signals.
//! What differs on Windows is tested by tests/windows/with_wine.py.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use verifysms::sandbox::{Options, Sandbox, ScriptedFailure};
use verifysms::{Code, Rule};

const KEY: &str = "a-key-of-the-test";
const TO: &str = "0501234567";

fn sandbox() -> Sandbox {
    Sandbox::start(Options::new().api_key(KEY)).unwrap()
}

/// The command with an empty environment.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verifysms"));
    command.env_clear().args(arguments);
    // For coverage.
    command.envs(std::env::vars_os().filter(|(name, _)| name == "LLVM_PROFILE_FILE"));
    command
}

/// The command with the settings for a server.
fn command_at(url: String, arguments: &[&str]) -> Command {
    let mut command = command(arguments);
    command.env("VERIFYSMS_URL", url).env("VERIFYSMS_API_KEY", KEY).env("VERIFYSMS_SENDER", "Acme");
    command
}

fn command_for(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    command_at(sandbox.url(), arguments)
}

/// Runs the command and returns its exit status, stdout and stderr.
fn run(command: Command) -> (i32, String, String) {
    run_with(command, "")
}

/// The same with a standard input.
fn run_with(mut command: Command, input: &str) -> (i32, String, String) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    // The command may end without reading it.
    let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
    let Output { status, stdout, stderr } = running.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().expect("no signal ended it"), text(stdout), text(stderr))
}

/// Runs a command that ends with an error code, one line on stderr and nothing on stdout. Returns that line.
fn error_line(command: Command, code: Code) -> String {
    let (status, stdout, stderr) = run(command);
    assert_eq!((status, stdout.as_str()), (code.number(), ""), "{stderr}");
    let line = stderr.strip_prefix("verifysms: ").and_then(|line| line.strip_suffix('\n'));
    let line = line.unwrap_or_else(|| panic!("{stderr:?}"));
    assert!(!line.contains('\n'), "{line}");
    line.to_owned()
}

fn wrong_code(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

/// A file that is removed at the end.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str, content: &[u8]) -> TempFile {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, content).unwrap();
        TempFile(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A named pipe that is removed at the end.
struct NamedPipe(TempFile);

impl NamedPipe {
    fn new(name: &str) -> NamedPipe {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        NamedPipe(TempFile(path))
    }

    fn path(&self) -> &str {
        self.0.path()
    }
}

#[test]
fn a_number_is_verified_in_two_steps() {
    let sandbox = sandbox();
    let (status, stdout, stderr) = run(command_for(&sandbox, &["send", "050-123-4567"]));
    let unique = &sandbox.messages(None)[0].unique;
    let line = format!("sent to {TO} as \"Acme\", id {unique}\n");
    assert_eq!((status, stdout, stderr.as_str()), (0, line, ""));

    let code = sandbox.code(TO).unwrap();
    let cases = [
        (wrong_code(&code), 2, "not verified (status 2)\n"),
        (&code, 0, "verified\n"),
        (&code, 2, "not verified (status 3)\n"),
    ];
    for (code, status, stdout) in cases {
        let answer = run(command_for(&sandbox, &["check", "+972 50 123 4567", code]));
        assert_eq!(answer, (status, stdout.to_owned(), String::new()));
    }
}

#[test]
fn the_sender_and_the_text_are_the_callers() {
    let sandbox = sandbox();
    let arguments = ["send", TO, "--sender", "Other", "--message", "קוד: ##code##"];
    assert_eq!(run(command_for(&sandbox, &arguments)).0, 0);
    let message = &sandbox.messages(None)[0];
    assert_eq!(message.sender, "Other");
    assert_eq!(message.text, format!("קוד: {}", message.code));
}

#[test]
fn the_key_the_number_and_the_code_can_come_from_standard_input() {
    let sandbox = sandbox();
    for (arguments, input) in [
        ("send -", "050-123-4567\n"),
        ("send -- -", "050-123-4567"),
        ("send --api-key-file - -", "KEY\n050-123-4567\n"),
        ("send --api-key-file - 0501234567", "KEY"),
        ("check 0501234567 -", "CODE\n"),
        ("check 0501234567 -", "CODE"),
        ("check 0501234567 -", "CODE\r\nand more\n"),
        ("check -- 0501234567 -", "CODE\n"),
        ("check - -", "050-123-4567\nCODE\n"),
        ("check -- - -", "050-123-4567\r\nCODE"),
        ("check --api-key-file - - -", "KEY\n050-123-4567\nCODE\n"),
        ("check --api-key-file - 0501234567 -", "KEY\r\nCODE"),
        ("check --api-key-file - 0501234567 CODE", "KEY\n"),
    ] {
        run(command_for(&sandbox, &["send", TO]));
        let code = sandbox.code(TO).unwrap();
        let filled = |text: &str| text.replace("CODE", &code).replace("KEY", KEY);
        let arguments = filled(arguments);
        let mut command = command_for(&sandbox, &arguments.split(' ').collect::<Vec<_>>());
        if input.starts_with("KEY") {
            command.env_remove("VERIFYSMS_API_KEY");
        }
        let (status, stdout, stderr) = run_with(command, &filled(input));
        assert_eq!((status, stderr.as_str()), (0, ""), "{arguments} {input:?}");
        assert!(stdout == "verified\n" || arguments.starts_with("send"), "{arguments} {input:?}");
    }
}

#[test]
fn a_line_of_standard_input_that_is_empty_or_missing_is_no_code() {
    const ANOTHER: &str = "0521112222";
    let sandbox = sandbox();
    run(command_for(&sandbox, &["send", ANOTHER]));
    let code = sandbox.code(ANOTHER).unwrap();
    let lines = |lines: &[&str]| lines.concat();
    for (arguments, input, argument) in [
        (&["check", ANOTHER, "-"][..], String::new(), "code: "),
        (&["check", ANOTHER, "-"], lines(&["\n", &code, "\n"]), "code: "),
        (&["check", ANOTHER, "-"], lines(&[" \t\n"]), "code: "),
        (&["check", ANOTHER, "-"], lines(&["-\n", &code, "\n"]), "code: "),
        (&["check", "-", "-"], String::new(), "to: "),
        (&["check", "-", "-"], lines(&[ANOTHER]), "code: "),
        (&["check", "-", "-"], lines(&[ANOTHER, "\n"]), "code: "),
        (&["check", "-", "-"], lines(&[ANOTHER, "\n\n", &code, "\n"]), "code: "),
        (&["check", "-", "-"], lines(&["\n", ANOTHER, "\n", &code, "\n"]), "to: "),
        (&["check", "-", "-"], lines(&[ANOTHER, " ", &code, "\n"]), "code: "),
        (&["check", "-", "-"], lines(&[&code, "\n", ANOTHER, "\n"]), "to: "),
        // What somebody typed as their number does not choose another one.
        (&["check", "-", &code], lines(&[ANOTHER, "\n"]), "to: "),
        (&["check", "--", "-", &code], lines(&[ANOTHER, "\n"]), "to: "),
        (&["check", "-", "-", "--api-key-file", "-"], lines(&[ANOTHER, "\n", &code]), "code: "),
        (&["check", ANOTHER, "-", "--api-key-file", "-"], lines(&[&code, "\n"]), "code: "),
        (&["check", ANOTHER, &code, "--api-key-file", "-"], String::new(), "api_key: "),
        (&["check", ANOTHER, &code, "--api-key-file", "-"], lines(&["\n", KEY]), "api_key: "),
        (&["send", "-"], String::new(), "to: "),
        (&["send", "-"], lines(&["\n", ANOTHER, "\n"]), "to: "),
    ] {
        let (status, stdout, stderr) = run_with(command_for(&sandbox, arguments), &input);
        assert_eq!((status, stdout.as_str()), (1, ""), "{arguments:?} {input:?}: {stderr}");
        let names = stderr.starts_with(&format!("verifysms: {argument}"));
        assert!(names, "{arguments:?} {input:?}: {stderr}");
        assert!(!stderr.contains(ANOTHER) && !stderr.contains(&code), "{stderr}");
    }
    assert_eq!(sandbox.messages(None).len(), 1);
    // The code is not used.
    assert_eq!(run(command_for(&sandbox, &["check", ANOTHER, &code])).0, 0);
}

#[test]
fn the_key_can_come_from_a_file() {
    let sandbox = sandbox();
    for (name, end) in [("key", ""), ("key-line", "\n"), ("key-crlf", "\r\n")] {
        let file = TempFile::new(name, format!("{KEY}{end}").as_bytes());
        let mut send = command_for(&sandbox, &["send", TO, "--api-key-file", file.path()]);
        send.env("VERIFYSMS_API_KEY", "another, which the file overrides");
        let (status, _, stderr) = run(send);
        assert_eq!(status, 0, "{name}: {stderr}");
    }
}

/// A home directory with a configuration file, removed at the end.
struct Home(PathBuf);

impl Home {
    fn new(name: &str, config: &str) -> Home {
        let home = Home(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name));
        std::fs::create_dir_all(home.config().parent().unwrap()).unwrap();
        std::fs::write(home.config(), config).unwrap();
        home.set_mode(0o600);
        home
    }

    fn config(&self) -> PathBuf {
        self.0.join(".config/verifysms/config")
    }

    fn set_mode(&self, mode: u32) {
        std::fs::set_permissions(self.config(), Permissions::from_mode(mode)).unwrap();
    }

    /// The command with this home and nothing else in the environment.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.env("HOME", &self.0);
        command
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_settings_can_come_from_the_configuration_file() {
    let sandbox = sandbox();
    let config = format!(
        "# Of the test.\napi-key = {KEY}\nurl = {}\nsender = \"Acme\"\nmessage = It is ##code##\n\
         timeout = 20\ntrust = bundled\nproxy = \"\"\nca-file = ca.pem\n",
        sandbox.url()
    );
    let home = Home::new("home", &config);
    let (status, _, stderr) = run(home.command(&["send", TO]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let message = &sandbox.messages(None)[0];
    assert_eq!((&*message.sender, &message.text), ("Acme", &format!("It is {}", message.code)));
    assert_eq!(run(home.command(&["check", TO, &message.code])).0, 0);

    // $XDG_CONFIG_HOME comes before ~/.config, --config before both.
    let (path, folder) = (home.config(), home.0.join(".config"));
    let path = path.to_str().unwrap();
    let mut xdg = command(&["send", TO]);
    xdg.env("XDG_CONFIG_HOME", &folder).env("HOME", "/nowhere");
    assert_eq!(run(xdg).0, 0);
    assert_eq!(run(command(&["send", TO, "--config", path])).0, 0);
    for (variable, folder) in [("HOME", "/nowhere"), ("XDG_CONFIG_HOME", "relative"), ("HOME", "")]
    {
        let mut send = command(&["send", TO]);
        send.env(variable, folder);
        assert!(error_line(send, Code::InvalidArgument).contains("api_key: there is none"));
    }
    let line =
        error_line(home.command(&["send", TO, "--config", "/dev/null"]), Code::InvalidArgument);
    assert!(line.contains("api_key: there is none"), "{line}");

    std::fs::write(home.0.join(".config/verifysms/key"), KEY).unwrap();
    std::fs::write(
        home.config(),
        config.replace(&format!("api-key = {KEY}"), "api-key-file = key"),
    )
    .unwrap();
    home.set_mode(0o644);
    assert_eq!(run(home.command(&["send", TO])).0, 0);
}

#[test]
fn an_option_comes_before_the_environment_and_that_before_the_file() {
    let file = "api-key = secret-key\nsender = OfFile\nurl = https://file.example/\ntimeout = 3\n\
                proxy = http://user:secret@proxy.example:3128\nmessage = M ##code##\nca-file = ca.pem\n";
    let home = Home::new("home-of-order", file);
    let path = home.config();
    let lines = |variables: &[(&str, &str)]| {
        let mut show = home.command(&["config"]);
        show.envs(variables.iter().copied());
        let (status, stdout, stderr) = run(show);
        assert_eq!((status, stderr.as_str()), (0, ""));
        assert!(!stdout.contains("secret@") && !stdout.contains("secret-key"), "{stdout}");
        stdout
    };
    let (path, ca_file) = (path.display(), path.with_file_name("ca.pem"));
    assert_eq!(
        lines(&[]),
        format!(
            "api-key = (secret)  # {path}, line 1\nsender = OfFile  # {path}, line 2\n\
             message = M ##code##  # {path}, line 6\nurl = https://file.example/  # {path}, line 3\n\
             timeout = 3  # {path}, line 4\nproxy = (secret)@proxy.example:3128  # {path}, line 5\n\
             ca-file = {}  # {path}, line 7\ntrust = system  # default\nguard = none  # default\n\
             guard-failure = refuse  # default\n",
            ca_file.display()
        )
    );
    let variables = [
        ("VERIFYSMS_API_KEY", "secret-key"),
        ("VERIFYSMS_SENDER", "OfVariable"),
        ("VERIFYSMS_URL", "https://variable.example/"),
    ];
    for (line, variable) in [
        ("api-key = (secret)", "VERIFYSMS_API_KEY"),
        ("sender = OfVariable", "VERIFYSMS_SENDER"),
        ("url = https://variable.example/", "VERIFYSMS_URL"),
    ] {
        assert!(lines(&variables).contains(&format!("{line}  # {variable}\n")), "{line}");
    }

    let sandbox = sandbox();
    let key = TempFile::new("key-of-order", KEY.as_bytes());
    let mut send = home.command(&[
        "send",
        TO,
        "--sender",
        "OfOption",
        "--url",
        &sandbox.url(),
        "--proxy",
        "",
        "--timeout",
        "30",
        "--message",
        "O ##code##",
        "--ca-file",
        "other.pem",
        "--api-key-file",
        key.path(),
    ]);
    send.envs(variables);
    let (status, _, stderr) = run(send);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let message = &sandbox.messages(None)[0];
    assert_eq!((&*message.sender, &message.text), ("OfOption", &format!("O {}", message.code)));
}

#[test]
fn a_configuration_file_that_is_not_private_or_not_understood_is_rejected() {
    let key = "api-key = secret-key\n";
    for (mode, config, word) in [
        (0o640, key, "chmod 600"),
        (0o604, key, "chmod 600"),
        (0o620, key, "chmod go-w"),
        (0o660, "sender = Acme\n", "chmod go-w"),
        (0o606, "sender = Acme\n", "chmod go-w"),
        (0o600, "sender = Acme\nsecret-key\n", "line 2: is not NAME = VALUE"),
        (0o600, "secret-key = 1\n", "line 1: no such setting; there are api-key, "),
        (0o600, "url = secret-key\n", "line 1"),
        (0o600, "timeout = secret-key\n", "line 1"),
        (0o600, "trust = secret-key\n", "line 1"),
        (0o600, "proxy = ftp://user:secret-key@host\n", "line 1"),
        (0o600, "message = secret-key\n", "line 1"),
        (0o600, "sender = secret-key of twelve\n", "line 1"),
        (0o600, "api-key-file = \n", "api_key: cannot read "),
        (0o600, "api-key-file = missing\n", "/.config/verifysms/missing: "),
    ] {
        let home = Home::new("home-of-faults", config);
        home.set_mode(mode);
        let mut send = home.command(&["send", TO]);
        if !config.contains("api-key") {
            send.env("VERIFYSMS_API_KEY", KEY);
        }
        let line = error_line(send, Code::InvalidArgument);
        let path = home.config().to_str().unwrap().to_owned();
        assert!(line.contains(word), "{mode:o} {config:?}: {line}");
        assert!(
            line.contains(&path) || word.contains("cannot") || word.contains("missing"),
            "{line}"
        );
        assert!(!line.contains("secret-key"), "{mode:o} {config:?}: {line}");
    }
    for given in ["/nowhere", "/", "secret\n-----BEGIN"] {
        let line = error_line(command(&["send", TO, "--config", given]), Code::InvalidArgument);
        assert!(line.starts_with("config: cannot read ") && !line.contains("BEGIN"), "{line}");
    }
    let home = Home::new("home-too-large", &"#".repeat(64 * 1024 + 1));
    let line = error_line(home.command(&["config"]), Code::InvalidArgument);
    assert!(line.contains("longer than 65536 bytes"), "{line}");
}

#[test]
fn verbose_prints_a_line_for_every_attempt() {
    let sandbox = sandbox();
    let (status, stdout, stderr) = run(command_for(&sandbox, &["send", TO, "--verbose"]));
    assert_eq!((status, stdout.lines().count()), (0, 1));
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines[0], "verifysms: no guard: sends and tries are not limited");
    assert!(lines[1].starts_with("verifysms: attempt 1: HTTP status 200, "), "{stderr}");
    assert!(lines[2].starts_with("verifysms: send ") && lines.len() == 3, "{stderr}");
    assert!(!stderr.contains(TO) && !stderr.contains(KEY), "{stderr}");

    let (status, stdout, stderr) =
        run(command_for(&sandbox, &["check", TO, "123456", "--verbose", "--json"]));
    assert_eq!((status, stdout.lines().count(), stderr.lines().count()), (2, 1, 3), "{stderr}");
    assert!(!stderr.contains("123456"), "{stderr}");
}

#[test]
fn the_key_cannot_come_from_an_argument() {
    let sandbox = sandbox();
    let line =
        error_line(command_for(&sandbox, &["send", TO, "--api-key", KEY]), Code::InvalidArgument);
    assert!(line.contains("--api-key"), "{line}");
    let mut send = command_for(&sandbox, &["send", TO]);
    send.env_remove("VERIFYSMS_API_KEY");
    let line = error_line(send, Code::InvalidArgument);
    assert!(line.contains("VERIFYSMS_API_KEY") && line.contains("--api-key-file"), "{line}");
    assert_eq!(sandbox.messages(None), []);
}

#[test]
fn invalid_arguments_are_rejected_and_never_look_like_a_wrong_code() {
    let sandbox = sandbox();
    let cases: [(&[&str], &str); 25] = [
        (&[], "no command; see verifysms --help"),
        (&["sned", TO], "there is no command sned; did you mean send?; see verifysms --help"),
        (&[TO], "there is no such command; see verifysms --help"),
        (&["send"], "missing: <TO>; see verifysms send --help"),
        (&["check", TO], "missing: <CODE>; see verifysms check --help"),
        (&["send", TO, "--quickly"], "there is no option --quickly; see verifysms send --help"),
        (&["send", TO, "--sendr", "Acme"], "no option --sendr; did you mean --sender?"),
        (&["send", TO, "--proxi=http://user:hunter2@host"], "did you mean --proxy?"),
        (&["send", TO, "--api-key=hunter2"], "did you mean --api-key-file?"),
        (&["send", "--0521234567"], "no such option; write -- before what somebody typed"),
        (&["send", "-0521234567"], "no such option; write -- before what somebody typed"),
        (&["send", TO, "--json=hunter2"], "--json: takes no value"),
        (&["send", TO, "--url"], "--url <URL>: has no value"),
        (&["send", TO, "--url=a", "--url=b"], "--url <URL>: is there twice"),
        (&["send", TO, "--trust", "bundeld"], "did you mean bundled?"),
        (&["sandbox", "--port", "hunter2"], "--port <PORT>: has an invalid value"),
        (&["config", "--confg"], "did you mean --config?; see verifysms config --help"),
        (&["send", TO, "--url", "http://user:hunter2@host/"], "--url"),
        (&["send", TO, "--timeout", "soon"], "seconds"),
        (&["send", TO, "--timeout=-1"], "seconds"),
        (&["send", TO, "--trust", "nobody"], "system"),
        (&["send", "12345"], "to:"),
        (&["send", TO, "--sender", "twelve chars"], "sender"),
        (&["send", TO, "--message", "no placeholder"], "##code##"),
        (&["check", TO, ""], "code"),
    ];
    for (arguments, word) in cases {
        let line = error_line(command_for(&sandbox, arguments), Code::InvalidArgument);
        assert!(line.contains(word), "{arguments:?}: {line}");
        let is_quoted = ["hunter2", "0501234567", "0521234567"].iter().any(|it| line.contains(it));
        assert!(!is_quoted, "{arguments:?}: {line}");
    }
    assert_eq!(sandbox.messages(None), []);
}

/// What a person may type as a code or a number, and the command takes for an option.
const OPTION_LIKE: [&str; 7] = ["--help", "-h", "-hV", "--version", "--json", "--", "-"];

#[test]
fn whatever_a_person_types_no_check_of_it_ends_with_status_0() {
    let sandbox = sandbox();
    run(command_for(&sandbox, &["send", TO]));
    for typed in OPTION_LIKE {
        let (status, stdout, _) = run(command_for(&sandbox, &["check", TO, typed]));
        assert_ne!(status, 0, "{typed}: {stdout}");
        let (status, stdout, _) = run(command_for(&sandbox, &["check", typed, "123456"]));
        assert_ne!(status, 0, "{typed} as the number: {stdout}");

        let undecided = [Code::InvalidArgument, Code::NotVerified].map(Code::number);
        let (status, _, stderr) = run(command_for(&sandbox, &["check", "--", TO, typed]));
        assert!(undecided.contains(&status), "-- {typed}: {status}, {stderr}");
        error_line(command_for(&sandbox, &["check", "--", typed, "123456"]), Code::InvalidArgument);
    }
}

#[test]
fn a_rejection_of_the_service_says_what_to_do() {
    let sandbox = sandbox();
    let mut send = command_for(&sandbox, &["send", TO]);
    send.env("VERIFYSMS_API_KEY", "wrong");
    let line = error_line(send, Code::Rejected);
    assert!(line.contains("reason 6") && line.contains("--api-key-file"), "{line}");
    let send = command_for(&sandbox, &["send", TO, "--sender", "0521112222"]);
    let line = error_line(send, Code::Rejected);
    assert!(line.contains("reason 3") && line.contains("--sender"), "{line}");
}

#[test]
fn an_unknown_result_warns_of_a_second_message() {
    let sandbox = sandbox();
    sandbox.script(ScriptedFailure::Http(503), 2).unwrap();
    let line = error_line(command_for(&sandbox, &["send", TO]), Code::HttpStatus);
    assert!(line.contains("503") && line.contains("before you send another"), "{line}");
    let line = error_line(command_for(&sandbox, &["check", TO, "123456"]), Code::HttpStatus);
    assert!(line.contains("503") && line.contains("used up"), "{line}");
}

#[test]
fn an_error_names_what_it_is_about() {
    let port = TcpListener::bind("127.0.0.10:0").unwrap().local_addr().unwrap().port();
    let dead = format!("127.0.0.10:{port}");
    let (proxy, folder) = (format!("http://u:hunter2@{dead}"), env!("CARGO_TARGET_TMPDIR"));
    let sandbox = sandbox();
    sandbox.script(ScriptedFailure::Http(503), 1).unwrap();
    let here = sandbox.address().to_string();
    let of_dead = format!("no connection to the proxy {dead}");
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], Code, &'a str);
    let cases: [Case; 16] = [
        (&[("VERIFYSMS_URL", &sandbox.url())], &[], Code::HttpStatus, &format!("503 from {here}")),
        (
            &[("VERIFYSMS_URL", "ftp://a")],
            &[],
            Code::InvalidArgument,
            "it comes from VERIFYSMS_URL",
        ),
        (&[("VERIFYSMS_SENDER", "")], &[], Code::InvalidArgument, "it comes from VERIFYSMS_SENDER"),
        (&[], &["--timeout", "0"], Code::InvalidArgument, "it comes from --timeout"),
        (
            &[],
            &["--url", "https://no.such.host.invalid"],
            Code::Connect,
            "no.such.host.invalid:443",
        ),
        (&[], &["--url", &format!("https://{dead}")], Code::Connect, &dead),
        (&[], &["--url", &format!("https://{here}")], Code::Tls, &here),
        (&[], &["--proxy", &proxy], Code::Connect, &format!("{of_dead}: ")),
        (&[], &["--proxy", "gopher://u:hunter2@a"], Code::InvalidArgument, "it comes from --proxy"),
        (&[("HTTPS_PROXY", &proxy)], &[], Code::Connect, &format!("{of_dead} (HTTPS_PROXY)")),
        (&[("all_proxy", &proxy)], &[], Code::Connect, &format!("{of_dead} (all_proxy)")),
        (&[("HTTPS_PROXY", "gopher://u:hunter2@a")], &[], Code::InvalidArgument, "HTTPS_PROXY"),
        (
            &[],
            &["--url", &format!("https://{here}"), "--ca-file", "/nowhere"],
            Code::Tls,
            ": /nowhere",
        ),
        (&[], &["--url", &format!("https://{here}"), "--ca-file", folder], Code::Tls, folder),
        (
            &[("SSL_CERT_FILE", "/nowhere")],
            &["--url", &format!("https://{here}")],
            Code::Tls,
            ": /nowhere",
        ),
        (&[], &["--api-key-file", "/nowhere"], Code::InvalidArgument, "/nowhere"),
    ];
    for (variables, arguments, code, named) in cases {
        let mut send =
            command_at("https://sms.example/".to_owned(), &[&["send", TO], arguments].concat());
        send.envs(variables.iter().copied());
        let line = error_line(send, code);
        assert!(line.contains(named), "{variables:?} {arguments:?}: {line}");
        assert!(!line.contains("hunter2"), "{variables:?} {arguments:?}: {line}");
    }
}

#[test]
fn without_a_connection_nothing_was_sent() {
    let sandbox = sandbox();
    let listener = TcpListener::bind("127.0.0.10:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let line = error_line(command_for(&sandbox, &["send", TO, "--url", &url]), Code::Connect);
    assert!(line.contains("nothing was sent"), "{line}");
}

#[test]
fn json_has_the_same_fields_for_every_result() {
    let sandbox = sandbox();
    let object = |arguments: &[&str]| -> (i32, Value) {
        let (status, stdout, _) = run(command_for(&sandbox, arguments));
        let lines: Vec<&str> = stdout.lines().collect();
        assert_eq!(lines.len(), 1, "{arguments:?}: {stdout}");
        let mut object: Value = serde_json::from_str(lines[0]).unwrap();
        let message = object.as_object_mut().unwrap().remove("message").unwrap();
        let message = message.as_str().expect("message is a text");
        assert!(!message.is_empty() && !message.contains(TO), "{message}");
        (status, object)
    };
    let nothing = json!({
        "code": null, "name": null, "reached": null, "rule": null, "reason": null, "status": null,
        "http_status": null, "unique": null, "timestamp": null, "sender": null, "to": null,
        "limit": null, "retry_after": null, "tries_left": null,
    });
    let with = |fields: Value| {
        let mut object = nothing.clone();
        object.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        object
    };

    let sent = object(&["send", TO, "--json"]);
    let message = &sandbox.messages(None)[0];
    let expected = with(json!({
        "code": 0, "name": "OK", "reached": "YES", "reason": 1, "http_status": 200,
        "unique": message.unique, "timestamp": message.time, "sender": "Acme", "to": TO,
    }));
    assert_eq!(sent, (0, expected));

    let code = &message.code;
    let invalid = json!({"code": 1, "name": "INVALID_ARGUMENT", "reached": "NO"});
    let cases: [(Option<ScriptedFailure>, &[&str], Value); 7] = [
        (
            None,
            &["check", TO, wrong_code(code), "--json"],
            json!({"code": 2, "name": "NOT_VERIFIED", "reached": "YES", "status": 2, "http_status": 200, "to": TO}),
        ),
        (
            None,
            &["check", TO, code, "--json"],
            json!({"code": 0, "name": "OK", "reached": "YES", "status": 1, "http_status": 200, "to": TO}),
        ),
        (
            Some(ScriptedFailure::Reason(5)),
            &["check", TO, code, "--json"],
            json!({"code": 3, "name": "REJECTED", "reached": "YES", "reason": 5, "http_status": 200, "to": TO}),
        ),
        (
            Some(ScriptedFailure::Http(502)),
            &["send", TO, "--json"],
            json!({"code": 8, "name": "HTTP_STATUS", "reached": "UNKNOWN", "http_status": 502, "to": TO}),
        ),
        (None, &["send", "12345", "--json"], {
            let mut invalid = invalid.clone();
            invalid["rule"] = json!(Rule::PhoneFirstDigit.number());
            invalid
        }),
        (None, &["send", "--json"], invalid.clone()),
        (None, &["check", "--json", TO], invalid),
    ];
    for (failure, arguments, fields) in cases {
        if let Some(failure) = failure {
            sandbox.script(failure, 1).unwrap();
        }
        let status = fields["code"].as_i64().unwrap() as i32;
        assert_eq!(object(arguments), (status, with(fields)), "{arguments:?}");
    }
}

#[test]
fn a_number_is_normalized_without_a_key_and_without_a_service() {
    let forms = "0501234567 +972501234567 mobile\n";
    assert_eq!(run(command(&["normalize", "+972 (0)50-123-4567"])), (0, forms.into(), "".into()));
    assert_eq!(run_with(command(&["normalize", "-"]), "050.123.4567\n").1, forms);
    let (status, stdout, stderr) = run(command(&["normalize", "050-98765"]));
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.starts_with("verifysms: to: is too short; "), "{stderr}");
    assert!(!stderr.contains("98765"), "{stderr}");
}

#[test]
fn a_number_in_json_has_its_forms_or_its_rule() {
    let object = |to| {
        let (status, stdout, _) = run(command(&["normalize", to, "--json"]));
        (status, serde_json::from_str::<Value>(&stdout).unwrap())
    };
    let (status, number) = object("050-412-3456");
    assert_eq!((status, &number["code"], &number["rule"]), (0, &json!(0), &Value::Null));
    assert_eq!(number["to"], "0504123456");
    assert_eq!((&number["e164"], &number["kind"]), (&json!("+972504123456"), &json!("kosher")));
    let (status, refused) = object("+1 212 555 1234");
    assert_eq!((status, &refused["code"], &refused["to"]), (1, &json!(1), &Value::Null));
    assert_eq!(refused["rule"], json!(Rule::PhoneForeign.number()));
    assert!(refused.get("e164").is_none(), "{refused}");
}

#[test]
fn a_message_is_inspected_without_a_key_and_without_a_service() {
    let plain = "GSM-7, 19 units with a code of 8 digits, 1 part\n";
    let lint =
        |arguments: &[&str], input| run_with(command(&[&["lint"], arguments].concat()), input);
    assert_eq!(
        lint(&["Your code: ##code##", "--sender", "Acme"], ""),
        (0, plain.into(), "".into())
    );
    assert_eq!(lint(&["-"], "Your code: ##code##\n"), (0, plain.into(), "".into()));
    let (status, stdout, stderr) = lint(&["קוד: ##code##", "--sender", "0501234567"], "");
    assert_eq!((status, stderr.as_str()), (1, ""));
    let lines: Vec<_> = stdout.lines().map(|line| line.split(':').next().unwrap()).collect();
    let expected = ["CODE_IN_RIGHT_TO_LEFT_LINE", "SENDER_NUMBER"];
    assert_eq!(lines[1..], expected, "{stdout}");
    let (status, stdout, _) = lint(&["-", "--origin", "example.com", "--json"], "##code##\n\n");
    let found: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((status, &found["encoding"], &found["parts"]), (1, &json!("GSM-7"), &json!(1)));
    assert_eq!(found["warnings"][0]["name"], "WEBOTP_MISSING");
    assert_eq!(lint(&["-"], "\u{feff}").0, 1);
}

#[test]
fn a_delivery_is_asked_for_by_the_id_of_a_message() {
    let sandbox = sandbox();
    assert_eq!(run(command_for(&sandbox, &["send", TO])).0, 0);
    let unique = &sandbox.messages(None)[0].unique;
    let delivery = |arguments: &[&str]| {
        run(command_for(&sandbox, &[&["delivery", unique.as_str()], arguments].concat()))
    };
    let (status, stdout, stderr) = delivery(&["--watch"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    let expected = "DELIVERED, code 102 (Delivered, Sandbox, ";
    assert!(stdout.starts_with(expected) && stdout.ends_with("; next: NONE\n"), "{stdout}");
    assert!(sandbox.set_delivery(unique, 17));
    let (status, stdout, _) = delivery(&["--json"]);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((status, &report["state"], &report["to"]), (0, &json!("BLOCKED"), &json!(TO)));
    assert_eq!((&report["next_step"], &report["delivery_code"]), (&json!("OPTED_OUT"), &json!(17)));
    let (status, stdout, _) = run(command_for(&sandbox, &["delivery", "1"]));
    assert_eq!((status, stdout.as_str()), (0, "PENDING; next: WAIT\n"));
    let (status, _, stderr) = run(command_for(&sandbox, &["delivery", "no id"]));
    assert_eq!(status, 1);
    assert!(stderr.contains("unique: is no message's id"), "{stderr}");
    sandbox.script(ScriptedFailure::Reason(6), 1).unwrap();
    assert_eq!(delivery(&[]).0, 3);
}

#[test]
fn an_argument_too_many_is_not_repeated() {
    let sandbox = sandbox();
    let (status, stdout, stderr) = run(command_for(&sandbox, &["check", TO, "123456", "654321"]));
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.contains("too many") && !stderr.contains("654321"), "{stderr}");
}

#[test]
fn neither_the_key_nor_the_code_is_ever_printed() {
    let sandbox = sandbox();
    sandbox.script(ScriptedFailure::Http(500), 2).unwrap();
    for json in [&[][..], &["--json"]] {
        let arguments = [&["check", TO, "987654"], json].concat();
        for _ in 0..2 {
            let (_, stdout, stderr) = run(command_for(&sandbox, &arguments));
            let printed = stdout + &stderr;
            assert!(!printed.contains(KEY) && !printed.contains("987654"), "{printed}");
        }
    }
}

#[test]
fn the_help_has_every_exit_status() {
    let (status, stdout, stderr) = run(command(&["--help"]));
    assert_eq!((status, stderr.as_str()), (0, ""));
    let table: Vec<Vec<&str>> =
        stdout.lines().map(|line| line.split_whitespace().take(2).collect()).collect();
    for code in Code::ALL {
        let number = code.number().to_string();
        assert!(table.contains(&vec![number.as_str(), code.name()]), "{code}:\n{stdout}");
    }
    for (arguments, expected) in [
        (["send", "--help"], 0),
        // Status 0 of a check is for the right code alone.
        (["check", "--help"], 1),
        (["help", "check"], 0),
        (["sandbox", "--help"], 0),
        (["guard", "--help"], 0),
    ] {
        let (status, stdout, _) = run(command(&arguments));
        assert_eq!(status, expected, "{arguments:?}");
        assert!(stdout.contains("Usage: verifysms"), "{arguments:?}");
    }
    let version = format!("verifysms {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(command(&["--version"])), (0, version, String::new()));
}

#[test]
fn the_help_is_as_wide_as_the_terminal() {
    for width in [80, 100] {
        for arguments in [
            &["--help"][..],
            &["help", "send"],
            &["help", "check"],
            &["help", "sandbox"],
            &["help", "guard"],
        ] {
            let mut help = command(arguments);
            help.env("COLUMNS", width.to_string());
            let (_, stdout, _) = run(help);
            let longest = stdout.lines().max_by_key(|line| line.chars().count()).unwrap();
            assert!(longest.chars().count() <= width, "{arguments:?} at {width}: {longest}");
            assert!(longest.chars().count() > width - 10, "{arguments:?} at {width}: {longest}");
        }
    }
}

/// A file of the guard, removed at the end.
struct Store(TempFile);

impl Store {
    fn new(name: &str) -> Store {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_file(&path);
        Store(TempFile(path))
    }

    fn url(&self) -> String {
        format!("file:{}", self.0.path())
    }

    /// The command that counts here.
    fn command(&self, sandbox: &Sandbox, arguments: &[&str]) -> Command {
        let mut command = command_for(sandbox, arguments);
        command.env("VERIFYSMS_GUARD", self.url());
        command
    }
}

#[test]
fn a_guard_limits_sends_and_guesses_of_all_runs() {
    let (sandbox, store) = (sandbox(), Store::new("guard-of-runs"));
    assert_eq!(run(store.command(&sandbox, &["send", TO])).0, 0);
    let line = error_line(store.command(&sandbox, &["send", "+972 50-123-4567"]), Code::Limited);
    let wait = line.strip_prefix("the limit COOLDOWN is reached; wait ").unwrap();
    assert!(["30 s; nothing was sent", "29 s; nothing was sent"].contains(&wait), "{line}");
    assert_eq!(sandbox.messages(None).len(), 1);

    for left in (0..5).rev() {
        let (status, stdout, _) = run(store.command(&sandbox, &["check", TO, "no code"]));
        let expected = format!("not verified (status 2); tries left: {left}");
        let line = stdout.trim_end();
        assert!(status == 2 && line.starts_with(&expected), "{line}");
        assert_eq!(line.contains(", the next in "), left == 0, "{line}");
    }
    let code = sandbox.code(TO).unwrap();
    let line = error_line(store.command(&sandbox, &["check", TO, &code]), Code::Limited);
    assert!(line.starts_with("the limit TRIES is reached; wait "), "{line}");
    assert_eq!(sandbox.messages(None)[0].wrong_tries, 5);
}

#[test]
fn an_end_user_has_tries_of_their_own() {
    let (sandbox, store) = (sandbox(), Store::new("guard-of-users"));
    let asker = ["--end-user", "203.0.113.7"];
    assert_eq!(run(store.command(&sandbox, &[&["send", TO][..], &asker].concat())).0, 0);
    for _ in 0..5 {
        assert_eq!(run(store.command(&sandbox, &["check", TO, "no code"])).0, 2);
    }
    error_line(store.command(&sandbox, &["check", TO, "no code"]), Code::Limited);
    let code = sandbox.code(TO).unwrap();
    let check = [&["check", TO, &code][..], &asker].concat();
    assert_eq!(run(store.command(&sandbox, &check)), (0, "verified\n".into(), String::new()));

    let long = "x".repeat(257);
    let send = store.command(&sandbox, &["send", TO, "--end-user", &long]);
    let line = error_line(send, Code::InvalidArgument);
    assert!(line.starts_with("end_user: is longer than 256 bytes"), "{line}");
}

#[test]
fn the_guard_is_shown_and_forgotten() {
    let (sandbox, store) = (sandbox(), Store::new("guard-of-operators"));
    assert_eq!(run(store.command(&sandbox, &["send", TO])).0, 0);
    let show = || run(store.command(&sandbox, &["guard", "show", TO]));
    let (status, stdout, stderr) = show();
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert!(stdout.contains("\nSENDS_NUMBER 1 of 5 in 600 s\n"), "{stdout}");
    assert!(stdout.starts_with("COOLDOWN 1, wait "), "{stdout}");
    assert!(!stdout.contains(TO), "{stdout}");

    let mut forget = store.command(&sandbox, &["guard", "forget", "-"]);
    forget.env_remove("VERIFYSMS_GUARD").args(["--guard", &store.url()]);
    assert_eq!(run_with(forget, "050-123-4567\n"), (0, "forgotten\n".into(), String::new()));
    assert!(show().1.contains("\nSENDS_NUMBER 0 of 5 in 600 s\n"));
    assert_eq!(run(store.command(&sandbox, &["send", TO])).0, 0);

    for option in [&[][..], &["--guard", "none"], &["--guard", "memory:"]] {
        let show = command_for(&sandbox, &[&["guard", "show", TO][..], option].concat());
        let line = error_line(show, Code::InvalidArgument);
        assert_eq!(line, "guard: there is none; name its store with --guard or VERIFYSMS_GUARD");
    }
    let line = error_line(store.command(&sandbox, &["guard", "show", "12"]), Code::InvalidArgument);
    assert!(line.starts_with("to: ") && line.ends_with("see verifysms guard --help"), "{line}");
}

#[test]
fn a_number_is_found_with_the_secret_and_the_namespace_it_was_counted_with() {
    let (sandbox, store) = (sandbox(), Store::new("guard-of-secrets"));
    let secret = "a secret of the test";
    let with = |secret: Option<&str>, arguments: &[&str]| {
        let mut command = store.command(&sandbox, arguments);
        command.envs(secret.map(|secret| ("VERIFYSMS_GUARD_SECRET", secret)));
        run(command)
    };
    let acme = ["--guard-namespace", "acme"];
    assert_eq!(with(Some(secret), &[&["send", TO][..], &acme].concat()).0, 0);
    let show = [&["guard", "show", TO][..], &acme].concat();
    assert!(with(Some(secret), &show).1.contains("SENDS_NUMBER 1 of 5"));
    assert!(with(None, &show).1.contains("SENDS_NUMBER 0 of 5"), "another secret");
    assert!(with(Some(secret), &show[..3]).1.contains("SENDS_NUMBER 0 of 5"), "another namespace");
    let (status, _, stderr) = with(Some("too-short"), &show);
    assert_eq!(status, 1);
    let rule = "guard_secret: is shorter than 16 bytes; it comes from VERIFYSMS_GUARD_SECRET";
    assert!(stderr.contains(rule) && !stderr.contains("too-short"), "{stderr}");
}

#[test]
fn a_guard_whose_store_is_down_does_what_is_set() {
    let sandbox = sandbox();
    let down = ["--guard", "file:/nowhere/guard"];
    let send = |failure: &[&str]| {
        command_for(&sandbox, &[&["send", TO, "--verbose"][..], &down, failure].concat())
    };
    for failure in ["local", "allow"] {
        let (status, _, stderr) = run(send(&["--guard-failure", failure]));
        assert_eq!(status, 0, "{stderr}");
        assert!(stderr.contains("guard: its store cannot be asked, "), "{stderr}");
    }
    for failure in [&[][..], &["--guard-failure", "refuse"]] {
        let arguments = [&["send", TO][..], &down, failure].concat();
        let line = error_line(command_for(&sandbox, &arguments), Code::GuardDown);
        assert!(line.contains("/nowhere/guard") && line.contains("nothing was sent"), "{line}");
    }
    let show = command_for(&sandbox, &[&["guard", "show", TO][..], &down].concat());
    error_line(show, Code::GuardDown);
    assert_eq!(sandbox.messages(None).len(), 2);
}

#[test]
fn json_says_which_limit_and_how_long() {
    let (sandbox, store) = (sandbox(), Store::new("guard-of-json"));
    let object = |arguments: &[&str]| -> (i32, Value) {
        let (status, stdout, _) = run(store.command(&sandbox, arguments));
        let json: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 15, "{stdout}");
        (status, json)
    };
    let (status, sent) = object(&["send", TO, "--json"]);
    assert_eq!((status, &sent["limit"], &sent["tries_left"]), (0, &json!("COOLDOWN"), &json!(5)));
    assert!(sent["retry_after"].as_u64().is_some_and(|wait| (29..=30).contains(&wait)), "{sent}");
    let (status, refused) = object(&["send", TO, "--json"]);
    assert_eq!(
        (status, &refused["name"], &refused["reached"]),
        (12, &json!("LIMITED"), &json!("NO"))
    );
    assert_eq!((&refused["limit"], &refused["to"]), (&json!("COOLDOWN"), &json!(TO)));
    assert!(refused["retry_after"].as_u64().is_some_and(|wait| wait > 20), "{refused}");
    let (status, wrong) = object(&["check", TO, "no code", "--json"]);
    assert_eq!((status, &wrong["tries_left"], &wrong["retry_after"]), (2, &json!(4), &Value::Null));
    let (status, shown) = object(&["guard", "show", TO, "--json"]);
    assert_eq!((status, &shown["to"], &shown["tries_left"]), (0, &json!(TO), &json!(4)));
    assert!(shown["message"].as_str().unwrap().contains("SENDS_NUMBER 1 of 5 in 600 s"));
    assert_eq!(object(&["guard", "forget", TO, "--json"]).0, 0);
    let (status, down) = object(&["guard", "show", TO, "--json", "--guard", "file:/nowhere/guard"]);
    assert_eq!((status, &down["name"], &down["reached"]), (13, &json!("GUARD_DOWN"), &json!("NO")));
}

#[test]
fn the_guard_is_set_like_every_setting_and_its_secrets_are_not_shown() {
    let (sandbox, store) = (sandbox(), Store::new("guard-of-config"));
    let config = format!(
        "api-key = {KEY}\nurl = {}\nsender = Acme\nguard = {}\nguard-failure = refuse\n\
         guard-namespace = acme\nguard-secret = planted-secret-of-16\n",
        sandbox.url(),
        store.url()
    );
    let home = Home::new("home-of-guard", &config);
    assert_eq!(run(home.command(&["send", TO])).0, 0);
    error_line(home.command(&["send", TO]), Code::Limited);
    let mut variable = home.command(&["send", TO]);
    variable.env("VERIFYSMS_GUARD", "file:/nowhere/guard");
    error_line(variable, Code::GuardDown);
    assert_eq!(run(home.command(&["send", TO, "--guard", "none"])).0, 0);

    let (_, shown, _) = run(home.command(&["config"]));
    for line in ["guard-failure = refuse", "guard-namespace = acme", "guard-secret = (secret)"] {
        assert!(shown.contains(&format!("\n{line}  # ")), "{shown}");
    }
    assert!(shown.contains(&format!("\nguard = {}  # ", store.url())), "{shown}");
    assert!(!shown.contains("planted"), "{shown}");
    for url in [
        "redis://acme:planted@10.0.0.5",
        "rediss://:planted@host:6379/1",
        "redis://acme:plan@ted@host",
        "redis://acme:plan/ted@host/?db=1",
        "redis+sentinel://acme:planted@one,two/name",
    ] {
        let mut show = home.command(&["config"]);
        show.env("VERIFYSMS_GUARD", url);
        let (_, shown, _) = run(show);
        assert!(shown.contains("\nguard = (secret)@"), "{shown}");
        assert!(!shown.contains("plan") && !shown.contains("acme:"), "{shown}");
    }

    let secret = Home::new("home-of-guard-secret", "guard-secret = planted-secret-of-16\n");
    secret.set_mode(0o644);
    let line = error_line(secret.command(&["send", TO]), Code::InvalidArgument);
    assert!(line.contains("chmod 600") && !line.contains("planted"), "{line}");
    for (config, word) in [
        ("guard = planted", "guard: "),
        ("guard = gopher://acme:planted@host", "guard: "),
        ("guard-failure = planted", "guard_failure: is neither local nor refuse nor allow"),
        ("guard-namespace = planted name", "guard_namespace: "),
    ] {
        let home = Home::new("home-of-guard-faults", &format!("api-key = {KEY}\n{config}\n"));
        let line = error_line(home.command(&["send", TO]), Code::InvalidArgument);
        assert!(line.starts_with(word) && line.contains("line 2"), "{line}");
        assert!(!line.contains("planted"), "{line}");
    }
}

#[test]
fn a_closed_pipe_changes_no_status() {
    let sandbox = sandbox();
    for arguments in [&["send", TO][..], &["send", TO, "--json"], &["--help"]] {
        let (ours, theirs) = UnixStream::pair().unwrap();
        drop(ours);
        let output =
            command_for(&sandbox, arguments).stdout(OwnedFd::from(theirs)).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn only_a_verified_check_ends_with_status_0() {
    let sandbox = sandbox();
    run(command_for(&sandbox, &["send", TO]));
    let right = sandbox.code(TO).unwrap();
    // The shell's code before the command, the command, and the exit status.
    let cases: [(&str, &str, i32); 19] = [
        ("", "check -- 0501234567 $wrong", 2),
        // A setting of another command.
        ("VERIFYSMS_SENDER=", "check -- 0501234567 $wrong", 2),
        ("", "check -- 0501234567 $wrong >&-", 2),
        ("", "check -- 0501234567 $wrong > /dev/full", 2),
        ("", "check --json -- 0501234567 $wrong > /dev/full", 2),
        ("", "check -- 0501234567 $wrong 0<&- 1>&- 2>&-", 2),
        ("", "check -- 0501234567 - < /dev/null", 1),
        ("", "check -- 0501234567 - <&-", 1),
        ("", "check -- 0501234567 - < /", 1),
        ("", "check -- '' $right", 1),
        ("", "check -- 0501234567 ''", 1),
        ("", "check '' ''", 1),
        ("", "check", 1),
        ("", "check -- 0501234567 $right --json", 1),
        ("", "check --url '' -- 0501234567 $right", 1),
        ("VERIFYSMS_URL=", "check -- 0501234567 $right", 1),
        ("VERIFYSMS_API_KEY=", "check -- 0501234567 $right", 1),
        ("VERIFYSMS_API_KEY=another", "check -- 0501234567 $right", 3),
        (
            "HTTPS_PROXY=http://127.0.0.1:1",
            "check --url https://localhost.invalid/ 0501234567 $right",
            4,
        ),
    ];
    let shell = |before: &str, after: &str| {
        let line = format!("export {before}; \"$0\" {after}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_verifysms")]).env_clear();
        shell.envs(std::env::vars_os().filter(|(name, _)| name == "LLVM_PROFILE_FILE"));
        shell.env("VERIFYSMS_URL", sandbox.url()).env("VERIFYSMS_API_KEY", KEY);
        shell.env("right", &right).env("wrong", wrong_code(&right));
        run(shell).0
    };
    for (before, after, status) in cases {
        assert_eq!(shell(before, after), status, "{before} {after}");
    }
    // The status is the answer even if the line cannot be written: the code is used.
    for after in ["check -- 0501234567 $right > /dev/full", "check -- 0501234567 $right >&-"] {
        let sent = run(command_for(&sandbox, &["send", TO]));
        assert_eq!(sent.0, 0, "{}", sent.2);
        let right = sandbox.code(TO).unwrap();
        assert_eq!(shell(&format!("right={right}"), after), 0, "{after}");
    }
}

#[test]
fn what_is_not_unicode_is_rejected() {
    let sandbox = sandbox();
    let bytes = OsStr::from_bytes(b"\xd7\xff");
    for name in ["VERIFYSMS_API_KEY", "VERIFYSMS_URL", "VERIFYSMS_SENDER"] {
        let mut send = command_for(&sandbox, &["send", TO]);
        send.env(name, bytes);
        let (status, _, stderr) = run(send);
        assert_eq!(status, 1, "{name}: {stderr}");
    }
    let mut check = command_for(&sandbox, &["check", "--", TO]);
    check.arg(bytes);
    error_line(check, Code::InvalidArgument);
}

#[test]
fn a_key_file_is_read_whole_or_rejected() {
    let sandbox = sandbox();
    let send = |path: &str| command_for(&sandbox, &["send", TO, "--api-key-file", path]);
    let long = format!("{KEY}{}tail", " ".repeat(4096));
    let utf16: Vec<u8> = "\u{feff}a-key".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, &[u8], &str); 6] = [
        ("long-key", long.as_bytes(), "longer than 4096 bytes"),
        ("latin-key", b"a-key-\xe9", "not UTF-8"),
        ("utf-16-key", &utf16, "not UTF-8"),
        ("empty-key", b"", "empty"),
        ("blank-key", b" \n", "empty"),
        ("two-line-key", b"a-key\nof-two-lines\n", "line break"),
    ];
    for (name, content, rule) in cases {
        let file = TempFile::new(name, content);
        let line = error_line(send(file.path()), Code::InvalidArgument);
        assert!(line.contains(file.path()) && line.contains(rule), "{name}: {line}");
        assert!(!line.contains("a-key"), "{name}: {line}");
    }
    let folder = env!("CARGO_TARGET_TMPDIR");
    let line = error_line(send(folder), Code::InvalidArgument);
    assert!(line.contains(folder) && line.contains("directory"), "{line}");
    let line = error_line(send("/nowhere"), Code::InvalidArgument);
    assert!(line.contains("/nowhere"), "{line}");
    // Root can read it.
    let file = TempFile::new("forbidden-key", KEY.as_bytes());
    std::fs::set_permissions(&file.0, Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&file.0).is_err() {
        let line = error_line(send(file.path()), Code::InvalidArgument);
        assert!(line.contains(file.path()), "{line}");
    }
    assert_eq!(sandbox.messages(None), []);
}

#[test]
fn a_key_can_come_through_a_pipe() {
    let sandbox = sandbox();
    let fifo = NamedPipe::new("key-fifo");
    let send = command_for(&sandbox, &["send", TO, "--api-key-file", fifo.path()]).spawn().unwrap();
    let mut send = CommandProcess(send);
    std::fs::write(&fifo.0.0, KEY).unwrap();
    assert_eq!(send.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_code_from_standard_input_is_not_cut() {
    let sandbox = sandbox();
    run(command_for(&sandbox, &["send", TO]));
    let typed = format!("{}{}9", sandbox.code(TO).unwrap(), " ".repeat(4096));
    let file = TempFile::new("long-code", typed.as_bytes());
    let mut check = command_for(&sandbox, &["check", TO, "-"]);
    let output = check.stdin(std::fs::File::open(&file.0).unwrap()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("code: ") && stderr.contains("longer than 4096 bytes"), "{stderr}");
}

/// A running command, killed at the end.
struct CommandProcess(Child);

impl Drop for CommandProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl CommandProcess {
    /// Starts a sandbox on a free port and returns its stdout and its first line.
    fn sandbox(arguments: &[&str]) -> (CommandProcess, BufReader<ChildStdout>, String) {
        let mut command = command(&[&["sandbox", "--port", "0"], arguments].concat());
        let mut running = CommandProcess(command.stdout(Stdio::piped()).spawn().unwrap());
        let mut stdout = BufReader::new(running.0.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        (running, stdout, line)
    }

    /// Sends a signal.
    fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Waits for the end and returns the exit status, stdout and stderr.
    fn wait_with_output(&mut self) -> (ExitStatus, String, String) {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.0.stdout.as_mut().unwrap().read_to_string(&mut stdout).unwrap();
        self.0.stderr.as_mut().unwrap().read_to_string(&mut stderr).unwrap();
        (self.0.wait().unwrap(), stdout, stderr)
    }

    /// Sends a signal and expects it to end the process.
    fn expect_end_by(&mut self, name: &str, signal: i32) {
        self.signal(name);
        let status = self.0.wait().unwrap();
        assert_eq!(status.signal(), Some(signal), "{status}");
    }

    /// Waits until one of the kernel's signal masks, SigCgt or SigIgn, has a signal.
    #[cfg(target_os = "linux")]
    fn wait_for_mask(&self, line: &str, signal: i32) {
        let status = format!("/proc/{}/status", self.0.id());
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let status = std::fs::read_to_string(&status).unwrap();
            let mask = status.lines().find_map(|found| found.strip_prefix(line)).unwrap();
            let mask = mask.trim_start_matches(':').trim();
            if u64::from_str_radix(mask, 16).unwrap() & (1 << (signal - 1)) != 0 {
                return;
            }
            assert!(Instant::now() < until, "{line}: {mask}");
            std::thread::yield_now();
        }
    }
}

/// A server that accepts requests and never answers.
struct SilentServer(TcpListener);

impl SilentServer {
    fn new() -> SilentServer {
        SilentServer(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/", self.0.local_addr().unwrap())
    }

    /// The next connection, once a request has arrived.
    fn accept_request(&self) -> TcpStream {
        let (stream, _) = self.0.accept().unwrap();
        assert_ne!(stream.peek(&mut [0]).unwrap(), 0);
        stream
    }

    /// Starts a command that calls the server.
    fn call(&self, scheme: &str, arguments: &[&str]) -> CommandProcess {
        let mut command = command_at(self.url(scheme), arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        CommandProcess(command.spawn().unwrap())
    }
}

#[test]
fn ctrl_c_and_sigterm_end_a_call_with_status_10_and_whether_it_reached_the_service() {
    let server = SilentServer::new();
    let cases = [
        ("http", &["send", TO][..], "-INT", "UNKNOWN", "the message may be out"),
        ("http", &["send", TO, "--json"], "-TERM", "UNKNOWN", ""),
        ("http", &["check", TO, "123456"], "-TERM", "UNKNOWN", "the code may be used up"),
        ("http", &["check", TO, "123456", "--json"], "-INT", "UNKNOWN", ""),
        ("https", &["send", TO], "-TERM", "NO", "nothing was sent"),
        ("https", &["check", TO, "123456", "--json"], "-INT", "NO", ""),
    ];
    for (scheme, arguments, signal, reached, advice) in cases {
        let mut running = server.call(scheme, arguments);
        let _connection = server.accept_request();
        running.signal(signal);
        let (status, stdout, stderr) = running.wait_with_output();
        assert_eq!(status.code(), Some(10), "{arguments:?}: {status} {stderr}");
        assert!(stderr.contains(advice) && stderr.lines().count() == 1, "{stderr}");
        if arguments.contains(&"--json") {
            let object: Value = serde_json::from_str(&stdout).unwrap();
            let result = (&object["code"], &object["name"], &object["reached"]);
            assert_eq!(result, (&json!(10), &json!("CANCELLED"), &json!(reached)));
        } else {
            assert_eq!(stdout, "");
        }
    }
}

#[test]
fn a_second_ctrl_c_ends_the_command_at_once() {
    let server = SilentServer::new();
    // Its stdout is full: it waits in the write.
    let (mut full, _unread) = UnixStream::pair().unwrap();
    full.set_nonblocking(true).unwrap();
    while full.write(&[0; 4096]).is_ok() {}
    full.set_nonblocking(false).unwrap();
    let mut check = command(&["check", TO, "123456", "--json", "--url", &server.url("http")]);
    let check = check.env("VERIFYSMS_API_KEY", KEY).stdout(OwnedFd::from(full));
    let mut running = CommandProcess(check.spawn().unwrap());
    let _connection = server.accept_request();
    let status = loop {
        running.signal("-INT");
        if let Some(status) = running.0.try_wait().unwrap() {
            break status;
        }
    };
    assert_eq!(status.signal(), Some(2), "{status}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_ignored_at_the_start_stays_ignored() {
    let server = SilentServer::new();
    for (names, signals) in [("INT", &[2][..]), ("INT TERM", &[2, 15])] {
        let line = format!("trap '' {names}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_verifysms"), "check", TO, "123456"]);
        shell.env("VERIFYSMS_URL", server.url("http")).env("VERIFYSMS_API_KEY", KEY);
        let running =
            CommandProcess(shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let _connection = server.accept_request();
        for &signal in signals {
            running.wait_for_mask("SigIgn", signal);
        }
    }
    for options in [&[][..], &["--tls"]] {
        let arguments = [&["sandbox", "--port", "0"], options].concat();
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' INT; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_verifysms")]);
        let mut running =
            CommandProcess(shell.args(arguments).stdout(Stdio::piped()).spawn().unwrap());
        let mut line = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        running.wait_for_mask("SigIgn", 2);
        running.expect_end_by("-TERM", 15);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_the_wait_for_a_key_or_a_code_and_nothing_is_sent() {
    let server = SilentServer::new();
    let fifo = NamedPipe::new("silent-fifo");
    for arguments in [
        &["check", TO, "-"][..],
        &["check", TO, "-", "--json"],
        &["check", "-", "-"],
        &["send", "-"],
        &["send", TO, "--config", fifo.path()],
        &["send", TO, "--api-key-file", fifo.path()],
    ] {
        let mut running = server.call("http", arguments);
        running.wait_for_mask("SigCgt", 15);
        running.signal("-INT");
        let (status, stdout, stderr) = running.wait_with_output();
        assert_eq!(status.code(), Some(10), "{arguments:?}: {status}");
        assert_eq!(stderr, "verifysms: interrupted; nothing was sent\n");
        assert_eq!(stdout.contains("\"CANCELLED\""), arguments.contains(&"--json"), "{stdout}");
    }
    server.0.set_nonblocking(true).unwrap();
    assert!(server.0.accept().is_err(), "it called the service");
}

/// The URL in a sandbox's first line.
fn url(line: &str) -> &str {
    line.split_whitespace().nth(3).unwrap()
}

fn send_to(url: &str, options: &[&str]) -> Command {
    let arguments = ["send", TO, "--sender", "Acme", "--url", url];
    let mut send = command(&[&arguments, options].concat());
    send.env("VERIFYSMS_API_KEY", "sandbox-key");
    send
}

#[test]
fn the_sandbox_prints_one_line_and_ends_with_an_interrupt() {
    let (mut running, mut stdout, line) = CommandProcess::sandbox(&[]);
    let url = url(&line);
    let page = url.strip_suffix("sms/verifySMS").unwrap();
    assert_eq!(
        line,
        format!(
            "sandbox listening at {url} (API key: sandbox-key); open {page} to see the messages\n"
        )
    );
    let (status, _, stderr) = run(send_to(url, &[]));
    assert_eq!(status, 0, "{stderr}");

    running.expect_end_by("-INT", 2);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn the_sandbox_speaks_tls_with_a_temporary_authority() {
    for (name, signal) in [("-INT", 2), ("-TERM", 15)] {
        let (mut running, _stdout, line) = CommandProcess::sandbox(&["--tls"]);
        let url = url(&line);
        assert!(url.starts_with("https://127.0.0.1:"), "{line}");
        let (_, file) = line.split_once(", CA file: ").unwrap();
        let (file, page) = file.split_once("); open ").unwrap();
        assert!(page.starts_with("https://127.0.0.1:"), "{line}");

        let (status, _, stderr) = run(send_to(url, &["--ca-file", file]));
        assert_eq!(status, 0, "{stderr}");
        let local = url.replace("127.0.0.1", "localhost");
        let (status, _, stderr) = run(send_to(&local, &["--ca-file", file]));
        assert_eq!(status, 0, "{stderr}");
        // A client that does not trust the authority.
        error_line(send_to(url, &["--trust", "bundled"]), Code::Tls);

        let folder = PathBuf::from(file).parent().unwrap().to_owned();
        assert!(folder.exists());
        running.expect_end_by(name, signal);
        assert!(!folder.exists(), "{line}");
    }
}

#[test]
fn the_sandboxs_authority_can_be_written_to_a_chosen_file() {
    let file = TempFile::new("sandbox-ca.pem", b"written over");
    let (mut running, _stdout, line) =
        CommandProcess::sandbox(&["--tls", "--ca-file", file.path()]);
    assert!(line.contains(&format!(", CA file: {});", file.path())), "{line}");
    let (status, _, stderr) = run(send_to(url(&line), &["--ca-file", file.path()]));
    assert_eq!(status, 0, "{stderr}");
    running.expect_end_by("-TERM", 15);
    assert!(file.0.exists());
}

#[test]
fn the_sandbox_says_that_a_seed_makes_the_codes_repeatable() {
    let (_running, mut stdout, line) = CommandProcess::sandbox(&["--seed", "7"]);
    let mut second = String::new();
    stdout.read_line(&mut second).unwrap();
    assert_eq!(second, "codes are repeatable: --seed 7\n");
    // The first codes of this seed, computed with another implementation of SplitMix64.
    for code in ["306020", "105175"] {
        assert_eq!(run(send_to(url(&line), &[])).0, 0);
        let mut check = command(&["check", "--url", url(&line), "--", TO, code]);
        check.env("VERIFYSMS_API_KEY", "sandbox-key");
        assert_eq!(run(check).0, 0, "{code}");
    }
}

#[test]
fn the_sandbox_logs_every_request_without_its_key_its_code_and_its_number() {
    let (_running, mut stdout, line) = CommandProcess::sandbox(&["--log"]);
    let mut send = send_to(url(&line), &[]);
    send.env("VERIFYSMS_API_KEY", "mistaken");
    assert_eq!(run(send).0, 3);
    assert_eq!(run(send_to(url(&line), &[])).0, 0);
    for expected in
        ["1 send *******567: rejected: reason 6, wrong key\n", "2 send *******567: sent\n"]
    {
        let mut logged = String::new();
        stdout.read_line(&mut logged).unwrap();
        assert_eq!(logged, expected);
    }
}

#[test]
fn the_sandbox_has_a_key_and_senders_of_its_own() {
    let arguments = ["--api-key", "K", "--approved-sender", "0521112222"];
    let (_running, _stdout, line) = CommandProcess::sandbox(&arguments);
    assert!(line.contains(" (API key: K); open "), "{line}");
    for (sender, status) in [("0521112222", 0), ("0521112223", 3)] {
        let mut send = command(&["send", TO, "--sender", sender, "--url", url(&line)]);
        send.env("VERIFYSMS_API_KEY", "K");
        assert_eq!(run(send).0, status, "{sender}");
    }
}

#[test]
fn the_sandbox_says_why_it_does_not_start() {
    let line = error_line(command(&["sandbox", "--host", "0.0.0.0"]), Code::InvalidArgument);
    assert!(line.contains("--allow-remote"), "{line}");
    let taken = sandbox();
    let port = taken.address().port().to_string();
    let line = error_line(command(&["sandbox", "--port", &port]), Code::Connect);
    assert!(line.contains(&port) && line.contains("--port 0"), "{line}");
    let nowhere = ["sandbox", "--port", "0", "--tls", "--ca-file", "/nowhere/ca.pem"];
    let line = error_line(command(&nowhere), Code::InvalidArgument);
    assert!(line.contains("/nowhere/ca.pem") && line.contains("--ca-file"), "{line}");
    let line = error_line(command(&["sandbox", "--ca-file", "ca.pem"]), Code::InvalidArgument);
    assert!(line.contains("--tls"), "{line}");
}
