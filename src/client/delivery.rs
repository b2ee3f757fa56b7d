//! The question after a send: what became of the message.

use std::fmt;
use std::pin::pin;

use super::results::Success;
use super::{Client, post, read};
use crate::delivery::{DeliveryState, NextStep, judge};
use crate::error::{Code, Error};
use crate::phone::Phone;
use crate::reply;
use crate::request::Form;
use crate::text;
use crate::transport::{Call, Disposition};
use crate::words::delivery_text;

/// What the service reports of a message. It verifies nobody: a delivered message only lies in some phone.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    report: Option<reply::Report>,
    to: Option<Phone>,
    http_status: u16,
}

impl Client {
    /// Asks the service what became of a message. `unique` is [`Sent::unique`](crate::Sent::unique). A message
    /// takes a few seconds; the service keeps its report for a week.
    ///
    /// The question changes nothing: it may be asked again whatever [`Error::reached`] says.
    ///
    /// # Errors
    /// Any [`Code`] but `Ok` and `NotVerified`.
    pub fn delivery(&self, unique: &str) -> Result<Delivery, Error> {
        self.recorded("delivery", None, |record| {
            let form = self.delivery_form(unique)?;
            let call = record.begin(&self.deliveries, None);
            self.deliveries.run(&call, pin!(self.exchange_delivery(&call, &form)))
        })
    }

    pub(super) fn delivery_form(&self, unique: &str) -> Result<Form, Error> {
        Form::delivery(&self.boundary, &self.account.api_key, text::unique(unique)?)
    }

    pub(super) async fn exchange_delivery(
        &self,
        call: &Call,
        form: &Form,
    ) -> Result<Delivery, Error> {
        // An answer does not name the message: each connection has one question, so that no answer is taken
        // for another.
        let exchange = self.deliveries.exchange(
            call,
            post(form),
            |_| false,
            |response, _| {
                let http_status = response.http_status;
                let delivery = read(&response, reply::delivery).map(|report| {
                    let to = report.as_ref().and_then(|report| Phone::read(&report.to).ok());
                    Delivery { report, to, http_status }
                });
                (delivery, Disposition::Close)
            },
        );
        exchange.await
    }
}

impl Success for Delivery {
    fn code(&self) -> Code {
        Code::Ok
    }
}

impl Delivery {
    /// What became of the message. An unknown code is never [`DeliveryState::Delivered`].
    #[must_use]
    pub fn state(&self) -> DeliveryState {
        self.judged().0
    }

    /// What to do next.
    #[must_use]
    pub fn next_step(&self) -> NextStep {
        self.judged().1
    }

    /// One sentence for the person who waits for the message, in the language with this code: `he` or `en`,
    /// which is also used for any other.
    #[must_use]
    pub fn user_text(&self, language: &str) -> String {
        delivery_text(self.state(), self.next_step(), language)
    }

    fn judged(&self) -> (DeliveryState, NextStep) {
        judge(self.code(), self.to.as_ref().map(Phone::kind))
    }

    /// The provider's number, if there is a report. 0 is one of those for a delivered message.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.report.as_ref().map(|report| report.code)
    }

    /// The phone number in the service's form, if the report names one.
    #[must_use]
    pub fn to(&self) -> Option<&str> {
        self.to.as_ref().map(Phone::as_str)
    }

    /// The sender that was used. Empty if the service did not say.
    #[must_use]
    pub fn sender(&self) -> &str {
        self.word(|report| &report.sender)
    }

    /// The provider's words in Hebrew. Empty if there are none.
    #[must_use]
    pub fn hebrew(&self) -> &str {
        self.word(|report| &report.hebrew)
    }

    /// The provider's words in English. Empty if there are none.
    #[must_use]
    pub fn english(&self) -> &str {
        self.word(|report| &report.english)
    }

    /// The date as it came, such as `15/03/21 20:18`. The provider does not document its time zone.
    #[must_use]
    pub fn date(&self) -> &str {
        self.word(|report| &report.date)
    }

    /// The operator of the phone. Empty if the service did not say.
    #[must_use]
    pub fn operator(&self) -> &str {
        self.word(|report| &report.operator)
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    fn word(&self, word: impl FnOnce(&reply::Report) -> &String) -> &str {
        self.report.as_ref().map_or("", |report| word(report))
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("state", &self.state())
            .field("code", &self.code())
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
