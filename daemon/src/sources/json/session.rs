//! One connection, from signing in to losing it: live frames, reconciling, marks, liveness, in one loop.

mod fetch;
mod frames;
mod schedule;

use std::collections::{BTreeMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tidings_api::{Millis, SourceState};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error as SocketError;

use crate::model::{Batch, Event, NotificationId};
use crate::net::liveness::{Death, Liveness, Moment, Policy, Verdict};
use crate::net::websocket::{self, Message, Opening, Refusal, Socket};
use crate::sources::json::client::Client;
use crate::sources::json::marker::Marker;
use crate::sources::json::marks;
use crate::sources::json::profile::Profile;
use crate::sources::json::reconcile::{self, Facts, Plan};
use crate::sources::json::session::fetch::{Fetched, Job};
use crate::sources::json::session::frames::Announcements;
use crate::sources::json::session::schedule::Schedule;
use crate::sources::json::test::words;
use crate::sources::json::trouble::Trouble;
use crate::sources::json::{JsonSource, list};
use crate::sources::{Exit, Nudge, SourceContext};

/// Events of one transaction while catching up.
const BATCH: usize = 500;
/// Frames that are taken together when they are there already.
const FRAMES: usize = 256;
/// How long a ping may take to leave us.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Reconciles with news and without any frame after which the connection counts as deaf.
const DEAF_AFTER: u32 = 2;
/// A deaf connection is renewed, yet not more often than this: with an in-memory channel layer it stays deaf.
const DEAF_RENEWAL: Duration = Duration::from_secs(3_600);

/// What ends a session, if it is not an [`Exit`] already.
type Step = Result<(), Exit>;
type Running = Pin<Box<dyn Future<Output = Result<Fetched, Trouble>> + Send>>;

/// Runs one connection.
pub(super) async fn run(source: &JsonSource, context: SourceContext) -> Exit {
    let cancel = context.cancel.clone();
    let session = Session::new(source, context);
    tokio::select! {
        () = cancel.cancelled() => Exit::Cancelled,
        exit = session.run() => exit,
    }
}

/// How the handshake is to look, with credentials.
pub(super) fn opening(profile: &Profile, client: &Client) -> Result<Opening, Trouble> {
    let spec = &profile.spec.websocket;
    let mut url = client.url(&spec.url)?;
    let scheme = if matches!(url.scheme(), "https" | "wss") { "wss" } else { "ws" };
    url.set_scheme(scheme)
        .map_err(|()| Trouble::Rejected("websocket.url is no address".to_owned()))?;
    let origin = match spec.origin.as_str() {
        "none" => None,
        "auto" => websocket::own_origin(&url),
        written => Some(written.to_owned()),
    };
    let mut headers = client.auth.headers()?;
    for (name, value) in &spec.headers {
        let name = http::HeaderName::try_from(name.as_str());
        let value = http::HeaderValue::try_from(value.as_str());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Trouble::Rejected(
                "websocket.headers holds what no header can carry".to_owned(),
            ));
        };
        headers.insert(name, value);
    }
    client.auth.sign_url(&mut url);
    let subprotocols =
        spec.subprotocols.iter().cloned().chain(client.auth.subprotocols()).collect();
    Ok(Opening { url, origin, subprotocols, headers })
}

struct Session {
    profile: Arc<Profile>,
    client: Arc<Client>,
    security: crate::config::Security,
    cx: SourceContext,
    marker: Marker,
    first: bool,
    started: Instant,
    schedule: Schedule,
    announcements: Announcements,
    tries: BTreeMap<NotificationId, u32>,
    counts: Option<(u64, usize)>,
    frames_since_reconcile: u32,
    deaf: u32,
    serving: bool,
}

enum Tick {
    Message(Option<Result<Message, SocketError>>),
    Fetched(Box<Result<Fetched, Trouble>>),
    Nudge(Option<Nudge>),
    Timer,
}

impl Session {
    fn new(source: &JsonSource, cx: SourceContext) -> Self {
        let started = Instant::now();
        Self {
            profile: Arc::clone(&source.profile),
            client: Arc::clone(&source.client),
            security: source.security.clone(),
            marker: Marker::read(cx.record.marker.as_deref()),
            first: cx.record.first_connected_at.is_none(),
            schedule: Schedule::new(&source.profile.spec.sync, started, rand::random()),
            announcements: Announcements::default(),
            tries: BTreeMap::new(),
            counts: None,
            frames_since_reconcile: 0,
            deaf: 0,
            serving: false,
            started,
            cx,
        }
    }

    async fn run(mut self) -> Exit {
        self.cx.report(SourceState::Connecting, None);
        let result = match self.connect().await {
            Ok(socket) => self.serve(socket).await,
            Err(exit) => Err(exit),
        };
        match result {
            Err(exit) => exit,
            Ok(()) => Exit::Recycle,
        }
    }

    /// Signs in and opens the WebSocket, if there is one. A refusal that may have several causes is looked into by
    /// asking the list, which also brings what there is to get, and one more try.
    async fn connect(&mut self) -> Result<Option<Socket>, Exit> {
        if !self.client.auth.is_ready() {
            self.client.sign_in().await?;
        }
        if self.profile.spec.websocket.url.is_empty() {
            return Ok(None);
        }
        let refusal = match self.dial().await? {
            Ok(socket) => return Ok(Some(socket)),
            Err(refusal) => refusal,
        };
        match refusal {
            Refusal::Unreachable(why) => return Err(Trouble::transient(why).into()),
            Refusal::Later { retry_after, .. } => {
                return Err(Exit::Transient { why: words(&refusal), retry_after });
            }
            Refusal::Invalid(why) => return Err(Exit::Rejected { why }),
            Refusal::Unauthorized
            | Refusal::Forbidden
            | Refusal::LoginPage
            | Refusal::NoWebSocket(_) => {}
        }
        if self.profile.spec.list.url.is_empty() {
            return Err(refused(&refusal));
        }
        let fetched = fetch::run(self.job()).await?;
        self.apply(fetched).await?;
        self.dial().await?.map(Some).map_err(|again| refused(&again))
    }

    async fn dial(&self) -> Result<Result<Socket, Refusal>, Exit> {
        let opening = opening(&self.profile, &self.client)?;
        Ok(websocket::open(opening, self.client.http.tls(), self.cx.clock.now()).await)
    }

    async fn serve(&mut self, mut socket: Option<Socket>) -> Step {
        let spec = &self.profile.spec;
        let policy = Policy {
            ping_after: spec.websocket.ping_after.0,
            ping_timeout: spec.websocket.ping_timeout.0,
        };
        let mut liveness = Liveness::new(policy, self.moment());
        let mut running: Option<Running> = None;
        self.serving = true;
        if spec.list.url.is_empty() {
            self.cx.report(SourceState::Online, None);
        } else {
            self.schedule.now(Instant::now());
        }
        loop {
            let alive_for = match &mut socket {
                Some(socket) => check(&mut liveness, socket, self.moment()).await?,
                None => policy.ping_after,
            };
            self.start_when_due(&mut running);
            let wake = self.wake(running.is_none(), socket.is_some().then_some(alive_for));
            let tick = tokio::select! {
                message = next(&mut socket) => Tick::Message(message),
                fetched = finished(&mut running) => Tick::Fetched(Box::new(fetched)),
                nudge = self.cx.nudges.recv() => Tick::Nudge(nudge),
                () = tokio::time::sleep_until(wake) => Tick::Timer,
            };
            match tick {
                Tick::Message(message) => {
                    liveness.heard(self.started.elapsed());
                    self.messages(message, &mut socket).await?;
                }
                Tick::Fetched(fetched) => {
                    running = None;
                    self.fetched(*fetched, socket.is_some()).await?;
                }
                Tick::Nudge(Some(Nudge::Marks | Nudge::Reconcile)) => {
                    self.schedule.now(Instant::now());
                }
                Tick::Nudge(None) => return Err(Exit::Cancelled),
                Tick::Timer => self.renew_when_due()?,
            }
        }
    }

    /// Takes one message and all that are there already, and stores them in one transaction.
    async fn messages(
        &mut self,
        first: Option<Result<Message, SocketError>>,
        socket: &mut Option<Socket>,
    ) -> Step {
        let now = self.cx.clock.now();
        let mut events = Vec::new();
        let mut message = first;
        let mut ending = None;
        for _ in 0..FRAMES {
            match message {
                Some(Ok(frame)) => {
                    if let Some(why) = self.frame(frame, now, &mut events) {
                        ending = Some(why);
                        break;
                    }
                }
                Some(Err(error)) => {
                    ending = Some(websocket::ending(&error));
                    break;
                }
                None => {
                    ending = Some("the server closed the connection".to_owned());
                    break;
                }
            }
            let Some(ready) = ready(socket) else { break };
            message = ready;
        }
        if !events.is_empty() {
            self.emit(Batch { events, ..Batch::default() }).await?;
        }
        self.cx.alive();
        ending.map_or(Ok(()), |why| Err(Trouble::transient(why).into()))
    }

    /// `Some` = the connection ends, for this reason.
    fn frame(&mut self, message: Message, now: Millis, events: &mut Vec<Event>) -> Option<String> {
        let bytes = match message {
            Message::Text(text) => text.as_bytes().to_vec(),
            Message::Binary(bytes) => bytes.to_vec(),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return None,
            Message::Close(frame) => {
                let code = frame
                    .map_or_else(String::new, |frame| format!(" (code {})", u16::from(frame.code)));
                return Some(format!("the server closed the connection{code}"));
            }
        };
        self.frames_since_reconcile += 1;
        let has_list = !self.profile.spec.list.url.is_empty();
        let noted = frames::read(&self.profile, &bytes, now, has_list, &mut self.announcements);
        events.extend(noted.event);
        if noted.ask_list && has_list {
            self.schedule.frame(Instant::now());
        }
        None
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
            send_marks: self.schedule.marks_due(Instant::now()),
            wanted: list::Wanted {
                marker: self.marker.clone(),
                first: self.first,
                deep: false,
                look_for: HashSet::new(),
            },
            counts: self.counts,
        }
    }

    async fn fetched(&mut self, fetched: Result<Fetched, Trouble>, live: bool) -> Step {
        match fetched {
            Ok(fetched) => self.apply(fetched).await,
            // The connection still brings frames: the list is asked again without giving it up.
            Err(Trouble::Transient { why, retry_after }) if live => {
                self.cx.report(SourceState::Online, Some(why));
                self.schedule.failed(Instant::now(), retry_after, rand::random());
                Ok(())
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// Stores what the list says.
    async fn apply(&mut self, fetched: Fetched) -> Step {
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
            absent_means_read: spec.list.absent_means_read,
            marks_are_sent: self.profile.mark_read.is_some(),
            window: spec.sync.match_window.millis(),
            patience: reconcile::RETRIES[2] + 2 * spec.sync.reconcile_every.millis(),
            now,
        });
        let marker = self.marker.after(&fetched.walk.rows);
        self.store_plan(&plan, &marker).await?;
        self.marker = marker;
        self.first = false;
        self.counts = fetched.counts;
        self.judge_marks(&fetched).await?;
        self.after_reconcile(plan, now)
    }

    /// The server's database was reset: ids start again. What is known belongs to the past, all rows are new.
    async fn start_epoch(&mut self) -> Step {
        tracing::warn!(source = self.cx.record.name, "the server's database was reset");
        self.marker = Marker::default();
        self.counts = None;
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

    fn after_reconcile(&mut self, plan: Plan, now: Millis) -> Step {
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
        self.judge_hearing(missed)
    }

    /// News in the list without any frame: the group membership may have ended, or the server's layer is in-memory.
    fn judge_hearing(&mut self, missed: bool) -> Step {
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
            self.cx.report(SourceState::Online, None);
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

    fn renew_when_due(&self) -> Step {
        if self.schedule.recycle_at <= Instant::now() { Err(Exit::Recycle) } else { Ok(()) }
    }

    fn wake(&self, idle: bool, alive_for: Option<Duration>) -> Instant {
        let now = Instant::now();
        let list = (idle && !self.profile.spec.list.url.is_empty()).then(|| self.schedule.next());
        let live = alive_for.map(|wait| now + wait);
        [list, live].into_iter().flatten().fold(self.schedule.recycle_at, Instant::min)
    }

    async fn emit(&self, batch: Batch) -> Step {
        self.cx.emit(batch).await.map_err(|error| Trouble::from(error).into())
    }

    fn moment(&self) -> Moment {
        Moment { monotonic: self.started.elapsed(), wall: self.cx.clock.now() }
    }
}

fn refused(refusal: &Refusal) -> Exit {
    let why = words(refusal);
    match refusal {
        Refusal::Unauthorized | Refusal::LoginPage => Exit::NeedsLogin { why },
        Refusal::Unreachable(_) => Trouble::transient(why).into(),
        Refusal::Later { retry_after, .. } => Exit::Transient { why, retry_after: *retry_after },
        Refusal::Forbidden | Refusal::NoWebSocket(_) | Refusal::Invalid(_) => {
            Exit::Rejected { why }
        }
    }
}

/// Acts on the state of the connection; the time until it is to be judged again.
async fn check(
    liveness: &mut Liveness,
    socket: &mut Socket,
    now: Moment,
) -> Result<Duration, Exit> {
    match liveness.check(now) {
        Verdict::Alive(wait) => Ok(wait),
        Verdict::Ping(wait) => {
            let ping = socket.send(Message::Ping(Vec::new().into()));
            match tokio::time::timeout(SEND_TIMEOUT, ping).await {
                Ok(Ok(())) => Ok(wait),
                Ok(Err(error)) => Err(Trouble::transient(websocket::ending(&error)).into()),
                Err(_) => Err(Trouble::transient("the connection takes nothing any more").into()),
            }
        }
        Verdict::Dead(Death::Unanswered) => Err(Trouble::transient(
            "the server does not answer any more; the connection was dropped",
        )
        .into()),
        // The server has long given the connection up; dialling again at once is what a woken machine needs.
        Verdict::Dead(Death::Slept) => Err(Exit::Recycle),
    }
}

async fn next(socket: &mut Option<Socket>) -> Option<Result<Message, SocketError>> {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

/// The next message if it is there already.
fn ready(socket: &mut Option<Socket>) -> Option<Option<Result<Message, SocketError>>> {
    use futures_util::FutureExt;
    socket.as_mut()?.next().now_or_never()
}

async fn finished(running: &mut Option<Running>) -> Result<Fetched, Trouble> {
    match running {
        Some(job) => job.await,
        None => std::future::pending().await,
    }
}
