//! `org.tidings.Tidings.Targets1`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tidings_api::{
    DeliveryFilter, Dict, DictWriter, Error, Fields, Record, Result, TargetState, TargetStatus,
    limits, names,
};
use tokio::sync::mpsc;
use tracing::warn;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, interface};

use crate::bus::failed;
use crate::bus::target_forms::TargetForms;
use crate::bus::verification::Verification;
use crate::clock::Clock;
use crate::config::LiveConfig;
use crate::dispatch::outbound::{Dispatcher, Unwanted};
use crate::store::Store;

/// Changes of one target within this time are one signal.
const GATHERED: Duration = Duration::from_millis(200);

/// Ways out beside the desktop.
pub(super) struct Targets1 {
    store: Store,
    config: Arc<LiveConfig>,
    dispatcher: Dispatcher,
    forms: TargetForms,
    verification: Verification,
}

impl Targets1 {
    pub(super) fn new(
        store: Store,
        clock: Clock,
        config: Arc<LiveConfig>,
        dispatcher: Dispatcher,
    ) -> Self {
        let verification = Verification::new(clock.clone());
        let forms = TargetForms::new(store.clone(), clock, Arc::clone(&config), dispatcher.clone());
        Self { store, config, dispatcher, forms, verification }
    }

    fn check(&self, target: &str) -> Result<()> {
        if self.config.current().targets.iter().any(|known| known.name == target) {
            Ok(())
        } else {
            Err(unknown(target))
        }
    }
}

#[interface(name = "org.tidings.Tidings.Targets1")]
impl Targets1 {
    /// Every target with its state; `desktop` is the first.
    #[zbus(out_args("targets"))]
    async fn list(&self) -> Result<Vec<Dict>> {
        let config = self.config.current();
        let pauses = self.store.pauses().await.map_err(failed)?;
        let desktop = (names::DESKTOP_TARGET, names::DESKTOP_TARGET, config.desktop.popups);
        let configured =
            config.targets.iter().map(|t| (t.name.as_str(), t.kind.as_str(), t.enabled));
        let mut rows = Vec::new();
        for (name, kind, enabled) in std::iter::once(desktop).chain(configured) {
            let figures = self.store.target_figures(name.to_owned()).await.map_err(failed)?;
            let pause = pauses.iter().find(|pause| pause.target == name);
            let broken = self.dispatcher.outbox().broken(name).filter(|_| enabled);
            let state = match pause {
                _ if !enabled => TargetState::Disabled,
                None if broken.is_none() => TargetState::Ready,
                Some(_) | None => TargetState::Paused,
            };
            let why = broken.or_else(|| Some(pause?.why.clone()));
            let leads_there = |to: &[String]| to.iter().any(|target| target == name);
            let routes = config.routes.iter().filter(|route| leads_there(&route.to));
            let status = TargetStatus {
                name: name.to_owned(),
                kind: kind.to_owned(),
                state,
                why: why.unwrap_or_default(),
                since: pause.map(|pause| pause.since),
                records: figures.records,
                waiting: figures.waiting,
                last_delivered_at: figures.last_delivered_at,
                routes: routes.map(|route| route.name.clone()).collect(),
            };
            rows.push(status.to_dict());
        }
        Ok(rows)
    }

    /// The kinds there are, with the fields of their forms, as JSON.
    #[zbus(out_args("kinds"))]
    async fn kinds(&self) -> Result<String> {
        TargetForms::kinds()
    }

    /// One target as its form edits it, as JSON; without its secret.
    #[zbus(out_args("settings"))]
    async fn get(&self, target: &str) -> Result<String> {
        self.forms.get(target)
    }

    /// Adds a target to the configuration file.
    async fn add(&self, settings: &str) -> Result<()> {
        self.forms.add(settings).await
    }

    /// Changes a target in the configuration file, keeping its other keys and the comments.
    async fn update(&self, settings: &str) -> Result<()> {
        self.forms.update(settings).await
    }

    /// Takes a target out of the configuration file, with its secret and its records. What waits for it is not sent.
    async fn remove(&self, target: &str) -> Result<()> {
        self.forms.remove(target).await
    }

    /// Switches a target on or off, in the configuration file.
    async fn set_enabled(&self, target: &str, enabled: bool) -> Result<()> {
        self.forms.set_enabled(target, enabled).await
    }

    /// Stores the secret of a target in the keyring. It is never answered by any call.
    async fn set_secret(&self, target: &str, secret: &str) -> Result<()> {
        self.forms.set_secret(target, SecretString::from(secret)).await
    }

    /// Sends a test message and says what the provider answered. An empty address means every active record.
    #[zbus(out_args("report"))]
    async fn test(&self, target: &str, address: &str) -> Result<Dict> {
        let (ok, steps) = self.forms.test(target, address).await?;
        let mut answer = DictWriter::default();
        answer.put("ok", ok);
        answer.put("steps", steps);
        Ok(answer.finish())
    }

    /// Looks whether its secret can be read, without sending anything. Answers what is in the way and what to do; empty =
    /// nothing.
    #[zbus(out_args("trouble"))]
    async fn check_secret(&self, target: &str) -> Result<String> {
        self.forms.check(target).await
    }

    /// Sends again after a pause for wrong credentials; `false` = it was not paused.
    #[zbus(out_args("was_paused"))]
    async fn resume(&self, target: &str) -> Result<bool> {
        self.check(target)?;
        self.dispatcher.renew(target, &self.config.current()).await.map_err(failed)
    }

    /// The records of a target; of all for an empty name.
    #[zbus(out_args("records"))]
    async fn records(&self, target: &str) -> Result<Vec<Dict>> {
        if !target.is_empty() {
            self.check(target)?;
        }
        let rows = self.store.records(target.to_owned()).await.map_err(failed)?;
        Ok(rows.iter().map(Record::to_dict).collect())
    }

    /// Adds a record. Options: `description` s, `trusted` b (needs no code). Answers its id.
    #[zbus(out_args("record"))]
    async fn add_record(&self, target: &str, address: &str, options: Dict) -> Result<i64> {
        let mut fields = Fields::new("options", options);
        let description = described(fields.text("description")?)?;
        let trusted = fields.boolean("trusted")?.unwrap_or_default();
        fields.finish()?;
        let form = self.forms.address_form(target)?;
        let address = self.forms.address(target, form, address)?;
        let new = Record {
            target: target.to_owned(),
            address,
            description: description.unwrap_or_default(),
            active: true,
            verified: trusted || !form.verified,
            ..Record::default()
        };
        self.store.add_record(new).await.map_err(failed)
    }

    /// Changes a record: `description` s, `active` b.
    async fn update_record(&self, record: i64, change: Dict) -> Result<()> {
        let mut fields = Fields::new("change", change);
        let description = described(fields.text("description")?)?;
        let active = fields.boolean("active")?;
        fields.finish()?;
        self.store.update_record(record, description, active).await.map_err(failed)?;
        if active == Some(false) {
            let row = self.store.record_row(record).await.map_err(failed)?;
            self.dispatcher.outbox().settle(&row.target, Unwanted::Record(record)).await;
        }
        Ok(())
    }

    /// Takes a record out, with what was sent to it and what waits for it.
    async fn remove_record(&self, record: i64) -> Result<()> {
        let row = self.store.record_row(record).await.map_err(failed)?;
        self.store.remove_record(record).await.map_err(failed)?;
        self.dispatcher.outbox().settle(&row.target, Unwanted::Record(record)).await;
        Ok(())
    }

    /// Sends a code to the address of a record, which is good for ten minutes.
    async fn send_code(&self, record: i64) -> Result<()> {
        let row = self.store.record_row(record).await.map_err(failed)?;
        if row.verified {
            return Err(Error::Conflict(format!("record: {record} needs no code, it receives")));
        }
        let message = self.verification.message(&row)?;
        self.forms
            .send(&row, &message)
            .await
            .inspect_err(|_| self.verification.was_not_sent(record))
    }

    /// Enters the code that arrived there; `false` = it is not the one.
    #[zbus(out_args("verified"))]
    async fn verify(&self, record: i64, code: &str) -> Result<bool> {
        if !self.verification.is_right(record, code)? {
            return Ok(false);
        }
        self.store.verify_record(record).await.map_err(failed)?;
        Ok(true)
    }

    /// One page of deliveries, the newest first. `cursor` is empty or the `next` of the page before.
    #[zbus(out_args("deliveries", "next"))]
    async fn deliveries(
        &self,
        filter: Dict,
        cursor: String,
        limit: u32,
    ) -> Result<(Vec<Dict>, String)> {
        let filter = DeliveryFilter::from_dict(filter)?;
        let page = self.store.deliveries(filter, cursor, limit).await.map_err(failed)?;
        Ok((page.rows.iter().map(tidings_api::Delivery::to_dict).collect(), page.next))
    }

    /// Tries again what failed, was suppressed or waits; answers how many that were.
    #[zbus(out_args("count"))]
    async fn retry(&self, deliveries: Vec<i64>) -> Result<u32> {
        self.store.retry_deliveries(few(deliveries)?).await.map_err(failed)
    }

    /// Gives up what waits; answers how many that were.
    #[zbus(out_args("count"))]
    async fn cancel(&self, deliveries: Vec<i64>) -> Result<u32> {
        self.store.cancel_deliveries(few(deliveries)?).await.map_err(failed)
    }

    /// Which notifications go where, as JSON.
    #[zbus(out_args("routes"))]
    async fn routes(&self) -> Result<String> {
        self.forms.routes()
    }

    /// Replaces the routes in the configuration file.
    async fn set_routes(&self, routes: &str) -> Result<()> {
        self.forms.set_routes(routes).await
    }

    /// The target with this name, its records or its deliveries are others.
    #[zbus(signal)]
    async fn changed(emitter: &SignalEmitter<'_>, target: &str) -> zbus::Result<()>;
}

pub(super) fn unknown(target: &str) -> Error {
    if target == names::DESKTOP_TARGET {
        return Error::InvalidArgs(format!(
            "target: \"{target}\" is the popups on this screen, which have no records and no form; \
             [desktop] in config.toml is where they are set"
        ));
    }
    Error::NotFound(format!(
        "target: there is no target \"{target}\" in the configuration; `tidings targets` lists them"
    ))
}

/// Of a kind with exactly one recipient.
pub(super) fn takes_no_address(target: &str) -> Error {
    Error::InvalidArgs(format!(
        "address: \"{target}\" has exactly one recipient, so it takes no addresses; leave it out"
    ))
}

fn described(description: Option<String>) -> Result<Option<String>> {
    let length = description.as_deref().unwrap_or_default().chars().count();
    if length > limits::FIELD_CHARACTERS {
        return Err(Error::TooLarge(format!(
            "description: {length} characters, the limit is {}",
            limits::FIELD_CHARACTERS
        )));
    }
    Ok(description)
}

fn few(ids: Vec<i64>) -> Result<Vec<i64>> {
    if ids.len() > limits::IDS {
        let count = ids.len();
        return Err(Error::TooLarge(format!(
            "deliveries: {count} ids, the limit is {}",
            limits::IDS
        )));
    }
    Ok(ids)
}

/// Tells of changes, those of a moment together. Runs until the daemon ends.
pub(super) async fn announce(connection: Connection, mut changes: mpsc::UnboundedReceiver<String>) {
    let emitter = match SignalEmitter::new(&connection, names::OBJECT_PATH) {
        Ok(emitter) => emitter,
        Err(error) => return warn!(%error, "changes of targets cannot be announced"),
    };
    while let Some(first) = changes.recv().await {
        tokio::time::sleep(GATHERED).await;
        let mut changed = BTreeSet::from([first]);
        while let Ok(target) = changes.try_recv() {
            changed.insert(target);
        }
        for target in changed {
            if let Err(error) = Targets1::changed(&emitter, &target).await {
                warn!(%error, "a change of a target could not be announced");
            }
        }
    }
}
