//! What a request said: the documented fields, each absent or a text.
//!
//! Knows the wire's names; knows neither the encoding they came in nor what they are worth.

use crate::request::field;

/// A request's fields. A field that the documentation does not name is ignored.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) api_key: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) message: Option<String>,
    /// A request that has it, even empty, is a Check.
    pub(super) code: Option<String>,
}

impl Fields {
    /// The fields of these pairs; an error names the field that came twice, since the documentation
    /// does not say which of the two would count.
    pub(super) fn from_pairs(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Fields, String> {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            let slot = match name.as_str() {
                field::API_KEY => &mut fields.api_key,
                field::FROM => &mut fields.from,
                field::TO => &mut fields.to,
                field::MESSAGE => &mut fields.message,
                field::CODE => &mut fields.code,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(format!("the field {name} came twice"));
            }
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: &[&str]) -> Result<Fields, String> {
        Fields::from_pairs(names.iter().map(|name| (name.to_string(), format!("{name}!"))))
    }

    #[test]
    fn each_documented_name_has_its_field() {
        let fields = pairs(&["code", "message", "to", "from", "apiKey"]).unwrap();
        assert_eq!(fields.api_key.as_deref(), Some("apiKey!"));
        assert_eq!(fields.from.as_deref(), Some("from!"));
        assert_eq!(fields.to.as_deref(), Some("to!"));
        assert_eq!(fields.message.as_deref(), Some("message!"));
        assert_eq!(fields.code.as_deref(), Some("code!"));
    }

    #[test]
    fn other_names_are_ignored_and_names_are_exact() {
        let fields = pairs(&["apikey", "TO", "sender", "x", "x"]).unwrap();
        assert!(fields.api_key.is_none() && fields.to.is_none() && fields.from.is_none());
    }

    #[test]
    fn a_field_may_come_once() {
        assert_eq!(pairs(&["to", "to"]).unwrap_err(), "the field to came twice");
    }
}
