//! Reads the server's list, page by page, as far as it is needed.

use std::collections::HashSet;

use serde_json::Value;
use tidings_api::Millis;
use url::Url;

use crate::model::SourceId;
use crate::sources::json::client::Client;
use crate::sources::json::mapping::Row;
use crate::sources::json::marker::{self, Marker, Past};
use crate::sources::json::pager::{Fetched, Limits, Pager, Step};
use crate::sources::json::profile::Profile;
use crate::sources::json::spec::{Paging, SyncSpec};
use crate::sources::trouble::Trouble;
use crate::store::Store;

/// Pages beyond the first that a mark is looked for.
const VERIFY_PAGES: usize = 20;
/// Pages of a walk that only looks for what was read elsewhere.
const DEEP_PAGES: usize = 50;

/// Rows of one walk: a server that never ends must not fill the memory.
const ROWS: usize = 100_000;
/// Rows that are read before others get their turn.
const AT_ONCE: usize = 256;

/// What a walk is to bring.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// What the last complete walk saw.
    pub(super) marker: Marker,
    /// Nothing was ever taken from this source: bounded history only.
    pub(super) first: bool,
    /// Go on through known pages: a count says that something was missed.
    pub(super) deep: bool,
    /// Rows whose state is in question.
    pub(super) look_for: HashSet<String>,
}

/// What a walk brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Walk {
    /// Newest first, each id once.
    pub(super) rows: Vec<Row>,
    /// Which rows' absence means something.
    pub(super) coverage: Coverage,
    /// Unread rows on the server, as it says.
    pub(super) unread_count: Option<u64>,
    /// Rows that could not be read.
    pub(super) unreadable: usize,
    /// What was there before us, as the first walk found it.
    pub(super) past: Option<Past>,
}

/// Of which rows it is known that they are not in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Coverage {
    /// Of all: the list was read to its end.
    Everything,
    /// Of those with a number above this one: the list was cut there.
    Above(u64),
    /// Of none.
    #[default]
    Nothing,
}

/// Walks the list.
pub(super) async fn walk(
    profile: &Profile,
    client: &Client,
    store: &Store,
    source: SourceId,
    wanted: &Wanted,
    now: Millis,
) -> Result<Walk, Trouble> {
    let spec = &profile.spec;
    let start = client.url(&spec.list.url)?;
    let mut pager = Pager::new(Limits {
        paging: spec.list.paging,
        page_size: spec.list.page_size,
        max_pages: if wanted.deep {
            spec.list.max_pages.min(DEEP_PAGES)
        } else {
            spec.list.max_pages
        },
        max_rows: if wanted.first { spec.sync.backfill_rows } else { ROWS },
    });
    let mut looked_for = wanted.look_for.clone();
    let mut walk = Walk::default();
    let mut url = start.clone();
    let mut pages = 0;
    let mut fell = false;
    loop {
        let answer = client.json(&url).await?;
        pages += 1;
        let mut page = read_page(profile, &answer, now).await?;
        walk.unreadable += page.unreadable;
        fell |= pages == 1 && wanted.marker.fell(&page.rows);
        walk.unread_count = profile.unread_count(&answer).or(walk.unread_count);
        let ids: Vec<String> = page.rows.iter().map(|row| row.id.clone()).collect();
        looked_for.retain(|id| !ids.contains(id));
        let settled = looked_for.is_empty() || pages > VERIFY_PAGES;
        let known = store.known(source, ids.clone()).await?;
        page.rows
            .retain(|row| known.contains_key(&row.id) || !wanted.marker.left_behind(row, fell));
        let all_known = page.rows.iter().all(|row| known.contains_key(&row.id));
        let step = pager_step(
            &mut pager,
            &mut walk.rows,
            page,
            Fetched {
                ids: &ids,
                rows: 0,
                next: profile.next_page(&answer),
                covered: settled && !wanted.deep && all_known && wanted.marker.reaches(&ids),
                old: false,
            },
            wanted.first.then(|| now.saturating_sub(spec.sync.backfill_age.millis())),
        );
        url = match step {
            Step::Done => break,
            Step::Page(number) => page_url(&start, &spec.list.page_param, number),
            Step::Next(named) => next_url(&url, &named)?,
        };
    }
    walk.coverage = coverage(profile, &pager, &walk);
    for path in &spec.list.also {
        let answer = client.json(&client.url(path)?).await?;
        let page = read_page(profile, &answer, now).await?;
        walk.unreadable += page.unreadable;
        let ids = page.rows.iter().map(|row| row.id.clone()).collect();
        let known = store.known(source, ids).await?;
        let is_wanted =
            |row: &Row| known.contains_key(&row.id) || !wanted.marker.left_behind(row, fell);
        let seen: HashSet<String> = walk.rows.iter().map(|row| row.id.clone()).collect();
        walk.rows
            .extend(page.rows.into_iter().filter(|row| !seen.contains(&row.id) && is_wanted(row)));
    }
    newest_first(&mut walk.rows);
    if wanted.first {
        walk.past = Some(leave_history(&mut walk.rows, &spec.sync, pager.reached_end(), now));
    }
    Ok(walk)
}

/// Keeps as much history as the user wants, and says what was left.
fn leave_history(rows: &mut Vec<Row>, spec: &SyncSpec, complete: bool, now: Millis) -> Past {
    let (listed, newest) = (rows.len(), marker::highest(rows));
    let oldest = now.saturating_sub(spec.backfill_age.millis());
    rows.retain(|row| !is_older(row, oldest));
    let young = rows.len();
    rows.truncate(spec.backfill_rows);
    let cut =
        rows.len() < young || rows.len() == listed && rows.len() >= spec.backfill_rows && !complete;
    let left = !complete || rows.len() < listed;
    Past::of(newest, rows, left.then_some(oldest), cut, now)
}

struct Page {
    rows: Vec<Row>,
    total: usize,
    unreadable: usize,
}

/// A row that cannot be read is counted and left out; an answer without the list at all is trouble, because an empty
/// inbox must never be believed by mistake.
async fn read_page(profile: &Profile, answer: &Value, now: Millis) -> Result<Page, Trouble> {
    let items = profile.items(answer).ok_or_else(|| {
        Trouble::Rejected(
            "the answer holds no list where list.items looks for it; check list.url and list.items"
                .to_owned(),
        )
    })?;
    let total = items.len();
    let mut seen = HashSet::new();
    let mut readable: Vec<Row> = Vec::new();
    for some in items.chunks(AT_ONCE) {
        readable.extend(some.iter().filter_map(|item| profile.mapping.row(item, now)));
        // Some servers list a hundred thousand rows in one answer: the daemon has more to do meanwhile.
        tokio::task::yield_now().await;
    }
    let unreadable = total - readable.len();
    let rows = readable.into_iter().filter(|row| seen.insert(row.id.clone())).collect();
    Ok(Page { rows, total, unreadable })
}

fn pager_step(
    pager: &mut Pager,
    rows: &mut Vec<Row>,
    page: Page,
    facts: Fetched<'_>,
    oldest: Option<Millis>,
) -> Step {
    let old =
        oldest.is_some_and(|oldest| page.rows.last().is_some_and(|row| is_older(row, oldest)));
    let total = page.total;
    rows.extend(page.rows.into_iter().filter(|row| pager.is_new(&row.id)));
    pager.fetched(Fetched { rows: total, old, ..facts })
}

fn is_older(row: &Row, oldest: Millis) -> bool {
    row.incoming.sent.as_ref().is_some_and(|sent| sent.at < oldest)
}

/// Servers order by time, which has ties, or not at all; numbers tell the order of insertion.
fn newest_first(rows: &mut [Row]) {
    if rows.iter().all(|row| row.id.parse::<u64>().is_ok()) {
        rows.sort_by_key(|row| std::cmp::Reverse(row.id.parse::<u64>().unwrap_or_default()));
    }
}

fn coverage(profile: &Profile, pager: &Pager, walk: &Walk) -> Coverage {
    if walk.unreadable > 0 {
        return Coverage::Nothing;
    }
    if pager.reached_end() {
        return Coverage::Everything;
    }
    if profile.spec.list.paging != Paging::None {
        return Coverage::Nothing;
    }
    let lowest = walk.rows.iter().map(|row| row.id.parse::<u64>().ok()).min().flatten();
    lowest.map_or(Coverage::Nothing, Coverage::Above)
}

/// The address of the next page as the answer names it, on the server of the list: credentials go nowhere else, and a
/// proxy that hides `https` from Django cannot lead us to `http`.
fn next_url(list: &Url, named: &str) -> Result<Url, Trouble> {
    let wrong =
        |error| Trouble::Rejected(format!("the address of the next page is wrong: {error}"));
    let named = list.join(named).map_err(wrong)?;
    let mut own = list.clone();
    own.set_path(named.path());
    own.set_query(named.query());
    Ok(own)
}

fn page_url(start: &Url, parameter: &str, number: usize) -> Url {
    let mut url = start.clone();
    if number > 1 {
        url.query_pairs_mut().append_pair(parameter, &number.to_string());
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_page_is_named_relative_to_the_list_and_stays_on_its_server() {
        let list = Url::parse("https://api.h.example:8443/v1/alerts?page=1").unwrap();
        for named in [
            "https://api.h.example:8443/v1/alerts?page=2",
            "http://api.h.example/v1/alerts?page=2",
            "https://evil.example/v1/alerts?page=2",
            "//evil.example/v1/alerts?page=2",
            "/v1/alerts?page=2",
            "?page=2",
            "alerts?page=2",
        ] {
            let next = next_url(&list, named).unwrap();
            assert_eq!(next.as_str(), "https://api.h.example:8443/v1/alerts?page=2", "{named}");
        }
    }
}
