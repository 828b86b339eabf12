//! What makes it quiet, and until when. Pure: the moment is passed in.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeZone};
use tidings_api::{Millis, QuietKind, QuietReason};

use super::schedule::Schedule;

/// The end of a schedule of all hours.
const NEVER: Millis = Millis::MAX;

/// What the user has switched, as the inbox keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switched {
    /// On, until it is switched off.
    pub manual: bool,
    /// On, until then.
    pub timer_until: Option<Millis>,
    /// Off in the schedule's present stretch, until then: its next start counts again.
    pub skipped_until: Option<Millis>,
}

/// A program that asked for quiet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inhibitor {
    /// Who asked.
    pub who: String,
    /// Its words.
    pub why: String,
}

/// Everything that may make it quiet. Each reason stands for itself: one that ends leaves the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuietState {
    /// What the user has switched.
    pub switched: Switched,
    /// What the configuration says.
    pub schedule: Schedule,
    /// Programs, by the order in which they asked.
    pub inhibitors: BTreeMap<u64, Inhibitor>,
}

/// How it is at one moment, as `Quiet1` tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Why it is quiet; empty = it is not.
    pub reasons: Vec<QuietReason>,
    /// When it ends by itself; 0 = not quiet, -1 = not by itself.
    pub until: Millis,
}

impl Status {
    /// Whether it is quiet.
    #[must_use]
    pub fn active(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// The reason that a suppressed popup is told with: what the user did comes before what they once configured.
    #[must_use]
    pub fn first(&self) -> Option<QuietKind> {
        self.reasons.iter().map(|reason| reason.kind).min()
    }
}

impl QuietState {
    /// The user switches it on, until they switch it off.
    pub fn switch_on(&mut self) {
        self.switched = Switched { manual: true, timer_until: None, ..self.switched };
    }

    /// The user switches it on until then.
    pub fn switch_on_until(&mut self, until: Millis) {
        self.switched = Switched { manual: false, timer_until: Some(until), ..self.switched };
    }

    /// The user switches it off: the schedule's present stretch, too. Programs that asked for quiet keep it.
    pub fn switch_off<Z: TimeZone>(&mut self, now: &DateTime<Z>) {
        let skipped_until = self.present_end(now);
        self.switched = Switched { manual: false, timer_until: None, skipped_until };
    }

    /// The schedule is another. An end that never came, of a stretch that is none any more, would skip the new one for
    /// ever.
    pub fn follow_schedule<Z: TimeZone>(&mut self, schedule: Schedule, now: &DateTime<Z>) {
        self.schedule = schedule;
        if self.switched.skipped_until == Some(NEVER) {
            self.switched.skipped_until = self.present_end(now);
        }
    }

    /// Forgets what is over.
    pub fn pass(&mut self, now: Millis) {
        let still = |until: &Millis| *until > now;
        self.switched.timer_until = self.switched.timer_until.filter(still);
        self.switched.skipped_until = self.switched.skipped_until.filter(still);
    }

    /// How it is at that moment.
    #[must_use]
    pub fn status<Z: TimeZone>(&self, now: &DateTime<Z>) -> Status {
        let reasons = self.reasons(now);
        let until = match reasons.iter().map(|reason| reason.until).collect::<Option<Vec<_>>>() {
            None => -1,
            Some(ends) => ends.into_iter().max().map_or(0, |end| self.beyond(end, now)),
        };
        Status { reasons, until }
    }

    /// When to look again; `None` = nothing changes by itself.
    #[must_use]
    pub fn next_change<Z: TimeZone>(&self, now: &DateTime<Z>) -> Option<Millis> {
        let stretch_end = self.schedule.current(now).and_then(|stretch| stretch.end);
        let next_start = self.schedule.next_start(now);
        [self.switched.timer_until, stretch_end, next_start].into_iter().flatten().min()
    }

    fn reasons<Z: TimeZone>(&self, now: &DateTime<Z>) -> Vec<QuietReason> {
        let at = now.timestamp_millis();
        let own = |kind, until| QuietReason { kind, until, who: String::new(), why: String::new() };
        let manual = self.switched.manual.then(|| own(QuietKind::Manual, None));
        let timer = self.switched.timer_until.filter(|until| *until > at);
        let timer = timer.map(|until| own(QuietKind::Timer, Some(until)));
        let schedule = self.schedule.current(now).filter(|_| !self.skips(at));
        let schedule = schedule.map(|stretch| own(QuietKind::Schedule, stretch.end));
        let inhibitors = self.inhibitors.values().map(|Inhibitor { who, why }| QuietReason {
            kind: QuietKind::Inhibitor,
            until: None,
            who: who.clone(),
            why: why.clone(),
        });
        manual.into_iter().chain(timer).chain(schedule).chain(inhibitors).collect()
    }

    /// When the schedule's present stretch is over, if there is one.
    fn present_end<Z: TimeZone>(&self, now: &DateTime<Z>) -> Option<Millis> {
        self.schedule.current(now).map(|stretch| stretch.end.unwrap_or(NEVER))
    }

    fn skips(&self, at: Millis) -> bool {
        self.switched.skipped_until.is_some_and(|until| at < until)
    }

    /// The end, or that of the schedule's stretch that takes over at it.
    fn beyond<Z: TimeZone>(&self, end: Millis, now: &DateTime<Z>) -> Millis {
        let Some(then) = now.timezone().timestamp_millis_opt(end).single() else { return end };
        match self.schedule.current(&then).filter(|_| !self.skips(end)) {
            Some(stretch) => stretch.end.unwrap_or(-1),
            None => end,
        }
    }
}

#[cfg(test)]
mod tests;
