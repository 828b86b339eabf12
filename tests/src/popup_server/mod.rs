//! A fake `org.freedesktop.Notifications` that records what it is asked and misbehaves on request.
//!
//! It reads its calls from one stream, so that they are recorded in the order in which they arrived.

mod call;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zbus::fdo::RequestNameFlags;
use zbus::message::{Header, Message, Type};
use zbus::zvariant::OwnedValue;
use zbus::{Connection, MessageStream};

pub use self::call::{Answer, Asked, Audience, Call, Shown};

/// The bus name, and the interface, of popup servers.
pub const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// KDE's answer to a popup that is too alike to the one before, or one of too many.
pub const EXCESS: &str = "org.freedesktop.Notifications.Error.ExcessNotificationGeneration";
/// The answer of GNOME to a `replaces_id` that belongs to somebody else.
pub const INVALID_ARGS: &str = "org.freedesktop.DBus.Error.InvalidArgs";

/// The fake. Its name leaves the bus with [`PopupServer::stop`], or with the last clone of its connection.
#[derive(Debug)]
pub struct PopupServer {
    connection: Connection,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    counted: watch::Sender<usize>,
}

#[derive(Debug)]
struct State {
    calls: Vec<Call>,
    senders: HashMap<u32, String>,
    last_id: u32,
    capabilities: Vec<String>,
    answer: Answer,
    next_answers: VecDeque<Answer>,
    audience: Audience,
    busy: bool,
}

impl PopupServer {
    /// What a plain server can do; [`Self::set_capabilities`] changes it.
    pub const CAPABILITIES: [&str; 5] =
        ["actions", "body", "body-markup", "icon-static", "persistence"];

    /// Takes the name on `connection`, which must be the server's own, and answers from then on.
    pub async fn start(connection: Connection) -> Result<Self> {
        let server = Self::prepare(connection);
        server.own_name().await?;
        Ok(server)
    }

    /// Answers on `connection` without owning the name yet: a server that is late.
    #[must_use]
    pub fn prepare(connection: Connection) -> Self {
        let inner = Arc::new(Inner {
            state: Mutex::new(State {
                calls: Vec::new(),
                senders: HashMap::new(),
                last_id: 0,
                capabilities: Self::CAPABILITIES.map(str::to_owned).to_vec(),
                answer: Answer::Accept,
                next_answers: VecDeque::new(),
                audience: Audience::Everybody,
                busy: false,
            }),
            counted: watch::Sender::new(0),
        });
        let calls = MessageStream::from(&connection);
        let task = tokio::spawn(serve(connection.clone(), calls, Arc::clone(&inner)));
        Self { connection, inner, task }
    }

    /// Takes the name.
    pub async fn own_name(&self) -> Result<()> {
        self.connection
            .request_name_with_flags(NAME, RequestNameFlags::DoNotQueue.into())
            .await
            .context("taking the name of the popup server")?;
        Ok(())
    }

    /// Gives the name back: for clients the server is gone.
    pub async fn stop(&self) -> Result<()> {
        self.connection.release_name(NAME).await?;
        Ok(())
    }

    /// Gone and back: no popup is left, and ids start again.
    pub async fn restart(&self) -> Result<()> {
        self.stop().await?;
        {
            let mut state = self.inner.lock();
            state.last_id = 0;
            state.senders.clear();
        }
        self.own_name().await
    }

    /// What it claims to be able to do from now on.
    pub fn set_capabilities(&self, capabilities: &[&str]) {
        self.inner.lock().capabilities = capabilities.iter().map(|&one| one.to_owned()).collect();
    }

    /// Whether it leaves `GetCapabilities` unanswered from now on, like a desktop that is stuck.
    pub fn set_busy(&self, busy: bool) {
        self.inner.lock().busy = busy;
    }

    /// How it answers every `Notify` from now on.
    pub fn answer(&self, answer: Answer) {
        self.inner.lock().answer = answer;
    }

    /// How it answers the next `Notify`; calls queue up.
    pub fn answer_next(&self, answer: Answer) {
        self.inner.lock().next_answers.push_back(answer);
    }

    /// To whom it sends signals from now on.
    pub fn set_audience(&self, audience: Audience) {
        self.inner.lock().audience = audience;
    }

    /// Every call so far, in the order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.inner.lock().calls.clone()
    }

    /// Every `Notify` so far.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        shown(&self.inner.lock().calls)
    }

    /// The ids of every `CloseNotification` so far.
    #[must_use]
    pub fn closed(&self) -> Vec<u32> {
        let calls = self.calls().into_iter();
        calls
            .filter_map(|call| if let Asked::Close(id) = call.asked { Some(id) } else { None })
            .collect()
    }

    /// Waits until at least `count` popups were asked for.
    pub async fn wait_for_shown(&self, count: usize, deadline: Duration) -> Result<Vec<Shown>> {
        let what = format!("{count} popups");
        self.wait_for(&what, deadline, |calls| {
            let shown = shown(calls);
            (shown.len() >= count).then_some(shown)
        })
        .await
    }

    /// Waits until `probe` finds in the calls what it looks for.
    pub async fn wait_for<T>(
        &self,
        what: &str,
        deadline: Duration,
        mut probe: impl FnMut(&[Call]) -> Option<T>,
    ) -> Result<T> {
        let mut counted = self.inner.counted.subscribe();
        let search = async {
            loop {
                counted.mark_unchanged();
                if let Some(found) = probe(&self.inner.lock().calls) {
                    return Ok(found);
                }
                counted.changed().await?;
            }
        };
        tokio::time::timeout(deadline, search).await.unwrap_or_else(|_| {
            let calls = self.calls();
            Err(anyhow!("waited {deadline:?} in vain for {what}; calls so far: {calls:#?}"))
        })
    }

    /// The person pressed a button, or (`default`) the popup.
    pub async fn invoke(&self, id: u32, action: &str) -> Result<()> {
        self.signal(id, "ActionInvoked", &(id, action)).await
    }

    /// The token that a compositor gives with the click that follows.
    pub async fn token(&self, id: u32, token: &str) -> Result<()> {
        self.signal(id, "ActivationToken", &(id, token)).await
    }

    /// The person typed a line into the popup.
    pub async fn reply(&self, id: u32, text: &str) -> Result<()> {
        self.signal(id, "NotificationReplied", &(id, text)).await
    }

    /// The popup left the screen: 1 expired, 2 dismissed, 3 closed by a call, 4 undefined.
    pub async fn close(&self, id: u32, reason: u32) -> Result<()> {
        self.signal(id, "NotificationClosed", &(id, reason)).await
    }

    async fn signal<B>(&self, id: u32, member: &str, body: &B) -> Result<()>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        emit(&self.connection, &self.inner, id, member, body).await
    }
}

impl Drop for PopupServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, asked: Asked) {
        let mut state = self.lock();
        state.calls.push(Call { at: Instant::now(), asked });
        let count = state.calls.len();
        drop(state);
        self.counted.send_replace(count);
    }
}

fn shown(calls: &[Call]) -> Vec<Shown> {
    let notified = |call: &Call| {
        if let Asked::Notify(shown) = &call.asked { Some(Shown::clone(shown)) } else { None }
    };
    calls.iter().filter_map(notified).collect()
}

async fn serve(connection: Connection, mut calls: MessageStream, inner: Arc<Inner>) {
    while let Some(Ok(message)) = calls.next().await {
        if message.message_type() != Type::MethodCall {
            continue;
        }
        // A client that went away before its answer is no concern of the server's.
        let _ = handle(&connection, &inner, &message).await;
    }
}

async fn handle(connection: &Connection, inner: &Inner, message: &Message) -> Result<()> {
    let header = message.header();
    if header.path().is_none_or(|path| path.as_str() != PATH) {
        return Ok(());
    }
    match header.member().map_or("", |member| member.as_str()) {
        "Notify" => notify(connection, inner, message, &header).await,
        "CloseNotification" => close(connection, inner, message, &header).await,
        "GetCapabilities" => {
            inner.record(Asked::Capabilities);
            let (busy, capabilities) = {
                let state = inner.lock();
                (state.busy, state.capabilities.clone())
            };
            if busy {
                return Ok(());
            }
            Ok(connection.reply(&header, &capabilities).await?)
        }
        "GetServerInformation" => {
            inner.record(Asked::Information);
            Ok(connection.reply(&header, &("fake", "Tidings tests", "1.0", "1.2")).await?)
        }
        other => {
            let name = "org.freedesktop.DBus.Error.UnknownMethod";
            Ok(connection.reply_error(&header, name, &(format!("no method {other}"),)).await?)
        }
    }
}

type NotifyArguments =
    (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedValue>, i32);

async fn notify(
    connection: &Connection,
    inner: &Inner,
    message: &Message,
    header: &Header<'_>,
) -> Result<()> {
    let (app_name, replaces_id, icon, summary, body, actions, hints, expire_timeout) =
        message.body().deserialize::<NotifyArguments>()?;
    let sender = header.sender().map_or_else(String::new, ToString::to_string);
    let (answer, id) = inner.lock().decide(replaces_id, &sender);
    let shown = Shown {
        id,
        sender,
        app_name,
        replaces_id,
        icon,
        summary,
        body,
        actions,
        hints,
        expire_timeout,
    };
    inner.record(Asked::Notify(Box::new(shown)));
    match answer {
        Answer::Hang => return Ok(()),
        Answer::Refuse(name) => {
            connection.reply_error(header, name, &("refused by the test",)).await?;
            return Ok(());
        }
        Answer::RefuseReplacing if replaces_id != 0 => {
            connection.reply_error(header, INVALID_ARGS, &("Invalid notification ID",)).await?;
            return Ok(());
        }
        Answer::ClickFirst { action, token } => {
            emit(connection, inner, id, "ActivationToken", &(id, token)).await?;
            emit(connection, inner, id, "ActionInvoked", &(id, action)).await?;
        }
        Answer::Accept | Answer::RefuseReplacing => {}
    }
    Ok(connection.reply(header, &id).await?)
}

impl State {
    fn decide(&mut self, replaces_id: u32, sender: &str) -> (Answer, u32) {
        let answer = self.next_answers.pop_front().unwrap_or_else(|| self.answer.clone());
        let refused = match &answer {
            Answer::Refuse(_) | Answer::Hang => true,
            Answer::RefuseReplacing => replaces_id != 0,
            Answer::Accept | Answer::ClickFirst { .. } => false,
        };
        if refused {
            return (answer, 0);
        }
        let id = if replaces_id == 0 { self.last_id + 1 } else { replaces_id };
        self.last_id = self.last_id.max(id);
        self.senders.insert(id, sender.to_owned());
        (answer, id)
    }
}

async fn close(
    connection: &Connection,
    inner: &Inner,
    message: &Message,
    header: &Header<'_>,
) -> Result<()> {
    let id: u32 = message.body().deserialize()?;
    inner.record(Asked::Close(id));
    let known = inner.lock().senders.contains_key(&id);
    if known {
        emit(connection, inner, id, "NotificationClosed", &(id, 3_u32)).await?;
        inner.lock().senders.remove(&id);
    }
    Ok(connection.reply(header, &()).await?)
}

async fn emit<B>(
    connection: &Connection,
    inner: &Inner,
    id: u32,
    member: &str,
    body: &B,
) -> Result<()>
where
    B: serde::Serialize + zbus::zvariant::DynamicType,
{
    let (audience, sender) = {
        let state = inner.lock();
        (state.audience, state.senders.get(&id).cloned())
    };
    let destination = match audience {
        Audience::Everybody => None,
        Audience::Sender => sender,
    };
    connection.emit_signal(destination.as_deref(), PATH, NAME, member, body).await?;
    Ok(())
}
