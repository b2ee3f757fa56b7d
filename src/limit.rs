//! The names and numbers of the limits, and where a caller stands.

use std::time::Duration;

/// What limits a call. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Limit {
    /// The pause between two sends to a number: 30, 40, 60, 90 and then 120 s, by the sends of the last 10
    /// minutes.
    Cooldown = 1,
    /// Sends to a number: 5 in 10 minutes.
    SendsNumber = 2,
    /// Sends to a number that were not verified: 10 in 24 hours.
    SendsNumberDay = 3,
    /// Sends of an end user that were not verified: 10 an hour.
    SendsUser = 4,
    /// Sends to a range, the numbers that differ in their last four digits alone, that were not verified.
    /// Off unless set; 20 an hour is good for a public sign-up page.
    SendsRange = 5,
    /// All sends of the program. Off unless set.
    SendsApp = 6,
    /// Wrong codes for a number since its last send: 5 in 10 minutes for the end user who asked for the code,
    /// and 5 for all others together.
    Tries = 7,
    /// Wrong codes for a number: 20 in 24 hours for the end user who asked, and for all others together.
    FailuresNumber = 8,
    /// Wrong codes of an end user, for any number: 30 an hour.
    FailuresUser = 9,
}

impl Limit {
    /// All limits, in the order of their numbers.
    pub const ALL: [Limit; 9] = [
        Limit::Cooldown,
        Limit::SendsNumber,
        Limit::SendsNumberDay,
        Limit::SendsUser,
        Limit::SendsRange,
        Limit::SendsApp,
        Limit::Tries,
        Limit::FailuresNumber,
        Limit::FailuresUser,
    ];

    /// The limit with this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Limit> {
        Limit::ALL.into_iter().find(|limit| limit.number() == number)
    }

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `SENDS_NUMBER`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Limit::Cooldown => "COOLDOWN",
            Limit::SendsNumber => "SENDS_NUMBER",
            Limit::SendsNumberDay => "SENDS_NUMBER_DAY",
            Limit::SendsUser => "SENDS_USER",
            Limit::SendsRange => "SENDS_RANGE",
            Limit::SendsApp => "SENDS_APP",
            Limit::Tries => "TRIES",
            Limit::FailuresNumber => "FAILURES_NUMBER",
            Limit::FailuresUser => "FAILURES_USER",
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a number or an end user stands after a call, as the guard sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The limit that makes the next such call wait.
    pub(crate) limit: Option<Limit>,
    /// For how long, in whole seconds, rounded up. Zero: not at all.
    pub(crate) retry_after: Duration,
    /// How many wrong codes may still be tried. None: nobody counts them.
    pub(crate) tries_left: Option<u32>,
}
