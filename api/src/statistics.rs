use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What `Inbox1.Statistics` answers, as JSON: figures over a span of time, in the caller's time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Notifications received by day and source; days and sources without any are absent.
    pub by_day: Vec<DayCount>,
    /// Notifications received by hour of the week: 168 figures, from Monday 00:00 on.
    pub by_hour_of_week: Vec<u32>,
    /// The busiest topics, at most twenty, the busiest first.
    pub busiest_topics: Vec<TopicTotal>,
    /// How soon they were read.
    pub read_within: ReadWithin,
    /// Deliveries by target and outcome.
    pub deliveries: Vec<DeliveryCount>,
}

/// Notifications of one source on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCount {
    /// `2026-11-20`.
    pub day: String,
    /// Name of the source.
    pub source: String,
    /// How many.
    pub count: u32,
}

/// Notifications of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicTotal {
    /// Name of the source.
    pub source: String,
    /// Name of the topic.
    pub topic: String,
    /// How many.
    pub count: u32,
}

/// How soon notifications were read after they had come; each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadWithin {
    /// Within a minute.
    pub minute: u32,
    /// Within ten minutes, not a minute.
    pub ten_minutes: u32,
    /// Within an hour, not ten minutes.
    pub hour: u32,
    /// Within a day, not an hour.
    pub day: u32,
    /// Later.
    pub later: u32,
    /// Not yet.
    pub unread: u32,
}

/// Deliveries of one target with one outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCount {
    /// Name of the target.
    pub target: String,
    /// `DELIVERED`, `SUPPRESSED`, …
    pub status: String,
    /// Why, where there is a reason.
    pub reason: String,
    /// How many.
    pub count: u32,
}

impl Statistics {
    /// Writes the answer.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Error::Unavailable(format!("statistics: not written: {error}")))
    }

    /// Reads the answer.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::Unavailable(format!("statistics: not understood: {error}")))
    }
}
