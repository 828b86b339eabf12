use std::sync::{Arc, Mutex};

use tidings_api::{
    AddressField, Delivery, DeliveryFilter, Dict, DictWriter, Error, Fields, Record, TargetKind,
    TargetSettings, TargetState, TargetStatus, limits,
};
use zbus::interface;

use super::State;

/// Knows the kinds `email`, whose addresses are verified, and `bell`, which has none.
pub(super) struct Targets(pub(super) Arc<Mutex<State>>);

impl Targets {
    fn call(&self, call: String) {
        self.0.lock().unwrap().calls.push(call);
    }

    fn known(&self, target: &str) -> Result<(), Error> {
        let state = self.0.lock().unwrap();
        match state.targets.iter().any(|row| row.name == target) {
            true => Ok(()),
            false => Err(Error::NotFound(format!("target: there is no target \"{target}\""))),
        }
    }

    fn change(&self, id: i64, change: impl FnOnce(&mut Record)) -> Result<(), Error> {
        let mut state = self.0.lock().unwrap();
        let found = state.records.iter_mut().find(|row| row.id == id);
        found.map(change).ok_or_else(|| Error::NotFound(format!("record: there is no record {id}")))
    }
}

#[interface(name = "org.tidings.Tidings.Targets1")]
impl Targets {
    fn list(&self) -> Vec<Dict> {
        self.0.lock().unwrap().targets.iter().map(TargetStatus::to_dict).collect()
    }

    fn kinds(&self) -> String {
        let email = AddressField {
            label: "E-mail address".into(),
            example: "ana@example.org".into(),
            verified: true,
        };
        let email = TargetKind {
            kind: "email".into(),
            title: "E-mail".into(),
            description: "Mail over \u{1b}[31mSMTP.".into(),
            secret: "password".into(),
            address: Some(email),
            ..TargetKind::default()
        };
        let bell = TargetKind {
            kind: "bell".into(),
            title: "Bell".into(),
            description: "The one in the hall.".into(),
            ..TargetKind::default()
        };
        serde_json::to_string(&[email, bell]).unwrap()
    }

    fn get(&self, target: String) -> Result<String, Error> {
        let state = self.0.lock().unwrap();
        let added = state.added_targets.iter().find(|added| added.name == target);
        let added = added.ok_or_else(|| Error::NotFound(format!("no target \"{target}\"")))?;
        Ok(serde_json::to_string(added).unwrap())
    }

    fn add(&self, settings: String) -> Result<(), Error> {
        let settings = TargetSettings::from_json(&settings)?;
        if settings.name == "taken" {
            return Err(Error::Conflict("name: there is a target \"taken\" already".into()));
        }
        if settings.kind == "pigeon" {
            return Err(Error::InvalidArgs(
                "kind: there is no kind \"pigeon\"; known kinds: email, bell".into(),
            ));
        }
        self.0.lock().unwrap().added_targets.push(settings);
        Ok(())
    }

    fn remove(&self, target: String) -> Result<(), Error> {
        self.known(&target)?;
        self.call(format!("Remove target {target}"));
        Ok(())
    }

    fn set_enabled(&self, target: String, enabled: bool) -> Result<(), Error> {
        self.known(&target)?;
        self.call(format!("SetEnabled target {target} {enabled}"));
        Ok(())
    }

    fn test(&self, target: String, address: String) -> Result<Dict, Error> {
        self.known(&target)?;
        let mut writer = DictWriter::default();
        writer.put("ok", address != "bad");
        writer.put("steps", vec![format!("{address}: 250 \u{1b}[31mok")]);
        self.call(format!("Test {target} {address:?}"));
        Ok(writer.finish())
    }

    fn resume(&self, target: String) -> Result<bool, Error> {
        self.known(&target)?;
        let mut state = self.0.lock().unwrap();
        let row = state.targets.iter_mut().find(|row| row.name == target).unwrap();
        let was_paused = row.state == TargetState::Paused;
        row.state = TargetState::Ready;
        Ok(was_paused)
    }

    fn records(&self, target: String) -> Result<Vec<Dict>, Error> {
        if !target.is_empty() {
            self.known(&target)?;
        }
        let state = self.0.lock().unwrap();
        let rows = state.records.iter().filter(|row| target.is_empty() || row.target == target);
        Ok(rows.map(Record::to_dict).collect())
    }

    fn add_record(&self, target: String, address: String, options: Dict) -> Result<i64, Error> {
        self.known(&target)?;
        let mut fields = Fields::new("options", options);
        let description = fields.text("description")?.unwrap_or_default();
        let trusted = fields.boolean("trusted")?.unwrap_or_default();
        fields.finish()?;
        if !address.contains('@') {
            return Err(Error::InvalidArgs(format!("address: \"{address}\" has no @")));
        }
        let mut state = self.0.lock().unwrap();
        let id = i64::try_from(state.records.len()).unwrap() + 1;
        state.records.push(Record {
            id,
            target,
            address,
            description,
            active: true,
            verified: trusted,
            ..Record::default()
        });
        Ok(id)
    }

    fn update_record(&self, record: i64, change: Dict) -> Result<(), Error> {
        let mut fields = Fields::new("change", change);
        let description = fields.text("description")?;
        let active = fields.boolean("active")?;
        fields.finish()?;
        self.change(record, |row| {
            row.active = active.unwrap_or(row.active);
            row.description = description.unwrap_or_else(|| row.description.clone());
        })
    }

    fn remove_record(&self, record: i64) -> Result<(), Error> {
        self.change(record, |_| {})?;
        self.0.lock().unwrap().records.retain(|row| row.id != record);
        Ok(())
    }

    fn send_code(&self, record: i64) -> Result<(), Error> {
        self.change(record, |_| {})?;
        if self.0.lock().unwrap().mail_is_down {
            return Err(Error::Unavailable("failed for now: 451 try again later".into()));
        }
        self.call(format!("SendCode {record}"));
        Ok(())
    }

    fn verify(&self, record: i64, code: String) -> Result<bool, Error> {
        let right = code == "123456";
        self.change(record, |row| row.verified |= right)?;
        Ok(right)
    }

    fn deliveries(
        &self,
        filter: Dict,
        cursor: String,
        limit: u32,
    ) -> Result<(Vec<Dict>, String), Error> {
        let filter = DeliveryFilter::from_dict(filter)?;
        let mut state = self.0.lock().unwrap();
        let below: i64 = if cursor.is_empty() { i64::MAX } else { cursor.parse().unwrap() };
        let limit = limit.min(limits::PAGE) as usize;
        let chosen = |row: &&Delivery| {
            row.id < below
                && filter.target.as_ref().is_none_or(|target| *target == row.target)
                && filter.status.is_none_or(|status| status == row.status)
        };
        let mut rows: Vec<Delivery> = state.deliveries.iter().filter(chosen).cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.id));
        rows.truncate(limit);
        let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.id.to_string());
        state.delivery_filters.push(filter);
        Ok((rows.iter().map(Delivery::to_dict).collect(), next.unwrap_or_default()))
    }

    fn retry(&self, deliveries: Vec<i64>) -> u32 {
        let state = self.0.lock().unwrap();
        let known = |id: &&i64| state.deliveries.iter().any(|row| row.id == **id);
        u32::try_from(deliveries.iter().filter(known).count()).unwrap()
    }

    fn cancel(&self, deliveries: Vec<i64>) -> u32 {
        self.retry(deliveries)
    }

    fn routes(&self) -> String {
        let routes = self.0.lock().unwrap().routes.clone();
        if routes.is_empty() { "[]".to_owned() } else { routes }
    }
}
