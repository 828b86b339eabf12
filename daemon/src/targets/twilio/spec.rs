//! What the configuration says, a phone number, and the text.

use std::time::Duration;

use url::Url;

use crate::config::KeyProblem;
use crate::targets::Message;
use crate::targets::settings::Settings;

/// Twilio.
pub(super) const SERVER: &str = "https://api.twilio.com";
/// Where a text is cut unless the configuration says otherwise: three or four messages of a phone network, which each cost.
pub(super) const CHARACTERS: i64 = 480;
/// The most that Twilio takes.
const MOST_CHARACTERS: i64 = 1_600;
/// The longest that Twilio tries.
const LONGEST_VALIDITY: u64 = 36_000;

/// Three dots and not the one character: that one is not in the alphabet of SMS (GSM 03.38) and would more than halve what
/// fits into each message.
const ELLIPSIS: &str = "...";

/// The settings of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) url: Url,
    pub(super) account_sid: String,
    /// Whose secret the password is, where it is not the account's own.
    api_key_sid: Option<String>,
    pub(super) sender: Sender,
    /// In seconds.
    validity: Option<u64>,
    /// Of a text, at most, as Twilio counts: in UTF-16.
    pub(super) characters: usize,
}

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// A number or a name.
    Number(String),
    /// A Messaging Service, which picks one of its numbers.
    Service(String),
}

impl Spec {
    /// Reads the settings.
    pub(super) fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::new("twilio", table);
        let account_sid = settings.required("account_sid", "AC…");
        check_sid(&mut settings, "account_sid", "AC", account_sid);
        let api_key_sid = settings.text("api_key_sid");
        check_sid(&mut settings, "api_key_sid", "SK", api_key_sid.unwrap_or_default());
        let sender = sender(&mut settings);
        let validity = validity(&mut settings);
        let characters = settings.number("max_characters", 1..=MOST_CHARACTERS, CHARACTERS);
        let url = settings.url("url", SERVER);
        settings.finish()?;
        let (Some(sender), Some(url)) = (sender, url) else { return Err(Vec::new()) };
        Ok(Self {
            url,
            account_sid: account_sid.to_owned(),
            api_key_sid: api_key_sid.map(str::to_owned),
            sender,
            validity,
            characters: usize::try_from(characters).unwrap_or_default(),
        })
    }

    /// Whose password the secret is.
    #[must_use]
    pub(super) fn user(&self) -> &str {
        self.api_key_sid.as_deref().unwrap_or(&self.account_sid)
    }

    /// How many seconds Twilio may try: as configured, and not beyond the end of the notification.
    #[must_use]
    pub(super) fn validity(&self, message: &Message) -> Option<u64> {
        let left = message.expires_at.map(|end| {
            let left = u64::try_from(end.saturating_sub(message.now)).unwrap_or_default();
            (left / 1_000).max(1)
        });
        let shorter = left.into_iter().chain(self.validity).min();
        shorter.filter(|seconds| *seconds < LONGEST_VALIDITY)
    }
}

/// The texts of a message as one, cut where it is too long.
#[must_use]
pub(super) fn text(message: &Message, most: usize) -> String {
    let texts = [message.title.as_str(), message.body.as_str()];
    let whole = texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    if whole.encode_utf16().count() <= most {
        return whole;
    }
    let ellipsis = &ELLIPSIS[..ELLIPSIS.len().min(most)];
    let mut room = most - ellipsis.len();
    let fitting = whole.chars().take_while(|c| {
        let fits = c.len_utf16() <= room;
        room = room.saturating_sub(c.len_utf16());
        fits
    });
    let beginning: String = fitting.collect();
    format!("{}{ellipsis}", beginning.trim_end())
}

/// Brings a phone number into the form E.164: a plus sign and 8 to 15 digits.
pub(super) fn phone_number(text: &str) -> Result<String, String> {
    // The zero in brackets is dialled within the country only.
    let text = text.replace("(0)", "");
    let kept = text
        .chars()
        .filter(|c| !c.is_whitespace() && !"-.()/\u{2010}\u{2011}\u{2013}".contains(*c));
    let text: String = kept.collect();
    let digits = text.strip_prefix('+').or_else(|| text.strip_prefix("00"));
    let Some(digits) = digits else {
        return Err("the number begins with the code of its country: +34 600 123 456".to_owned());
    };
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err("the number has something else than digits in it".to_owned());
    }
    if digits.starts_with('0') {
        return Err("no country has a code that begins with 0".to_owned());
    }
    if !(8..=15).contains(&digits.len()) {
        return Err("a phone number has 8 to 15 digits, that of the country included".to_owned());
    }
    Ok(format!("+{digits}"))
}

fn sender(settings: &mut Settings<'_>) -> Option<Sender> {
    let number = settings.text("from");
    let service = settings.text("messaging_service_sid");
    check_sid(settings, "messaging_service_sid", "MG", service.unwrap_or_default());
    match (number, service) {
        (Some(number), None) => Some(Sender::Number(number.to_owned())),
        (None, Some(service)) => Some(Sender::Service(service.to_owned())),
        (Some(_), Some(_)) => {
            settings.problem(
                "from",
                "`from` and `messaging_service_sid` are both there; keep one of them",
            );
            None
        }
        (None, None) => {
            settings.problem(
                "from",
                "`from` is missing; write a number of yours at Twilio, like from = \"+15005550006\", or messaging_service_sid",
            );
            None
        }
    }
}

fn validity(settings: &mut Settings<'_>) -> Option<u64> {
    let seconds = settings.duration("validity_period", Duration::ZERO).as_secs();
    if seconds > LONGEST_VALIDITY {
        settings.problem(
            "validity_period",
            "`validity_period` is at most \"10h\": Twilio does not try for longer",
        );
    }
    (seconds > 0).then_some(seconds)
}

/// An identifier of Twilio's: two letters and 32 hexadecimal digits.
fn check_sid(settings: &mut Settings<'_>, key: &'static str, letters: &str, sid: &str) {
    let digits = sid.strip_prefix(letters);
    let right = digits.is_some_and(|d| d.len() == 32 && d.chars().all(|c| c.is_ascii_hexdigit()));
    if !sid.is_empty() && !right {
        settings.problem(
            key,
            format!(
                "`{key}` is {letters} and 32 digits of 0-9 and a-f, as Twilio's console shows it"
            ),
        );
    }
}
