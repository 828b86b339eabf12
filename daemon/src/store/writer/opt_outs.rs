//! Opt-outs: written down, enforced on what waits, and taken back.

use rusqlite::params_from_iter;
use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Filter, OptOut, Scope, View};

use super::unit::Unit;
use crate::dispatch::opt_out::Subject;
use crate::model::{NotificationId, Reason, SourceId};
use crate::store::cursor::Cursor;
use crate::store::error::StoreError;
use crate::store::query::Query;
use crate::store::table::encode::clean;
use crate::store::table::{delivery, delivery_list, opt_out};

/// Opt-outs that one person may have: each is looked at for every notification.
const MOST: usize = 1_000;
/// The newest unread rows of the scope whose popups are taken away; no screen has more.
const ON_SCREEN: u32 = 500;

impl Unit<'_> {
    /// Keeps a scope away from a target. Answers how many waiting deliveries it stopped.
    pub(in crate::store) fn opt_out(&mut self, wanted: &OptOut) -> Result<u32, StoreError> {
        let scope = cleaned(&wanted.scope);
        self.require_known(&scope)?;
        let same = |row: &OptOut| row.scope == scope && row.target == wanted.target;
        if self.opt_outs.rows().len() >= MOST && !self.opt_outs.rows().iter().any(same) {
            return Err(StoreError::TooLarge(format!(
                "opt-outs: there are {MOST}, the limit; take back one that is not needed any more"
            )));
        }
        let row = OptOut { scope, since: self.now, ..wanted.clone() };
        let waiting = delivery::waiting(self.conn)?;
        let later = delivery_list::waiting_until_later(self.conn, self.now)?;
        // A trigger ends what waits.
        opt_out::put(self.conn, &row)?;
        self.opt_outs.replace(opt_out::all(self.conn)?);
        let stopped = waiting - delivery::waiting(self.conn)?;
        delivery_list::opted_out_now(self.conn, &later, self.now)?;
        let on_its_way = delivery::opt_out_sending(self.conn, self.now)?;
        if row.target.is_empty() || row.target == DESKTOP_TARGET {
            for id in self.newest_unread(&row.scope)? {
                self.effects.close.push((id, Reason::OptedOut));
            }
        }
        Ok(stopped.saturating_add(u32::try_from(on_its_way).unwrap_or(u32::MAX)))
    }

    /// Takes back the opt-out of exactly this scope and target; `false` = there was none.
    pub(in crate::store) fn opt_in(
        &mut self,
        scope: &Scope,
        target: &str,
    ) -> Result<bool, StoreError> {
        let removed = opt_out::remove(self.conn, &cleaned(scope), target)?;
        if removed {
            self.opt_outs.replace(opt_out::all(self.conn)?);
        }
        Ok(removed)
    }

    /// Takes out the opt-outs whose time is over. Answers how many.
    pub(in crate::store) fn end_opt_outs(&mut self) -> Result<usize, StoreError> {
        let ended = opt_out::remove_ended(self.conn, self.now)?;
        if ended > 0 {
            self.opt_outs.replace(opt_out::all(self.conn)?);
        }
        Ok(ended)
    }

    /// Whether the user has muted this thread by its key.
    pub(super) fn thread_is_muted(&self, source: SourceId, key: &str) -> Result<bool, StoreError> {
        let key = clean(key);
        let source = &self.source(source)?.name;
        let subject = Subject { source, topic: "", key: &key };
        Ok(self.opt_outs.mutes_thread(subject, self.now))
    }

    fn require_known(&self, scope: &Scope) -> Result<(), StoreError> {
        let Some(name) = &scope.source else { return Ok(()) };
        if self.sources.values().any(|source| source.name == *name) {
            return Ok(());
        }
        Err(StoreError::Invalid(format!(
            "scope: there is no source \"{name}\"; `tidings sources` lists them, and \"{}\" is this computer",
            tidings_api::names::LOCAL_SOURCE
        )))
    }

    fn newest_unread(&self, scope: &Scope) -> Result<Vec<NotificationId>, StoreError> {
        let Scope { source, topic, key } = scope.clone();
        let filter = Filter { view: View::Unread, source, topic, key, ..Filter::default() };
        let mut found = Vec::new();
        for query in Query::behind(&filter, Cursor::Start) {
            let (sql, values) = query.page("n.id", ON_SCREEN);
            let mut statement = self.conn.prepare_cached(&sql)?;
            for id in statement.query_map(params_from_iter(values), |row| row.get(0))? {
                found.push(NotificationId(id?));
            }
        }
        Ok(found)
    }
}

/// In the form in which the inbox keeps topics and keys.
fn cleaned(scope: &Scope) -> Scope {
    let text = |text: &Option<String>| text.as_deref().map(|text| clean(text).into_owned());
    Scope { source: text(&scope.source), topic: text(&scope.topic), key: text(&scope.key) }
}
