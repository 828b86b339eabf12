//! A connection that is ready to take mail, driven step by step so that it is known which one failed.

use std::fmt::Display;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::letter::Letter;
use super::verdict::{self, Step, Trouble};
use super::wire::Progress;
use crate::targets::Outcome;

/// "Start mail input" (RFC 5321 section 4.2.3).
const GO_ON: u16 = 354;

/// How long each part of a delivery may take. RFC 5321 section 4.5.3.2 would wait for minutes; a message that waits for one
/// attempt waits for everything behind it, and is tried again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// One reply.
    pub(super) reply: Duration,
    /// Everything before the message itself: dialling, logging in, a second connection where the first was closed.
    pub(super) opening: Duration,
    /// The message and the reply to it.
    pub(super) content: Duration,
    /// Saying goodbye.
    pub(super) farewell: Duration,
}

impl Limits {
    pub(super) const DEFAULT: Self = Self {
        reply: Duration::from_secs(15),
        opening: Duration::from_secs(45),
        content: Duration::from_secs(30),
        farewell: Duration::from_secs(5),
    };
}

/// A connection after EHLO and AUTH.
pub(super) struct Session {
    pub(super) connection: AsyncSmtpConnection,
    pub(super) progress: Progress,
    /// For messages.
    pub(super) server: String,
    pub(super) limits: Limits,
    /// The server takes several commands at once (PIPELINING, RFC 2920): a message costs two round trips, not four.
    pub(super) pipelining: bool,
    /// Commands that were sent ahead and have not been answered.
    pub(super) asked: u8,
    /// A transaction was refused half way: the next one begins with RSET.
    pub(super) half_open: bool,
}

impl Session {
    /// Announces a message: MAIL. A connection that the server has closed in the meantime shows here, before anything was
    /// asked for.
    pub(super) async fn sender(&mut self, letter: &Letter) -> Result<(), Trouble> {
        let parameters = self.parameters(letter)?;
        if self.half_open {
            // A server that cannot forget the refused message is of no use for this one, which is not to blame.
            if self.command(Step::Sender, Rset).await.is_err() {
                let server = &self.server;
                return Err(Trouble::lost(format!("{server} cannot forget a refused message")));
            }
            self.half_open = false;
        }
        let sender = Mail::new(Some(letter.from.clone()), parameters);
        if !self.pipelining {
            return self.command(Step::Sender, sender).await.map(drop);
        }
        let recipient = Rcpt::new(letter.to.clone(), Vec::new());
        self.asked = 2;
        let answered = self.command(Step::Sender, format!("{sender}{recipient}{Data}")).await;
        match answered {
            Ok(_) => Ok(()),
            Err(trouble) => Err(self.pass_over(trouble).await),
        }
    }

    /// Says to whom, and asks to go on: RCPT and DATA.
    pub(super) async fn recipient(&mut self, letter: &Letter) -> Result<(), Trouble> {
        self.half_open = true;
        let recipient = Rcpt::new(letter.to.clone(), Vec::new());
        if let Err(trouble) = self.answered(Step::Recipient, recipient).await {
            return Err(self.pass_over(trouble).await);
        }
        let reply = self.answered(Step::Data, Data).await?;
        if !reply.has_code(GO_ON) {
            let server = &self.server;
            return Err(Trouble::lost(format!("{server}: the answer to DATA is not understood")));
        }
        self.half_open = false;
        Ok(())
    }

    /// Hands the message over. From its final dot on the server may have taken it, whatever becomes of the answer.
    pub(super) async fn content(&mut self, letter: &Letter) -> Result<(), Trouble> {
        self.progress.begin();
        let (step, server, limit) = (Step::Content, &self.server, self.limits.content);
        let why = match timeout(limit, self.connection.message(&letter.content)).await {
            Ok(Ok(reply)) if u16::from(reply.code()) < 300 => return Ok(()),
            Ok(Err(error)) if error.status().is_some() => {
                return Err(Trouble::new(server, step, &error));
            }
            Ok(Ok(_)) => format!("{server}: the answer {step} is not understood"),
            Ok(Err(error)) => verdict::no_reply(server, step, &error),
            Err(_) => verdict::silence(server, step, limit),
        };
        Err(if self.progress.is_complete() {
            Trouble { outcome: Outcome::Unknown { why }, lost: true }
        } else {
            Trouble::lost(why)
        })
    }

    /// Says goodbye. Nobody waits for the answer for long.
    pub(super) async fn quit(mut self) {
        let said = timeout(self.limits.farewell, self.connection.command(Quit)).await;
        tracing::debug!(server = self.server, answered = said.is_ok(), "closed a mail connection");
    }

    /// The parameters of MAIL that the message needs and the server must offer.
    fn parameters(&self, letter: &Letter) -> Result<Vec<MailParameter>, Trouble> {
        let offers = |extension| self.connection.server_info().supports_feature(extension);
        let refused = |what: &str| Trouble {
            outcome: Outcome::Refused { why: format!("{} {what}", self.server) },
            lost: false,
        };
        let mut parameters = Vec::new();
        if !is_ascii(&letter.from) || !is_ascii(&letter.to) {
            if !offers(Extension::SmtpUtfEight) {
                return Err(refused("takes no addresses with letters beyond ASCII (SMTPUTF8)"));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !letter.content.is_ascii() {
            if !offers(Extension::EightBitMime) {
                return Err(refused("takes no letters beyond ASCII (8BITMIME)"));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    /// The answer to a command that may have been sent ahead.
    async fn answered(&mut self, step: Step, command: impl Display) -> Result<Response, Trouble> {
        if self.asked == 0 {
            return self.command(step, command).await;
        }
        self.asked -= 1;
        self.reply(step).await
    }

    /// Takes the answers to what was sent ahead of a refusal. A server that waits for a message all the same has no use for
    /// one that nobody is to get, so the connection goes.
    async fn pass_over(&mut self, refused: Trouble) -> Trouble {
        self.half_open = true;
        let mut lost = refused.lost;
        while self.asked > 0 && !lost {
            self.asked -= 1;
            lost = match self.reply(Step::Data).await {
                Ok(reply) => reply.has_code(GO_ON),
                Err(trouble) => trouble.lost,
            };
        }
        Trouble { lost, ..refused }
    }

    async fn reply(&mut self, step: Step) -> Result<Response, Trouble> {
        let reply = timeout(self.limits.reply, self.connection.read_response()).await;
        self.understood(step, reply)
    }

    async fn command(&mut self, step: Step, command: impl Display) -> Result<Response, Trouble> {
        let reply = timeout(self.limits.reply, self.connection.command(command)).await;
        self.understood(step, reply)
    }

    fn understood(
        &self,
        step: Step,
        reply: Result<Result<Response, smtp::Error>, Elapsed>,
    ) -> Result<Response, Trouble> {
        match reply {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(Trouble::new(&self.server, step, &error)),
            Err(_) => Err(Trouble::lost(verdict::silence(&self.server, step, self.limits.reply))),
        }
    }
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}
