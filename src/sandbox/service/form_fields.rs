//! A request's form fields: the documented ones, each absent or a text.
//!
//! Knows the wire's names; knows neither their encoding nor which values are valid.

use crate::request::field;

/// The fields of a request. Fields that the documentation does not name are ignored.
#[derive(Debug, Default)]
pub(crate) struct FormFields {
    pub(crate) api_key: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) message: Option<String>,
    /// Makes the request a Check, even if empty.
    pub(crate) code: Option<String>,
    /// The id of a message, for Delivery Status.
    pub(crate) unique: Option<String>,
}

impl FormFields {
    /// Collects the fields. A repeated field is an error that names it: the documentation does not say which
    /// of the two counts.
    pub(crate) fn from_pairs(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<FormFields, String> {
        let mut fields = FormFields::default();
        for (name, value) in pairs {
            let slot = match name.as_str() {
                field::API_KEY => &mut fields.api_key,
                field::FROM => &mut fields.from,
                field::TO => &mut fields.to,
                field::MESSAGE => &mut fields.message,
                field::CODE => &mut fields.code,
                field::UNIQUE => &mut fields.unique,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(format!("the field {name} came twice"));
            }
        }
        Ok(fields)
    }

    /// The phone number, empty if absent.
    pub(crate) fn to(&self) -> &str {
        self.to.as_deref().unwrap_or_default()
    }

    /// The id of a message, if it is a number.
    pub(crate) fn message_id(&self) -> Option<u64> {
        self.unique.as_ref()?.parse().ok()
    }

    pub(crate) fn is_check(&self) -> bool {
        self.code.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: &[&str]) -> Result<FormFields, String> {
        FormFields::from_pairs(names.iter().map(|name| (name.to_string(), format!("{name}!"))))
    }

    #[test]
    fn each_documented_name_has_its_field() {
        let fields = pairs(&["code", "message", "to", "from", "apiKey", "unique"]).unwrap();
        let FormFields { api_key, from, to, message, code, unique } = fields;
        let values = [api_key, from, to, message, code, unique].map(Option::unwrap);
        assert_eq!(values, ["apiKey!", "from!", "to!", "message!", "code!", "unique!"]);
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
