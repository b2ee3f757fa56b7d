//! The last line of a message, from which a browser fills the code in: `@example.com ###code##`.
//!
//! Sources: "Origin-bound one-time codes delivered via SMS" (<https://wicg.github.io/sms-one-time-codes/>),
//! section 3.2; Chromium's parser (`content/browser/sms/sms_parser.cc`), which accepts only ASCII letters,
//! digits, dots and hyphens in a host.

use super::warning::{Warning, WarningKind};
use crate::text::PLACEHOLDER;

/// The line of a text that is meant for browsers.
pub(super) struct Line<'a> {
    /// Where it begins: which character of the text, counted from 0.
    start: usize,
    text: &'a str,
    /// What follows it, its line break included.
    rest: &'a str,
}

/// The line for browsers, right or wrong: it has the code, and before it a word that begins with @.
pub(super) fn find(message: &str) -> Option<Line<'_>> {
    let mut start = 0;
    let mut rest = message;
    while !rest.is_empty() {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let text = &rest[..end];
        let before = text.split_once(PLACEHOLDER).map_or("", |(before, _)| before);
        if before.split_whitespace().any(|word| word.starts_with('@')) {
            return Some(Line { start, text, rest: &rest[end..] });
        }
        let next = (end + 1).min(rest.len());
        start += rest[..next].chars().count();
        rest = &rest[next..];
    }
    None
}

impl Line<'_> {
    /// The characters of the text that it has, counted from 0.
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.text.chars().count()
    }

    /// What is wrong with the line itself.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |kind, text: &str| warnings.push(Warning::new(kind, text).at(self.start));
        if !self.rest.is_empty() {
            warn(
                WarningKind::WebOtpNotLast,
                "the line for browsers must be the last one: nothing may follow it, not even a line break",
            );
        }
        match self.host() {
            None => warn(
                WarningKind::WebOtpForm,
                "the line for browsers must be @host ###code##, as in @example.co.il ###code##: one space, and \
                 nothing else",
            ),
            Some(host) if !is_host(host) => warn(
                WarningKind::WebOtpHost,
                "the host in the line for browsers has other characters than ASCII letters, digits, dots and \
                 hyphens: write a Hebrew name in its xn-- form",
            ),
            Some(_) => {}
        }
        warnings
    }

    /// A warning if a page of `origin` may not use the code. A page may if it is of the same site (step 3 of
    /// section 2.1): here, if one of the hosts is the other or below it.
    pub(super) fn origin_warning(&self, origin: &str) -> Option<Warning> {
        let (host, origin) = (self.host()?.to_ascii_lowercase(), host_of(origin));
        let is_below = |one: &str, other: &str| {
            one.strip_suffix(other).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        if is_below(&host, &origin) || is_below(&origin, &host) {
            return None;
        }
        let text = format!("the line for browsers names another site than {origin}");
        Some(Warning::new(WarningKind::WebOtpOrigin, text).at(self.start))
    }

    /// The host, if the line has the right form.
    fn host(&self) -> Option<&str> {
        let host = self.text.strip_prefix('@')?.strip_suffix(PLACEHOLDER)?.strip_suffix(" #")?;
        (!host.is_empty() && !host.contains(char::is_whitespace)).then_some(host)
    }
}

/// The host of an origin, which may be written as an address: `https://example.com:8443/`.
pub(super) fn host_of(origin: &str) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = host.split(['/', ':', '?', '#']).next().unwrap_or_default();
    host.trim().to_ascii_lowercase()
}

fn is_host(host: &str) -> bool {
    host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}
