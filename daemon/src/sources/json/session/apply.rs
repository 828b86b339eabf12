//! What the list said becomes rows, marks and the next question.

use std::time::Duration;

use tidings_api::{Millis, SourceState};
use tokio::time::Instant;

use crate::model::{Batch, Event};
use crate::sources::Exit;
use crate::sources::json::marker::Marker;
use crate::sources::json::marks;
use crate::sources::json::reconcile::{self, Facts, Plan};
use crate::sources::json::session::fetch::Fetched;
use crate::sources::json::session::{Session, Step};
use crate::sources::json::spec::Paging;
use crate::sources::trouble::Trouble;

/// Events of one transaction while catching up.
const BATCH: usize = 500;
/// Reconciles with news and without any frame after which the connection counts as deaf.
const DEAF_AFTER: u32 = 2;
/// A deaf connection is renewed, yet not more often than this: with an in-memory channel layer it stays deaf.
const DEAF_RENEWAL: Duration = Duration::from_secs(3_600);

impl Session<'_> {
    /// Stores what the list says.
    pub(super) async fn apply(&mut self, fetched: Fetched) -> Step {
        let now = self.cx.clock.now();
        let ids = fetched.walk.rows.iter().map(|row| row.id.clone()).collect();
        let known = self.cx.store.known(self.cx.record.id, ids).await.map_err(Trouble::from)?;
        if reconcile::was_reset(&fetched.walk, &known, &self.marker) {
            return self.start_epoch().await;
        }
        let provisionals =
            self.cx.store.provisionals(self.cx.record.id).await.map_err(Trouble::from)?;
        let spec = &self.profile.spec;
        let plan = reconcile::plan(&Facts {
            walk: &fetched.walk,
            known: &known,
            provisionals: &provisionals,
            unread_before: &fetched.unread_before,
            tries: &self.tries,
            first: self.first,
            marker: &self.marker,
            absent_means_read: spec.list.absent_means_read,
            marks_are_sent: self.profile.mark_read.is_some(),
            window: spec.sync.match_window.millis(),
            patience: spec
                .sync
                .reconcile_every
                .millis()
                .saturating_mul(2)
                .saturating_add(reconcile::RETRIES[2]),
            now,
        });
        let mut marker = self.marker.after(&fetched.walk.rows);
        if let Some(past) = fetched.walk.past {
            marker = marker.with(past);
        }
        self.store_plan(&plan, &marker).await?;
        self.marker = marker;
        self.first = false;
        self.judge_marks(&fetched).await?;
        self.after_reconcile(plan, fetched.marks_refused.clone(), now)?;
        self.compare_counts(&fetched).await
    }

    /// The server's database was reset: ids start again. What is known belongs to the past, all rows are new.
    async fn start_epoch(&mut self) -> Step {
        tracing::warn!(source = self.cx.record.name, "the server's database was reset");
        self.marker = Marker::default();
        self.gap = None;
        let marker = Some(self.marker.write());
        self.emit(Batch { events: vec![Event::NewEpoch], marker, caught_up: false }).await?;
        self.schedule.now(Instant::now());
        Ok(())
    }

    async fn store_plan(&self, plan: &Plan, marker: &Marker) -> Step {
        let mut chunks = plan.events.chunks(BATCH).peekable();
        while let Some(events) = chunks.next() {
            if chunks.peek().is_some() {
                self.emit(Batch { events: events.to_vec(), ..Batch::default() }).await?;
                continue;
            }
            let (marker, caught_up) = (Some(marker.write()), true);
            return self.emit(Batch { events: events.to_vec(), marker, caught_up }).await;
        }
        if !self.first && *marker == self.marker {
            return Ok(());
        }
        self.emit(Batch { events: Vec::new(), marker: Some(marker.write()), caught_up: true }).await
    }

    async fn judge_marks(&mut self, fetched: &Fetched) -> Step {
        if fetched.sent.is_empty() {
            return Ok(());
        }
        let absent_means_read = self.profile.spec.list.absent_means_read;
        let verdict = marks::verify(fetched.sent.clone(), &fetched.walk, absent_means_read);
        let (store, id) = (&self.cx.store, self.cx.record.id);
        if !verdict.confirmed.is_empty() {
            store.marks_confirmed(id, verdict.confirmed).await.map_err(Trouble::from)?;
        }
        if verdict.again.is_empty() {
            if fetched.more_marks {
                self.schedule.now(Instant::now());
            }
            self.schedule.marks_sent();
        } else {
            let attempts = verdict.again.iter().map(|mark| mark.attempts).min().unwrap_or_default();
            store.marks_attempted(id, verdict.again).await.map_err(Trouble::from)?;
            self.schedule.marks_failed(Instant::now(), attempts);
        }
        Ok(())
    }

    /// The server counts all unread rows, a walk sees the newest. When both counts move apart, something further down
    /// was missed or read elsewhere. A difference that stays is history that was not taken.
    async fn compare_counts(&mut self, fetched: &Fetched) -> Step {
        let (store, id) = (&self.cx.store, self.cx.record.id);
        self.look_deep = false;
        let wanted = self.profile.sendable_marks(true);
        let marks = store.pending_marks(id, wanted, 1).await.map_err(Trouble::from)?;
        let settled = self.tries.is_empty() && marks.is_empty();
        let Some(there) = fetched.walk.unread_count.filter(|_| settled) else { return Ok(()) };
        let here = store.unread_remote_ids(id).await.map_err(Trouble::from)?.len();
        let gap = i128::from(there) - i128::try_from(here).unwrap_or_default();
        let moved = self.gap.replace(gap).is_some_and(|before| before != gap);
        if moved && !fetched.deep && self.profile.spec.list.paging != Paging::None {
            self.look_deep = true;
            self.schedule.now(Instant::now());
        }
        Ok(())
    }

    fn after_reconcile(&mut self, plan: Plan, trouble: Option<String>, now: Millis) -> Step {
        self.tries = plan
            .waiting
            .iter()
            .map(|(id, _)| (*id, self.tries.get(id).copied().unwrap_or_default() + 1))
            .collect();
        let retry = plan.waiting.iter().filter_map(|(_, at)| reconcile::next_retry(*at, now)).min();
        self.schedule.succeeded(Instant::now(), rand::random());
        if let Some(at) = retry {
            let wait = u64::try_from(at.saturating_sub(now)).unwrap_or_default();
            self.schedule.at(Instant::now() + Duration::from_millis(wait));
        }
        let missed = !plan.unannounced.is_empty();
        self.announcements.expect(plan.unannounced, now);
        self.cx.alive();
        self.judge_hearing(missed, trouble)
    }

    /// News in the list without any frame: the group membership may have ended, or the server's layer is in-memory.
    fn judge_hearing(&mut self, missed: bool, trouble: Option<String>) -> Step {
        if self.frames_since_reconcile > 0 {
            self.deaf = 0;
        } else if missed && !self.profile.spec.websocket.url.is_empty() {
            self.deaf += 1;
        }
        self.frames_since_reconcile = 0;
        if !self.serving {
            return Ok(());
        }
        if self.deaf < DEAF_AFTER {
            self.cx.report(SourceState::Online, trouble);
            return Ok(());
        }
        if self.started.elapsed() >= DEAF_RENEWAL {
            return Err(Exit::Recycle);
        }
        let why =
            "the WebSocket is open but brings nothing; notifications arrive by asking the list"
                .to_owned();
        self.cx.report(SourceState::Silent, Some(why));
        Ok(())
    }
}
