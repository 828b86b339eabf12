//! A message that says that it arrived, past every queue.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tidings_api::{Error, Record, Result};

use crate::bus::target_forms::in_words;
use crate::bus::{failed, targets};
use crate::clock::Clock;
use crate::config::TargetConfig;
use crate::dispatch::outbound::Bypass;
use crate::dispatch::outbound::outbox::Outbox;
use crate::store::Store;
use crate::targets::{AddressForm, Message, Outcome, registry};
use crate::token_bucket::TokenBucket;

/// One call tries so many records; what has more is tried one by one.
const RECORDS: usize = 10;
/// Where messages cost money, or go to people, so many tests may be sent at once, and then one in a while.
const BURST: f64 = 10.0;
const REFILL: Duration = Duration::from_secs(30);

/// Sends tests.
pub(super) struct Trial {
    store: Store,
    clock: Clock,
    outbox: Outbox,
    /// By target.
    shares: Mutex<BTreeMap<String, TokenBucket>>,
}

impl Trial {
    pub(super) fn new(store: Store, clock: Clock, outbox: Outbox) -> Self {
        Self { store, clock, outbox, shares: Mutex::default() }
    }

    /// Sends a test to this address, or to every record that receives for an empty one. Answers whether all went well, and
    /// a line for each.
    pub(super) async fn run(
        &self,
        target: &TargetConfig,
        address: &str,
    ) -> Result<(bool, Vec<String>)> {
        let kind = registry::find(&target.kind).ok_or_else(|| targets::unknown(&target.name))?;
        let recipients = match kind.address {
            None if address.is_empty() => vec![Record { active: true, ..Record::default() }],
            None => return Err(targets::takes_no_address(&target.name)),
            Some(form) => self.recipients(target, form, address).await?,
        };
        if kind.address.is_some_and(|form| form.verified) {
            self.spend(&target.name, recipients.len())?;
        }
        let Some(bypass) = self.outbox.bypass(&target.name) else {
            return Ok((false, vec![in_words(&target.name, None)]));
        };
        let messages = recipients.iter().map(|record| self.message(target, record));
        let messages: Vec<Message> = messages.collect();
        let outcomes = join_all(messages.iter().map(|message| bypass.send(message))).await;
        note(&bypass, recipients.iter().zip(&outcomes)).await;
        let accepted = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Accepted { .. }));
        let steps = recipients.iter().zip(outcomes).map(|(record, outcome)| {
            let words = in_words(&target.name, Some(outcome));
            if record.id == 0 { words } else { format!("{}: {words}", label(record)) }
        });
        Ok((accepted, steps.collect()))
    }

    /// Sends a message to a record past every queue. `None` = its target is switched off, or cannot be used.
    pub(super) async fn send(&self, record: &Record, message: &Message) -> Option<Outcome> {
        let bypass = self.outbox.bypass(&record.target)?;
        let outcome = bypass.send(message).await;
        note(&bypass, [(record, &outcome)]).await;
        Some(outcome)
    }

    async fn recipients(
        &self,
        target: &TargetConfig,
        form: AddressForm,
        address: &str,
    ) -> Result<Vec<Record>> {
        let records = self.store.records(target.name.clone()).await.map_err(failed)?;
        if !address.is_empty() {
            let address = (form.normalize)(address)
                .map_err(|why| Error::InvalidArgs(format!("address: {why}")))?;
            let known = records.iter().find(|record| record.address == address);
            if form.verified && !known.is_some_and(|record| record.verified) {
                return Err(Error::InvalidArgs(
                    "address: it is no record here whose owner has entered the code that was sent there, so nothing is sent but that code"
                        .to_owned(),
                ));
            }
            let unknown = || Record { address: address.clone(), ..Record::default() };
            return Ok(vec![known.cloned().unwrap_or_else(unknown)]);
        }
        let receiving: Vec<Record> =
            records.into_iter().filter(|record| record.active && record.verified).collect();
        let name = &target.name;
        match receiving.len() {
            0 => Err(Error::NotFound(format!(
                "address: \"{name}\" has no record that receives; give an address, or add a record"
            ))),
            1..=RECORDS => Ok(receiving),
            count => Err(Error::InvalidArgs(format!(
                "address: \"{name}\" has {count} records that receive; name one of them"
            ))),
        }
    }

    fn spend(&self, target: &str, count: usize) -> Result<()> {
        let now = self.clock.now();
        // Nothing that holds it can leave the map half changed.
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let share =
            shares.entry(target.to_owned()).or_insert_with(|| TokenBucket::full(BURST, now));
        let wanted = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        share.take(wanted, now, REFILL).map_err(|wait| {
            Error::RateLimited(format!(
                "target: enough tests for now; the next one can be sent in {} seconds",
                wait.as_secs_f64().ceil()
            ))
        })
    }

    fn message(&self, target: &TargetConfig, record: &Record) -> Message {
        let now = self.clock.now();
        Message {
            identity: format!("test-{:x}", rand::random::<u64>()),
            title: "Tidings can reach you here".to_owned(),
            body: format!("This is a test of the target \"{}\". Nothing is wrong.", target.name),
            address: record.address.clone(),
            count: 1,
            at: now,
            now,
            ..Message::default()
        }
    }
}

/// Notes what messages past the queue have shown of the whole target, as it counts for what is queued: credentials that are
/// refused pause it, and else what is accepted ends a pause. One refusal where a record receives holds, whoever else accepts;
/// at an address where nobody receives it says nothing of the target.
async fn note(bypass: &Bypass, outcomes: impl IntoIterator<Item = (&Record, &Outcome)> + Clone) {
    let refused = outcomes.clone().into_iter().find_map(|(record, outcome)| match outcome {
        Outcome::Misconfigured { why } if record.active => Some(why),
        Outcome::Misconfigured { .. }
        | Outcome::Accepted { .. }
        | Outcome::Retry { .. }
        | Outcome::Unknown { .. }
        | Outcome::Gone { .. }
        | Outcome::Refused { .. }
        | Outcome::OptedOut { .. } => None,
    });
    let mut outcomes = outcomes.into_iter();
    if let Some(why) = refused {
        bypass.pause(why).await;
    } else if outcomes.any(|(_, outcome)| matches!(outcome, Outcome::Accepted { .. })) {
        bypass.resume().await;
    }
}

/// Addresses of browsers and of webhooks are secrets, so a record goes by its number.
fn label(record: &Record) -> String {
    match record.description.as_str() {
        "" => format!("record {}", record.id),
        description => format!("record {} ({description})", record.id),
    }
}

#[cfg(test)]
mod tests;
