//! `verifysms send`, `check` and `guard`: turns arguments into a call of the library.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::args;
use super::read;
use super::report::{self, Operation, Report};
use super::settings::{self, GUARD_VARIABLE, Settings};
use super::signals::SignalFlag;
use crate::transport::shown;
use crate::{Client, Code, Request};

/// The argument that stands for a line of standard input.
const STANDARD_INPUT: &str = "-";

pub(super) fn send(arguments: &args::Send) -> Result<Report, Report> {
    let signal = SignalFlag::watch()?;
    let options =
        [("sender", arguments.sender.as_deref()), ("message", arguments.message.as_deref())];
    let client = client(&arguments.call, &options, Operation::Send, &signal)?;
    let to = argument("to", &arguments.to, &signal)?;
    let request = request(
        &to,
        [
            ("end_user", arguments.end_user.as_deref(), Request::end_user),
            ("origin", arguments.origin.as_deref(), Request::origin),
            ("app_hash", arguments.app_hash.as_deref(), Request::app_hash),
        ],
    )?;
    signal.check()?;
    let sent = client.send_request(&request);
    sent.map(|sent| Report::sent(&sent)).map_err(|error| Report::failed(Operation::Send, &error))
}

pub(super) fn check(arguments: &args::Check) -> Result<Report, Report> {
    // Whoever passes on what somebody typed as their number means that number, and no other one.
    if arguments.to == STANDARD_INPUT && arguments.code != STANDARD_INPUT {
        let text = "to: - is for a number whose code is on standard input too, as in check - -";
        return Err(Report::rejected(Code::InvalidArgument, text));
    }
    let signal = SignalFlag::watch()?;
    let client = client(&arguments.call, &[], Operation::Check, &signal)?;
    let to = argument("to", &arguments.to, &signal)?;
    let code = argument("code", &arguments.code, &signal)?;
    let end_user = ("end_user", arguments.end_user.as_deref(), Request::end_user as Setter);
    let request = request(&to, [end_user])?;
    signal.check()?;
    let check = client.check_request(&request, &code);
    check
        .map(|check| Report::checked(&check))
        .map_err(|error| Report::failed(Operation::Check, &error))
}

pub(super) fn guard_show(arguments: &args::GuardNumber) -> Result<Report, Report> {
    let (client, to) = guarded(arguments)?;
    let status =
        client.guard_show(&to).map_err(|error| Report::failed(Operation::Guard, &error))?;
    Ok(Report::shown(&status))
}

pub(super) fn guard_forget(arguments: &args::GuardNumber) -> Result<Report, Report> {
    let (client, to) = guarded(arguments)?;
    client.forget(&to).map_err(|error| Report::failed(Operation::Guard, &error))?;
    Ok(Report::forgotten())
}

/// A client whose guard has a store outside this process, and a number.
fn guarded(arguments: &args::GuardNumber) -> Result<(Client, Zeroizing<String>), Report> {
    let signal = SignalFlag::watch()?;
    let settings = Settings::of_call(&arguments.call, &[], &signal)?;
    if settings.get("guard").map(settings::store).transpose()?.flatten().is_none() {
        let text = format!("guard: there is none; name its store with --guard or {GUARD_VARIABLE}");
        return Err(Report::rejected(Code::InvalidArgument, text));
    }
    let client = client_of(&settings, &arguments.call, Operation::Guard, &signal)?;
    let to = argument("to", &arguments.to, &signal)?;
    signal.check()?;
    Ok((client, to))
}

/// What a request may carry: its name, the option, and how it is set.
type Carried<'a> = (&'static str, Option<&'a OsStr>, Setter);
type Setter = fn(Request, &str) -> Request;

/// What the call is about.
fn request<const N: usize>(to: &str, carried: [Carried<'_>; N]) -> Result<Request, Report> {
    let mut request = Request::new(to);
    for (name, value, set) in carried {
        let Some(value) = value else { continue };
        let value = value.to_str().ok_or_else(|| {
            Report::rejected(Code::InvalidArgument, format!("{name}: is not UTF-8"))
        })?;
        request = set(request, value);
    }
    Ok(request)
}

/// A client with the options of all operations, and with those of one of them.
pub(super) fn client(
    call: &args::CallOptions,
    options: &[(&'static str, Option<&OsStr>)],
    operation: Operation,
    signal: &SignalFlag,
) -> Result<Client, Report> {
    client_of(&Settings::of_call(call, options, signal)?, call, operation, signal)
}

fn client_of(
    settings: &Settings,
    call: &args::CallOptions,
    operation: Operation,
    signal: &SignalFlag,
) -> Result<Client, Report> {
    let (key, source) = api_key(settings, signal)?;
    let interrupt = signal.clone();
    let mut builder =
        Client::builder(&key).allow_http(call.allow_http).interrupt(move || interrupt.is_set());
    if call.verbose {
        builder = builder.log(|_, record| report::print_error(record));
    }
    settings.apply(builder)?.build().map_err(|error| {
        let name = error.argument().unwrap_or_default().replace('_', "-");
        let source = match name.as_str() {
            "api-key" => Some(&source),
            name => settings.get(name).map(|setting| &setting.source),
        };
        match source {
            Some(source) => {
                let text = format!("{error}; it comes from {source}");
                Report::rejected(Code::InvalidArgument, text)
            }
            None => Report::failed(operation, &error),
        }
    })
}

/// The account's key, and where it comes from.
fn api_key(
    settings: &Settings,
    signal: &SignalFlag,
) -> Result<(Zeroizing<String>, String), Report> {
    if let Some(key) = settings.get("api-key") {
        return Ok((Zeroizing::new(key.text()?.to_owned()), key.source.clone()));
    }
    let Some(file) = settings.get("api-key-file") else {
        let text = "api_key: there is none; set VERIFYSMS_API_KEY, or name a file that holds it with \
                    --api-key-file";
        return Err(Report::rejected(Code::InvalidArgument, text));
    };
    if file.value == STANDARD_INPUT {
        return Ok((line("api_key", signal)?, "standard input".to_owned()));
    }
    let path = Path::new(&file.value);
    let shown = shown(path);
    let key = read::key(path, signal).map_err(|error| {
        let text = format!("api_key: cannot read {shown}: {error}; name a file that holds the key");
        signal.or_interrupted(Report::rejected(Code::InvalidArgument, text))
    })?;
    Ok((key, shown))
}

/// An argument, or the line of standard input that it stands for.
pub(super) fn argument(
    name: &str,
    argument: &str,
    signal: &SignalFlag,
) -> Result<Zeroizing<String>, Report> {
    match argument {
        STANDARD_INPUT => line(name, signal),
        _ => Ok(Zeroizing::new(argument.to_owned())),
    }
}

/// The next line of standard input. An empty one is a fault, as is none at all.
fn line(name: &str, signal: &SignalFlag) -> Result<Zeroizing<String>, Report> {
    let describe = |error: io::Error| {
        let text = format!("{name}: cannot read standard input: {error}; give it a line");
        signal.or_interrupted(Report::rejected(Code::InvalidArgument, text))
    };
    read::line(signal).map_err(describe)
}
