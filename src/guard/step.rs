//! What is asked of a store, and what it answers.

use crate::limit::Limit;

/// A step of the guard. A store takes each one as a whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Before a Send: counts it, or refuses it.
    Send,
    /// An SMS may be on its way: the tries begin anew, and the end user of the Send is the one who asked.
    Sent(Taken),
    /// Before a Check: counts a failure, or refuses it.
    Check,
    /// The code was right.
    Verified(Taken),
    /// No SMS was sent, or no code was judged: takes back what the step counted.
    Undo(Taken),
    /// Forgets what is known of the number.
    Forget,
    /// Looks, and changes nothing.
    Show,
}

/// What a step counted, so that it can be taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// When, by the clock of the store, in milliseconds.
    pub(crate) time: u64,
    /// What was counted.
    pub(crate) what: Counted,
    /// The epochs of the windows in the order of [`Counted::windows`](super::rules). A window
    /// that was cleared in between has another.
    pub(crate) epochs: [u32; 5],
}

/// What a step counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Counted {
    #[default]
    Send,
    /// A failure of the end user who asked for the code.
    AskerFailure,
    /// A failure of somebody else.
    OtherFailure,
}

/// What a store answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    /// The limit that refuses the step, with the longest wait. Nothing was counted then.
    pub(crate) refused: Option<Wait>,
    pub(crate) taken: Taken,
    /// What the next such step would have to wait for.
    pub(crate) next: Option<Wait>,
    /// How many wrong codes the end user may still try.
    pub(crate) tries_left: Option<u32>,
    /// This send made 80 % of [`Limit::SendsApp`].
    pub(crate) app_is_near: bool,
    /// For [`Step::Show`]: every limit that is on.
    pub(crate) shown: Vec<Shown>,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) limit: Limit,
    /// Milliseconds until it allows one more.
    pub(crate) ms: u64,
}

/// How far a limit is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) limit: Limit,
    /// What was counted.
    pub(crate) count: u32,
    /// Milliseconds until it allows one more. 0: it does now.
    pub(crate) wait_ms: u64,
}

/// Why a store could not be asked. The text is for the log: no key, number or password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoreError(pub(crate) String);
