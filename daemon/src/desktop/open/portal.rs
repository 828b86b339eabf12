//! `org.freedesktop.portal.OpenURI`: opens a link from within a sandbox, too, and in a process that
//! does not end with ours.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use tidings_api::Address;
use zbus::message::Type;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MatchRule, MessageStream};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const INTERFACE: &str = "org.freedesktop.portal.OpenURI";
const REQUEST: &str = "org.freedesktop.portal.Request";
const BUS: &str = "org.freedesktop.DBus";

/// How long the portal may take to accept the request.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long its result is awaited; a person who is asked which program to use takes longer, and
/// then the request is in good hands.
const RESULT_WITHIN: Duration = Duration::from_secs(2);

/// The request was carried out, by the portal's `Response` signal; 1 is "the person said no".
const OTHER_FAILURE: u32 = 2;

/// What became of the request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Opened, or the person is being asked, or has said no.
    Opened,
    /// There is no portal that can; nothing was opened.
    Unavailable,
    /// It may or may not have been opened; doing it again could open it twice.
    Failed(String),
}

/// Opens a link where a portal is running; none is started for it.
pub(super) async fn open(
    connection: &Connection,
    address: &Address,
    token: Option<&str>,
) -> Answer {
    if !is_running(connection).await {
        return Answer::Unavailable;
    }
    // Before the request, so that its result cannot be missed.
    let Ok(results) = results(connection).await else { return Answer::Unavailable };
    let mut options: HashMap<&str, Value<'_>> = HashMap::new();
    if let Some(token) = token {
        options.insert("activation_token", token.into());
    }
    let arguments = ("", address.as_str(), options);
    let call = connection.call_method(Some(NAME), PATH, Some(INTERFACE), "OpenURI", &arguments);
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(reply)) => match reply.body().deserialize::<zbus::zvariant::ObjectPath<'_>>() {
            Ok(request) => result(results, request.as_str()).await,
            Err(error) => Answer::Failed(error.to_string()),
        },
        // It refused without opening: xdg-open may have another way.
        Ok(Err(zbus::Error::MethodError(name, _, _))) => {
            tracing::debug!(%name, "the desktop portal does not open links");
            Answer::Unavailable
        }
        Ok(Err(error)) => Answer::Failed(error.to_string()),
        Err(_) => Answer::Failed(format!("no answer for {} seconds", PATIENCE.as_secs())),
    }
}

async fn is_running(connection: &Connection) -> bool {
    let path = "/org/freedesktop/DBus";
    let call = connection.call_method(Some(BUS), path, Some(BUS), "NameHasOwner", &NAME);
    let reply = tokio::time::timeout(PATIENCE, call).await;
    reply.is_ok_and(|reply| reply.is_ok_and(|reply| reply.body().deserialize() == Ok(true)))
}

async fn results(connection: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(NAME)?
        .interface(REQUEST)?
        .member("Response")?
        .build();
    MessageStream::for_match_rule(rule, connection, None).await
}

async fn result(mut results: MessageStream, request: &str) -> Answer {
    let ours = async {
        while let Some(Ok(message)) = results.next().await {
            if message.header().path().is_some_and(|path| path.as_str() == request) {
                let body = message.body().deserialize::<(u32, HashMap<String, OwnedValue>)>();
                return body.ok().map(|(code, _)| code);
            }
        }
        None
    };
    match tokio::time::timeout(RESULT_WITHIN, ours).await {
        Ok(Some(OTHER_FAILURE)) => Answer::Unavailable,
        Ok(_) | Err(_) => Answer::Opened,
    }
}
