//! The reports of the provider's Delivery Status: what became of a message, in its codes and words.
//!
//! The documentation says what the codes mean. The words are the sandbox's own, and so is this: a report comes
//! a second after the message, its time is UTC, and a message is delivered unless its number or a test says
//! otherwise.

use std::time::Duration;

use serde::Serialize;

/// How long a message is on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// How long the service keeps a report.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The code of a delivered message.
const DELIVERED: i64 = 102;

/// Numbers whose messages are not delivered: the code, and a label for people.
pub(crate) const NUMBERS: [(&str, i64, &str); 7] = [
    ("0570000601", 1, "not delivered: the phone is off"),
    ("0570000602", 2, "not delivered: tried several times, timed out"),
    ("0570000604", 4, "not delivered by the operator"),
    ("0570000615", 15, "not delivered: a kosher number"),
    ("0570000617", 17, "not delivered: the person opted out"),
    ("0570000618", 18, "not delivered: an illegal message"),
    ("0570000747", 747, "not delivered: a number outside of Israel"),
];

/// The code of what becomes of a message to this number.
pub(super) fn code_for(to: &str) -> i64 {
    let number = NUMBERS.iter().find(|number| number.0 == to);
    number.map_or(DELIVERED, |number| number.1)
}

/// A report as the service prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DeliveryReport {
    from: String,
    to: String,
    pub(crate) code: String,
    he_message: &'static str,
    pub(crate) en_message: &'static str,
    date: String,
    operator: &'static str,
}

impl DeliveryReport {
    /// The report of a message that was sent at `sent`, if there is one at `now`; times are since the Unix
    /// epoch.
    pub(super) fn of(
        from: &str,
        to: &str,
        code: i64,
        sent: Duration,
        now: Duration,
    ) -> Option<DeliveryReport> {
        let age = now.saturating_sub(sent);
        if !(ON_ITS_WAY..KEPT).contains(&age) {
            return None;
        }
        let (he_message, en_message) = words(code);
        Some(DeliveryReport {
            from: from.to_owned(),
            to: to.to_owned(),
            code: code.to_string(),
            he_message,
            en_message,
            date: date((sent + ON_ITS_WAY).as_secs()),
            operator: "Sandbox",
        })
    }
}

fn words(code: i64) -> (&'static str, &'static str) {
    match code {
        -1 | 0 | 102 => ("נמסר", "Delivered"),
        1 | 3 | 5 | 6 | 101 | 105 | 106 | 107 | 109..=132 | 999 => ("לא נמסר", "Not delivered"),
        4 | 14 | 104 => ("המפעיל לא מסר את ההודעה", "Not delivered by the operator"),
        15 => ("מספר כשר", "Kosher number"),
        17 | 201 => ("הנמען ביקש הסרה", "The recipient opted out"),
        18 | 998 => ("הודעה אסורה", "Illegal message"),
        2 | 103 => ("פג הזמן", "Timed out"),
        747 => ("מספר מחוץ לישראל", "Number outside of Israel"),
        _ => ("קוד אחר", "Another code"),
    }
}

/// A time as in `15/03/21 20:18`, in UTC.
fn date(seconds: u64) -> String {
    let (mut days, minutes) = (seconds / 86_400, seconds / 60 % 1440);
    let is_leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (day, year, hour, minute) = (days + 1, year % 100, minutes / 60, minutes % 60);
    format!("{day:02}/{month:02}/{year:02} {hour:02}:{minute:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Duration = Duration::from_secs(1_615_839_480);

    fn code(code: i64, after: u64) -> Option<String> {
        let now = SENT + Duration::from_secs(after);
        DeliveryReport::of("Acme", "0501234567", code, SENT, now).map(|report| report.code)
    }

    #[test]
    fn a_message_is_reported_from_a_second_to_a_week_after_it() {
        for (after, expected) in
            [(0, None), (1, Some("102")), (604_799, Some("102")), (604_800, None)]
        {
            assert_eq!(code(102, after).as_deref(), expected, "{after}");
        }
        assert_eq!(code(15, 1).as_deref(), Some("15"));
    }

    #[test]
    fn a_number_chooses_the_code() {
        for (to, expected, _) in NUMBERS {
            assert_eq!(code_for(to), expected);
        }
        assert_eq!(code_for("0501234567"), 102);
    }

    #[test]
    fn a_date_is_written_as_in_the_documentation() {
        for (seconds, expected) in [
            (0, "01/01/70 00:00"),
            (1_615_839_480, "15/03/21 20:18"),
            (1_709_164_800, "29/02/24 00:00"),
            (1_735_689_599, "31/12/24 23:59"),
        ] {
            assert_eq!(date(seconds), expected);
        }
    }

    #[test]
    fn the_documentation_has_the_numbers() {
        let documentation = include_str!("../mod.rs");
        for (to, _, label) in NUMBERS {
            assert!(documentation.contains(&format!("//! | `{to}` | {label} |\n")), "{to}");
        }
    }
}
