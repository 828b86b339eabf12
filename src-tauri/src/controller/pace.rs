use std::time::Duration;

use tokio::time::Instant;

/// At most ten changes a second reach the panel: more cannot be read, and every one is drawn anew by the host.
const BETWEEN: Duration = Duration::from_millis(100);

/// When the next change may be shown. The newest is always shown in the end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    waiting: Option<Instant>,
}

impl Pace {
    /// Whether a change may be shown now; if not, [`Self::due`] ends when it may.
    pub(super) fn may_show(&mut self, now: Instant) -> bool {
        let next = self.last.map(|last| last + BETWEEN).filter(|next| *next > now);
        self.waiting = next;
        if next.is_none() {
            self.last = Some(now);
        }
        next.is_none()
    }

    /// There is nothing to show any more.
    pub(super) fn forget(&mut self) {
        self.waiting = None;
    }

    /// Waits until what waits may be shown; for ever when nothing waits.
    pub(super) async fn due(&self) {
        match self.waiting {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_second_sees_more_than_ten_changes(pauses in prop::collection::vec(0_u64..300, 1..200)) {
            let mut now = Instant::now();
            let mut pace = Pace::default();
            let mut shown: Vec<Instant> = Vec::new();
            for pause in pauses {
                now += Duration::from_millis(pause);
                if pace.may_show(now) {
                    shown.push(now);
                } else {
                    prop_assert!(pace.waiting.is_some_and(|at| at > now), "the newest would be lost");
                }
            }
            for (index, start) in shown.iter().enumerate() {
                let second = Duration::from_secs(1);
                let within = shown[index..].iter().filter(|at| **at - *start < second).count();
                prop_assert!(within <= 10, "{within} within a second");
            }
        }
    }
}
