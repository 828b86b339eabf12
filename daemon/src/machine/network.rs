//! The network, as NetworkManager and the desktop portal tell it. Either is enough; both together do no harm.

use std::collections::HashMap;

use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;
use zbus::message::Type;
use zbus::zvariant::Value;
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::Happening;

const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";
/// Properties of NetworkManager (1.0 and later) whose change means another way to the servers.
const TELLING: [&str; 3] = ["Connectivity", "PrimaryConnection", "State"];

/// Follows NetworkManager on the system bus.
pub(super) async fn follow_network_manager(system: Connection, told: UnboundedSender<Happening>) {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(NETWORK_MANAGER)
        .and_then(|rule| rule.path("/org/freedesktop/NetworkManager"))
        .and_then(|rule| rule.interface("org.freedesktop.DBus.Properties"))
        .and_then(|rule| rule.member("PropertiesChanged"));
    let listening = match rule {
        Ok(rule) => listen(&system, rule.build(), &told, is_another_way).await,
        Err(error) => Err(error),
    };
    if let Err(error) = listening {
        debug!(%error, "NetworkManager cannot be followed");
    }
}

/// Follows the portal on the session bus, which is there in a sandbox, too.
pub(super) async fn follow_portal(session: Connection, told: UnboundedSender<Happening>) {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .path("/org/freedesktop/portal/desktop")
        .and_then(|rule| rule.interface("org.freedesktop.portal.NetworkMonitor"))
        .and_then(|rule| rule.member("changed"));
    let listening = match rule {
        Ok(rule) => listen(&session, rule.build(), &told, |_| true).await,
        Err(error) => Err(error),
    };
    if let Err(error) = listening {
        debug!(%error, "the portal's network monitor cannot be followed");
    }
}

async fn listen(
    bus: &Connection,
    rule: MatchRule<'static>,
    told: &UnboundedSender<Happening>,
    tells: fn(&Message) -> bool,
) -> zbus::Result<()> {
    let mut signals = MessageStream::for_match_rule(rule, bus, None).await?;
    while let Some(signal) = signals.next().await {
        if tells(&signal?) && told.send(Happening::NetworkChanged).is_err() {
            break;
        }
    }
    Ok(())
}

fn is_another_way(signal: &Message) -> bool {
    let body = signal.body();
    let changed: Result<(String, HashMap<String, Value<'_>>, Vec<String>), _> = body.deserialize();
    changed.is_ok_and(|(interface, changed, _)| {
        interface == NETWORK_MANAGER && TELLING.iter().any(|name| changed.contains_key(*name))
    })
}
