//! The headers of a mail.

use std::time::{Duration, SystemTime};

use email_encoding::headers::rfc2047;
use email_encoding::headers::writer::EmailWriter;
use lettre::message::MessageBuilder;
use lettre::message::header::{HeaderName, HeaderValue};
use tidings_api::{Millis, Urgency};

use crate::sources::text;
use crate::targets::Message;
use crate::targets::email::settings::Spec;

/// The subject of a message without a word.
const NO_WORDS: &str = "Notification";
/// Longest word that goes into a subject as it is, in bytes: it is not folded, and a line has at most 998.
const WORD: usize = 900;
/// The last millisecond of the year 9999, after which the format of dates ends.
const LAST_DATE: Millis = 253_402_300_799_999;

/// All headers but the recipient. The error says why the message cannot be sent.
pub(super) fn builder(spec: &Spec, message: &Message) -> Result<MessageBuilder, String> {
    let domain = spec.from.email.domain();
    let mut builder = lettre::Message::builder()
        .date(date(message.now))
        .from(spec.from.clone())
        .raw_header(subject(&words(message)?)?)
        .message_id(Some(format!("<{}@{domain}>", label(message))))
        // No out-of-office notices, please (RFC 3834).
        .raw_header(plain("Auto-Submitted", "auto-generated"));
    if let Some(thread) = thread(message) {
        let thread = format!("<thread-{thread:032x}@{domain}>");
        builder = builder.in_reply_to(thread.clone()).references(thread);
    }
    if let Some((importance, priority)) = importance(message.urgency) {
        builder = builder
            .raw_header(plain("Importance", importance))
            .raw_header(plain("X-Priority", priority));
    }
    if let Some(link) = &spec.unsubscribe {
        builder = builder.raw_header(plain("List-Unsubscribe", &format!("<{link}>")));
    }
    Ok(builder)
}

fn plain(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The title, or the first line of the body. A title of several lines is a fault of its template and no subject: sent
/// without its line breaks it would hide the fault, sent with them it would be headers.
fn words(message: &Message) -> Result<String, String> {
    if message.title.chars().any(|c| c.is_control() && c != '\t') {
        return Err(
            "the title has line breaks or control characters in it; check the template".to_owned()
        );
    }
    let title = message.title.split_whitespace().collect::<Vec<_>>().join(" ");
    if !title.is_empty() {
        return Ok(title);
    }
    let first = message.body.lines().map(text::line).find(|line| !line.is_empty());
    Ok(first.unwrap_or_else(|| NO_WORDS.to_owned()))
}

/// RFC 2047. What looks encoded but is not would be decoded by the reader, so it is encoded, too.
fn subject(words: &str) -> Result<HeaderValue, String> {
    const NAME: &str = "Subject";
    let simple =
        |word: &str| word.len() <= WORD && word.bytes().all(|byte| byte.is_ascii_graphic());
    if words.split(' ').all(simple) && !words.contains("=?") {
        return Ok(plain(NAME, words));
    }
    let mut encoded = String::new();
    let mut writer = EmailWriter::new(&mut encoded, NAME.len() + ": ".len(), 0, false);
    rfc2047::encode(words, &mut writer).map_err(|error| format!("no subject: {error}"))?;
    drop(writer);
    let name = HeaderName::new_from_ascii_str(NAME);
    Ok(HeaderValue::dangerous_new_pre_encoded(name, words.to_owned(), encoded))
}

fn date(now: Millis) -> SystemTime {
    let now = u64::try_from(now.clamp(0, LAST_DATE)).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_millis(now)
}

/// The identity as the left side of a message id; it is letters, digits and hyphens by its definition.
fn label(message: &Message) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let label: String = message.identity.chars().filter(allowed).take(64).collect();
    if label.is_empty() { format!("{}-{}", message.notification, message.at) } else { label }
}

/// What every mail of one evolving notification refers to, so that mail programs show them as one thread: a hash (FNV-1a,
/// 128 bits) of source and key, the same after a restart and on every machine. No mail has this id itself.
fn thread(message: &Message) -> Option<u128> {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    if message.key.is_empty() {
        return None;
    }
    let bytes = message.source.bytes().chain([0]).chain(message.key.bytes());
    Some(bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME)))
}

/// For `Importance` (RFC 4021) and for programs that only know `X-Priority`.
const fn importance(urgency: Urgency) -> Option<(&'static str, &'static str)> {
    match urgency {
        Urgency::Low => Some(("low", "5 (Lowest)")),
        Urgency::Normal => None,
        Urgency::High => Some(("high", "2 (High)")),
        Urgency::Critical => Some(("high", "1 (Highest)")),
    }
}
