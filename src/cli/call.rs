//! `verifysms send` and `verifysms check`: from arguments to a call of the library.

use std::env::VarError;
use std::fs::File;
use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

use super::args;
use super::outcome::{Outcome, Step};
use super::signals::Interrupt;
use crate::{Builder, Client, Code, Trust};

/// The environment variable that holds the account's key.
const API_KEY: &str = "VERIFYSMS_API_KEY";

/// The longest key or code that is read, in bytes: far more than either has.
const SECRET_LONGEST: usize = 4096;

/// What ends a run before its call does is an outcome as well.
type Ends<T> = Result<T, Outcome>;

pub(super) fn send(arguments: &args::Send) -> Ends<Outcome> {
    let interrupt = watch()?;
    let client = client(&arguments.call, Step::Send, &interrupt, |mut builder| {
        if let Some(sender) = &arguments.sender {
            builder = builder.sender(sender);
        }
        if let Some(message) = &arguments.message {
            builder = builder.message(message);
        }
        builder
    })?;
    go_on(&interrupt)?;
    let sent = client.send(&arguments.to);
    sent.map(|sent| Outcome::sent(&sent)).map_err(|error| Outcome::failed(Step::Send, &error))
}

pub(super) fn check(arguments: &args::Check) -> Ends<Outcome> {
    let interrupt = watch()?;
    let client = client(&arguments.call, Step::Check, &interrupt, |builder| builder)?;
    let code = match arguments.code.as_str() {
        "-" => interrupt
            .read(|| read_secret(|code| io::stdin().lock().take(TOO_LONG).read_until(b'\n', code)))
            .map_err(|error| {
                unreadable(
                    &interrupt,
                    format!("code: cannot read standard input: {error}; pipe the code in"),
                )
            })?,
        code => Zeroizing::new(code.to_owned()),
    };
    go_on(&interrupt)?;
    let check = client.check(&arguments.to, &code);
    check
        .map(|check| Outcome::checked(&check))
        .map_err(|error| Outcome::failed(Step::Check, &error))
}

fn watch() -> Ends<Interrupt> {
    Interrupt::watch().map_err(|error| Outcome::refused(Code::Internal, error))
}

/// Nothing begins after a signal.
fn go_on(interrupt: &Interrupt) -> Ends<()> {
    if interrupt.has_come() { Err(Outcome::interrupted()) } else { Ok(()) }
}

/// The client of both calls, with what `set` adds to the settings.
fn client(
    call: &args::Call,
    step: Step,
    interrupt: &Interrupt,
    set: impl FnOnce(Builder) -> Builder,
) -> Ends<Client> {
    let (key, origin) = api_key(call, interrupt)?;
    let interrupt = interrupt.clone();
    let mut builder = Client::builder(&key)
        .url(&call.url)
        .timeout(call.timeout)
        .trust(match call.trust {
            args::Trust::System => Trust::System,
            args::Trust::Bundled => Trust::Bundled,
        })
        .allow_http(call.allow_http)
        .interrupt(move || interrupt.has_come());
    if let Some(proxy) = &call.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(path) = &call.ca_file {
        builder = builder.ca_file(path);
    }
    set(builder).build().map_err(|error| match error.argument() {
        Some("api_key") => {
            Outcome::refused(Code::InvalidArgument, format!("{error}; it is that of {origin}"))
        }
        _ => Outcome::failed(step, &error),
    })
}

/// The account's key, and what it was read from.
fn api_key(call: &args::Call, interrupt: &Interrupt) -> Ends<(Zeroizing<String>, String)> {
    if let Some(path) = call.api_key_file.clone() {
        let origin = path.display().to_string();
        return match interrupt.read(move || {
            let file = File::open(path)?;
            read_secret(|key| file.take(TOO_LONG).read_to_end(key))
        }) {
            Ok(key) => Ok((key, origin)),
            Err(error) => Err(unreadable(
                interrupt,
                format!("api_key: cannot read {origin}: {error}; name a file that holds the key"),
            )),
        };
    }
    let key = std::env::var(API_KEY).map_err(|error| {
        let text = match error {
            VarError::NotPresent => format!(
                "api_key: there is none; set {API_KEY}, or name a file that holds it with --api-key-file"
            ),
            VarError::NotUnicode(_) => format!("api_key: {API_KEY} is not text; set it anew"),
        };
        Outcome::refused(Code::InvalidArgument, text)
    })?;
    Ok((Zeroizing::new(key), API_KEY.to_owned()))
}

fn unreadable(interrupt: &Interrupt, text: String) -> Outcome {
    go_on(interrupt).err().unwrap_or_else(|| Outcome::refused(Code::InvalidArgument, text))
}

/// One byte more than a secret may have.
const TOO_LONG: u64 = SECRET_LONGEST as u64 + 1;

/// What `read` appends, whole, without the line break at its end.
fn read_secret(
    read: impl FnOnce(&mut Vec<u8>) -> io::Result<usize>,
) -> io::Result<Zeroizing<String>> {
    let refuse = |rule: String| Err(io::Error::new(io::ErrorKind::InvalidData, rule));
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_LONGEST + 1));
    read(&mut bytes)?;
    if bytes.len() > SECRET_LONGEST {
        return refuse(format!("it is longer than {SECRET_LONGEST} bytes"));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return refuse("it is not UTF-8".to_owned());
    };
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}
