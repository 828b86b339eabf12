//! Sleep, as logind tells it (`org.freedesktop.login1`, systemd 183 and later, and elogind).

use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

use super::Happening;

/// `PrepareForSleep(false)` is sent when the machine is back.
pub(super) async fn follow(system: Connection, told: UnboundedSender<Happening>) {
    if let Err(error) = listen(&system, &told).await {
        debug!(%error, "logind cannot be followed: sleep is noticed by the clock alone");
    }
}

async fn listen(system: &Connection, told: &UnboundedSender<Happening>) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.login1")?
        .path("/org/freedesktop/login1")?
        .interface("org.freedesktop.login1.Manager")?
        .member("PrepareForSleep")?
        .build();
    let mut signals = MessageStream::for_match_rule(rule, system, None).await?;
    while let Some(signal) = signals.next().await {
        let falls_asleep = signal?.body().deserialize::<bool>();
        if falls_asleep.is_ok_and(|falls_asleep| !falls_asleep)
            && told.send(Happening::Woke).is_err()
        {
            break;
        }
    }
    Ok(())
}
