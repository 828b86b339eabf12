//! What the popup server says it can do, asked seldom and forgotten in time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long an answer is believed. xfce4-notifyd leaves `actions` out while it is told not to
/// disturb, so no answer holds for ever.
const BELIEVED_FOR: Duration = Duration::from_secs(120);

/// An answer to `GetCapabilities`, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities(BTreeSet<String>);

impl Capabilities {
    /// Buttons and clicks.
    pub(super) fn actions(&self) -> bool {
        self.0.contains("actions")
    }

    /// The body is read as markup, so plain text needs escapes.
    pub(super) fn markup(&self) -> bool {
        self.0.contains("body-markup")
    }

    /// A line of text can be typed into the popup (KDE, swaync).
    pub(super) fn inline_reply(&self) -> bool {
        self.0.contains("inline-reply")
    }

    /// All of them, sorted.
    pub(super) fn into_sorted(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}

impl<S: Into<String>> FromIterator<S> for Capabilities {
    fn from_iter<I: IntoIterator<Item = S>>(capabilities: I) -> Self {
        Self(capabilities.into_iter().map(Into::into).collect())
    }
}

/// The last answer and when it was given.
#[derive(Debug, Default)]
pub(super) struct Cache(Option<(Instant, Capabilities)>);

impl Cache {
    /// The answer, unless it is too old to be believed.
    pub(super) fn get(&self, now: Instant) -> Option<&Capabilities> {
        let (asked_at, capabilities) = self.0.as_ref()?;
        (now.saturating_duration_since(*asked_at) < BELIEVED_FOR).then_some(capabilities)
    }

    /// Keeps a fresh answer.
    pub(super) fn put(&mut self, now: Instant, capabilities: Capabilities) {
        self.0 = Some((now, capabilities));
    }

    /// Forgets it: another server may have come, or this one has failed.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_believed_for_a_while() {
        let now = Instant::now();
        let mut cache = Cache::default();
        assert_eq!(cache.get(now), None, "nothing was asked yet");

        cache.put(now, Capabilities::from_iter(["actions"]));
        let almost = now + BELIEVED_FOR - Duration::from_millis(1);
        assert!(cache.get(almost).is_some_and(Capabilities::actions), "asked again too soon");
        assert_eq!(cache.get(now + BELIEVED_FOR), None, "do-not-disturb may have ended");

        cache.forget();
        assert_eq!(cache.get(now), None, "believed after a failure");
    }
}
