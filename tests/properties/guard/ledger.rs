//! What was allowed, by raw times: never more than a limit allows in any time of its length.

use std::collections::HashMap;

use super::model::{Role, Time};
use crate::guard::limits::Limits;
use crate::guard::subject::{Key, Subjects};
use crate::limit::Limit;

/// The events that stand, by whose they are and the limit that has to hold.
#[derive(Default)]
pub(super) struct Ledger(HashMap<(Key, Limit, Role), Vec<Time>>);

impl Ledger {
    /// Notes what was allowed.
    pub(super) fn allowed(
        &mut self,
        whose: &Subjects,
        limits: &Limits,
        event: Option<Role>,
        now: Time,
    ) {
        for name in names(whose, event) {
            let times = self.0.entry(name).or_default();
            times.push(now);
            let Some(rate) = limits.rate(name.1) else { continue };
            let begin = now - u64::from(rate.seconds) * 1000;
            let count = times.iter().filter(|&&time| time >= begin).count();
            assert!(count <= rate.most as usize, "{count} events: {} allows {}", name.1, rate.most);
        }
    }

    /// Notes that it did not happen.
    pub(super) fn undone(&mut self, whose: &Subjects, event: Option<Role>, time: Time) {
        for name in names(whose, event) {
            self.remove(name, time);
        }
    }

    /// Notes that limits of a number begin anew.
    pub(super) fn cleared(&mut self, whose: &Subjects, limits: &[Limit], roles: &[Role]) {
        self.0.retain(|(key, limit, role), _| {
            *key != whose.number || !limits.contains(limit) || !roles.contains(role)
        });
    }

    /// Notes that a send does not count any more in the limits for what was not verified.
    pub(super) fn verified(&mut self, whose: &Subjects, is_asker: bool, sent_at: Time) {
        for name in names(whose, None) {
            let given_back = match name.1 {
                Limit::SendsNumberDay | Limit::SendsRange => true,
                Limit::SendsUser => is_asker,
                _ => false,
            };
            if given_back {
                self.remove(name, sent_at);
            }
        }
    }

    fn remove(&mut self, name: (Key, Limit, Role), time: Time) {
        let times = self.0.entry(name).or_default();
        if let Some(place) = times.iter().position(|&other| other == time) {
            times.remove(place);
        }
    }
}

/// Where a send counts, or a failure in its role.
fn names(whose: &Subjects, failure: Option<Role>) -> Vec<(Key, Limit, Role)> {
    let role = failure.unwrap_or(Role::Asker);
    let number = |limit| Some((whose.number, limit, role));
    let user = |limit| whose.user.map(|user| (user, limit, Role::Asker));
    let names = match failure {
        None => vec![
            number(Limit::SendsNumber),
            number(Limit::SendsNumberDay),
            user(Limit::SendsUser),
            Some((whose.range, Limit::SendsRange, role)),
            Some((whose.app, Limit::SendsApp, role)),
        ],
        Some(_) => {
            vec![number(Limit::Tries), number(Limit::FailuresNumber), user(Limit::FailuresUser)]
        }
    };
    names.into_iter().flatten().collect()
}
