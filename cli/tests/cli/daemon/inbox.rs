use std::sync::{Arc, Mutex};

use tidings_api::{Dict, DictWriter, Error, Filter, Row, StateChange};
use zbus::interface;
use zbus::object_server::SignalEmitter;

use super::State;

pub(super) struct Inbox(pub(super) Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Inbox1")]
impl Inbox {
    fn list(
        &self,
        filter: Dict,
        cursor: String,
        limit: u32,
    ) -> Result<(Vec<Row>, String, u64), Error> {
        let filter = Filter::from_dict(filter)?;
        let mut state = self.0.lock().unwrap();
        let start: usize = if cursor.is_empty() { 0 } else { cursor.parse().unwrap() };
        let rows = state.selected(&filter);
        state.filters.push(filter);
        let end = rows.len().min(start + limit as usize);
        let next = if end < rows.len() { end.to_string() } else { String::new() };
        Ok((rows[start..end].iter().cloned().map(Row).collect(), next, state.revision))
    }

    fn get(&self, ids: Vec<i64>) -> Vec<Row> {
        let state = self.0.lock().unwrap();
        state.rows.iter().filter(|row| ids.contains(&row.id)).cloned().map(Row).collect()
    }

    fn count(&self, filters: Vec<Dict>) -> Result<Vec<u32>, Error> {
        let state = self.0.lock().unwrap();
        let count = |dict| {
            let rows = state.selected(&Filter::from_dict(dict)?);
            Ok(u32::try_from(rows.len()).unwrap())
        };
        filters.into_iter().map(count).collect()
    }

    fn set_state(&self, ids: Vec<i64>, change: Dict) -> Result<(Vec<i64>, u64), Error> {
        let change = StateChange::from_dict(change)?;
        let mut state = self.0.lock().unwrap();
        state.calls.push(format!("SetState {ids:?} {change:?}"));
        Ok((ids, 77))
    }

    fn set_state_where(
        &self,
        filter: Dict,
        up_to_id: i64,
        change: Dict,
    ) -> Result<(u32, u64), Error> {
        let (filter, change) = (Filter::from_dict(filter)?, StateChange::from_dict(change)?);
        let mut state = self.0.lock().unwrap();
        let count = state.selected(&filter).iter().filter(|row| row.id <= up_to_id).count();
        state.calls.push(format!("SetStateWhere {:?} up to {up_to_id} {change:?}", filter.view));
        Ok((u32::try_from(count).unwrap(), 78))
    }

    fn undo(&self, token: u64) -> Result<u32, Error> {
        if token == 77 { Ok(3) } else { Err(Error::NotFound(format!("undo: no token {token}"))) }
    }

    fn delete(&self, ids: Vec<i64>) -> (u32, u64) {
        (u32::try_from(ids.len()).unwrap(), 79)
    }

    fn delete_where(&self, filter: Dict, up_to_id: i64) -> Result<(u32, u64), Error> {
        let filter = Filter::from_dict(filter)?;
        let mut state = self.0.lock().unwrap();
        let count = state.selected(&filter).len();
        state.calls.push(format!("DeleteWhere {:?} up to {up_to_id}", filter.view));
        state.filters.push(filter);
        Ok((u32::try_from(count).unwrap(), 80))
    }

    fn invoke(&self, id: i64, action: String, platform_data: Dict) -> Result<(), Error> {
        let mut state = self.0.lock().unwrap();
        if !state.rows.iter().any(|row| row.id == id) {
            return Err(Error::NotFound(format!("id: there is no notification {id}")));
        }
        let mut data: Vec<_> = platform_data.into_keys().collect();
        data.sort();
        state.calls.push(format!("Invoke {id} {action} {data:?}"));
        Ok(())
    }

    fn explain(&self, id: i64) -> Result<Vec<Dict>, Error> {
        if id > 100 {
            return Err(Error::NotFound(format!("id: there is no notification {id}")));
        }
        let decisions = &self.0.lock().unwrap().decisions;
        if !decisions.is_empty() {
            let copy = |dict: &Dict| {
                dict.iter().map(|(k, v)| (k.clone(), v.try_clone().unwrap())).collect()
            };
            return Ok(decisions.iter().map(copy).collect());
        }
        let mut writer = DictWriter::default();
        writer.put("at", id * 1_000);
        writer.put("status", "SUPPRESSED");
        writer.put("reason", "popups-off");
        Ok(vec![writer.finish()])
    }

    #[zbus(signal)]
    pub(super) async fn changed(
        emitter: &SignalEmitter<'_>,
        revision: u64,
        added: Vec<i64>,
        updated: Vec<i64>,
        removed: Vec<i64>,
    ) -> zbus::Result<()>;
}
