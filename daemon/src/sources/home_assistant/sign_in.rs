use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;

use crate::net::link::{Ending, Link};
use crate::sources::home_assistant::HomeAssistant;
use crate::sources::home_assistant::frame::{self, Frame, SUBSCRIPTION};
use crate::sources::trouble::Trouble;

/// From the open connection to the list of what there is. A Home Assistant that is starting takes its time.
const WITHIN: Duration = Duration::from_secs(30);
/// The server speaks first. Where it does not, it may still listen.
const GREETING: Duration = Duration::from_secs(5);

/// A subscription that stands.
#[derive(Debug)]
pub(super) struct Subscribed {
    pub(super) link: Link,
    /// What has come until then: the list of what there is, and perhaps more.
    pub(super) first: Vec<Vec<u8>>,
    pub(super) version: String,
}

/// Opens a connection, signs in, subscribes, and waits for the list of what there is.
pub(super) async fn subscribe(home: &HomeAssistant) -> Result<Subscribed, Trouble> {
    // Without a secret every server refuses: these words say what to do about it.
    home.server.login().secret().await?;
    let opened = home.server.open("api/websocket", home.policy).await?;
    let link = opened.map_err(|refusal| home.server.turned_away(refusal))?;
    let talk = Talk { home, link, said: false, version: String::new(), first: Vec::new() };
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
}

impl Talk<'_> {
    async fn run(mut self) -> Result<Subscribed, Trouble> {
        loop {
            let patience = if self.said { WITHIN } else { GREETING };
            let Ok(received) = tokio::time::timeout(patience, self.link.next()).await else {
                self.say_token().await?;
                continue;
            };
            let Some(message) = received.map_err(|ending| self.lost(ending))? else { continue };
            if self.take(&message).await? {
                let Self { link, version, first, .. } = self;
                return Ok(Subscribed { link, first, version });
            }
        }
    }

    /// `true` = the list of what there is has come.
    async fn take(&mut self, message: &[u8]) -> Result<bool, Trouble> {
        let place = self.home.server.place();
        let (mut tells, mut complete) = (false, false);
        for frame in frame::frames(message) {
            match frame {
                Frame::AuthRequired => self.say_token().await?,
                Frame::AuthOk(version) => {
                    self.version = version;
                    let command =
                        json!({ "id": SUBSCRIPTION, "type": "persistent_notification/subscribe" });
                    self.say(command.to_string()).await?;
                }
                Frame::AuthInvalid(why) => {
                    self.home.server.login().forget();
                    return Err(frame::not_let_in(&place, &why));
                }
                Frame::Refused(why) => return Err(frame::not_taken(&place, &why)),
                Frame::Current { .. } => (tells, complete) = (true, true),
                Frame::Arrived(_) | Frame::Removed(_) => tells = true,
                Frame::Other | Frame::Unknown(_) => {}
            }
        }
        if tells {
            self.first.push(message.to_vec());
        }
        Ok(complete)
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
