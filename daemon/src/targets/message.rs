use tidings_api::{Millis, Urgency};

/// What is sent: one notification, or the summary of several. Texts are clean (see [`crate::sources::text`]) and hostile all
/// the same: a target escapes them for wherever they end up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Where to, in the words of the target: an e-mail address, a phone number, a device token. Empty where the kind
    /// has none. Not for logs.
    pub address: String,
    /// The same for every attempt at this message and for no other: up to 64 of `A-Z a-z 0-9 -`. What a provider offers
    /// against duplicates is made of it: `Message-ID`, `apns-id`, `Topic`, `Idempotency-Key`.
    pub identity: String,
    /// One line, by the target's template. May be empty if the body is not.
    pub title: String,
    /// Plain text, by the target's template.
    pub body: String,
    /// How much it wants to interrupt.
    pub urgency: Urgency,
    /// What a click opens; `http`, `https` or `mailto`, or empty.
    pub url: String,
    /// Name of the source; for a digest of several, empty.
    pub source: String,
    /// The source's own subdivision; may be empty.
    pub topic: String,
    /// The sender's identity of an evolving notification; may be empty.
    pub key: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// Who did it; may be empty.
    pub actor: String,
    /// The row, or the newest row of a summary; 0 for a test.
    pub notification: i64,
    /// How many notifications it stands for: 1, or more for a summary.
    pub count: u32,
    /// When the notification was received.
    pub at: Millis,
    /// From then on it is not worth delivering.
    pub expires_at: Option<Millis>,
    /// When this attempt is made: targets have no clock of their own.
    pub now: Millis,
}
