//! `verifysms send` and `verifysms check`: from arguments to a call of the library.

use std::env::VarError;
use std::fs;
use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

use super::args;
use super::outcome::{Outcome, Step};
use crate::{Builder, Client, Code, Trust};

/// The environment variable that holds the account's key.
const API_KEY: &str = "VERIFYSMS_API_KEY";

/// The most that is read of a key or a code: far more than either has.
const SECRET_LENGTH: u64 = 4096;

pub(super) fn send(arguments: &args::Send) -> Outcome {
    let mut builder = match builder(&arguments.call) {
        Ok(builder) => builder,
        Err(text) => return Outcome::refused(Code::InvalidArgument, text),
    };
    if let Some(sender) = &arguments.sender {
        builder = builder.sender(sender);
    }
    if let Some(message) = &arguments.message {
        builder = builder.message(message);
    }
    match builder.build().and_then(|client| client.send(&arguments.to)) {
        Ok(sent) => Outcome::sent(&sent),
        Err(error) => Outcome::failed(Step::Send, &error),
    }
}

pub(super) fn check(arguments: &args::Check) -> Outcome {
    let builder = match builder(&arguments.call) {
        Ok(builder) => builder,
        Err(text) => return Outcome::refused(Code::InvalidArgument, text),
    };
    let code = match arguments.code.as_str() {
        "-" => match read_line(io::stdin().lock()) {
            Ok(code) => code,
            Err(error) => {
                let text = format!("code: cannot read standard input: {error}; pipe the code in");
                return Outcome::refused(Code::InvalidArgument, text);
            }
        },
        code => Zeroizing::new(code.to_owned()),
    };
    match builder.build().and_then(|client| client.check(&arguments.to, &code)) {
        Ok(check) => Outcome::checked(&check),
        Err(error) => Outcome::failed(Step::Check, &error),
    }
}

/// The settings of both calls, or what is wrong with the key.
fn builder(call: &args::Call) -> Result<Builder, String> {
    let mut builder = Client::builder(&api_key(call)?)
        .url(&call.url)
        .timeout(call.timeout)
        .trust(match call.trust {
            args::Trust::System => Trust::System,
            args::Trust::Bundled => Trust::Bundled,
        })
        .allow_http(call.allow_http);
    if let Some(proxy) = &call.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(path) = &call.ca_file {
        builder = builder.ca_file(path);
    }
    Ok(builder)
}

fn api_key(call: &args::Call) -> Result<Zeroizing<String>, String> {
    if let Some(path) = &call.api_key_file {
        return fs::File::open(path).and_then(read_all).map_err(|error| {
            let path = path.display();
            format!("api_key: cannot read {path}: {error}; name a file that holds the key")
        });
    }
    std::env::var(API_KEY).map(Zeroizing::new).map_err(|error| match error {
        VarError::NotPresent => format!(
            "api_key: there is none; set {API_KEY}, or name a file that holds it with --api-key-file"
        ),
        VarError::NotUnicode(_) => format!("api_key: {API_KEY} is not text; set it anew"),
    })
}

/// A whole file, without its trailing line break.
fn read_all(file: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    file.take(SECRET_LENGTH).read_to_string(&mut text)?;
    Ok(without_line_break(text))
}

/// A line, without its line break.
fn read_line(input: impl BufRead) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    input.take(SECRET_LENGTH).read_line(&mut text)?;
    Ok(without_line_break(text))
}

fn without_line_break(mut text: Zeroizing<String>) -> Zeroizing<String> {
    let rest = text.strip_suffix('\n').unwrap_or(&text);
    let length = rest.strip_suffix('\r').unwrap_or(rest).len();
    text.truncate(length);
    text
}
