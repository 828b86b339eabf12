//! One connection, from signing in to losing it: live frames, reconciling, marks, liveness, in one loop.

mod apply;
mod connect;
mod fetch;
mod frames;

use std::collections::{BTreeMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;

use tidings_api::{Millis, SourceState};
use tokio::time::Instant;

use crate::model::{Batch, Event, NotificationId};
use crate::net::link::{Link, Received};
use crate::sources::json::client::Client;
use crate::sources::json::marker::Marker;
use crate::sources::json::profile::Profile;
use crate::sources::json::session::fetch::{Fetched, Job};
use crate::sources::json::session::frames::Announcements;
use crate::sources::json::{JsonSource, list};
use crate::sources::schedule::{Peace, Schedule};
use crate::sources::trouble::Trouble;
use crate::sources::{Exit, Nudge, SourceContext};

pub(super) use connect::opening;

/// Frames that are taken together when they are there already.
const FRAMES: usize = 256;

/// What ends a session, if it is not an [`Exit`] already.
type Step = Result<(), Exit>;
type Running = Pin<Box<dyn Future<Output = Result<Fetched, Trouble>> + Send>>;

/// Runs one connection.
pub(super) async fn run(source: &mut JsonSource, context: SourceContext) -> Exit {
    let cancel = context.cancel.clone();
    let session = Session::new(source, context);
    tokio::select! {
        () = cancel.cancelled() => Exit::Cancelled,
        exit = session.run() => exit,
    }
}

struct Session<'s> {
    profile: Arc<Profile>,
    client: Arc<Client>,
    security: crate::config::Security,
    peace: &'s mut Peace,
    cx: SourceContext,
    marker: Marker,
    first: bool,
    started: Instant,
    schedule: Schedule,
    announcements: Announcements,
    tries: BTreeMap<NotificationId, u32>,
    gap: Option<i128>,
    look_deep: bool,
    frames_since_reconcile: u32,
    deaf: u32,
    serving: bool,
}

enum Tick {
    Message(Received),
    Fetched(Box<Result<Fetched, Trouble>>),
    Nudge(Option<Nudge>),
    Timer,
}

impl<'s> Session<'s> {
    fn new(source: &'s mut JsonSource, cx: SourceContext) -> Self {
        let started = Instant::now();
        Self {
            profile: Arc::clone(&source.profile),
            client: Arc::clone(&source.client),
            security: source.security.clone(),
            peace: &mut source.peace,
            marker: Marker::read(cx.record.marker.as_deref()),
            first: cx.record.first_connected_at.is_none(),
            schedule: Schedule::new(source.profile.spec.sync.times(), started, rand::random()),
            announcements: Announcements::default(),
            tries: BTreeMap::new(),
            gap: None,
            look_deep: false,
            frames_since_reconcile: 0,
            deaf: 0,
            serving: false,
            started,
            cx,
        }
    }

    async fn run(mut self) -> Exit {
        if let Some(exit) = self.peace.kept(Instant::now(), self.cx.clock.now()) {
            return exit;
        }
        self.cx.report(SourceState::Connecting, None);
        let result = match self.connect().await {
            Ok(link) => self.serve(link).await,
            Err(exit) => Err(exit),
        };
        match result {
            Err(exit) => exit,
            Ok(()) => Exit::Recycle,
        }
    }

    async fn serve(&mut self, mut link: Option<Link>) -> Step {
        let spec = &self.profile.spec;
        let mut running: Option<Running> = None;
        self.serving = true;
        if spec.list.url.is_empty() {
            self.cx.report(SourceState::Online, None);
        } else {
            self.schedule.now(Instant::now());
        }
        loop {
            self.start_when_due(&mut running);
            let wake = self.wake(running.is_none());
            let tick = tokio::select! {
                message = next(&mut link) => Tick::Message(message),
                fetched = finished(&mut running) => Tick::Fetched(Box::new(fetched)),
                nudge = self.cx.nudges.recv() => Tick::Nudge(nudge),
                () = tokio::time::sleep_until(wake) => Tick::Timer,
            };
            match tick {
                Tick::Message(message) => self.messages(message, &mut link).await?,
                Tick::Fetched(fetched) => {
                    running = None;
                    self.fetched(*fetched, link.is_some()).await?;
                }
                Tick::Nudge(Some(Nudge::Marks)) => {
                    self.schedule.now(Instant::now());
                }
                Tick::Nudge(Some(Nudge::Doubt)) => {
                    link.iter_mut().for_each(Link::doubt);
                    self.schedule.now(Instant::now());
                }
                Tick::Nudge(None) => return Err(Exit::Cancelled),
                Tick::Timer => self.renew_when_due()?,
            }
        }
    }

    /// Takes one message and all that are there already, and stores them in one transaction.
    async fn messages(&mut self, first: Received, link: &mut Option<Link>) -> Step {
        let now = self.cx.clock.now();
        let mut events = Vec::new();
        let mut message = first;
        let mut ending = None;
        for taken in 1.. {
            match message {
                Ok(Some(frame)) => self.frame(&frame, now, &mut events),
                Ok(None) => {}
                Err(end) => {
                    ending = Some(end);
                    break;
                }
            }
            // Before another one is taken out of the connection: nobody else would read it.
            if taken == FRAMES {
                break;
            }
            let Some(ready) = link.as_mut().and_then(Link::ready) else { break };
            message = ready;
        }
        if !events.is_empty() {
            self.emit(Batch { events, ..Batch::default() }).await?;
        }
        match ending {
            Some(ending) => Err(ending.into()),
            None => Ok(()),
        }
    }

    fn frame(&mut self, bytes: &[u8], now: Millis, events: &mut Vec<Event>) {
        self.frames_since_reconcile += 1;
        let has_list = !self.profile.spec.list.url.is_empty();
        let arrived = std::time::Instant::now();
        let noted = frames::read(&self.profile, bytes, now, has_list, &mut self.announcements);
        events.extend(noted.event.map(|event| dated(event, arrived)));
        if noted.ask_list && has_list {
            self.schedule.frame(Instant::now());
        }
    }

    fn start_when_due(&mut self, running: &mut Option<Running>) {
        let has_list = !self.profile.spec.list.url.is_empty();
        if running.is_none() && has_list && self.schedule.take_due(Instant::now()) {
            *running = Some(Box::pin(fetch::run(self.job())));
        }
    }

    fn job(&self) -> Job {
        Job {
            profile: Arc::clone(&self.profile),
            client: Arc::clone(&self.client),
            security: self.security.clone(),
            store: self.cx.store.clone(),
            source: self.cx.record.id,
            now: self.cx.clock.now(),
            retry_marks: self.schedule.marks_due(Instant::now()),
            wanted: list::Wanted {
                marker: self.marker.clone(),
                first: self.first,
                deep: self.look_deep,
                look_for: HashSet::new(),
            },
        }
    }

    async fn fetched(&mut self, fetched: Result<Fetched, Trouble>, live: bool) -> Step {
        match fetched {
            Ok(fetched) => self.apply(fetched).await,
            // The connection still brings frames: the list is asked again without giving it up.
            Err(Trouble::Transient { why, retry_after }) if live => {
                self.cx.report(SourceState::Online, Some(why));
                let now = Instant::now();
                self.schedule.failed(now, retry_after, rand::random());
                *self.peace = self.schedule.peace(now, self.cx.clock.now());
                Ok(())
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    fn renew_when_due(&self) -> Step {
        if self.schedule.recycle_at <= Instant::now() { Err(Exit::Recycle) } else { Ok(()) }
    }

    fn wake(&self, idle: bool) -> Instant {
        let list = (idle && !self.profile.spec.list.url.is_empty()).then(|| self.schedule.next());
        list.map_or(self.schedule.recycle_at, |at| at.min(self.schedule.recycle_at))
    }

    async fn emit(&self, batch: Batch) -> Step {
        self.cx.emit(batch).await.map_err(|error| Trouble::from(error).into())
    }
}

async fn next(link: &mut Option<Link>) -> Received {
    match link {
        Some(link) => link.next().await,
        None => std::future::pending().await,
    }
}

async fn finished(running: &mut Option<Running>) -> Result<Fetched, Trouble> {
    match running {
        Some(job) => job.await,
        None => std::future::pending().await,
    }
}

/// Stamps what a frame brought, for the figure from frame to popup.
fn dated(mut event: Event, arrived: std::time::Instant) -> Event {
    if let Event::Upsert(incoming) = &mut event {
        incoming.arrived = Some(arrived);
    }
    event
}
