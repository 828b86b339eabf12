//! A fake of the `Notificacion` server (documented paths) that misbehaves on command.
//!
//! It speaks the wire format of the real one, which `django.rs` runs; here are the faults that a real
//! server shows only now and then.

mod http;
mod rest;
mod rows;
mod socket;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use rows::{Row, Shape};

use crate::wait::until;
use rows::Rows;
use socket::Order;

/// The only token that is let in.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// In a text it stands for the escape `\ud83c` on the wire: half of a pair, which Python writes and no Rust text holds.
pub const LONE_SURROGATE: char = '\u{e000}';

/// What is wrong with the server at the moment. The default is a server in good health.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Of every so many frames all but one are lost; 0 and 1 lose none.
    pub keep_one_frame_in: usize,
    /// Frames are sent twice.
    pub doubled_frames: bool,
    /// Sockets answer pings and get no frames, as after `group_expiry`.
    pub deaf: bool,
    /// Handshakes are refused with 403.
    pub refuse_handshake: bool,
    /// Every request is sent to the login page.
    pub redirect_to_login: bool,
    /// Every list is empty, with 200, as for somebody who is not signed in.
    pub anonymous: bool,
    /// How often a list is answered with 429 and this `Retry-After` in seconds.
    pub too_many: (usize, u64),
    /// How often a mark is carried out and answered with 500.
    pub mark_fails_after_success: usize,
    /// How often a mark is answered with 200 and not carried out.
    pub mark_hits_nothing: usize,
    /// After each page of a list, so many new rows arrive before the next request.
    pub arrive_between_pages: usize,
    /// Rows are in the list only this much later than their frame (a transaction that commits late).
    pub commit_after: Duration,
}

/// What clients did.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Method and path with query of every request, handshakes included.
    pub requests: Vec<String>,
    /// The ids of every request to mark rows as read.
    pub marks: Vec<Vec<i64>>,
    /// What no client may ever do.
    pub violations: Vec<String>,
}

/// The server. It stops when this value is dropped.
#[derive(Debug)]
pub struct FaultyServer {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: Rows,
    faults: Faults,
    record: Record,
    sockets: Vec<mpsc::UnboundedSender<Order>>,
    frames: usize,
}

impl FaultyServer {
    /// Starts it on a free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(http::serve(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, task })
    }

    /// Where a source connects to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Changes what is wrong with it.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shared.lock().faults);
    }

    /// What is wrong with it now; faults that happen a number of times count down.
    #[must_use]
    pub fn faults_left(&self) -> Faults {
        self.shared.lock().faults.clone()
    }

    /// What clients did so far.
    #[must_use]
    pub fn record(&self) -> Record {
        self.shared.lock().record.clone()
    }

    /// How many requests so far have this method and path (the query may differ).
    #[must_use]
    pub fn requests(&self, method: &str, path: &str) -> usize {
        let wanted = format!("{method} {path}");
        let same = |request: &&String| request.split('?').next() == Some(wanted.as_str());
        self.shared.lock().record.requests.iter().filter(same).count()
    }

    /// Notifies: a row, then its frame.
    pub fn notify(&self, text: &str) -> i64 {
        let id = self.insert(text);
        self.send_frame(text);
        id
    }

    /// A row without a frame, as from another process.
    pub fn insert(&self, text: &str) -> i64 {
        let mut state = self.shared.lock();
        let delay = state.faults.commit_after;
        state.rows.insert(text, delay)
    }

    /// A row with a date of its own.
    pub fn insert_dated(&self, text: &str, shape: Shape, at: DateTime<Utc>) -> i64 {
        self.shared.lock().rows.insert_dated(text, shape, at)
    }

    /// A frame without a row, as from a transaction that is rolled back.
    pub fn send_frame(&self, text: &str) {
        self.send_text(&wire(&serde_json::json!({ "message": text })));
    }

    /// This very text as a frame, unless the faults swallow it.
    pub fn send_text(&self, text: &str) {
        let mut state = self.shared.lock();
        state.frames += 1;
        let one_in = state.faults.keep_one_frame_in.max(1);
        if state.faults.deaf || !state.frames.is_multiple_of(one_in) {
            return;
        }
        let times = if state.faults.doubled_frames { 2 } else { 1 };
        for _ in 0..times {
            state.order(&Order::Text(text.to_owned()));
        }
    }

    /// A binary frame.
    pub fn send_binary(&self, bytes: &[u8]) {
        self.shared.lock().order(&Order::Binary(bytes.to_vec()));
    }

    /// Closes every socket with this code.
    pub fn close(&self, code: u16) {
        self.shared.lock().order(&Order::Close(code));
    }

    /// Resets every socket (TCP RST, no close frame).
    pub fn reset_sockets(&self) {
        self.shared.lock().order(&Order::Reset);
    }

    /// Stops reading and writing on every socket without closing it, as a lost network does.
    pub fn freeze(&self) {
        self.shared.lock().order(&Order::Freeze);
    }

    /// The database is restored from nothing: rows are gone, ids start again at 1.
    pub fn reset_database(&self) {
        self.shared.lock().rows = Rows::default();
    }

    /// Marks rows as read on the server, as another client would.
    pub fn read_elsewhere(&self, ids: &[i64]) {
        self.shared.lock().rows.mark(ids);
    }

    /// Every row, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.shared.lock().rows.all().to_vec()
    }

    /// How many sockets are open.
    #[must_use]
    pub fn sockets(&self) -> usize {
        let mut state = self.shared.lock();
        state.sockets.retain(|socket| !socket.is_closed());
        state.sockets.len()
    }

    /// Waits for that many open sockets.
    pub async fn wait_for_sockets(&self, count: usize) -> Result<()> {
        let what = format!("{count} open sockets");
        until(&what, Duration::from_secs(20), async || (self.sockets() == count).then_some(()))
            .await
    }
}

impl Drop for FaultyServer {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.lock().order(&Order::Reset);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives an order to every open socket and forgets the closed ones.
    fn order(&mut self, order: &Order) {
        self.sockets.retain(|socket| socket.send(order.clone()).is_ok());
    }
}

/// JSON as it travels.
fn wire(value: &serde_json::Value) -> String {
    value.to_string().replace(LONE_SURROGATE, "\\ud83c")
}
