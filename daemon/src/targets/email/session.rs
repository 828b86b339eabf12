//! A connection that is ready to take mail, driven step by step so that it is known which one failed.

use std::fmt::Display;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::letter::Letter;
use super::verdict::{self, Step, Trouble};
use super::wire::Progress;
use crate::targets::Outcome;

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
            self.command(Step::Sender, Rset)
                .await
                .map_err(|trouble| Trouble { lost: true, ..trouble })?;
            self.half_open = false;
        }
        self.command(Step::Sender, Mail::new(Some(letter.from.clone()), parameters)).await.map(drop)
    }

    /// Says to whom, and asks to go on: RCPT and DATA.
    pub(super) async fn recipient(&mut self, letter: &Letter) -> Result<(), Trouble> {
        self.half_open = true;
        self.command(Step::Recipient, Rcpt::new(letter.to.clone(), Vec::new())).await?;
        let reply = self.command(Step::Data, Data).await?;
        if !reply.has_code(354) {
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

    async fn command(&mut self, step: Step, command: impl Display) -> Result<Response, Trouble> {
        match timeout(self.limits.reply, self.connection.command(command)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(Trouble::new(&self.server, step, &error)),
            Err(_) => Err(Trouble::lost(verdict::silence(&self.server, step, self.limits.reply))),
        }
    }
}

fn is_ascii(address: &Address) -> bool {
    AsRef::<str>::as_ref(address).is_ascii()
}
