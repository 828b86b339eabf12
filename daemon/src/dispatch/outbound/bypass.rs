//! The way past the queue of a target: for tests and for codes.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::lane::{ATTEMPT, Command};
use crate::targets::{Message, Outcome, Target};

/// The way past the queue of a target, as that is set up when it is taken. It stays that way when the target is changed
/// meanwhile: what it shows then is noted of nothing.
#[derive(Clone)]
pub struct Bypass {
    pub(super) target: Arc<dyn Target>,
    pub(super) lane: mpsc::UnboundedSender<Command>,
}

impl Bypass {
    /// Sends a message.
    pub async fn send(&self, message: &Message) -> Outcome {
        let outcome = tokio::time::timeout(ATTEMPT, self.target.deliver(message)).await;
        let _gone = self.lane.send(Command::Sent);
        outcome.unwrap_or_else(|_| Outcome::Unknown { why: "no answer in time".into() })
    }

    /// Pauses the target, which messages have shown not to be set up right. It is recorded when this returns.
    pub async fn pause(&self, why: &str) {
        self.tell(|done| Command::Pause { why: why.to_owned(), done }).await;
    }

    /// Ends a pause of the target, which messages have shown to work. It is recorded when this returns.
    pub async fn resume(&self) {
        self.tell(Command::Resume).await;
    }

    async fn tell(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) {
        let (done, recorded) = oneshot::channel();
        if self.lane.send(command(done)).is_ok() {
            // A lane that has ended, or is ending, drops it: the target is another by now.
            let _gone = recorded.await;
        }
    }
}
