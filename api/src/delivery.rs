use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Error, Fields, Millis, Result};

/// How far a delivery is. The words are those of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum DeliveryStatus {
    /// Waits for its time.
    #[default]
    #[serde(rename = "SCHEDULED")]
    Scheduled,
    /// On its way at this moment.
    #[serde(rename = "SENDING")]
    Sending,
    /// Accepted by the provider; `confirmed_at` is set where a provider can confirm more than that.
    #[serde(rename = "DELIVERED")]
    Delivered,
    /// Failed, and tried again.
    #[serde(rename = "RETRY")]
    Retry,
    /// Failed for good.
    #[serde(rename = "DELIVERY FAILURE")]
    DeliveryFailure,
    /// The address is dead.
    #[serde(rename = "INACTIVE DEVICE")]
    InactiveDevice,
    /// The user, or the recipient, does not want it there.
    #[serde(rename = "OPTED OUT")]
    OptedOut,
    /// Not sent, for the reason beside it.
    #[serde(rename = "SUPPRESSED")]
    Suppressed,
}

impl DeliveryStatus {
    /// Every status, in the order of a delivery's life.
    pub const ALL: [Self; 8] = [
        Self::Scheduled,
        Self::Sending,
        Self::Delivered,
        Self::Retry,
        Self::DeliveryFailure,
        Self::InactiveDevice,
        Self::OptedOut,
        Self::Suppressed,
    ];

    /// The word in the database and on the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Sending => "SENDING",
            Self::Delivered => "DELIVERED",
            Self::Retry => "RETRY",
            Self::DeliveryFailure => "DELIVERY FAILURE",
            Self::InactiveDevice => "INACTIVE DEVICE",
            Self::OptedOut => "OPTED OUT",
            Self::Suppressed => "SUPPRESSED",
        }
    }

    /// The inverse of [`Self::as_str`]; a word of a newer daemon counts as suppressed, which promises nothing.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.as_str() == word).unwrap_or(Self::Suppressed)
    }
}

impl std::str::FromStr for DeliveryStatus {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::InvalidArgs(format!("status: \"{word}\" is none; known: {known}"))
        })
    }
}

/// One row of `Targets1.Deliveries`: one notification on its way to one address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Delivery {
    /// The id of every call.
    pub id: i64,
    /// The notification.
    pub notification: i64,
    /// Its title, or the beginning of its body.
    pub title: String,
    /// Name of its source.
    pub source: String,
    /// Name of the target.
    pub target: String,
    /// The record; 0 = none, as on the desktop.
    pub record: i64,
    /// The address of the record.
    pub address: String,
    /// How far it is.
    pub status: DeliveryStatus,
    /// Why it was not sent, or in words why it failed.
    pub reason: String,
    /// What the provider answered last.
    pub answer: String,
    /// The route that led there.
    pub route: String,
    /// `single`, or `summary` or `digest` where several share one message.
    pub grouping: String,
    /// When it is, or was, due.
    pub scheduled_delivery: Millis,
    /// When it was attempted last; on the desktop, first.
    pub attempted_delivery: Option<Millis>,
    /// When the provider confirmed it.
    pub confirmed_at: Option<Millis>,
    /// Attempts so far.
    pub retry_attempts: u32,
    /// Attempts in all; nothing = until it is no news any more.
    pub max_retries: Option<u32>,
    /// Seconds until the first repetition.
    pub retry_time_interval: Option<u32>,
}

impl Delivery {
    /// Reads a row of an answer. Keys of a newer daemon are ignored.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("delivery", dict);
        let count = |value: Option<i64>| value.and_then(|n| u32::try_from(n).ok());
        Ok(Self {
            id: fields.integer("id")?.unwrap_or_default(),
            notification: fields.integer("notification")?.unwrap_or_default(),
            title: fields.text("title")?.unwrap_or_default(),
            source: fields.text("source")?.unwrap_or_default(),
            target: fields.text("target")?.unwrap_or_default(),
            record: fields.integer("record")?.unwrap_or_default(),
            address: fields.text("address")?.unwrap_or_default(),
            status: DeliveryStatus::from_word(&fields.text("status")?.unwrap_or_default()),
            reason: fields.text("reason")?.unwrap_or_default(),
            answer: fields.text("answer")?.unwrap_or_default(),
            route: fields.text("route")?.unwrap_or_default(),
            grouping: fields.text("grouping")?.unwrap_or_default(),
            scheduled_delivery: fields.integer("scheduled_delivery")?.unwrap_or_default(),
            attempted_delivery: fields.integer("attempted_delivery")?,
            confirmed_at: fields.integer("confirmed_at")?,
            retry_attempts: count(fields.integer("retry_attempts")?).unwrap_or_default(),
            max_retries: count(fields.integer("max_retries")?),
            retry_time_interval: count(fields.integer("retry_time_interval")?),
        })
    }

    /// Writes a row of an answer.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("id", self.id);
        writer.put("notification", self.notification);
        writer.text("title", &self.title);
        writer.put("source", self.source.clone());
        writer.put("target", self.target.clone());
        writer.put("record", self.record);
        writer.text("address", &self.address);
        writer.put("status", self.status.as_str());
        writer.text("reason", &self.reason);
        writer.text("answer", &self.answer);
        writer.text("route", &self.route);
        writer.put("grouping", self.grouping.clone());
        writer.put("scheduled_delivery", self.scheduled_delivery);
        writer.optional("attempted_delivery", self.attempted_delivery);
        writer.optional("confirmed_at", self.confirmed_at);
        writer.put("retry_attempts", self.retry_attempts);
        writer.optional("max_retries", self.max_retries);
        writer.optional("retry_time_interval", self.retry_time_interval);
        writer.finish()
    }
}

/// Which deliveries are meant: all given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct DeliveryFilter {
    /// Name of the target.
    pub target: Option<String>,
    /// How far.
    pub status: Option<DeliveryStatus>,
    /// Of this record.
    pub record: Option<i64>,
    /// Of this notification.
    pub notification: Option<i64>,
}

impl DeliveryFilter {
    /// Reads the dictionary of a call. An unknown key is an error.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("filter", dict);
        let filter = Self {
            target: fields.text("target")?,
            status: fields.text("status")?.map(|word| word.parse()).transpose()?,
            record: fields.integer("record")?,
            notification: fields.integer("notification")?,
        };
        fields.finish()?;
        Ok(filter)
    }

    /// Writes the dictionary for a call.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.optional("target", self.target.clone());
        writer.optional("status", self.status.map(DeliveryStatus::as_str));
        writer.optional("record", self.record);
        writer.optional("notification", self.notification);
        writer.finish()
    }
}
