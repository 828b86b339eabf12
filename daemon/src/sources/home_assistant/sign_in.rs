use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use tidings_api::Millis;
use tokio::time::Instant;

use crate::net::link::{Ending, Link};
use crate::sources::home_assistant::HomeAssistant;
use crate::sources::home_assistant::frame::{self, Frame, OLDEST_STATE, QUESTION, SUBSCRIPTION};
use crate::sources::trouble::Trouble;

/// From the open connection to the list of what there is. A Home Assistant that is starting takes its time.
const WITHIN: Duration = Duration::from_secs(30);
/// The server speaks first. Where it does not, it may still listen.
const GREETING: Duration = Duration::from_secs(5);
/// Since when it runs, it says at once or not at all.
const ANSWER: Duration = Duration::from_secs(5);
/// As much is kept of what comes until the connection is signed in and has its list, in bytes. A message has 4 MiB at most, and
/// no Home Assistant has two such lists.
const KEPT: usize = 8 * 1024 * 1024;

/// A subscription that stands.
#[derive(Debug)]
pub(super) struct Subscribed {
    pub(super) link: Link,
    /// What has come until then: the list of what there is, and perhaps more.
    pub(super) first: Vec<Vec<u8>>,
    pub(super) version: String,
    /// Since when the server has run; `None` = it has just started, or does not say.
    pub(super) since: Option<Millis>,
}

/// Opens a connection, signs in, subscribes, and waits for the list of what there is.
pub(super) async fn subscribe(home: &HomeAssistant) -> Result<Subscribed, Trouble> {
    // Without a secret every server refuses: these words say what to do about it.
    home.server.login().secret().await?;
    let opened = home.server.open("api/websocket", home.policy).await?;
    let link = opened.map_err(|refusal| home.server.turned_away(refusal))?;
    let talk = Talk {
        home,
        link,
        said: false,
        version: String::new(),
        first: Vec::new(),
        kept: 0,
        listed: None,
        since: None,
    };
    match tokio::time::timeout(WITHIN, talk.run()).await {
        Ok(subscribed) => subscribed,
        Err(_) => Err(Trouble::transient(format!(
            "{}: no sign-in and list of notifications within {} seconds",
            home.server.place(),
            WITHIN.as_secs()
        ))),
    }
}

struct Talk<'h> {
    home: &'h HomeAssistant,
    link: Link,
    /// The token has been sent.
    said: bool,
    version: String,
    first: Vec<Vec<u8>>,
    /// How much that is, in bytes.
    kept: usize,
    /// When the list of what there is has come.
    listed: Option<Instant>,
    /// The answer to the question since when it runs, once it has come.
    since: Option<Option<Millis>>,
}

impl Talk<'_> {
    async fn run(mut self) -> Result<Subscribed, Trouble> {
        while self.listed.is_none() || self.since.is_none() {
            let patience = match self.listed {
                Some(at) => ANSWER.saturating_sub(at.elapsed()),
                None if self.said => WITHIN,
                None => GREETING,
            };
            match tokio::time::timeout(patience, self.link.next()).await {
                Ok(received) => {
                    let message = received.map_err(|ending| self.lost(ending))?;
                    if let Some(message) = message {
                        self.take(&message).await?;
                    }
                }
                Err(_) if self.listed.is_some() => self.since = Some(None),
                Err(_) => self.say_token().await?,
            }
        }
        let Self { link, version, first, since, .. } = self;
        Ok(Subscribed { link, first, version, since: since.flatten() })
    }

    async fn take(&mut self, message: &[u8]) -> Result<(), Trouble> {
        let place = self.home.server.place();
        let mut tells = false;
        for frame in frame::frames(message) {
            match frame {
                Frame::AuthRequired => self.say_token().await?,
                Frame::AuthOk(version) => {
                    self.version = version;
                    self.ask().await?;
                }
                Frame::AuthInvalid(why) => {
                    self.home.server.login().forget();
                    return Err(frame::not_let_in(&place, &why));
                }
                Frame::Refused(why) => return Err(frame::not_taken(&place, &why)),
                Frame::Current { .. } => (tells, self.listed) = (true, Some(Instant::now())),
                Frame::Arrived(_) | Frame::Removed(_) => tells = true,
                Frame::Since(since) => {
                    self.since = Some(since);
                    // It would tell each time that the answer changes: once is enough.
                    let enough = json!({ "id": QUESTION + 1, "type": "unsubscribe_events", "subscription": QUESTION });
                    self.say(enough.to_string()).await?;
                }
                Frame::Other | Frame::Unknown(_) => {}
            }
        }
        if tells {
            self.kept += message.len();
            if self.kept > KEPT {
                return Err(Trouble::transient(format!(
                    "{place}: sends more than {} MiB of notifications before it is done with the list of them; it is dialled again later, and something there may be creating notifications in a loop",
                    KEPT / 1024 / 1024
                )));
            }
            self.first.push(message.to_vec());
        }
        Ok(())
    }

    /// Subscribes, and asks since when the server has run.
    async fn ask(&mut self) -> Result<(), Trouble> {
        let commands = [
            json!({ "id": SUBSCRIPTION, "type": "persistent_notification/subscribe" }),
            json!({ "id": QUESTION, "type": "render_template", "template": OLDEST_STATE }),
        ];
        for command in commands {
            self.say(command.to_string()).await?;
        }
        Ok(())
    }

    async fn say_token(&mut self) -> Result<(), Trouble> {
        if std::mem::replace(&mut self.said, true) {
            return Ok(());
        }
        let secret = self.home.server.login().secret().await?;
        let proof = json!({ "type": "auth", "access_token": secret.expose_secret() });
        self.say(proof.to_string()).await
    }

    async fn say(&mut self, text: String) -> Result<(), Trouble> {
        let said = self.link.say(text).await;
        said.map_err(|ending| self.lost(ending))
    }

    fn lost(&self, ending: Ending) -> Trouble {
        let why = match ending {
            Ending::Lost(why) => why,
            Ending::Slept => "the machine slept".to_owned(),
        };
        Trouble::transient(format!("{}: {why} during the sign-in", self.home.server.place()))
    }
}
