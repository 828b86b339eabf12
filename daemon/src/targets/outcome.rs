use std::time::Duration;

/// What came of one attempt, classed by what to do next. The words are stored and shown: they tell what the provider
/// answered and what to do, and hold neither secrets nor contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has taken it over.
    Accepted {
        /// By which it can be asked later what became of it.
        receipt: Option<String>,
    },
    /// It was certainly not delivered, and may be later.
    Retry {
        /// What happened.
        why: String,
        /// How long the provider wants to be left alone.
        after: Option<Duration>,
    },
    /// Nobody knows: the answer was lost, or the provider failed after it may have taken it.
    Unknown {
        /// What happened.
        why: String,
    },
    /// The address does not exist any more, or never did: its record is deactivated.
    Gone {
        /// What the provider says.
        why: String,
    },
    /// This message will never be accepted. The address is fine.
    Refused {
        /// What the provider says.
        why: String,
    },
    /// The recipient has told the provider to stop.
    OptedOut {
        /// What the provider says.
        why: String,
    },
    /// The target itself is not set up right: credentials, sender, project. Nothing is sent until somebody mends it.
    Misconfigured {
        /// What the provider says and what to do.
        why: String,
    },
}

/// What a provider says later about a message that it accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Not known yet.
    Pending,
    /// It has arrived, or was handed on as far as the provider can tell.
    Delivered,
    /// It did not arrive; sending it again may help.
    Failed {
        /// What the provider says.
        why: String,
    },
    /// It did not arrive, and never will.
    Refused {
        /// What the provider says.
        why: String,
    },
    /// The address is dead.
    Gone {
        /// What the provider says.
        why: String,
    },
    /// The recipient has told the provider to stop.
    OptedOut {
        /// What the provider says.
        why: String,
    },
    /// The target is not set up right.
    Misconfigured {
        /// What the provider says and what to do.
        why: String,
    },
    /// The provider knows nothing of it any more: it will never be confirmed.
    Lost,
}
