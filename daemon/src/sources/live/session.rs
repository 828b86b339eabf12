//! One connection of a [`Protocol`], from dialling to losing it.

mod marks;

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tidings_api::SourceState;
use tokio::time::Instant;

use crate::model::{Arrival, Batch, Event};
use crate::net::link::{Link, Received};
use crate::sources::live::session::marks::Sent;
use crate::sources::live::{CatchUp, CaughtUp, Heard, Memory, Moment, Opened, Protocol};
use crate::sources::schedule::Schedule;
use crate::sources::trouble::Trouble;
use crate::sources::{Exit, Nudge, SourceContext};

/// Messages that are taken together when they are there already.
const MESSAGES: usize = 256;
/// Longest text that is kept of what nobody understands, in bytes.
const UNKNOWN_MAX: usize = 16 * 1024;
/// Everything that the server holds is looked through this often.
const DEEP_EVERY: Duration = Duration::from_secs(6 * 3_600);

/// What ends a session, if it is not an [`Exit`] already.
type Step = Result<(), Exit>;
type Running = Pin<Box<dyn Future<Output = Asked> + Send>>;

/// What was asked of the server beside the live connection; one thing at a time.
enum Asked {
    Marks(Sent),
    CatchUp(Result<CaughtUp, Trouble>),
}

pub(super) async fn run<P: Protocol>(
    protocol: Arc<P>,
    memory: &mut Memory,
    context: SourceContext,
) -> Exit {
    let cancel = context.cancel.clone();
    let session = Session::new(protocol, memory, context);
    tokio::select! {
        () = cancel.cancelled() => Exit::Cancelled,
        exit = session.run() => exit,
    }
}

struct Session<'m, P> {
    protocol: Arc<P>,
    memory: &'m mut Memory,
    cx: SourceContext,
    marker: Option<String>,
    first: bool,
    /// There is a live connection, and not only a server to be asked.
    linked: bool,
    /// Nothing behind the live connection is missing.
    caught_up: bool,
    schedule: Schedule,
    /// A catch-up has just ended: the marks that have waited for it go before the next one.
    marks_next: bool,
    /// When marks are to be looked for; `None` = when somebody says that there are some.
    marks_at: Option<Instant>,
    /// What a person should know though the connection stands.
    complaint: Option<String>,
    marks_refused: Option<String>,
    /// How often in a row the server took no marks at all.
    marks_troubled: u32,
}

enum Tick {
    Message(Received),
    Asked(Asked),
    Nudge(Option<Nudge>),
    Timer,
}

impl<'m, P: Protocol> Session<'m, P> {
    fn new(protocol: Arc<P>, memory: &'m mut Memory, cx: SourceContext) -> Self {
        let now = Instant::now();
        Self {
            marker: cx.record.marker.clone(),
            first: cx.record.first_connected_at.is_none(),
            linked: false,
            caught_up: false,
            schedule: Schedule::new(protocol.times(), now, rand::random()),
            marks_next: false,
            marks_at: Some(now),
            complaint: None,
            marks_refused: None,
            marks_troubled: 0,
            protocol,
            memory,
            cx,
        }
    }

    async fn run(mut self) -> Exit {
        if let Some(exit) = self.memory.peace.kept(Instant::now(), self.cx.clock.now()) {
            return exit;
        }
        self.cx.report(SourceState::Connecting, None);
        let served = match self.protocol.connect().await {
            Ok(opened) => self.serve(opened).await,
            Err(trouble) => Err(trouble.into()),
        };
        served.err().unwrap_or(Exit::Recycle)
    }

    async fn serve(&mut self, opened: Opened) -> Step {
        let Opened { mut link, first, complaint } = opened;
        self.complaint = complaint;
        self.linked = link.is_present();
        if self.linked {
            self.cx.alive();
        } else {
            self.schedule.poll(Instant::now());
        }
        for message in first {
            self.message(&message).await?;
        }
        let mut running: Option<Running> = None;
        loop {
            if running.is_none() {
                running = self.due();
            }
            let wake = self.wake(running.is_none());
            let tick = tokio::select! {
                message = link.next() => Tick::Message(message),
                asked = finished(&mut running) => Tick::Asked(asked),
                nudge = self.cx.nudges.recv() => Tick::Nudge(nudge),
                () = tokio::time::sleep_until(wake) => Tick::Timer,
            };
            match tick {
                Tick::Message(message) => self.messages(message, &mut link).await?,
                Tick::Asked(asked) => {
                    running = None;
                    match asked {
                        Asked::Marks(sent) => self.marks_sent(sent).await?,
                        Asked::CatchUp(outcome) => self.caught_up(outcome).await?,
                    }
                    self.memory.peace = self.schedule.peace(Instant::now(), self.cx.clock.now());
                }
                Tick::Nudge(Some(Nudge::Marks)) => self.marks_at = Some(Instant::now()),
                Tick::Nudge(Some(Nudge::Doubt)) if self.linked => link.doubt(),
                Tick::Nudge(Some(Nudge::Doubt)) => self.schedule.now(Instant::now()),
                Tick::Nudge(None) => return Err(Exit::Cancelled),
                Tick::Timer if self.schedule.recycle_at <= Instant::now() => {
                    return Err(Exit::Recycle);
                }
                Tick::Timer => {}
            }
        }
    }

    /// What is to be asked now. Marks wait until nothing is missing: what they mean may have gone on meanwhile, and what the
    /// server calls by the same name may be another one. Where there are thousands of them, they and what was missed take
    /// turns.
    fn due(&mut self) -> Option<Running> {
        let now = Instant::now();
        let marks_due = self.caught_up
            && self.marks_at.is_some_and(|at| at <= now)
            && self.schedule.at_peace(now);
        let marks_first = marks_due && self.marks_next;
        if !marks_first && self.schedule.take_due(now) {
            return Some(self.catch_up());
        }
        if !marks_due {
            return None;
        }
        (self.marks_at, self.marks_next) = (None, false);
        Some(self.send_marks())
    }

    fn wake(&self, idle: bool) -> Instant {
        let recycle = self.schedule.recycle_at;
        if !idle {
            return recycle;
        }
        let marks_at = self.marks_at.filter(|_| self.caught_up);
        let marks = marks_at.map(|at| self.schedule.not_before_peace(at));
        marks.into_iter().fold(recycle.min(self.schedule.next()), Instant::min)
    }

    /// Takes one message and all that are there already, and stores them in one transaction.
    async fn messages(&mut self, first: Received, link: &mut Link) -> Step {
        let mut events = Vec::new();
        let mut received = first;
        let mut end = None;
        for taken in 1.. {
            match received {
                Ok(Some(message)) => {
                    let heard = self.hear(&message);
                    events.extend(heard.events);
                    if let Some(all) = heard.all {
                        self.store(std::mem::take(&mut events)).await?;
                        self.end_absent(&all).await?;
                    }
                    end = heard.end.map(Exit::from);
                }
                Ok(None) => {}
                Err(ending) => end = Some(ending.into()),
            }
            // Before another one is taken out of the connection: nobody else would read it.
            if end.is_some() || taken == MESSAGES {
                break;
            }
            let Some(ready) = link.ready() else { break };
            received = ready;
        }
        self.store(events).await?;
        self.cx.alive();
        end.map_or(Ok(()), Err)
    }

    async fn message(&mut self, message: &[u8]) -> Step {
        let heard = self.hear(message);
        self.store(heard.events).await?;
        if let Some(all) = heard.all {
            self.end_absent(&all).await?;
        }
        heard.end.map_or(Ok(()), |trouble| Err(trouble.into()))
    }

    fn hear(&mut self, message: &[u8]) -> Heard {
        let arrived = std::time::Instant::now();
        let moment = Moment { now: self.cx.clock.now(), earlier: self.earlier() };
        let mut heard = self.protocol.read(message, moment);
        for event in &mut heard.events {
            if let Event::Upsert(incoming) = event {
                // For the figure from frame to popup.
                incoming.arrived = Some(arrived);
            } else if let Event::Unknown { text } = event {
                text.truncate(text.floor_char_boundary(UNKNOWN_MAX));
            }
        }
        if heard.ask {
            self.schedule.frame(Instant::now());
        }
        heard
    }

    /// Live events move the marker only where nothing behind them is missing.
    async fn store(&mut self, events: Vec<Event>) -> Step {
        if events.is_empty() {
            return Ok(());
        }
        let next = if self.caught_up {
            self.protocol.advance(self.marker.as_deref(), &events)
        } else {
            None
        };
        let batch = Batch { events, marker: next.clone(), caught_up: false };
        self.cx.emit(batch).await.map_err(Trouble::from)?;
        self.marker = next.or_else(|| self.marker.take());
        Ok(())
    }

    /// What is not among all that the server has was dealt with elsewhere.
    async fn end_absent(&mut self, all: &BTreeSet<String>) -> Step {
        let known = self.cx.store.present(self.cx.record.id, 0).await.map_err(Trouble::from)?;
        let gone = known.into_iter().map(|row| row.remote_id);
        let gone = gone.filter(|id| !all.contains(id) && self.protocol.lists(id));
        self.store(gone.flat_map(dealt_with).collect()).await
    }

    fn catch_up(&mut self) -> Running {
        let protocol = Arc::clone(&self.protocol);
        let catch_up = CatchUp {
            marker: self.marker.clone(),
            arrival: self.earlier(),
            deep: self.memory.deep_at.is_none_or(|at| at <= Instant::now()),
            now: self.cx.clock.now(),
            source: self.cx.record.id,
            store: self.cx.store.clone(),
        };
        self.memory.looking_deep = catch_up.deep;
        Box::pin(async move { Asked::CatchUp(protocol.catch_up(&catch_up).await) })
    }

    async fn caught_up(&mut self, outcome: Result<CaughtUp, Trouble>) -> Step {
        match outcome {
            Ok(CaughtUp { events, marker, again }) => {
                let marker = marker.or_else(|| self.marker.take());
                let batch = Batch { events, marker: marker.clone(), caught_up: true };
                self.cx.emit(batch).await.map_err(Trouble::from)?;
                self.marker = marker;
                (self.first, self.caught_up, self.marks_next) = (false, true, !again);
                let now = Instant::now();
                if self.memory.looking_deep {
                    self.memory.deep_at = Some(now + DEEP_EVERY);
                }
                self.schedule.succeeded(now, rand::random());
                if again {
                    self.schedule.now(now);
                }
                self.cx.alive();
                self.online(None);
                Ok(())
            }
            // The connection still brings messages: what was missed is asked for again without giving it up. Where there is
            // none, a server that cannot be asked brings nothing at all.
            Err(Trouble::Transient { why, retry_after }) if self.linked => {
                self.schedule.failed(Instant::now(), retry_after, rand::random());
                self.online(Some(why));
                Ok(())
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    fn online(&self, trouble: Option<String>) {
        let words =
            trouble.or_else(|| self.complaint.clone()).or_else(|| self.marks_refused.clone());
        self.cx.report(SourceState::Online, words);
    }

    const fn earlier(&self) -> Arrival {
        if self.first { Arrival::Backfill } else { Arrival::CatchUp }
    }
}

/// What ended on the server: read here and taken back, so that it is off the screen and still to be found.
pub(in crate::sources) fn dealt_with(remote_id: String) -> [Event; 2] {
    [
        Event::ReadElsewhere { remote_id: remote_id.clone(), read: true },
        Event::Retract { remote_id },
    ]
}

async fn finished(running: &mut Option<Running>) -> Asked {
    match running {
        Some(job) => job.await,
        None => std::future::pending().await,
    }
}
