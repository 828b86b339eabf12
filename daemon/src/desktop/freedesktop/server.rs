//! The calls to `org.freedesktop.Notifications`, each bounded in time, and what its errors mean.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use zbus::zvariant::{DynamicType, Value};
use zbus::{Connection, Message};

use super::capabilities::Capabilities;
use super::slots::Handle;

/// Bus name and interface of popup servers.
pub(super) const NAME: &str = "org.freedesktop.Notifications";
/// Their object path.
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// How long any one call may take. Real servers answer in a millisecond.
const PATIENCE: Duration = Duration::from_secs(5);

/// The arguments of `Notify`: `app_name`, `replaces_id`, `app_icon`, `summary`, `body`, `actions`,
/// `hints`, `expire_timeout`.
pub(super) type Notify<'a> = (
    &'a str,
    u32,
    &'a str,
    &'a str,
    &'a str,
    &'a [String],
    &'a HashMap<&'static str, Value<'a>>,
    i32,
);

/// Why a call did not succeed, by what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nobody owns the name, and nobody can be started for it.
    Absent,
    /// KDE: alike to the popup of a moment ago, or one of too many.
    Excess,
    /// An argument was refused; for a popup that replaces, its id is not ours (any more).
    InvalidArgs(String),
    /// It runs and does not answer in time, in words; it may do later what it was asked for.
    Silent(String),
    /// Anything else, in words.
    Other(String),
}

/// The popup server, whoever it is at the moment.
#[derive(Clone, Debug)]
pub(super) struct Server {
    connection: Connection,
}

impl Server {
    /// Speaks over `connection` and no other: GNOME closes the popups of a connection that has ended.
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Shows a popup on whichever server there is, or starts one; answers who took it as what.
    pub(super) async fn notify(&self, arguments: &Notify<'_>) -> Result<Handle, Failure> {
        self.notify_at(NAME, arguments).await
    }

    /// Shows a popup on exactly this server: an id to replace means nothing to any other.
    pub(super) async fn notify_at(
        &self,
        server: &str,
        arguments: &Notify<'_>,
    ) -> Result<Handle, Failure> {
        let reply = self.call(server, "Notify", arguments).await?;
        let id = body::<u32>("Notify", &reply)?;
        if id == 0 {
            return Err(Failure::Other("the popup server answered with the id 0".into()));
        }
        let server = reply.header().sender().map(ToString::to_string).unwrap_or_default();
        Ok(Handle { server, id })
    }

    /// Takes a popup off the screen. An error is the server's way to say that it was not there.
    pub(super) async fn close(&self, popup: &Handle) -> Result<(), Failure> {
        self.call(&popup.server, "CloseNotification", &popup.id).await?;
        Ok(())
    }

    /// What the server can do.
    pub(super) async fn capabilities(&self) -> Result<Capabilities, Failure> {
        let reply = self.call(NAME, "GetCapabilities", &()).await?;
        Ok(body::<Vec<String>>("GetCapabilities", &reply)?.into_iter().collect())
    }

    /// Name, vendor, version and version of the specification.
    pub(super) async fn information(&self) -> Result<[String; 4], Failure> {
        let reply = self.call(NAME, "GetServerInformation", &()).await?;
        body::<(String, String, String, String)>("GetServerInformation", &reply).map(Into::into)
    }

    /// Whether somebody owns the name, without starting anybody.
    pub(super) async fn is_present(&self) -> bool {
        let bus = "org.freedesktop.DBus";
        let path = "/org/freedesktop/DBus";
        let call = self.connection.call_method(Some(bus), path, Some(bus), "NameHasOwner", &NAME);
        let reply = tokio::time::timeout(PATIENCE, call).await;
        reply.is_ok_and(|reply| reply.is_ok_and(|reply| reply.body().deserialize() == Ok(true)))
    }

    async fn call<B>(&self, server: &str, method: &str, arguments: &B) -> Result<Message, Failure>
    where
        B: Serialize + DynamicType + Sync,
    {
        let call = self.connection.call_method(Some(server), PATH, Some(NAME), method, arguments);
        match tokio::time::timeout(PATIENCE, call).await {
            Ok(reply) => reply.map_err(|error| failure(method, &error)),
            // The bus is still trying to start one, and nobody is there to hang.
            Err(_) if !self.is_present().await => Err(Failure::Absent),
            Err(_) => Err(Failure::Silent(format!(
                "{method}: the popup server has not answered for {} seconds",
                PATIENCE.as_secs()
            ))),
        }
    }
}

fn body<T>(method: &str, reply: &Message) -> Result<T, Failure>
where
    T: for<'d> serde::Deserialize<'d> + zbus::zvariant::Type,
{
    reply.body().deserialize().map_err(|error| {
        Failure::Other(format!("{method}: the popup server's answer makes no sense: {error}"))
    })
}

fn failure(method: &str, error: &zbus::Error) -> Failure {
    let zbus::Error::MethodError(name, detail, _) = error else {
        return Failure::Other(format!("{method}: {error}"));
    };
    named_failure(method, name.as_str(), detail.as_deref().unwrap_or_default())
}

fn named_failure(method: &str, name: &str, detail: &str) -> Failure {
    let standard = name.strip_prefix("org.freedesktop.DBus.Error.");
    match standard {
        // What dbus-daemon and dbus-broker answer when there is nobody to start, or when starting
        // failed or took too long.
        Some("ServiceUnknown" | "NameHasNoOwner" | "TimedOut") => Failure::Absent,
        Some(spawning) if spawning.starts_with("Spawn.") => Failure::Absent,
        Some("InvalidArgs") => Failure::InvalidArgs(format!("{method}: {detail}")),
        _ if name == "org.freedesktop.Notifications.Error.ExcessNotificationGeneration" => {
            Failure::Excess
        }
        _ => Failure::Other(format!("{method}: {name}: {detail}")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("org.freedesktop.DBus.Error.ServiceUnknown", Failure::Absent)]
    #[case("org.freedesktop.DBus.Error.NameHasNoOwner", Failure::Absent)]
    #[case("org.freedesktop.DBus.Error.Spawn.ChildExited", Failure::Absent)]
    #[case("org.freedesktop.DBus.Error.Spawn.ExecFailed", Failure::Absent)]
    #[case("org.freedesktop.DBus.Error.TimedOut", Failure::Absent)]
    #[case("org.freedesktop.Notifications.Error.ExcessNotificationGeneration", Failure::Excess)]
    #[case("org.freedesktop.DBus.Error.InvalidArgs", Failure::InvalidArgs("Notify: why".into()))]
    #[case(
        "org.freedesktop.DBus.Error.NoReply",
        Failure::Other("Notify: org.freedesktop.DBus.Error.NoReply: why".into())
    )]
    #[case("com.example.Odd", Failure::Other("Notify: com.example.Odd: why".into()))]
    fn an_error_name_says_what_to_do_next(#[case] name: &str, #[case] expected: Failure) {
        assert_eq!(named_failure("Notify", name, "why"), expected);
    }
}
