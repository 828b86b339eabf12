//! An ntfy server as far as a subscriber sees it (2.19), with faults on command: rows are only ever added, updates and ends
//! are rows of their own, `since` counts by row for an id and inclusively for a time, and what is sent to the sockets may
//! not be written down yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::sources::live::testing::DEADLINE;

/// What a socket is made to do.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Text(String),
    /// These bytes of frames, each piece by itself.
    Raw(Vec<Vec<u8>>),
    Close,
    /// The stream ends without a farewell.
    End,
    /// Gone without a word.
    Reset,
    /// Still there for the kernel, and nobody behind it.
    Freeze,
}

/// A row of the message cache.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) topic: String,
    pub(crate) time: i64,
    pub(crate) message: Value,
    /// A scheduled message is not, until its time comes.
    pub(crate) published: bool,
    /// A batch that waits is not.
    pub(crate) written: bool,
}

#[derive(Clone)]
pub(crate) struct Server {
    address: std::net::SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    /// In the order of their insertion.
    pub(crate) rows: Vec<Row>,
    pub(crate) sockets: Vec<(Vec<String>, UnboundedSender<Order>)>,
    /// Method and path of each request, with its query.
    pub(crate) requests: Vec<String>,
    /// Seconds.
    pub(crate) now: i64,
    /// What passes between two messages.
    pub(crate) tick: i64,
    numbers: u64,
    /// Topics that are refused, with the status.
    pub(crate) refused: BTreeMap<String, u16>,
    /// How many requests are answered; then one is refused, and who waits may ask as often again.
    pub(crate) burst: Option<usize>,
    pub(crate) spent: usize,
    /// Topics that nobody may write to, with the status.
    pub(crate) read_only: BTreeMap<String, u16>,
    /// Answered instead of a handshake.
    pub(crate) handshake_answer: Option<&'static str>,
    /// Answered instead of the list, once.
    pub(crate) list_answer: Option<&'static str>,
    /// Answered instead of clearing, once.
    pub(crate) clear_answer: Option<&'static str>,
    /// The list breaks off after so many lines, once, and half a line.
    pub(crate) break_after: Option<usize>,
    /// The list comes byte by byte, with pauses, and has no end.
    pub(crate) drip: bool,
    /// Sockets are pinged this often and dropped where no answer comes.
    pub(crate) ping_every: Option<Duration>,
    pub(crate) pongs: usize,
    /// Data that clients have sent: there may be none.
    pub(crate) client_data: usize,
    /// What is published is not written down yet.
    pub(crate) batching: bool,
    /// What is published does not reach the sockets.
    pub(crate) deaf: bool,
    /// What is published waits, and then reaches the sockets in the opposite order.
    pub(crate) reversing: bool,
    held: Vec<(String, Order)>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let now = Clock::System.now() / 1_000 - 300;
        let state = State { now, tick: 1, ..State::default() };
        let server = Self { address, state: Arc::new(Mutex::new(state)) };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        server
    }

    pub(crate) fn settings(&self, more: &str) -> String {
        format!("url = \"http://{}\"\n{more}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&State) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !wanted(&self.state()) {
            let asked = self.state().requests.clone();
            assert!(Instant::now() < end, "never: {what}; {asked:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until so many WebSockets have been opened in all.
    pub(crate) async fn connections(&self, count: usize) {
        self.until("enough connections", |state| state.count("/ws") >= count).await;
    }

    pub(crate) fn order(&self, order: &Order) {
        self.state().send("", order);
    }
}

impl State {
    /// How many requests had this in their path.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.requests.iter().filter(|request| request.contains(part)).count()
    }

    /// Sends a message, by default one second later than the one before. An empty sequence is its own.
    pub(crate) fn publish(&mut self, topic: &str, sequence: &str, text: &str) -> String {
        self.add(topic, sequence, &json!({"event": "message", "message": text}))
    }

    /// `message_clear` or `message_delete`.
    pub(crate) fn end(&mut self, topic: &str, sequence: &str, event: &str) -> String {
        self.add(topic, sequence, &json!({ "event": event }))
    }

    pub(crate) fn add(&mut self, topic: &str, sequence: &str, more: &Value) -> String {
        self.now += self.tick;
        let (id, message) = self.message(topic, sequence, self.now, more);
        let order = Order::Text(message.to_string());
        let row = Row {
            topic: topic.to_owned(),
            time: self.now,
            message,
            published: true,
            written: !self.batching,
        };
        self.rows.push(row);
        self.fan_out(topic, order);
        id
    }

    /// Writes a message down that is sent later.
    pub(crate) fn schedule(&mut self, topic: &str, text: &str) {
        let more = json!({"event": "message", "message": text});
        let (_, message) = self.message(topic, "", 0, &more);
        let topic = topic.to_owned();
        self.rows.push(Row { topic, time: 0, message, published: false, written: true });
    }

    /// The time of all scheduled messages has come.
    pub(crate) fn deliver(&mut self) {
        for at in 0..self.rows.len() {
            if self.rows[at].published {
                continue;
            }
            self.now += 1;
            let row = &mut self.rows[at];
            (row.time, row.published) = (self.now, true);
            row.message["time"] = json!(self.now);
            let (topic, text) = (row.topic.clone(), row.message.to_string());
            self.fan_out(&topic, Order::Text(text));
        }
    }

    /// The batch that waits is written down.
    pub(crate) fn write_down(&mut self) {
        self.rows.iter_mut().for_each(|row| row.written = true);
    }

    fn message(&mut self, topic: &str, sequence: &str, time: i64, more: &Value) -> (String, Value) {
        self.numbers += 1;
        let id = format!("m{:011}", self.numbers);
        let sequence = if sequence.is_empty() { &id } else { sequence };
        let expires = time + 43_200;
        let mut message = json!({
            "id": id, "sequence_id": sequence, "time": time, "expires": expires, "topic": topic,
        });
        for (key, value) in more.as_object().unwrap() {
            message[key] = value.clone();
        }
        (id, message)
    }

    fn fan_out(&mut self, topic: &str, order: Order) {
        if self.reversing {
            self.held.push((topic.to_owned(), order));
        } else if !self.deaf {
            self.send(topic, &order);
        }
    }

    /// Sends what was held back, the last first.
    pub(crate) fn release(&mut self) {
        self.reversing = false;
        for (topic, order) in std::mem::take(&mut self.held).into_iter().rev() {
            self.send(&topic, &order);
        }
    }

    /// To all sockets that follow the topic; without one, to all.
    pub(crate) fn send(&mut self, topic: &str, order: &Order) {
        let wanted = |topics: &[String]| topic.is_empty() || topics.iter().any(|t| t == topic);
        self.sockets
            .retain(|(topics, socket)| !wanted(topics) || socket.send(order.clone()).is_ok());
    }

    /// The lines of the list: per topic by time and row, then all by time.
    pub(crate) fn list(&self, topics: &[String], since: &str) -> Vec<String> {
        let place = self.rows.iter().position(|row| row.message["id"] == since);
        let wanted = |number: usize, row: &Row| match since.parse::<i64>() {
            Ok(time) => row.time >= time,
            Err(_) if since == "all" => true,
            // An id that is not known brings everything.
            Err(_) => place.is_none_or(|place| number > place),
        };
        let mut found = Vec::new();
        for topic in topics {
            let rows = self.rows.iter().enumerate();
            let mut of_topic: Vec<&Row> = rows
                .filter(|(_, row)| row.topic == *topic && row.published && row.written)
                .filter(|(number, row)| wanted(*number, row))
                .map(|(_, row)| row)
                .collect();
            of_topic.sort_by_key(|row| row.time);
            found.extend(of_topic);
        }
        found.sort_by_key(|row| row.time);
        found.into_iter().map(|row| listed(&row.message)).collect()
    }
}

/// Over HTTP a message that is its own sequence does not say so.
fn listed(message: &Value) -> String {
    let mut message = message.clone();
    if message["sequence_id"] == message["id"] {
        message.as_object_mut().unwrap().shift_remove("sequence_id");
    }
    message.to_string()
}
