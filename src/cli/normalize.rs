//! `verifysms normalize`: the forms of a phone number. Makes no call and needs no settings.

use super::args;
use super::call;
use super::report::{Operation, Report};
use super::signals::SignalFlag;
use crate::Phone;

pub(super) fn normalize(arguments: &args::Normalize) -> Result<Report, Report> {
    let signal = SignalFlag::watch()?;
    let to = call::argument("to", &arguments.to, &signal)?;
    match Phone::parse(&to) {
        Ok(phone) => Ok(Report::normalized(&phone)),
        Err(error) => Err(Report::failed(Operation::Normalize, &error)),
    }
}
