//! From the server's signals on the bus to events of our popups.

use std::sync::Arc;

use futures_util::stream::{StreamExt, select};
use zbus::message::Type;
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::Shared;
use super::server::{NAME, PATH};
use super::slots::{Handle, Signal};
use crate::desktop::{CloseReason, PopupEvent};

const BUS: &str = "org.freedesktop.DBus";

/// The server's signals and the changes of the name's owner, in one stream: what is not polled
/// would in the end stop the whole connection, and a token must stay before its click.
pub(super) struct Signals {
    popups: MessageStream,
    owners: MessageStream,
}

impl Signals {
    /// Asks the bus for them. Everything that is shown after this returned is heard of.
    pub(super) async fn subscribe(connection: &Connection) -> zbus::Result<Self> {
        let popups = MatchRule::builder().msg_type(Type::Signal).interface(NAME)?.path(PATH)?;
        let owners = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS)?
            .interface(BUS)?
            .member("NameOwnerChanged")?
            .arg(0, NAME)?;
        Ok(Self {
            popups: MessageStream::for_match_rule(popups.build(), connection, None).await?,
            owners: MessageStream::for_match_rule(owners.build(), connection, None).await?,
        })
    }

    /// Listens until the connection ends.
    pub(super) async fn listen(self, shared: Arc<Shared>) {
        let mut messages = select(self.popups, self.owners);
        while let Some(message) = messages.next().await {
            let Ok(message) = message else { continue };
            match read(&message) {
                Some(Heard::Popup(handle, signal)) => shared.heard(&handle, signal),
                Some(Heard::OwnerChanged { old, new }) => shared.owner_changed(&old, &new),
                None => {}
            }
        }
        tracing::debug!("the connection to the popup server has ended");
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Popup(Handle, Signal),
    OwnerChanged { old: String, new: String },
}

/// Reads a signal; what is not of the expected shape is passed over.
fn read(message: &Message) -> Option<Heard> {
    let header = message.header();
    let sender = header.sender()?.to_string();
    let body = message.body();
    let member = header.member()?.as_str();
    if member == "NameOwnerChanged" {
        // Anybody can send a signal of this shape to us alone; only the bus's own counts.
        let (name, old, new) = body.deserialize::<(&str, &str, &str)>().ok()?;
        let genuine = sender == BUS && name == NAME;
        return genuine.then(|| Heard::OwnerChanged { old: old.to_owned(), new: new.to_owned() });
    }
    let (id, signal) = match member {
        "ActionInvoked" => text(&body).map(|(id, action)| (id, Signal::Invoked(action)))?,
        "ActivationToken" => text(&body).map(|(id, token)| (id, Signal::Token(token)))?,
        "NotificationReplied" => text(&body).map(|(id, line)| (id, Signal::Replied(line)))?,
        "NotificationClosed" => {
            let (id, reason) = body.deserialize::<(u32, u32)>().ok()?;
            (id, Signal::Closed(close_reason(reason)))
        }
        _ => return None,
    };
    Some(Heard::Popup(Handle { server: sender, id }, signal))
}

fn text(body: &zbus::message::Body) -> Option<(u32, String)> {
    body.deserialize::<(u32, String)>().ok()
}

/// The codes of the Desktop Notifications Specification 1.2, `NotificationClosed`.
const fn close_reason(code: u32) -> CloseReason {
    match code {
        1 => CloseReason::Expired,
        2 => CloseReason::Dismissed,
        3 => CloseReason::Closed,
        _ => CloseReason::Undefined,
    }
}

impl Shared {
    fn heard(&self, handle: &Handle, signal: Signal) {
        // Told under the lock, so that a click is not told before the one that came before it.
        let mut slots = self.slots();
        self.tell(slots.signal(handle, signal));
    }

    fn owner_changed(&self, old: &str, new: &str) {
        self.capabilities().forget();
        let mut slots = self.slots();
        if !old.is_empty() {
            slots.server_gone(old);
        }
        slots.server_came(new);
        self.tell([PopupEvent::Restarted]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal<B>(sender: &str, interface: &str, member: &str, body: &B) -> Message
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let builder = Message::signal(PATH, interface, member).unwrap();
        builder.sender(sender).unwrap().build(body).unwrap()
    }

    fn popup(id: u32, signal: Signal) -> Option<Heard> {
        Some(Heard::Popup(Handle { server: ":1.7".into(), id }, signal))
    }

    #[test]
    fn every_signal_of_the_specification_is_understood() {
        let heard = |member, text: &str| read(&signal(":1.7", NAME, member, &(3_u32, text)));
        assert_eq!(heard("ActionInvoked", "a"), popup(3, Signal::Invoked("a".into())));
        assert_eq!(heard("ActivationToken", "t"), popup(3, Signal::Token("t".into())));
        assert_eq!(heard("NotificationReplied", "x"), popup(3, Signal::Replied("x".into())));

        for (code, reason) in [
            (1_u32, CloseReason::Expired),
            (2, CloseReason::Dismissed),
            (3, CloseReason::Closed),
            (4, CloseReason::Undefined),
            (99, CloseReason::Undefined),
        ] {
            let closed = signal(":1.7", NAME, "NotificationClosed", &(3_u32, code));
            assert_eq!(read(&closed), popup(3, Signal::Closed(reason)), "code {code}");
        }
    }

    #[test]
    fn signals_of_another_shape_are_passed_over() {
        for message in [
            signal(":1.7", NAME, "ActionInvoked", &"no id"),
            signal(":1.7", NAME, "NotificationClosed", &(3_u32, "why")),
            signal(":1.7", NAME, "NotificationClosed", &()),
            signal(":1.7", NAME, "SomethingNew", &(3_u32, "text")),
        ] {
            assert_eq!(read(&message), None);
        }
    }

    #[test]
    fn only_the_bus_says_who_owns_the_name() {
        let body = (NAME, ":1.7", "");
        let genuine = signal(BUS, BUS, "NameOwnerChanged", &body);
        let changed = Heard::OwnerChanged { old: ":1.7".into(), new: String::new() };
        assert_eq!(read(&genuine), Some(changed));
        let forged = signal(":1.66", BUS, "NameOwnerChanged", &body);
        assert_eq!(read(&forged), None, "a program on the bus can send this to us alone");
        let other = signal(BUS, BUS, "NameOwnerChanged", &("org.example.Other", ":1.7", ""));
        assert_eq!(read(&other), None);
    }
}
