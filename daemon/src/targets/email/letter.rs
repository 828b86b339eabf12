//! From a message to a mail as it goes over the wire (RFC 5322, MIME, RFC 3834).

mod body;
mod headers;
#[cfg(test)]
mod tests;

use lettre::Address;
use lettre::message::{Mailbox, MultiPart};

use super::address;
use super::settings::Spec;
use crate::targets::Message;

/// A mail, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// The sender of the envelope, who gets bounces.
    pub(super) from: Address,
    /// The recipient.
    pub(super) to: Address,
    /// Headers and parts, lines ended by CRLF, ASCII unless an address is not.
    pub(super) content: Vec<u8>,
}

/// Writes the mail. The error says why this message cannot be one.
pub(super) fn compose(spec: &Spec, message: &Message) -> Result<Letter, String> {
    let to = address::parse(&message.address)?;
    let (text, html) = body::parts(message);
    let mail = headers::builder(spec, message)?
        .to(Mailbox::from(to.clone()))
        .multipart(MultiPart::alternative_plain_html(text, html))
        .map_err(|error| format!("no mail could be made of it: {error}"))?;
    Ok(Letter { from: spec.from.email.clone(), to, content: mail.formatted() })
}
