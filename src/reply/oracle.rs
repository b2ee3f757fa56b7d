//! A second parser of replies, for tests: hand-written, and more lenient than the first.
//!
//! Shares no code with the first parser, so that no defect can be in both.

/// A reply, read leniently.
pub(crate) struct LenientReply(Vec<(String, String)>);

impl LenientReply {
    /// Parses `body`. None if it is not an object.
    pub(crate) fn parse(body: &[u8]) -> Option<LenientReply> {
        // Invalid UTF-8 is neither a 1 nor a digit, and harmless in a field that decides nothing.
        let text = String::from_utf8_lossy(body);
        object(text.trim_start_matches('\u{FEFF}').trim()).map(LenientReply)
    }

    /// Whether the reply may verify the number `0` and `digits`: the status is 1, and there is at most one
    /// phone, which is that number.
    pub(crate) fn may_verify(&self, digits: &str) -> bool {
        self.only("status").is_some_and(|status| plain(status) == "1") && self.may_answer(digits)
    }

    /// Whether this may be a reply to a Check of that number.
    pub(crate) fn may_answer(&self, digits: &str) -> bool {
        let is_asked = |value: &str| {
            let named: String = plain(value).chars().filter(char::is_ascii_digit).collect();
            value == "null" || named.ends_with(digits)
        };
        self.named("phone").len() <= 1
            && self.named("phone").into_iter().all(is_asked)
            && self.has_no_failure()
    }

    /// Whether no field comes twice.
    pub(crate) fn has_no_duplicates(&self) -> bool {
        self.0.iter().all(|(name, _)| self.named(name).len() == 1)
    }

    /// Whether there is a phone.
    pub(crate) fn names_phone(&self) -> bool {
        self.named("phone").into_iter().any(|phone| phone != "null")
    }

    /// The one field of this name, without its quotes.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.only(name).map(plain)
    }

    /// Whether there is no reason, or only 1, "no failure".
    pub(crate) fn has_no_failure(&self) -> bool {
        self.named("reason").into_iter().all(|reason| reason == "null" || plain(reason) == "1")
    }

    fn only(&self, name: &str) -> Option<&str> {
        match self.named(name)[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    fn named(&self, wanted: &str) -> Vec<&str> {
        let fields = self.0.iter().filter(|(name, _)| name == wanted);
        fields.map(|(_, value)| value.as_str()).collect()
    }
}

/// Whether `body` may verify the number `0` and `digits`.
pub(crate) fn may_verify(body: &[u8], digits: &str) -> bool {
    LenientReply::parse(body).is_some_and(|reply| reply.may_verify(digits))
}

/// The fields of an object, whose braces are the first and the last character: the decoded name and the raw
/// value of each.
fn object(text: &str) -> Option<Vec<(String, String)>> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    split(inner, ',')
        .into_iter()
        .filter(|field| !field.trim().is_empty())
        .map(|field| {
            let pair = split(&field, ':');
            let [name, value] = &pair[..] else { return None };
            let name = name.trim().strip_prefix('"')?.strip_suffix('"')?;
            Some((unescaped(name), value.trim().to_owned()))
        })
        .collect()
}

/// Splits `text` at every `separator` outside strings and brackets.
fn split(text: &str, separator: char) -> Vec<String> {
    let (mut pieces, mut depth, mut quoted, mut escaped) = (vec![String::new()], 0, false, false);
    for c in text.chars() {
        if !quoted && depth == 0 && c == separator {
            pieces.push(String::new());
            continue;
        }
        match c {
            '"' if !escaped => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        pieces.last_mut().expect("there is always one").push(c);
    }
    pieces
}

/// A value without its quotes.
fn plain(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inner.map_or(value.to_owned(), unescaped)
}

fn unescaped(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text.chars());
    while let Some(c) = rest.next() {
        let unescaped = match (c, c == '\\') {
            (c, false) => Some(c),
            _ => match rest.next() {
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
                }
                Some('n') => Some('\n'),
                Some('r') => Some('\r'),
                Some('t') => Some('\t'),
                other => other,
            },
        };
        plain.extend(unescaped);
    }
    plain
}
