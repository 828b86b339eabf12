use serde::Serialize;
use serde_json::{Map, Value as Json};
use tidings_api::{Delivery, Dict, Error, Fields, Notification, QuietReason, Row};

use super::to_json;

/// One page of the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Page {
    /// Newest first.
    pub notifications: Vec<Notification>,
    /// Where the next page begins; empty at the end.
    pub next: String,
    /// The state of the inbox that this is a page of.
    pub revision: u64,
}

impl Page {
    /// Reads the answer of `List`.
    #[must_use]
    pub fn from_answer((rows, next, revision): (Vec<Row>, String, u64)) -> Self {
        Self { notifications: rows.into_iter().map(|Row(row)| row).collect(), next, revision }
    }
}

/// One page of deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeliveryPage {
    /// Newest first.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins; empty at the end.
    pub next: String,
}

impl DeliveryPage {
    /// Reads the answer of `Deliveries`.
    ///
    /// # Errors
    ///
    /// A row is not of the contract.
    pub fn from_answer((rows, next): (Vec<Dict>, String)) -> Result<Self, Error> {
        let deliveries = rows.into_iter().map(Delivery::from_dict).collect::<Result<_, _>>()?;
        Ok(Self { deliveries, next })
    }
}

/// What a change of state has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Triage {
    /// How many rows really changed.
    pub count: u32,
    /// Takes it back; 0 = nothing to undo.
    pub undo: u64,
}

impl Triage {
    /// Reads the answer of `SetState`.
    #[must_use]
    pub fn from_ids((ids, undo): (Vec<i64>, u64)) -> Self {
        // A call takes ten thousand ids at most.
        Self { count: u32::try_from(ids.len()).unwrap_or(u32::MAX), undo }
    }

    /// Reads the answer of the calls that count.
    #[must_use]
    pub fn from_count((count, undo): (u32, u64)) -> Self {
        Self { count, undo }
    }
}

/// What a server answered to a test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Report {
    /// Whether it would work.
    pub ok: bool,
    /// What was tried, in words.
    pub steps: Vec<String>,
}

impl Report {
    /// Reads the answer of `Test` and `TestSettings`. Keys of a newer daemon are ignored.
    ///
    /// # Errors
    ///
    /// A value is not of the contract.
    pub fn from_dict(dict: Dict) -> Result<Self, Error> {
        let mut fields = Fields::new("report", dict);
        Ok(Self {
            ok: fields.boolean("ok")?.unwrap_or_default(),
            steps: fields.texts("steps")?.unwrap_or_default(),
        })
    }
}

/// Whether it is quiet, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Quiet {
    /// Whether.
    pub active: bool,
    /// 0 = not quiet, -1 = not by itself.
    pub until: i64,
    /// Why.
    pub reasons: Vec<QuietReason>,
}

impl Quiet {
    /// Reads the properties of `Quiet1`. Reasons of a newer daemon are left out.
    ///
    /// # Errors
    ///
    /// A reason is not of the contract.
    pub fn from_answer(active: bool, until: i64, reasons: Vec<Dict>) -> Result<Self, Error> {
        let reasons: Vec<Option<QuietReason>> =
            reasons.into_iter().map(QuietReason::from_dict).collect::<Result<_, _>>()?;
        Ok(Self { active, until, reasons: reasons.into_iter().flatten().collect() })
    }
}

/// The answer of `Explain`, with the keys that every entry has in the page.
#[must_use]
pub fn decisions(rows: &[Dict]) -> Vec<Map<String, Json>> {
    rows.iter().map(decision).collect()
}

fn decision(row: &Dict) -> Map<String, Json> {
    let mut entry = to_json(row);
    for (key, absent) in
        [("target", Json::from("")), ("status", "".into()), ("reason", "".into()), ("at", 0.into())]
    {
        entry.entry(key).or_insert(absent);
    }
    entry
}

#[cfg(test)]
mod tests {
    use tidings_api::{DictWriter, QuietKind};

    use super::*;

    #[test]
    fn a_decision_has_every_key_that_the_page_reads() {
        let mut writer = DictWriter::default();
        writer.put("status", "SUPPRESSED");
        writer.put("scope", "topic builds of ci");
        let entries = decisions(&[writer.finish()]);
        let entry = &entries[0];
        assert_eq!(entry["status"], "SUPPRESSED");
        assert_eq!(entry["scope"], "topic builds of ci", "further keys are passed on");
        assert_eq!((&entry["reason"], &entry["at"]), (&Json::from(""), &Json::from(0)));
    }

    #[test]
    fn a_reason_of_a_newer_daemon_does_not_hide_the_others() {
        let reason = |kind: &str| {
            let mut writer = DictWriter::default();
            writer.put("kind", kind);
            writer.finish()
        };
        let quiet = Quiet::from_answer(true, -1, vec![reason("moon"), reason("manual")]).unwrap();
        let kinds: Vec<QuietKind> = quiet.reasons.iter().map(|reason| reason.kind).collect();
        assert_eq!(kinds, [QuietKind::Manual]);
    }
}
