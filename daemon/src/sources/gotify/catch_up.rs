use tidings_api::Millis;

use crate::model::Event;
use crate::sources::gotify::Gotify;
use crate::sources::gotify::marker::{Marker, Newest};
use crate::sources::gotify::message::Message;
use crate::sources::gotify::page::Page;
use crate::sources::gotify::walk::{Known, Walk};
use crate::sources::live::{CatchUp, CaughtUp, dealt_with};
use crate::sources::trouble::Trouble;

/// New messages that are kept on the way down. What is older is asked for a second time on the way up, so that an absence of
/// a year costs no more memory than one of a day.
const KEPT: usize = 2_000;

/// Asks for what the stream has not brought, stores the oldest first, and finds what was deleted elsewhere.
pub(super) async fn run(gotify: &Gotify, catch_up: &CatchUp) -> Result<CaughtUp, Trouble> {
    let before = Marker::read(catch_up.marker.as_deref(), catch_up.now);
    gotify.learnt().newest = before.map(|before| before.newest).unwrap_or_default();
    // Before the first page: what comes into the inbox meanwhile is missing on no page.
    let present = present(catch_up, before).await?;
    let mut walk = Walk::new(before, catch_up.deep, gotify.backfill, catch_up.now);
    let mut kept = Kept::default();
    while let Some(since) = walk.next() {
        let page = gotify.page(since).await?;
        let known = known(catch_up, &page).await?;
        walk.see(&page, &known);
        name_all(gotify, &page).await;
        let lowest = page.lowest();
        kept.take(since, lowest, events(gotify, catch_up, &walk, page, &known));
    }
    if let Some(anew) = walk.reset() {
        gotify.learnt().newest = Newest::default();
        // With its marker in one step, else a failure in between would begin anew a second time.
        let (events, marker) = (vec![Event::NewEpoch], Some(anew.write()));
        return Ok(CaughtUp { events, marker, again: true });
    }
    for (since, lowest) in kept.left.into_iter().rev() {
        for events in again(gotify, catch_up, &walk, since, lowest).await?.into_iter().rev() {
            catch_up.emit(events).await?;
        }
    }
    let mut events: Vec<Event> = kept.pages.into_iter().rev().flatten().collect();
    let gone = walk.gone(&present).into_iter().map(|id| id.to_string());
    events.extend(gone.flat_map(dealt_with));
    let marker = walk.marker();
    gotify.learnt().newest = marker.newest;
    Ok(CaughtUp { events, marker: Some(marker.write()), again: false })
}

/// What is wanted of a page that is asked for a second time, down to its lowest id: it may come in smaller parts now.
async fn again(
    gotify: &Gotify,
    catch_up: &CatchUp,
    walk: &Walk,
    since: u64,
    lowest: Option<u64>,
) -> Result<Vec<Vec<Event>>, Trouble> {
    let mut parts = Vec::new();
    let mut next = Some(since);
    while let Some(since) = next {
        let page = gotify.page(since).await?;
        let known = known(catch_up, &page).await?;
        next = page.lowest().filter(|id| page.more && lowest.is_some_and(|lowest| *id > lowest));
        parts.push(events(gotify, catch_up, walk, page, &known));
    }
    Ok(parts)
}

/// What is to be stored, by pages from the newest down.
#[derive(Debug, Default)]
struct Kept {
    pages: Vec<Vec<Event>>,
    held: usize,
    /// Where the pages begin that are asked for again, and their lowest ids.
    left: Vec<(u64, Option<u64>)>,
}

impl Kept {
    fn take(&mut self, since: u64, lowest: Option<u64>, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        if self.left.is_empty() && self.held < KEPT {
            self.held += events.len();
            self.pages.push(events);
        } else {
            self.left.push((since, lowest));
        }
    }
}

/// What is wanted of a page, the oldest first.
fn events(
    gotify: &Gotify,
    catch_up: &CatchUp,
    walk: &Walk,
    page: Page,
    known: &Known,
) -> Vec<Event> {
    let applications = gotify.learnt().applications.clone();
    let wanted = page.messages.into_iter().rev();
    wanted
        .filter(|message| walk.wants(message, known, &applications))
        .map(|message| message.incoming(&applications, catch_up.arrival, catch_up.now))
        .map(|incoming| Event::Upsert(Box::new(incoming)))
        .collect()
}

/// Asks for the names of applications once more when a page has one that has none.
async fn name_all(gotify: &Gotify, page: &Page) {
    let unnamed: Vec<u64> = {
        let learnt = gotify.learnt();
        let applications = page.messages.iter().filter_map(|message| message.application);
        applications
            .filter(|id| !learnt.applications.know(*id) && !learnt.asked.contains(id))
            .collect()
    };
    if !unnamed.is_empty() {
        gotify.learn_applications().await;
        gotify.learnt().asked.extend(unnamed);
    }
}

/// The rows of the inbox that the pages will be compared with.
async fn present(catch_up: &CatchUp, before: Option<Marker>) -> Result<Vec<u64>, Trouble> {
    let Some(before) = before else { return Ok(Vec::new()) };
    let since: Millis = if catch_up.deep { 0 } else { before.since };
    let rows = catch_up.store.present(catch_up.source, since).await?;
    Ok(rows.iter().filter_map(|row| row.remote_id.parse().ok()).collect())
}

async fn known(catch_up: &CatchUp, page: &Page) -> Result<Known, Trouble> {
    let ids = page.messages.iter().map(|message: &Message| message.id.to_string()).collect();
    Ok(catch_up.store.known(catch_up.source, ids).await?)
}
