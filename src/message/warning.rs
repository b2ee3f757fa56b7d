//! What is wrong with a message: a stable number and a sentence.

use std::fmt;

/// What a [`Warning`] is about. The numbers are those of the C ABI. New kinds get new numbers; no number is
/// reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum WarningKind {
    /// The text has no `##code##`: the service refuses it (reason 10).
    WithoutCode = 1,
    /// The text is longer than one message: each of its parts is billed.
    SeveralParts = 2,
    /// A character that an ordinary one could replace makes the text take more parts.
    CostlyCharacter = 3,
    /// `##code##` shares its line with right-to-left letters, where phones may show it in another place
    /// (Unicode Standard Annex #9).
    CodeInRightToLeftLine = 4,
    /// An invisible mark that changes the direction of text. Old phones show it as a box.
    DirectionMark = 5,
    /// A browser is to fill the code in, but the text has no line for it.
    WebOtpMissing = 6,
    /// The line for browsers is not the last one, or a line break follows it.
    WebOtpNotLast = 7,
    /// The line for browsers is not `@host ###code##`, with one space and nothing else.
    WebOtpForm = 8,
    /// The host in the line for browsers has other characters than ASCII letters, digits, dots and hyphens.
    WebOtpHost = 9,
    /// The line for browsers names another site.
    WebOtpOrigin = 10,
    /// The text has an app's hash, but is longer than the 140 bytes that Android's SMS Retriever accepts.
    RetrieverLength = 11,
    /// The text has a link. Filters against fraud hold such messages back.
    Link = 12,
    /// The text has another number, which phones may offer as the code.
    OtherNumber = 13,
    /// The sender breaks a rule: it is refused.
    SenderInvalid = 14,
    /// The sender has other characters than ASCII letters, digits and spaces. Networks may replace it.
    SenderCharacters = 15,
    /// The sender is a number: the service refuses one that 99 digital has not approved (reason 3).
    SenderNumber = 16,
}

impl WarningKind {
    /// Every kind, in the order of its number, which begins at 1.
    pub const ALL: &'static [WarningKind] = &[
        WarningKind::WithoutCode,
        WarningKind::SeveralParts,
        WarningKind::CostlyCharacter,
        WarningKind::CodeInRightToLeftLine,
        WarningKind::DirectionMark,
        WarningKind::WebOtpMissing,
        WarningKind::WebOtpNotLast,
        WarningKind::WebOtpForm,
        WarningKind::WebOtpHost,
        WarningKind::WebOtpOrigin,
        WarningKind::RetrieverLength,
        WarningKind::Link,
        WarningKind::OtherNumber,
        WarningKind::SenderInvalid,
        WarningKind::SenderCharacters,
        WarningKind::SenderNumber,
    ];

    /// The number, as the C ABI has it.
    #[must_use]
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name, for example `COSTLY_CHARACTER`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            WarningKind::WithoutCode => "WITHOUT_CODE",
            WarningKind::SeveralParts => "SEVERAL_PARTS",
            WarningKind::CostlyCharacter => "COSTLY_CHARACTER",
            WarningKind::CodeInRightToLeftLine => "CODE_IN_RIGHT_TO_LEFT_LINE",
            WarningKind::DirectionMark => "DIRECTION_MARK",
            WarningKind::WebOtpMissing => "WEBOTP_MISSING",
            WarningKind::WebOtpNotLast => "WEBOTP_NOT_LAST",
            WarningKind::WebOtpForm => "WEBOTP_FORM",
            WarningKind::WebOtpHost => "WEBOTP_HOST",
            WarningKind::WebOtpOrigin => "WEBOTP_ORIGIN",
            WarningKind::RetrieverLength => "RETRIEVER_LENGTH",
            WarningKind::Link => "LINK",
            WarningKind::OtherNumber => "OTHER_NUMBER",
            WarningKind::SenderInvalid => "SENDER_INVALID",
            WarningKind::SenderCharacters => "SENDER_CHARACTERS",
            WarningKind::SenderNumber => "SENDER_NUMBER",
        }
    }
}

/// What is wrong with a message, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    kind: WarningKind,
    at: Option<usize>,
    text: String,
}

impl Warning {
    /// A warning about a whole text.
    pub(super) fn new(kind: WarningKind, text: impl Into<String>) -> Warning {
        Warning { kind, at: None, text: text.into() }
    }

    /// The same, about a place in it.
    pub(super) fn at(self, at: usize) -> Warning {
        Warning { at: Some(at), ..self }
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> WarningKind {
        self.kind
    }

    /// Which character of the text it is about, counted from 0; None if it is about the whole text.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        self.at
    }
}

/// One English sentence, for whoever writes the message.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_in_order() {
        for (index, kind) in WarningKind::ALL.iter().enumerate() {
            assert_eq!(kind.number(), index as i32 + 1, "{}", kind.name());
        }
    }
}
