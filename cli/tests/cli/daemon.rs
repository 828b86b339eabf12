//! A daemon with the contract of the real one, a vector for an inbox, and a record of what it was asked.

use std::io::{Read, Write};
use std::os::fd::OwnedFd as StdFd;
use std::sync::{Arc, Mutex, MutexGuard};

use tidings_api::{
    Dict, DictWriter, Error, Filter, Notification, SourceStatus, StateChange, View, names,
};
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedFd;
use zbus::{Connection, interface};

use crate::bus::Bus;

/// What the daemon holds and what it was asked. Shared, so that a restart keeps it.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) rows: Vec<Notification>,
    pub(crate) sources: Vec<SourceStatus>,
    pub(crate) stats: Vec<(&'static str, String)>,
    pub(crate) popup_server: bool,
    /// Each post as it arrived: title, body, options.
    pub(crate) posts: Vec<(String, String, Dict)>,
    pub(crate) batches: Vec<Vec<Dict>>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) calls: Vec<String>,
    /// Who posted last.
    pub(crate) poster: Option<String>,
    pub(crate) revision: u64,
    /// Answers of this kind come before any success.
    pub(crate) rate_limited: u32,
    /// The person chooses this before the poster has its answer.
    pub(crate) fast_click: Option<&'static str>,
    /// A call that is never answered.
    pub(crate) hangs: bool,
}

impl State {
    fn add(&mut self, mut row: Notification) -> i64 {
        row.id = self.rows.iter().map(|row| row.id).max().unwrap_or(0) + 1;
        row.source = names::LOCAL_SOURCE.into();
        row.occurrences = 1;
        row.received_at = 1_000 + row.id;
        row.first_at = row.received_at;
        row.last_at = row.received_at;
        self.revision += 1;
        let id = row.id;
        self.rows.push(row);
        id
    }

    fn selected(&self, filter: &Filter) -> Vec<Notification> {
        let mut rows: Vec<_> = self
            .rows
            .iter()
            .filter(|row| match filter.view {
                View::Inbox => row.done_at.is_none(),
                View::Unread => row.done_at.is_none() && !row.read,
                View::Unseen => row.done_at.is_none() && row.seen_at.is_none(),
                View::Saved => row.saved_at.is_some(),
                View::Done => row.done_at.is_some(),
                View::All => true,
            })
            .filter(|row| filter.source.as_ref().is_none_or(|source| *source == row.source))
            .filter(|row| filter.until.is_none_or(|until| row.last_at < until))
            .cloned()
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.last_at, row.id)));
        rows
    }
}

/// The daemon on a bus; dropping its connection is its end.
#[derive(Debug)]
pub(crate) struct Daemon {
    connection: Connection,
    state: Arc<Mutex<State>>,
}

impl Daemon {
    pub(crate) async fn start(bus: &Bus) -> Self {
        Self::start_with(bus, Arc::default()).await
    }

    pub(crate) async fn start_with(bus: &Bus, state: Arc<Mutex<State>>) -> Self {
        let connection = zbus::connection::Builder::address(bus.address.as_str())
            .unwrap()
            .serve_at(names::OBJECT_PATH, Post(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Inbox(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Sources(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Control(state.clone()))
            .unwrap()
            .name(names::BUS_NAME)
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { connection, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Leaves the bus as a daemon that is killed does, and keeps its inbox.
    pub(crate) async fn stop(self) -> Arc<Mutex<State>> {
        let state = self.state.clone();
        self.connection.close().await.unwrap();
        state
    }

    /// Stores a row and tells it.
    pub(crate) async fn receive(&self, row: Notification) -> i64 {
        let (id, revision) = {
            let mut state = self.state();
            (state.add(row), state.revision)
        };
        self.changed(revision, vec![id], vec![]).await;
        id
    }

    pub(crate) async fn changed(&self, revision: u64, added: Vec<i64>, updated: Vec<i64>) {
        let emitter = SignalEmitter::new(&self.connection, names::OBJECT_PATH).unwrap();
        Inbox::changed(&emitter, revision, added, updated, vec![]).await.unwrap();
    }

    /// Tells the poster alone that an action was chosen.
    pub(crate) async fn invoke(&self, id: i64, action: &str, reply: Option<&str>) {
        let mut details = DictWriter::default();
        details.optional("reply", reply);
        Post::invoked(&self.to_poster(), id, action, details.finish()).await.unwrap();
    }

    /// Tells the poster alone that the popup is gone.
    pub(crate) async fn close(&self, id: i64, reason: &str) {
        Post::closed(&self.to_poster(), id, reason).await.unwrap();
    }

    fn to_poster(&self) -> SignalEmitter<'static> {
        let poster = self.state().poster.clone().unwrap();
        SignalEmitter::new(&self.connection, names::OBJECT_PATH)
            .unwrap()
            .set_destination(zbus::names::UniqueName::try_from(poster).unwrap().into())
            .into_owned()
    }
}

struct Post(Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Post1")]
impl Post {
    async fn post(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        title: String,
        body: String,
        options: Dict,
    ) -> Result<i64, Error> {
        if self.0.lock().unwrap().hangs {
            std::future::pending::<()>().await;
        }
        let copy = options.iter().map(|(k, v)| (k.clone(), v.try_clone().unwrap())).collect();
        let post = tidings_api::Post::from_options(title.clone(), body.clone(), copy)?;
        let (id, fast_click) = {
            let mut state = self.0.lock().unwrap();
            state.poster = header.sender().map(ToString::to_string);
            state.posts.push((title, body, options));
            (state.add(row_of(post)), state.fast_click)
        };
        if let Some(action) = fast_click {
            let poster = header.sender().unwrap().to_owned();
            let emitter = emitter.set_destination(poster.into());
            Self::invoked(&emitter, id, action, Dict::new()).await.unwrap();
        }
        Ok(id)
    }

    fn post_many(&self, notifications: Vec<Dict>) -> Result<Vec<i64>, Error> {
        let mut state = self.0.lock().unwrap();
        if state.rate_limited > 0 {
            state.rate_limited -= 1;
            return Err(Error::RateLimited("come back in a second".into()));
        }
        let mut ids = Vec::new();
        for dict in &notifications {
            let copy = dict.iter().map(|(k, v)| (k.clone(), v.try_clone().unwrap())).collect();
            ids.push(state.add(row_of(tidings_api::Post::from_dict(copy)?)));
        }
        state.batches.push(notifications);
        Ok(ids)
    }

    fn withdraw(&self, key: String) -> u32 {
        let mut state = self.0.lock().unwrap();
        let before = state.rows.len();
        state.rows.retain(|row| row.key != key);
        u32::try_from(before - state.rows.len()).unwrap()
    }

    #[zbus(signal)]
    async fn invoked(
        emitter: &SignalEmitter<'_>,
        id: i64,
        action: &str,
        details: Dict,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn closed(emitter: &SignalEmitter<'_>, id: i64, reason: &str) -> zbus::Result<()>;
}

fn row_of(post: tidings_api::Post) -> Notification {
    Notification {
        title: post.title,
        body: post.body,
        topic: post.topic,
        key: post.key,
        urgency: post.urgency,
        tags: post.tags,
        ..Notification::default()
    }
}

struct Inbox(Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Inbox1")]
impl Inbox {
    fn list(
        &self,
        filter: Dict,
        cursor: String,
        limit: u32,
    ) -> Result<(Vec<Dict>, String, u64), Error> {
        let filter = Filter::from_dict(filter)?;
        let mut state = self.0.lock().unwrap();
        let start: usize = if cursor.is_empty() { 0 } else { cursor.parse().unwrap() };
        let rows = state.selected(&filter);
        state.filters.push(filter);
        let end = rows.len().min(start + limit as usize);
        let next = if end < rows.len() { end.to_string() } else { String::new() };
        Ok((rows[start..end].iter().map(Notification::to_dict).collect(), next, state.revision))
    }

    fn get(&self, ids: Vec<i64>) -> Vec<Dict> {
        let state = self.0.lock().unwrap();
        state.rows.iter().filter(|row| ids.contains(&row.id)).map(Notification::to_dict).collect()
    }

    fn count(&self, filters: Vec<Dict>) -> Result<Vec<u32>, Error> {
        let state = self.0.lock().unwrap();
        let count = |dict| {
            let rows = state.selected(&Filter::from_dict(dict)?);
            Ok(u32::try_from(rows.len()).unwrap())
        };
        filters.into_iter().map(count).collect()
    }

    fn set_state(&self, ids: Vec<i64>, change: Dict) -> Result<(Vec<i64>, u64), Error> {
        let change = StateChange::from_dict(change)?;
        let mut state = self.0.lock().unwrap();
        state.calls.push(format!("SetState {ids:?} {change:?}"));
        Ok((ids, 77))
    }

    fn set_state_where(
        &self,
        filter: Dict,
        up_to_id: i64,
        change: Dict,
    ) -> Result<(u32, u64), Error> {
        let (filter, change) = (Filter::from_dict(filter)?, StateChange::from_dict(change)?);
        let mut state = self.0.lock().unwrap();
        let count = state.selected(&filter).iter().filter(|row| row.id <= up_to_id).count();
        state.calls.push(format!("SetStateWhere {:?} up to {up_to_id} {change:?}", filter.view));
        Ok((u32::try_from(count).unwrap(), 78))
    }

    fn undo(&self, token: u64) -> Result<u32, Error> {
        if token == 77 { Ok(3) } else { Err(Error::NotFound(format!("undo: no token {token}"))) }
    }

    fn delete(&self, ids: Vec<i64>) -> (u32, u64) {
        (u32::try_from(ids.len()).unwrap(), 79)
    }

    fn delete_where(&self, filter: Dict, up_to_id: i64) -> Result<(u32, u64), Error> {
        let filter = Filter::from_dict(filter)?;
        let mut state = self.0.lock().unwrap();
        let count = state.selected(&filter).len();
        state.calls.push(format!("DeleteWhere {:?} up to {up_to_id}", filter.view));
        state.filters.push(filter);
        Ok((u32::try_from(count).unwrap(), 80))
    }

    fn invoke(&self, id: i64, action: String, platform_data: Dict) -> Result<(), Error> {
        let mut state = self.0.lock().unwrap();
        if !state.rows.iter().any(|row| row.id == id) {
            return Err(Error::NotFound(format!("id: there is no notification {id}")));
        }
        let mut data: Vec<_> = platform_data.into_keys().collect();
        data.sort();
        state.calls.push(format!("Invoke {id} {action} {data:?}"));
        Ok(())
    }

    fn explain(&self, id: i64) -> Vec<Dict> {
        if id > 100 {
            return Vec::new();
        }
        let mut writer = DictWriter::default();
        writer.put("at", id * 1_000);
        writer.put("status", "SUPPRESSED");
        writer.put("reason", "popups-off");
        vec![writer.finish()]
    }

    #[zbus(signal)]
    async fn changed(
        emitter: &SignalEmitter<'_>,
        revision: u64,
        added: Vec<i64>,
        updated: Vec<i64>,
        removed: Vec<i64>,
    ) -> zbus::Result<()>;
}

struct Sources(Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Sources1")]
impl Sources {
    fn list(&self) -> Vec<Dict> {
        self.0.lock().unwrap().sources.iter().map(SourceStatus::to_dict).collect()
    }

    fn test(&self, source: String) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("ok", source == "good");
        writer.put("steps", vec![format!("dialled {source}"), "403 \u{1b}[31mForbidden".into()]);
        writer.finish()
    }

    fn reconnect(&self, source: String) {
        self.0.lock().unwrap().calls.push(format!("Reconnect {source}"));
    }

    fn set_enabled(&self, source: String, enabled: bool) {
        self.0.lock().unwrap().calls.push(format!("SetEnabled {source} {enabled}"));
    }
}

struct Control(Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Control1")]
impl Control {
    fn stats(&self) -> Dict {
        let state = self.0.lock().unwrap();
        let mut writer = DictWriter::default();
        writer.put("version", "9.8.7");
        writer.put("api_version", names::API_VERSION);
        writer.put("notifications", u64::try_from(state.rows.len()).unwrap());
        writer.put("unread", 4_u32);
        writer.put("database_path", "/somewhere/inbox.db");
        writer.put("config_path", "/somewhere/config.toml");
        if state.popup_server {
            writer.put("popup_server", "dunst");
            writer.put("popup_capabilities", vec!["actions".to_owned(), "body".to_owned()]);
        }
        for (key, value) in &state.stats {
            writer.put(key, value.clone());
        }
        writer.finish()
    }

    fn test_popup(&self) -> Result<(), Error> {
        if self.0.lock().unwrap().popup_server {
            return Ok(());
        }
        Err(Error::Unavailable("no popup server is running".into()))
    }

    async fn export(&self, output: OwnedFd) -> Result<u64, Error> {
        let rows = self.0.lock().unwrap().rows.clone();
        if rows.iter().any(|row| row.title == "disk full") {
            return Err(Error::Storage("the inbox could not be read".into()));
        }
        tokio::task::spawn_blocking(move || {
            let mut file = std::fs::File::from(StdFd::from(output));
            for row in &rows {
                writeln!(file, "{}", serde_json::to_string(row).unwrap()).unwrap();
            }
            u64::try_from(rows.len()).unwrap()
        })
        .await
        .map_err(|error| Error::Storage(error.to_string()))
    }

    async fn import(&self, input: OwnedFd) -> Result<u64, Error> {
        let text = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            std::fs::File::from(StdFd::from(input)).read_to_string(&mut text).map(|_| text)
        });
        let text = text.await.unwrap().map_err(|error| Error::Storage(error.to_string()))?;
        let mut state = self.0.lock().unwrap();
        let mut added = 0;
        for line in text.lines() {
            let row: Notification = serde_json::from_str(line)
                .map_err(|error| Error::InvalidArgs(format!("input: {error}")))?;
            state.add(row);
            added += 1;
        }
        Ok(added)
    }
}
