//! Which limits are on, and how much they allow.

use crate::error::Error;
use crate::limit::Limit;
use crate::rule::Rule;

/// The most that can be set. The counts of a number are kept in 16 bits each.
fn max_most(limit: Limit) -> u32 {
    match limit {
        Limit::Cooldown => 1,
        Limit::SendsUser | Limit::SendsRange | Limit::SendsApp | Limit::FailuresUser => {
            i32::MAX as u32
        }
        _ => u16::MAX.into(),
    }
}

fn index(limit: Limit) -> usize {
    limit as usize - 1
}

/// At most `most` events in any time of `seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) most: u32,
    pub(crate) seconds: u32,
}

/// The longest time that a limit can look back.
const MAX_SECONDS: u32 = 31 * 24 * 60 * 60;

/// How long the next send to a number has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cooldown {
    Off,
    /// By the number of sends in the last [`STAIRS_SECONDS`].
    Stairs,
    /// Always this many seconds.
    Flat(u32),
}

/// The seconds to wait after the first, second, ... send.
pub(crate) const STAIRS: [u32; 5] = [30, 40, 60, 90, 120];
/// How long a send counts for the stairs.
pub(crate) const STAIRS_SECONDS: u32 = 600;

impl Cooldown {
    /// The pause after the last of `sends` sends, in milliseconds. None: there is none.
    pub(super) fn pause(self, sends: usize) -> Option<u64> {
        let step = sends.checked_sub(1)?;
        let seconds = match self {
            Cooldown::Off => return None,
            Cooldown::Stairs => STAIRS[step.min(STAIRS.len() - 1)],
            Cooldown::Flat(seconds) => seconds,
        };
        Some(u64::from(seconds) * 1000)
    }

    /// How long a send is remembered for the cooldown, in milliseconds. Programs with another cooldown may
    /// use the same store.
    pub(super) fn memory(self) -> u64 {
        let seconds = match self {
            Cooldown::Flat(seconds) => seconds.max(STAIRS_SECONDS),
            Cooldown::Stairs | Cooldown::Off => STAIRS_SECONDS,
        };
        u64::from(seconds) * 1000
    }
}

/// Which limits are on, and how much they allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) cooldown: Cooldown,
    /// By the number of the limit, less one. That of [`Limit::Cooldown`] is unused.
    rates: [Option<Rate>; Limit::ALL.len()],
}

impl Default for Limits {
    fn default() -> Limits {
        let rate = |most, seconds| Some(Rate { most, seconds });
        Limits {
            cooldown: Cooldown::Stairs,
            rates: [
                None,
                rate(5, 600),
                rate(10, 86_400),
                rate(10, 3600),
                None,
                None,
                rate(5, 600),
                rate(20, 86_400),
                rate(30, 3600),
            ],
        }
    }
}

impl Limits {
    /// What this limit allows. None: it is off. Not for [`Limit::Cooldown`].
    pub(crate) fn rate(&self, limit: Limit) -> Option<Rate> {
        self.rates[index(limit)]
    }

    /// Sets a limit. With `most` 0 it is off.
    pub(crate) fn set(&mut self, limit: Limit, most: u32, seconds: u32) -> Result<(), Error> {
        let max_most = max_most(limit);
        if most > max_most {
            let text = format!("{limit} allows {max_most} at most");
            return Err(Error::invalid_as("limits", Rule::LimitInvalid, text));
        }
        if most > 0 && !(1..=MAX_SECONDS).contains(&seconds) {
            let text = format!("the seconds of {limit} must be from 1 to {MAX_SECONDS} (31 days)");
            return Err(Error::invalid_as("limits", Rule::LimitInvalid, text));
        }
        match limit {
            Limit::Cooldown if most == 0 => self.cooldown = Cooldown::Off,
            Limit::Cooldown => self.cooldown = Cooldown::Flat(seconds),
            _ => self.rates[index(limit)] = (most > 0).then_some(Rate { most, seconds }),
        }
        Ok(())
    }
}
