//! When to stop paging. Pure: told about each page, says what to fetch next.
//!
//! Django's `get_page` answers a page number beyond the end with the last page again, and offset pages shift while
//! rows arrive, so neither an empty page nor a single pass can be trusted.

use std::collections::HashMap;

use crate::sources::json::spec::Paging;

/// Passes over the list until nothing new turns up, at most.
const PASSES: u32 = 5;
/// Pages in a row without anything new that end a pass even though they differ from each other.
const STALE_PAGES: usize = 3;

/// How a list goes on, and how far to follow it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The mode of paging.
    pub(super) paging: Paging,
    /// Rows of a full page; 0 = as many as the first page has.
    pub(super) page_size: usize,
    /// Pages in one pass, at most.
    pub(super) max_pages: usize,
    /// Rows in all, at most.
    pub(super) max_rows: usize,
}

/// What to do after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Fetch the page with this number.
    Page(usize),
    /// Fetch the URL that the last answer named.
    Next(String),
    /// All that is needed is there.
    Done,
}

/// What is known about a page that was fetched.
#[derive(Clone, Debug)]
pub(super) struct Fetched<'a> {
    /// Identities of its rows.
    pub(super) ids: &'a [String],
    /// Its rows, those without identity included.
    pub(super) rows: usize,
    /// The URL of the next page, where the answer names it.
    pub(super) next: Option<String>,
    /// Everything on it and behind it is in the inbox already.
    pub(super) covered: bool,
    /// Everything behind it is older than wanted.
    pub(super) old: bool,
}

/// One walk over a list.
#[derive(Debug)]
pub(super) struct Pager {
    limits: Limits,
    /// Each row's identity, with the last pass that came by it.
    seen: HashMap<String, u32>,
    page_size: usize,
    page: usize,
    pass: u32,
    stale: usize,
    /// The furthest page of any pass.
    deepest: usize,
    previous: Vec<String>,
    /// The last page held nothing but rows of its own pass: the end of the list, or rows that shifted by whole pages.
    doubtful: bool,
    /// Rows did shift, so this pass goes on through pages without anything new.
    thorough: bool,
    reached_end: bool,
}

impl Pager {
    /// A walk that starts with page 1.
    #[must_use]
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            seen: HashMap::new(),
            page_size: limits.page_size,
            page: 1,
            pass: 1,
            stale: 0,
            deepest: 1,
            previous: Vec::new(),
            doubtful: false,
            thorough: false,
            reached_end: false,
        }
    }

    /// Whether a pass came to the end of the list: what was not seen is not there.
    #[must_use]
    pub(super) const fn reached_end(&self) -> bool {
        self.reached_end
    }

    /// Whether a row was not seen before in this walk.
    #[must_use]
    pub(super) fn is_new(&self, id: &str) -> bool {
        !self.seen.contains_key(id)
    }

    /// Takes note of a page.
    pub(super) fn fetched(&mut self, page: Fetched<'_>) -> Step {
        let (new, shifted) = self.note(page.ids);
        if self.page_size == 0 {
            self.page_size = page.rows;
        }
        if self.limits.paging == Paging::None {
            self.reached_end = self.limits.page_size == 0 || page.rows < self.limits.page_size;
            return Step::Done;
        }
        if self.pass > 1 && self.page == 1 {
            self.thorough = self.doubtful && new;
            self.reached_end &= !self.thorough;
        }
        self.doubtful = shifted;
        let repeated = self.page > 1 && page.ids == self.previous;
        self.previous = page.ids.to_vec();
        if self.pass > 1 && !new && !self.thorough {
            return self.pass_over();
        }
        self.stale = if new { 0 } else { self.stale + 1 };
        let last = self.is_last(&page);
        if last || repeated || self.stale >= self.patience() {
            self.doubtful = shifted && !last;
            self.reached_end = true;
            return self.pass_over();
        }
        let enough = page.covered || page.old || self.seen.len() >= self.limits.max_rows;
        if enough || self.page >= self.limits.max_pages {
            return self.pass_over();
        }
        self.page += 1;
        self.deepest = self.deepest.max(self.page);
        match (self.limits.paging, page.next) {
            (Paging::Next, Some(url)) => Step::Next(url),
            (Paging::Next | Paging::Page | Paging::None, _) => Step::Page(self.page),
        }
    }

    /// Takes note of a page's rows: whether any of them is new, and whether this pass came by all of them already.
    fn note(&mut self, ids: &[String]) -> (bool, bool) {
        let (mut new, mut shifted) = (false, !ids.is_empty());
        for id in ids {
            let before = self.seen.insert(id.clone(), self.pass);
            new |= before.is_none();
            shifted &= before == Some(self.pass);
        }
        (new, shifted)
    }

    /// Whether the page itself says that nothing follows it.
    fn is_last(&self, page: &Fetched<'_>) -> bool {
        match self.limits.paging {
            Paging::Next => page.next.is_none(),
            Paging::Page | Paging::None => page.rows < self.page_size.max(1),
        }
    }

    /// Behind new rows that pushed the list down lie all pages that were seen already, and only then what was missed.
    const fn patience(&self) -> usize {
        if self.thorough { STALE_PAGES + self.deepest } else { STALE_PAGES }
    }

    /// After more than one page the list may have shifted meanwhile: look at its head again until nothing is new.
    fn pass_over(&mut self) -> Step {
        if self.page == 1 || self.pass >= PASSES {
            return Step::Done;
        }
        self.pass += 1;
        self.page = 1;
        self.stale = 0;
        Step::Page(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const SIZE: usize = 20;

    fn limits(paging: Paging) -> Limits {
        Limits { paging, page_size: SIZE, max_pages: 1_000, max_rows: 100_000 }
    }

    /// A server like Django: newest first, a page number beyond the end answers the last page.
    fn django_page(rows: usize, page: usize) -> Vec<String> {
        let pages = rows.div_ceil(SIZE).max(1);
        let start = (page.clamp(1, pages) - 1) * SIZE;
        (start..(start + SIZE).min(rows)).map(|offset| (rows - offset).to_string()).collect()
    }

    /// Walks while `arrive` rows are inserted after each request; returns what was seen, the number of requests, and the
    /// rows there were at the last look at the head.
    fn walk(mut rows: usize, arrive: &[usize]) -> (HashSet<String>, usize, usize) {
        let mut pager = Pager::new(limits(Paging::Page));
        let (mut requests, mut page, mut at_last_look) = (0, 1, rows);
        loop {
            if page == 1 {
                at_last_look = rows;
            }
            let ids = django_page(rows, page);
            let fetched =
                Fetched { ids: &ids, rows: ids.len(), next: None, covered: false, old: false };
            let step = pager.fetched(fetched);
            requests += 1;
            match step {
                Step::Page(next) => page = next,
                Step::Next(url) => panic!("no URL was given, yet {url}"),
                Step::Done => return (pager.seen.into_keys().collect(), requests, at_last_look),
            }
            rows += arrive.get(requests - 1).copied().unwrap_or_default();
            assert!(requests < 500, "the walk must end");
        }
    }

    #[test]
    fn repeated_last_page_ends_the_walk() {
        let (seen, requests, _) = walk(3 * SIZE, &[]);
        assert_eq!(seen.len(), 3 * SIZE);
        assert_eq!(requests, 5, "three pages, the last one again, and the first once more");
    }

    #[test]
    fn short_page_ends_the_walk_at_once() {
        assert_eq!(walk(SIZE / 2, &[]).1, 1);
        assert_eq!(walk(SIZE + 1, &[]).1, 3, "two pages and the first once more");
    }

    #[test]
    fn known_page_ends_the_walk_without_a_second_request() {
        let mut pager = Pager::new(limits(Paging::Page));
        let ids = django_page(70, 1);
        let step =
            pager.fetched(Fetched { ids: &ids, rows: SIZE, next: None, covered: true, old: false });
        assert_eq!(step, Step::Done);
        assert!(!pager.reached_end(), "what lies behind was not looked at");
    }

    #[test]
    fn rows_without_identity_do_not_make_a_page_short() {
        let mut pager = Pager::new(limits(Paging::Page));
        let ids = django_page(70, 1);
        let step = pager.fetched(Fetched {
            ids: &ids[1..],
            rows: SIZE,
            next: None,
            covered: false,
            old: false,
        });
        assert_eq!(step, Step::Page(2), "one bad row must not hide the pages behind it");
    }

    #[test]
    fn long_list_that_shifts_by_exactly_one_page_is_read_to_its_end() {
        for pages in 2..10 {
            let arrive: Vec<usize> =
                (1..=pages).map(|n| if n == pages { SIZE } else { 0 }).collect();
            let (seen, _, _) = walk(pages * SIZE + 1, &arrive);
            assert!(seen.contains("1"), "the oldest row lies behind {pages} pages that look old");
        }
    }

    #[test]
    fn pages_that_shift_by_more_than_one_page_hide_no_row() {
        for (rows, arrive) in [(2 * SIZE + 1, [0, 34, 26]), (SIZE + 1, [0, 25, 2 * SIZE])] {
            let (seen, _, now) = walk(rows, &arrive);
            assert_eq!(seen.len(), now, "{rows} rows, then {arrive:?} more: each must be seen");
        }
    }

    proptest! {
        /// However rows arrive while the list is walked, each row that stood at the start is seen, and each that arrived
        /// before the last look at the head.
        #[test]
        fn shifting_pages_lose_nothing(rows in 0_usize..150, arrive in proptest::collection::vec(prop_oneof![0_usize..3, Just(SIZE), 0_usize..45], 0..4)) {
            let (seen, _, now) = walk(rows, &arrive);
            for id in 1..=now {
                prop_assert!(seen.contains(&id.to_string()), "{} of {}", id, now);
            }
        }

        #[test]
        fn any_server_is_left_after_a_bounded_number_of_requests(pages in proptest::collection::vec(
            (proptest::collection::vec(0_u8..50, 0..25), any::<bool>()), 1..60,
        ), paging in prop_oneof![Just(Paging::Page), Just(Paging::Next), Just(Paging::None)]) {
            let mut pager = Pager::new(Limits { max_pages: 10, ..limits(paging) });
            let mut requests = 0;
            for (ids, more) in pages.iter().cycle() {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let next = more.then(|| "/n".to_owned());
                requests += 1;
                if pager.fetched(Fetched { ids: &ids, rows: ids.len(), next, covered: false, old: false }) == Step::Done {
                    break;
                }
                prop_assert!(requests <= 10 * 5);
            }
        }
    }
}
