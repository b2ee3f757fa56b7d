//! The calls that the guard limits.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::results::{Check, Sent, Success};
use super::{Client, Request, SendForm};
use crate::callbacks::LogLevel;
use crate::error::{Code, Error, Reached, Reason};
use crate::guard::{Fate, Guard, Pass};
use crate::limit::{Limit, Standing};
use crate::phone::Phone;
use crate::request::Form;
use crate::rule::Rule;
use crate::transport::Call;

/// The reasons with which the service surely did nothing: sent no message, judged no code.
const DID_NOTHING: [Reason; 6] = [
    Reason::SENDER_LENGTH,
    Reason::SENDER_NOT_APPROVED,
    Reason::WRONG_API_KEY,
    Reason::TO_EMPTY,
    Reason::SENDER_EMPTY,
    Reason::MESSAGE_WITHOUT_CODE,
];

impl Client {
    /// Sends, if the guard allows it.
    pub(super) async fn guarded_send(
        &self,
        call: &Call,
        send: &SendForm,
        to: &Phone,
        request: &Request,
    ) -> Result<Sent, Error> {
        if let Some(warning) = &send.warning {
            call.say(LogLevel::Warning, &format!("message: {warning}"))?;
        }
        let exchange = self.exchange_send(call, &send.form, to, request.own_sender());
        let Some(guard) = self.guard(call)? else { return exchange.await };
        let pass = guard.send(call, to, request.who()).await?;
        let result = exchange.await;
        settle(guard, call, &pass, result, |result| match result {
            Err(error) if did_nothing(error) => Fate::Undone,
            _ => Fate::Sent,
        })
        .await
    }

    /// Checks, if the guard allows it.
    pub(super) async fn guarded_check(
        &self,
        call: &Call,
        form: &Form,
        to: &Phone,
        request: &Request,
    ) -> Result<Check, Error> {
        let exchange = self.exchange_check(call, form, to);
        let Some(guard) = self.guard(call)? else { return exchange.await };
        let pass = guard.check(call, to, request.who()).await?;
        let result = exchange.await;
        settle(guard, call, &pass, result, |result| match result {
            Ok(check) if check.is_verified() => Fate::Verified,
            Err(error) if did_nothing(error) => Fate::Undone,
            _ => Fate::Failed,
        })
        .await
    }

    /// The guard, with a part of the call's time for it.
    fn guard(&self, call: &Call) -> Result<Option<&Guard>, Error> {
        match &self.guard {
            Some(guard) => call.reserve(guard.reserve()),
            None if self.has_said_unguarded.swap(true, Ordering::Relaxed) => {}
            None => call.say(LogLevel::Warning, "no guard: sends and tries are not limited")?,
        }
        Ok(self.guard.as_ref())
    }

    /// Forgets what the guard knows of a number: its sends, its tries and its failures. For a call centre that
    /// unlocks a person.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] if the number is invalid or the client has no guard,
    /// [`Code::GuardDown`] if the store cannot be asked; always with [`Reached::No`].
    pub fn forget(&self, to: &str) -> Result<(), Error> {
        self.about("forget", &Request::new(to), |record, to| {
            let call = record.begin(&self.transport, None);
            self.transport.run(&call, pin!(self.exchange_forget(&call, to)))
        })
    }

    pub(super) async fn exchange_forget(&self, call: &Call, to: &Phone) -> Result<(), Error> {
        self.some_guard()?.forget(call, to).await
    }

    /// How far the limits of a number are used. Changes nothing.
    ///
    /// # Errors
    /// As [`forget`](Client::forget).
    pub fn guard_show(&self, to: &str) -> Result<GuardStatus, Error> {
        self.about("guard show", &Request::new(to), |record, to| {
            let call = record.begin(&self.transport, None);
            self.transport.run(&call, pin!(self.exchange_show(&call, to)))
        })
    }

    pub(super) async fn exchange_show(
        &self,
        call: &Call,
        to: &Phone,
    ) -> Result<GuardStatus, Error> {
        let (limits, standing) = self.some_guard()?.show(call, to).await?;
        Ok(GuardStatus { limits, standing, to: to.clone() })
    }

    fn some_guard(&self) -> Result<&Guard, Error> {
        self.guard.as_ref().ok_or_else(|| Error::invalid("guard", Rule::GuardMissing))
    }
}

/// Tells the guard how a call ended, and the result where its number stands now.
async fn settle<T: Success>(
    guard: &Guard,
    call: &Call,
    pass: &Pass,
    result: Result<T, Error>,
    fate: impl FnOnce(&Result<T, Error>) -> Fate,
) -> Result<T, Error> {
    // A callback forked, and this is the child: the call goes on in the parent.
    if call.is_in_child() {
        return result;
    }
    let standing = guard.settle(call, pass, fate(&result)).await;
    match result {
        Ok(mut success) => {
            success.set_standing(standing);
            Ok(success)
        }
        Err(error) => Err(error.with_standing(standing)),
    }
}

fn did_nothing(error: &Error) -> bool {
    let reason = error.reason();
    error.reached() == Reached::No || reason.is_some_and(|reason| DID_NOTHING.contains(&reason))
}

/// How far the limits of a number are used.
#[derive(Clone, PartialEq, Eq)]
pub struct GuardStatus {
    limits: Vec<String>,
    standing: Standing,
    to: Phone,
}

impl GuardStatus {
    /// One English sentence for each limit that is on, for example `SENDS_NUMBER 2 of 5 in 600 s`.
    #[must_use]
    pub fn limits(&self) -> &[String] {
        &self.limits
    }

    /// Where the number stands now.
    #[cfg(feature = "capi")]
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// How long the next send has to wait, in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.standing.retry_after
    }

    /// The limit that makes it wait.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        self.standing.limit
    }

    /// How many wrong codes the end user who asked for a code may still try.
    #[must_use]
    pub fn tries_left(&self) -> Option<u32> {
        self.standing.tries_left
    }

    /// The phone number in the service's form.
    #[must_use]
    pub fn to(&self) -> &str {
        self.to.as_str()
    }
}

impl fmt::Debug for GuardStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardStatus").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Success for GuardStatus {
    fn code(&self) -> Code {
        Code::Ok
    }

    fn reached(&self) -> Reached {
        Reached::No
    }
}
