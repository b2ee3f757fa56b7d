//! Hebrew. Digits stand in right-to-left text as they are: no direction marks are needed.

use super::{Saying, Wait};

/// The sentence; `end` are the last digits of the number, or nothing.
pub(super) fn text(saying: Saying, end: &str) -> String {
    let sentence = match saying {
        #[cfg(feature = "capi")]
        Saying::Nothing => "",
        Saying::Sent if end.is_empty() => "שלחנו קוד אימות בהודעת SMS.",
        Saying::Sent => return format!("שלחנו קוד אימות בהודעת SMS למספר שמסתיים ב-{end}."),
        Saying::Verified => "מספר הטלפון אומת.",
        Saying::WrongCode => "הקוד שגוי או שפג תוקפו. אפשר לנסות שוב או לבקש קוד חדש.",
        Saying::NoTriesLeft => "הוזנו יותר מדי קודים שגויים. יש לבקש קוד חדש.",
        Saying::NumberMissing => "יש להזין מספר טלפון.",
        Saying::NumberTooShort => "במספר הטלפון חסרות ספרות.",
        Saying::NumberTooLong => "במספר הטלפון יש יותר מדי ספרות.",
        Saying::NumberForeign => "יש להזין מספר טלפון ישראלי.",
        Saying::NumberMalformed => "מספר הטלפון אינו תקין. יש להזין אותו כך: 050-123-4567.",
        Saying::CodeMissing => "יש להזין את הקוד שקיבלת בהודעת SMS.",
        Saying::CodeMalformed => "הקוד אינו תקין. יש להזין אותו כפי שהופיע בהודעה.",
        Saying::TryAgain => "לא הצלחנו להשלים את הפעולה. אפשר לנסות שוב.",
        Saying::MaybeSent => "ייתכן שהודעה עם קוד בדרך אליך. אם היא תגיע, אפשר להזין את הקוד.",
        Saying::MaybeChecked => {
            "לא הצלחנו לבדוק את הקוד. אפשר לנסות שוב, ואם הוא לא יתקבל - לבקש קוד חדש."
        }
        Saying::Unavailable => "השירות אינו זמין כרגע. אפשר לנסות שוב מאוחר יותר.",
        Saying::Wait(seconds) => return format!("אפשר לבקש קוד חדש בעוד {}.", wait(seconds)),
        Saying::TooManyTries(seconds) => {
            return format!("היו יותר מדי ניסיונות. אפשר לנסות שוב בעוד {}.", wait(seconds));
        }
        Saying::PhoneOff => "ההודעה לא נמסרה. כדאי לוודא שהטלפון דולק ובאזור קליטה, ולבקש קוד חדש.",
        Saying::AnotherNumber => "המספר הזה אינו מקבל הודעות SMS. יש להזין מספר אחר.",
        Saying::OptedOut => "המספר הזה הוסר מרשימת הנמענים. יש להזין מספר אחר.",
        Saying::OnItsWay => "ההודעה בדרך. היא אמורה להגיע בתוך דקה.",
        Saying::Delivered => "ההודעה נמסרה לטלפון.",
    };
    sentence.to_owned()
}

fn wait(seconds: u64) -> String {
    match Wait::of(seconds) {
        Wait::Seconds(1) => "שנייה".to_owned(),
        Wait::Seconds(2) => "שתי שניות".to_owned(),
        Wait::Seconds(count) => format!("{count} שניות"),
        Wait::Minutes(1) => "דקה".to_owned(),
        Wait::Minutes(2) => "שתי דקות".to_owned(),
        Wait::Minutes(count) => format!("{count} דקות"),
        Wait::Hours(1) => "שעה".to_owned(),
        Wait::Hours(2) => "שעתיים".to_owned(),
        Wait::Hours(count) => format!("{count} שעות"),
    }
}
