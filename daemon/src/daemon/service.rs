//! What the bus serves, put together.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::bus::{Control1, Service};
use crate::daemon::effects::{Effects, Told};
use crate::daemon::foundation::Foundation;
use crate::daemon::sources::Sources;
use crate::dispatch::PopupQueue;
use crate::quiet::Quiet;

pub(super) fn service(
    foundation: &Foundation,
    sources: &Sources,
    source_changes: mpsc::UnboundedReceiver<String>,
    effects: &Effects,
    (quiet, popups): (Quiet, PopupQueue),
    told: Told,
) -> Service {
    let control = Control1 {
        store: foundation.store.clone(),
        clock: foundation.clock.clone(),
        started_at: foundation.started_at,
        config: Arc::clone(&foundation.config),
        database: foundation.database.clone(),
        notifier: Arc::clone(&effects.notifier),
        figures: Arc::clone(&effects.figures),
        stage: Arc::clone(&sources.stage),
    };
    Service {
        store: foundation.store.clone(),
        clock: foundation.clock.clone(),
        actions: effects.actions.clone(),
        images: foundation.images.clone(),
        control,
        sources: sources.supervisor.clone(),
        config: Arc::clone(&foundation.config),
        quiet,
        popups,
        rules: foundation.rules.clone(),
        changes: told.changes,
        notices: told.notices,
        dispatcher: foundation.dispatcher.clone(),
        target_changes: told.targets,
        source_changes,
    }
}
