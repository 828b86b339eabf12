//! What the daemon measures about itself; `Control1.Stats` tells it.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The newest latencies kept for the median: enough to be steady, few enough to cost nothing.
const SAMPLES: usize = 1024;

/// Counters since the start of the daemon.
#[derive(Debug, Default)]
pub struct Figures {
    shown: AtomicU64,
    received: AtomicU64,
    frame_to_popup: Mutex<VecDeque<u64>>,
}

impl Figures {
    /// A popup server took a popup; `latency` runs from the frame or the call to its answer.
    pub fn popup_shown(&self, latency: Option<Duration>) {
        self.shown.fetch_add(1, Ordering::Relaxed);
        let Some(latency) = latency else { return };
        // A poisoned lock only means that a panicking thread was measuring too: the numbers are still numbers.
        let mut samples =
            self.frame_to_popup.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        samples.push_back(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// New notifications were committed.
    pub fn committed(&self, count: usize) {
        self.received.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Popups shown since the start.
    #[must_use]
    pub fn popups_shown(&self) -> u64 {
        self.shown.load(Ordering::Relaxed)
    }

    /// Notifications committed since the start.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Median of the newest latencies in microseconds; `None` before the first popup.
    #[must_use]
    pub fn frame_to_popup_p50(&self) -> Option<u64> {
        let samples = self.frame_to_popup.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut sorted: Vec<u64> = samples.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_one_slow_popup() {
        let figures = Figures::default();
        for micros in [200, 210, 90_000, 190, 205] {
            figures.popup_shown(Some(Duration::from_micros(micros)));
        }
        assert_eq!(figures.frame_to_popup_p50(), Some(205));
    }

    #[test]
    fn only_the_newest_samples_count() {
        let figures = Figures::default();
        for _ in 0..SAMPLES {
            figures.popup_shown(Some(Duration::from_secs(1)));
        }
        for _ in 0..SAMPLES {
            figures.popup_shown(Some(Duration::from_micros(7)));
        }
        assert_eq!(figures.frame_to_popup_p50(), Some(7), "old samples must leave the window");
    }
}
