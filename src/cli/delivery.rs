//! `verifysms delivery`: what became of a message, once or until that is final.

use std::thread;
use std::time::{Duration, Instant};

use super::args;
use super::call;
use super::report::{Operation, Report, print_progress};
use super::signals::SignalFlag;
use crate::{Client, Delivery, DeliveryState};

/// How often the service is asked.
const INTERVAL: Duration = Duration::from_secs(2);
/// How often a wait looks for a signal.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

pub(super) fn delivery(arguments: &args::Delivery) -> Result<Report, Report> {
    let signal = SignalFlag::watch()?;
    let client = call::client(&arguments.call, &[], Operation::Delivery, &signal)?;
    signal.check()?;
    let until = Instant::now() + Duration::from_secs(arguments.watch_for);
    let delivery = loop {
        let delivery = ask(&client, &arguments.unique)?;
        let is_over = Instant::now() + INTERVAL > until;
        if delivery.state() != DeliveryState::Pending || !arguments.watch || is_over {
            break delivery;
        }
        print_progress("no report yet");
        pause(&signal)?;
    };
    Ok(Report::delivered(&delivery))
}

fn ask(client: &Client, unique: &str) -> Result<Delivery, Report> {
    client.delivery(unique).map_err(|error| Report::failed(Operation::Delivery, &error))
}

/// Waits for the next question. A signal ends the wait.
fn pause(signal: &SignalFlag) -> Result<(), Report> {
    let until = Instant::now() + INTERVAL;
    while Instant::now() < until {
        signal.check()?;
        thread::sleep(SIGNAL_INTERVAL);
    }
    signal.check()
}
