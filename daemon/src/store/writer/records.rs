//! What a person changes about targets: records, pauses, and deliveries by hand.

use tidings_api::{Millis, Record};

use super::unit::Unit;
use crate::store::answer::Pause;
use crate::store::error::StoreError;
use crate::store::table::{delivery_list, paused_target, record};

/// Records that one target may have.
const MOST: usize = 1_000;

impl Unit<'_> {
    /// The records of a target; of all for an empty name.
    pub(in crate::store) fn records(&mut self, target: &str) -> Result<Vec<Record>, StoreError> {
        Ok(record::all(self.conn, target)?)
    }

    /// Gives each of these targets, which have exactly one recipient, the record of it.
    pub(in crate::store) fn ensure_records(
        &mut self,
        targets: &[String],
    ) -> Result<(), StoreError> {
        for target in targets {
            record::ensure(self.conn, target, self.now)?;
        }
        Ok(())
    }

    /// Ends what waits for targets that are not among these. Answers how many.
    pub(in crate::store) fn keep_targets(&mut self, names: &[String]) -> Result<usize, StoreError> {
        Ok(delivery_list::end_waiting_elsewhere(self.conn, names, self.now)?)
    }

    /// One of them.
    pub(in crate::store) fn record_row(&mut self, id: i64) -> Result<Record, StoreError> {
        record::find(self.conn, id)?.ok_or_else(|| no_record(id))
    }

    /// Adds a record. Answers its id.
    pub(in crate::store) fn add_record(&mut self, new: &Record) -> Result<i64, StoreError> {
        if record::all(self.conn, &new.target)?.len() >= MOST {
            return Err(StoreError::TooLarge(format!(
                "records: \"{}\" has {MOST}, the limit; take out one that is not needed any more",
                new.target
            )));
        }
        let added = record::insert(self.conn, new, self.now)?;
        self.effects.target(&new.target);
        added.ok_or_else(|| {
            StoreError::Conflict(format!("address: \"{}\" has it already", new.target))
        })
    }

    /// Changes a record.
    pub(in crate::store) fn update_record(
        &mut self,
        id: i64,
        description: Option<&str>,
        active: Option<bool>,
    ) -> Result<(), StoreError> {
        let before = self.record_row(id)?;
        record::update(self.conn, id, description, active)?;
        if active == Some(false) {
            delivery_list::end_waiting_of(self.conn, id, self.now)?;
            self.opt_outs.touch();
        }
        self.effects.target(&before.target);
        self.effects.outbound(&before.target, self.now);
        Ok(())
    }

    /// Its owner has entered the code.
    pub(in crate::store) fn verify_record(&mut self, id: i64) -> Result<(), StoreError> {
        let before = self.record_row(id)?;
        record::verify(self.conn, id)?;
        self.effects.target(&before.target);
        Ok(())
    }

    /// Takes a record out, with its deliveries.
    pub(in crate::store) fn remove_record(&mut self, id: i64) -> Result<(), StoreError> {
        let before = self.record_row(id)?;
        record::remove(self.conn, id)?;
        self.opt_outs.touch();
        self.effects.target(&before.target);
        Ok(())
    }

    /// Forgets a target that is gone: its records with their deliveries, and its pause.
    pub(in crate::store) fn forget_target(&mut self, name: &str) -> Result<(), StoreError> {
        record::remove_of(self.conn, name)?;
        self.opt_outs.touch();
        paused_target::remove(self.conn, name)?;
        self.effects.target(name);
        Ok(())
    }

    /// The targets that are paused.
    pub(in crate::store) fn pauses(&mut self) -> Result<Vec<Pause>, StoreError> {
        Ok(paused_target::all(self.conn)?)
    }

    /// Pauses a target.
    pub(in crate::store) fn pause_target(
        &mut self,
        name: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        paused_target::put(self.conn, name, self.now, why)?;
        self.effects.target(name);
        Ok(())
    }

    /// Ends a pause; `true` = there was one.
    pub(in crate::store) fn resume_target(&mut self, name: &str) -> Result<bool, StoreError> {
        let was_paused = paused_target::remove(self.conn, name)?;
        if was_paused {
            self.effects.target(name);
            self.effects.outbound(name, self.now);
        }
        Ok(was_paused)
    }

    /// Tries deliveries again: what waits at once, what has ended badly anew. Answers how many.
    pub(in crate::store) fn retry_deliveries(&mut self, ids: &[i64]) -> Result<u32, StoreError> {
        let mut count = 0;
        for id in ids {
            if let Some(target) = delivery_list::retry(self.conn, *id, self.now)? {
                self.due_now(&target, self.now);
                count += 1;
            }
        }
        Ok(count)
    }

    /// Gives up what waits. Answers how many.
    pub(in crate::store) fn cancel_deliveries(&mut self, ids: &[i64]) -> Result<u32, StoreError> {
        let mut count = 0;
        for id in ids {
            if let Some(target) = delivery_list::cancel(self.conn, *id, self.now)? {
                self.effects.target(&target);
                count += 1;
            }
        }
        Ok(count)
    }

    fn due_now(&mut self, target: &str, now: Millis) {
        if target == tidings_api::names::DESKTOP_TARGET {
            self.effects.due(now);
        } else {
            self.effects.outbound(target, now);
        }
        self.effects.target(target);
    }
}

fn no_record(id: i64) -> StoreError {
    StoreError::NotFound(format!("record: there is no record {id}; `tidings records` lists them"))
}
