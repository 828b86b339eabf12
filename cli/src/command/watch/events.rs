use futures_util::StreamExt;
use tidings_api::Inbox1Proxy;
use tokio::sync::mpsc;

use crate::exit::Failure;

/// What happens on the bus that a watcher cares for.
#[derive(Debug)]
pub(super) enum Event {
    /// These rows were added or updated.
    Changed(Vec<i64>),
    /// The daemon has left the bus.
    Gone,
    /// The daemon is on the bus again.
    Came,
}

/// Subscribes, and returns when nothing can be missed any more.
///
/// A task of its own takes the signals off the connection: a queue that is full while we wait for
/// an answer would keep that answer from being read.
pub(super) async fn subscribe(
    inbox: &Inbox1Proxy<'static>,
) -> Result<mpsc::UnboundedReceiver<Event>, Failure> {
    let mut changes = inbox.receive_changed().await?;
    let mut owners = inbox.inner().receive_owner_changed().await?;
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let event = tokio::select! {
                Some(signal) = changes.next() => match signal.args() {
                    Ok(arguments) => {
                        let mut ids = arguments.added;
                        ids.extend(arguments.updated);
                        Event::Changed(ids)
                    }
                    Err(_) => continue,
                },
                Some(owner) = owners.next() => {
                    if owner.is_some() { Event::Came } else { Event::Gone }
                }
                else => return,
            };
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}
