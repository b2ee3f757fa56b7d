//! What a request is answered when it is to fail: a page of HTTP, a late one, or a broken connection.
//!
//! Knows how each failure looks on the wire; knows no rule of the service, which it asks if need be.

use std::time::Duration;

use super::answer::Answer;
use super::failure::{Body, Failure};
use super::fault::Fault;
use super::page::Page;
use crate::error::Reason;

/// The path of the service's URL.
pub(super) const PATH: &str = "/sms/verifySMS";

/// The provider's printed samples.
const SENT: &str =
    r#"{"status":"OK","unique":"63433453","timestamp":1600115719,"from":"0501234567","reason":1}"#;
const CHECKED: &str = "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}";

/// Numbers to answer about that nobody asked about.
const STRANGERS: [&str; 2] = ["0570000999", "0570000998"];

const LARGE: usize = 100_000_000;

/// What goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Page(Page),
    Late(Page, Duration),
    Fault(Fault),
}

impl Reply {
    /// The service's own answer.
    pub(super) fn plain(answer: &Answer) -> Reply {
        Reply::Page(answer.print())
    }

    /// A failure's, to a Check of this number, or else to a Send. `serve` has the service do what it was asked.
    pub(super) fn failed(
        failure: Failure,
        is_check: bool,
        to: &str,
        serve: impl FnOnce() -> Answer,
    ) -> Reply {
        let done = || serve().print();
        match failure {
            Failure::Reason(reason) => Reply::Page(Answer::Failed(Reason(reason)).print()),
            Failure::Status(status) => {
                Reply::plain(&Answer::Checked { status, phone: to.to_owned() })
            }
            // The code has been seen to by whoever keeps it.
            Failure::Expired => Reply::Page(done()),
            Failure::Http(status) => Reply::Page(Page::html(status)),
            Failure::HttpEmpty(status) => Reply::Page(Page::empty(status)),
            Failure::HttpFail(status) => {
                Reply::Page(Answer::Failed(Reason::UNKNOWN_ERROR).print().with_status(status))
            }
            Failure::HttpAnswer(status) => Reply::Page(done().with_status(status)),
            Failure::Redirect(status) => Reply::Page(Page::redirect(status, PATH)),
            Failure::Body(body) => odd(body, is_check, to),
            Failure::Delay(time) => Reply::Late(done(), time),
            Failure::Drip(time) => Reply::Fault(Fault::close(done().print(0)).pace(time)),
            Failure::Length(wrong) => {
                let printed = done().print(wrong);
                Reply::Fault(if wrong > 0 { Fault::hold(printed) } else { Fault::close(printed) })
            }
            // One that comes too late for the unread request is as good as a reset.
            Failure::Drop | Failure::Reset => Reply::Fault(Fault::reset()),
            Failure::LoseAnswer => {
                drop(done());
                Reply::Fault(Fault::close(Vec::new()))
            }
            Failure::HalfAnswer => {
                let page = done();
                let mut printed = page.print(0);
                printed.truncate(printed.len() - page.body.len().div_ceil(2));
                Reply::Fault(Fault::close(printed))
            }
            Failure::NeverAnswer => Reply::Fault(Fault::hold(Vec::new())),
            Failure::NotHttp => Reply::Fault(Fault::close(b"220 this is not HTTP\r\n".to_vec())),
        }
    }
}

/// HTTP 200 and no answer.
fn odd(body: Body, is_check: bool, to: &str) -> Reply {
    let sample = if is_check { CHECKED } else { SENT };
    Reply::Page(match body {
        Body::Empty => Page::empty(200),
        Body::Html => Page::html(200),
        Body::Malformed => Page::json(r#"{"status" "OK"; reason = 1}"#),
        Body::Truncated => Page::json(&sample[..sample.len() / 2]),
        Body::Sample => Page::json(sample),
        Body::OtherNumber => {
            let phone = STRANGERS[usize::from(to == STRANGERS[0])].to_owned();
            Answer::Checked { status: 1, phone }.print()
        }
        Body::Contradiction => Page::json(if is_check {
            format!(r#"{{"status":1,"reason":5,"phone":"{to}"}}"#)
        } else {
            sample.replace(r#""reason":1"#, r#""reason":5"#)
        }),
        Body::Large => {
            let head = Page::json("").print(LARGE as i64);
            return Reply::Fault(Fault::close(head).blanks(LARGE));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: &str = "0521234567";

    /// The reply, and whether the service was asked.
    fn failed(failure: Failure, is_check: bool) -> (Reply, bool) {
        let mut done = false;
        let reply = Reply::failed(failure, is_check, TO, || {
            done = true;
            Answer::Checked { status: 1, phone: TO.to_owned() }
        });
        (reply, done)
    }

    #[test]
    fn only_what_spoils_the_answer_lets_the_service_do_its_work() {
        let second = Duration::from_secs(1);
        let done = [
            Failure::Expired,
            Failure::HttpAnswer(503),
            Failure::Delay(second),
            Failure::Drip(second),
            Failure::Length(1),
            Failure::LoseAnswer,
            Failure::HalfAnswer,
        ];
        for failure in done {
            assert!(failed(failure, true).1, "{failure:?}");
        }
        let instead = [
            Failure::Reason(5),
            Failure::Status(2),
            Failure::Http(503),
            Failure::HttpEmpty(503),
            Failure::HttpFail(503),
            Failure::Redirect(301),
            Failure::Body(Body::Empty),
            Failure::Drop,
            Failure::Reset,
            Failure::NeverAnswer,
            Failure::NotHttp,
        ];
        for failure in instead {
            assert!(!failed(failure, true).1, "{failure:?}");
        }
    }

    #[test]
    fn half_an_answer_is_its_head_and_half_of_its_body() {
        let (reply, _) = failed(Failure::HalfAnswer, true);
        let whole = Answer::Checked { status: 1, phone: TO.to_owned() }.print().print(0);
        let half = whole.strip_suffix(b"ne\": \"0521234567\",\n}").expect("the printed answer");
        assert_eq!(reply, Reply::Fault(Fault::close(half.to_vec())));
    }

    #[test]
    fn an_answer_is_about_another_number_whichever_is_asked_about() {
        for to in [TO, STRANGERS[0], STRANGERS[1]] {
            let Reply::Page(page) = odd(Body::OtherNumber, true, to) else { panic!("no page") };
            assert!(!page.body.contains(to), "{}", page.body);
            assert!(page.body.contains("\"status\": 1,"), "{}", page.body);
        }
    }

    #[test]
    fn a_truncated_or_malformed_answer_is_no_json() {
        for (body, is_check) in [
            (Body::Malformed, false),
            (Body::Malformed, true),
            (Body::Truncated, false),
            (Body::Truncated, true),
        ] {
            let Reply::Page(page) = odd(body, is_check, TO) else { panic!("no page") };
            let text = page.body.replace(",\n}", "\n}");
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_err(), "{text}");
        }
    }
}
