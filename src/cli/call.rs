//! `verifysms send` and `verifysms check`: turns arguments into a call of the library.

use std::env::VarError;
use std::fs::File;
use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

use super::args;
use super::report::{Operation, Report};
use super::signals::SignalFlag;
use crate::{Builder, Client, Code, Trust};

/// The environment variable that holds the account's key.
const API_KEY_VARIABLE: &str = "VERIFYSMS_API_KEY";

/// The longest key or code, in bytes. Real ones are far shorter.
const MAX_SECRET: usize = 4096;

pub(super) fn send(arguments: &args::Send) -> Result<Report, Report> {
    let signal = watch_signals()?;
    let client = client(&arguments.call, Operation::Send, &signal, |mut builder| {
        if let Some(sender) = &arguments.sender {
            builder = builder.sender(sender);
        }
        if let Some(message) = &arguments.message {
            builder = builder.message(message);
        }
        builder
    })?;
    check_signal(&signal)?;
    let sent = client.send(&arguments.to);
    sent.map(|sent| Report::sent(&sent)).map_err(|error| Report::failed(Operation::Send, &error))
}

pub(super) fn check(arguments: &args::Check) -> Result<Report, Report> {
    let signal = watch_signals()?;
    let client = client(&arguments.call, Operation::Check, &signal, |builder| builder)?;
    let code = match arguments.code.as_str() {
        "-" => read_secret(
            &signal,
            |code| io::stdin().lock().take(READ_LIMIT).read_until(b'\n', code),
            |error| format!("code: cannot read standard input: {error}; pipe the code in"),
        )?,
        code => Zeroizing::new(code.to_owned()),
    };
    check_signal(&signal)?;
    let check = client.check(&arguments.to, &code);
    check
        .map(|check| Report::checked(&check))
        .map_err(|error| Report::failed(Operation::Check, &error))
}

fn watch_signals() -> Result<SignalFlag, Report> {
    SignalFlag::watch().map_err(|error| Report::rejected(Code::Internal, error))
}

/// Ends the run if a signal has arrived.
fn check_signal(signal: &SignalFlag) -> Result<(), Report> {
    if signal.is_set() { Err(Report::interrupted()) } else { Ok(()) }
}

/// A client with the options of both operations, and those that `set` adds.
fn client(
    call: &args::CallOptions,
    operation: Operation,
    signal: &SignalFlag,
    set: impl FnOnce(Builder) -> Builder,
) -> Result<Client, Report> {
    let (key, source) = api_key(call, signal)?;
    let signal = signal.clone();
    let mut builder = Client::builder(&key)
        .url(&call.url)
        .timeout(call.timeout)
        .trust(match call.trust {
            args::TrustOption::System => Trust::System,
            args::TrustOption::Bundled => Trust::Bundled,
        })
        .allow_http(call.allow_http)
        .interrupt(move || signal.is_set());
    if let Some(proxy) = &call.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(path) = &call.ca_file {
        builder = builder.ca_file(path);
    }
    set(builder).build().map_err(|error| match error.argument() {
        Some("api_key") => {
            Report::rejected(Code::InvalidArgument, format!("{error}; it is that of {source}"))
        }
        _ => Report::failed(operation, &error),
    })
}

/// The account's key, and the name of its source.
fn api_key(
    call: &args::CallOptions,
    signal: &SignalFlag,
) -> Result<(Zeroizing<String>, String), Report> {
    if let Some(path) = call.api_key_file.clone() {
        let source = path.display().to_string();
        let key = read_secret(
            signal,
            |key| File::open(path)?.take(READ_LIMIT).read_to_end(key),
            |error| {
                format!("api_key: cannot read {source}: {error}; name a file that holds the key")
            },
        )?;
        return Ok((key, source));
    }
    let key = std::env::var(API_KEY_VARIABLE).map_err(|error| {
        let text = match error {
            VarError::NotPresent => format!(
                "api_key: there is none; set {API_KEY_VARIABLE}, or name a file that holds it with --api-key-file"
            ),
            VarError::NotUnicode(_) => format!("api_key: {API_KEY_VARIABLE} is not text; set it anew"),
        };
        Report::rejected(Code::InvalidArgument, text)
    })?;
    Ok((Zeroizing::new(key), API_KEY_VARIABLE.to_owned()))
}

/// How much is read, to notice a secret that is too long.
const READ_LIMIT: u64 = MAX_SECRET as u64 + 1;

/// Reads a secret. `describe` words an error; a signal ends the run instead.
fn read_secret(
    signal: &SignalFlag,
    read: impl FnOnce(&mut Vec<u8>) -> io::Result<usize> + Send + 'static,
    describe: impl FnOnce(io::Error) -> String,
) -> Result<Zeroizing<String>, Report> {
    signal.read(|| without_line_break(read)).map_err(|error| {
        let rejected = || Report::rejected(Code::InvalidArgument, describe(error));
        check_signal(signal).err().unwrap_or_else(rejected)
    })
}

/// Reads a whole text and removes the final line break.
fn without_line_break(
    read: impl FnOnce(&mut Vec<u8>) -> io::Result<usize>,
) -> io::Result<Zeroizing<String>> {
    let invalid = |rule: String| Err(io::Error::new(io::ErrorKind::InvalidData, rule));
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET + 1));
    read(&mut bytes)?;
    if bytes.len() > MAX_SECRET {
        return invalid(format!("it is longer than {MAX_SECRET} bytes"));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return invalid("it is not UTF-8".to_owned());
    };
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}
