//! What kind of number a phone number is, by its first digits.
//!
//! The area codes are those of Israel's numbering plan (ITU-T E.164, communication of the Ministry of
//! Communications), as libphonenumber's metadata for IL has them.

/// The kind of a phone number. The numbers are those of the C ABI; new kinds get new numbers.
///
/// It says how the number was allocated. Numbers are ported, so it is a hint and no refusal: the service
/// accepts every kind, and the [delivery](crate::Client) of a message says what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum PhoneKind {
    /// In a range that no public table allocates.
    Unknown = 0,
    /// A mobile phone: 050 to 056, 058 and 059.
    Mobile = 1,
    /// A landline: 02, 03, 04, 08 and 09. Few can receive messages.
    Landline = 2,
    /// Telephony over the internet: 072 to 074 and 076 to 079. Few can receive messages.
    Voip = 3,
    /// A mobile phone of a "kosher" plan, which cannot receive messages.
    Kosher = 4,
}

/// The first digits of kosher numbers, with the operator that has them. Others are not in public tables.
///
/// Source: The Jerusalem Post, "'Kosher cell phone' bill passes major hurdle in Knesset"
/// (<https://jpost.com/israel-news/article-810934>): Pelephone 050-41, Cellcom 052-71 and 052-76.
const KOSHER: [&str; 3] = ["05041", "05271", "05276"];

impl PhoneKind {
    /// The kind of a number in the service's form.
    pub(super) fn of(local: &str) -> PhoneKind {
        if KOSHER.iter().any(|prefix| local.starts_with(prefix)) {
            return PhoneKind::Kosher;
        }
        match local.as_bytes() {
            [b'0', b'5', b'0'..=b'6' | b'8' | b'9', ..] => PhoneKind::Mobile,
            [b'0', b'7', b'2'..=b'4' | b'6'..=b'9', ..] => PhoneKind::Voip,
            [b'0', b'2'..=b'4' | b'8' | b'9', ..] => PhoneKind::Landline,
            _ => PhoneKind::Unknown,
        }
    }

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `MOBILE`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PhoneKind::Unknown => "UNKNOWN",
            PhoneKind::Mobile => "MOBILE",
            PhoneKind::Landline => "LANDLINE",
            PhoneKind::Voip => "VOIP",
            PhoneKind::Kosher => "KOSHER",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_digits_say_the_kind() {
        for (local, kind) in [
            ("0501234567", PhoneKind::Mobile),
            ("0541234567", PhoneKind::Mobile),
            ("0591234567", PhoneKind::Mobile),
            ("0571234567", PhoneKind::Unknown),
            ("0504123456", PhoneKind::Kosher),
            ("0504223456", PhoneKind::Mobile),
            ("0527123456", PhoneKind::Kosher),
            ("0527623456", PhoneKind::Kosher),
            ("0527723456", PhoneKind::Mobile),
            ("021234567", PhoneKind::Landline),
            ("031234567", PhoneKind::Landline),
            ("041234567", PhoneKind::Landline),
            ("081234567", PhoneKind::Landline),
            ("091234567", PhoneKind::Landline),
            ("0771234567", PhoneKind::Voip),
            ("0721234567", PhoneKind::Voip),
            ("0701234567", PhoneKind::Unknown),
            ("0711234567", PhoneKind::Unknown),
            ("0751234567", PhoneKind::Unknown),
        ] {
            assert_eq!(PhoneKind::of(local), kind, "{local}");
        }
    }
}
