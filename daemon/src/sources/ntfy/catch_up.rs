//! Asking for what was missed.

use std::time::Duration;

use tidings_api::Millis;

use crate::dispatch::admission::is_stale;
use crate::model::{Arrival, Event};
use crate::net::http::Lines;
use crate::sources::live::{CatchUp, CaughtUp, Server};
use crate::sources::ntfy::marker::{Marker, Newest};
use crate::sources::ntfy::message::{self, Said};
use crate::sources::trouble::Trouble;

/// Events that are stored together.
const STEP: usize = 500;
/// As much of what they came as, too.
const STEP_BYTES: usize = 4 * 1024 * 1024;
/// Events of the last minutes that are kept to the end. Where there are more, no single one pops up anyway.
const FRESH: usize = 5_000;
const FRESH_BYTES: usize = 16 * 1024 * 1024;

/// Asks for everything since the marker, or for all. An answer that breaks off leaves the marker where it is; what has
/// come is stored all the same.
pub(super) async fn run(
    server: &Server,
    topics: &[String],
    configured: &[String],
    overlap: Duration,
    catch_up: &CatchUp,
) -> Result<CaughtUp, Trouble> {
    let known = Marker::read(catch_up.marker.as_deref());
    let resumed = known.as_ref().filter(|_| !catch_up.deep);
    let since = Marker::since(resumed, topics, overlap);
    let path = format!("{}/json?poll=1&since={since}", topics.join(","));
    let mut lines = server.lines(&path).await.map_err(Trouble::beside_a_connection)?;
    let newest = Newest::after(resumed, catch_up.now);
    let mut replay = Replay { known, newest, steps: Steps::default(), now: catch_up.now };
    let complete = replay.take(&mut lines, server, catch_up).await;
    let events = replay.steps.rest();
    if let Err(trouble) = complete {
        catch_up.emit(events).await?;
        return Err(trouble);
    }
    let before = replay.known.as_ref().map(|known| known.kept(configured)).unwrap_or_default();
    let marker = replay.newest.marker(topics.to_vec(), before).write();
    Ok(CaughtUp { events, marker, ..CaughtUp::default() })
}

struct Replay {
    known: Option<Marker>,
    newest: Newest,
    steps: Steps,
    now: Millis,
}

impl Replay {
    async fn take(
        &mut self,
        lines: &mut Lines,
        server: &Server,
        catch_up: &CatchUp,
    ) -> Result<(), Trouble> {
        let mut broken = false;
        loop {
            let line = lines.next().await.map_err(|error| Trouble::transient(error.to_string()))?;
            let Some(line) = line else { break };
            let said = message::read(&line, catch_up.arrival, self.now);
            broken = said == Said::Garbage;
            let Said::Event(event) = said else {
                // It would be told again with every catch-up; a live one is kept.
                tracing::debug!(bytes = line.len(), "a line of a catch-up is passed over");
                continue;
            };
            if let Some(step) = self.event(event, line.len()) {
                catch_up.emit(step).await?;
            }
        }
        if broken {
            let place = server.place();
            return Err(Trouble::transient(format!(
                "{place}: the answer broke off, or is none of ntfy's; it is asked again"
            )));
        }
        Ok(())
    }

    /// Answers what is to be stored now.
    fn event(&mut self, mut event: Event, bytes: usize) -> Option<Vec<Event>> {
        let (at, id) = identity(&event);
        if let Some(at) = at {
            self.newest.note(at, id);
        }
        if let Event::Upsert(incoming) = &mut event
            && self.known.as_ref().is_some_and(|marker| !marker.has_followed(&incoming.topic))
        {
            // What a topic has before it is followed is no news.
            incoming.arrival = Arrival::Backfill;
        }
        let stale = at.is_some_and(|at| is_stale(at, self.now));
        self.steps.push(event, bytes, stale)
    }
}

/// When the server sent it, and under which id.
fn identity(event: &Event) -> (Option<Millis>, &str) {
    if let Event::EndThread { at, event_id, .. } = event {
        return (Some(*at), event_id);
    }
    let Event::Upsert(incoming) = event else { return (None, "") };
    let at = incoming.sent.as_ref().map(|sent| sent.at);
    (at, incoming.remote_id.as_deref().unwrap_or_default())
}

/// Divides an answer into what is stored on the way and what is stored at its end.
///
/// A thread that a replay brings whole, with what ended it, is to raise the popup of its last state alone. The store sees to
/// that within one step. So what is fresh enough to pop up by itself is kept to the end; what is older is told of in a
/// summary at most, which comes after the end and leaves out what was settled meanwhile.
#[derive(Debug, Default)]
struct Steps {
    old: Vec<Event>,
    old_bytes: usize,
    fresh: Vec<Event>,
    fresh_bytes: usize,
}

impl Steps {
    /// Takes the next event, the oldest first. Answers a step that is full.
    fn push(&mut self, event: Event, bytes: usize, stale: bool) -> Option<Vec<Event>> {
        if stale && self.fresh.is_empty() {
            self.old.push(event);
            self.old_bytes += bytes;
            let full = self.old.len() >= STEP || self.old_bytes >= STEP_BYTES;
            return full.then(|| {
                self.old_bytes = 0;
                std::mem::take(&mut self.old)
            });
        }
        self.fresh.push(event);
        self.fresh_bytes += bytes;
        let full = self.fresh.len() >= FRESH || self.fresh_bytes >= FRESH_BYTES;
        full.then(|| self.rest())
    }

    /// All that is there, in its order.
    fn rest(&mut self) -> Vec<Event> {
        (self.old_bytes, self.fresh_bytes) = (0, 0);
        let mut rest = std::mem::take(&mut self.old);
        rest.append(&mut self.fresh);
        rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbered(number: usize) -> Event {
        Event::Unknown { text: number.to_string() }
    }

    proptest! {
        /// However fresh and old ones alternate: every event is stored once, in its order, in steps of a bounded size, and
        /// from the first fresh one on in the last of them.
        #[test]
        fn nothing_is_lost_or_moved(old in 0_usize..2_000, mixed in proptest::collection::vec(any::<bool>(), 0..300)) {
            let mut steps = Steps::default();
            let mut stored = Vec::new();
            let events = std::iter::repeat_n(true, old).chain(mixed.iter().copied());
            for (number, stale) in events.enumerate() {
                if let Some(step) = steps.push(numbered(number), 100, stale) {
                    prop_assert!(step.len() <= STEP);
                    prop_assert!(number < old + mixed.iter().take_while(|stale| **stale).count());
                    stored.extend(step);
                }
            }
            stored.extend(steps.rest());
            let expected: Vec<_> = (0..old + mixed.len()).map(numbered).collect();
            prop_assert_eq!(stored, expected);
        }
    }

    #[test]
    fn large_events_fill_a_step_sooner() {
        let mut steps = Steps::default();
        assert_eq!(steps.push(numbered(0), STEP_BYTES - 1, true), None);
        assert_eq!(steps.push(numbered(1), 1, true).map(|step| step.len()), Some(2));
        assert_eq!(steps.push(numbered(2), FRESH_BYTES - 1, false), None);
        assert_eq!(steps.push(numbered(3), 1, false).map(|step| step.len()), Some(2));
        assert_eq!(steps.rest(), []);
    }
}
