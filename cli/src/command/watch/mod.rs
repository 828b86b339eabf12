//! Live output that neither misses a notification nor prints one twice, over restarts of the daemon too.

mod events;
mod seen;

use std::time::Duration;

use tidings_api::{Filter, Inbox1Proxy, Notification, Row, View, limits};

use self::events::Event;
use self::seen::Seen;
use crate::arguments::{FilterArguments, WatchArguments};
use crate::command::list;
use crate::connection::Daemon;
use crate::exit::{Failure, METHOD_TIMEOUT, Outcome, complain};
use crate::newest::newest_id;
use crate::output::{self, Output, line};

/// Rows of one `Get`, so that no answer is larger than a few megabytes.
const ROWS: usize = 1_000;
/// A daemon that has its name may still be opening its database.
const RETRY: Duration = Duration::from_millis(200);

/// Prints notifications as they arrive, until it is interrupted.
pub(crate) async fn run(
    arguments: &WatchArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let inbox = daemon.inbox().await?;
    // Before the first look at the inbox: what comes in between is then seen twice, not never.
    let mut events = events::subscribe(&inbox).await?;
    let newest = newest_id(&inbox).await?;
    let mut watch = Watch {
        seen: Seen::from(newest, output::now().timestamp_millis()),
        inbox,
        arguments,
        output,
    };
    watch.print_last().await?;
    while let Some(event) = events.recv().await {
        match event {
            Event::Changed(ids) => watch.fetch(&ids).await?,
            Event::Gone => complain("the daemon went away; waiting for it to come back"),
            Event::Came => watch.catch_up().await?,
        }
    }
    Err(Failure::unreachable("the session bus is gone"))
}

struct Watch<'a> {
    inbox: Inbox1Proxy<'static>,
    seen: Seen,
    arguments: &'a WatchArguments,
    output: &'a mut Output,
}

impl Watch<'_> {
    /// The newest rows that were there before, oldest first.
    async fn print_last(&mut self) -> Result<(), Failure> {
        if self.arguments.last == 0 {
            return Ok(());
        }
        let conditions = FilterArguments {
            source: self.arguments.source.clone(),
            topic: self.arguments.topic.clone(),
            urgency: self.arguments.urgency,
            tag: self.arguments.tag.clone(),
            ..FilterArguments::default()
        };
        let filter = list::filter(&conditions, View::All, &output::now());
        let limit = usize::try_from(self.arguments.last).unwrap_or(usize::MAX);
        let mut rows = list::pages(&self.inbox, &filter, limit).await?;
        rows.reverse();
        for row in &rows {
            self.seen.remember(row);
            self.print(row)?;
        }
        self.output.flush()
    }

    /// Rows that a signal named. If the daemon goes away meanwhile, the catch-up brings them.
    async fn fetch(&mut self, ids: &[i64]) -> Result<(), Failure> {
        for chunk in ids.chunks(ROWS) {
            match self.inbox.get(chunk).await.map_err(Failure::from) {
                Ok(rows) => self.print_news(rows)?,
                Err(Failure::Unreachable { .. }) => return Ok(()),
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// What was stored while nobody told us, retried while the daemon starts.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        let deadline = tokio::time::Instant::now() + METHOD_TIMEOUT;
        loop {
            match self.catch_up_once().await {
                Err(Failure::BrokenPipe) => return Err(Failure::BrokenPipe),
                Err(failure) if tokio::time::Instant::now() >= deadline => return Err(failure),
                Err(_) => tokio::time::sleep(RETRY).await,
                Ok(()) => return Ok(()),
            }
        }
    }

    async fn catch_up_once(&mut self) -> Result<(), Failure> {
        let newest = newest_id(&self.inbox).await?;
        let mut next = self.seen.newest() + 1;
        while next <= newest {
            let last = newest.min(next.saturating_add(i64::try_from(ROWS).unwrap_or(1) - 1));
            let ids: Vec<i64> = (next..=last).collect();
            let rows = self.inbox.get(&ids).await?;
            self.print_news(rows)?;
            next = last + 1;
        }
        let everything = Filter { view: View::All, ..Filter::default() };
        let (page, _, _) = self.inbox.list(everything.to_dict(), "", limits::PAGE).await?;
        self.print_news(page)
    }

    fn print_news(&mut self, mut rows: Vec<Row>) -> Result<(), Failure> {
        rows.sort_by_key(|Row(row)| (row.last_at, row.id));
        for Row(row) in &rows {
            if self.seen.is_news(row) && self.is_wanted(row) {
                self.print(row)?;
            }
        }
        self.output.flush()
    }

    fn is_wanted(&self, row: &Notification) -> bool {
        let WatchArguments { source, topic, urgency, tag, last: _, json: _ } = self.arguments;
        source.as_ref().is_none_or(|source| *source == row.source)
            && topic.as_ref().is_none_or(|topic| *topic == row.topic)
            && urgency.is_none_or(|urgency| row.urgency >= urgency)
            && tag.as_ref().is_none_or(|tag| row.tags.contains(tag))
    }

    fn print(&mut self, row: &Notification) -> Result<(), Failure> {
        if self.arguments.json {
            return self.output.json_line(row);
        }
        let text = if self.output.terminal {
            line::live(row, output::local(row.last_at), self.output.color)
        } else {
            line::notification(row)
        };
        self.output.line(&text)
    }
}
