//! The service, imitated from its documentation alone.
