//! What follows a commit: popups, clicks, and what clients and posters are told.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::daemon::buses::Buses;
use crate::daemon::foundation::Foundation;
use crate::daemon::sources::Sources;
use crate::desktop::freedesktop::Freedesktop;
use crate::desktop::open::Opener;
use crate::dispatch::actions::{Actions, PosterNotice};
use crate::dispatch::figures::Figures;
use crate::dispatch::outbound::outbox::Outbox;
use crate::dispatch::{
    Changes, Listeners, PopupCommands, PopupQueue, PopupWorker, fan_out, follow_clicks,
};
use crate::model::{Committed, SourceId};
use crate::sources::Nudge;
use crate::sources::supervisor::Supervisor;

/// The messages that are on their way to targets at shutdown get this long.
const SENT_WITHIN: Duration = Duration::from_secs(10);
/// The popup that is on its way at shutdown gets this long.
const SHOWN_WITHIN: Duration = Duration::from_secs(6);

pub(super) struct Effects {
    pub(super) notifier: Arc<Freedesktop>,
    pub(super) figures: Arc<Figures>,
    pub(super) actions: Actions,
    telling: JoinHandle<()>,
    showing: JoinHandle<()>,
    outbox: Outbox,
    stop: CancellationToken,
}

/// What the bus service passes on.
pub(super) struct Told {
    pub(super) changes: mpsc::UnboundedReceiver<Changes>,
    pub(super) notices: mpsc::UnboundedReceiver<PosterNotice>,
    pub(super) targets: mpsc::UnboundedReceiver<String>,
}

impl Effects {
    pub(super) async fn start(
        foundation: &Foundation,
        commits: mpsc::UnboundedReceiver<Committed>,
        buses: &Buses,
        sources: &Sources,
        (queue, popups): (PopupQueue, PopupCommands),
    ) -> anyhow::Result<(Self, Told)> {
        let store = &foundation.store;
        let (notifier, popup_events) =
            Freedesktop::start(buses.popups.clone(), foundation.images.clone()).await?;
        let notifier = Arc::new(notifier);
        let figures = Arc::new(Figures::default());
        let (changes, changes_told) = mpsc::unbounded_channel();
        let (marked, marks) = mpsc::unbounded_channel();
        let (notices, notices_told) = mpsc::unbounded_channel();
        let (target_changes, targets) = mpsc::unbounded_channel();
        let opener = Arc::new(Opener::Desktop(buses.popups.clone()));
        let (http, clock) = (foundation.http.clone(), foundation.clock.clone());
        let actions = Actions::new(store.clone(), opener, notices, http, clock);
        let stop = CancellationToken::new();

        let worker = PopupWorker {
            store: store.clone(),
            notifier: Arc::clone(&notifier),
            clock: foundation.clock.clone(),
            figures: Arc::clone(&figures),
        };
        let listeners = Listeners {
            popups: queue.clone(),
            changes,
            marked,
            outbox: foundation.dispatcher.outbox().clone(),
            targets: target_changes,
            figures: Arc::clone(&figures),
        };
        let telling = tokio::spawn(fan_out(commits, listeners));
        let showing = tokio::spawn(worker.run(popups, stop.clone()));
        tokio::spawn(follow_clicks(popup_events, actions.clone(), store.clone(), queue));
        tokio::spawn(nudge_marked(sources.supervisor.clone(), marks));

        let (dispatcher, config) = (&foundation.dispatcher, foundation.config.current());
        match foundation.config.last_error() {
            None => dispatcher.apply(&config).await,
            Some(_) => dispatcher.apply_without_file(&config).await,
        }

        let told = Told { changes: changes_told, notices: notices_told, targets };
        let outbox = foundation.dispatcher.outbox().clone();
        Ok((Self { notifier, figures, actions, telling, showing, outbox, stop }, told))
    }

    /// Waits for the end of the commits, which before the inbox is closed means that it has failed.
    pub(super) async fn failed(&mut self) -> anyhow::Error {
        match (&mut self.telling).await {
            Ok(()) => anyhow::anyhow!("the inbox has failed; the daemon must be started again"),
            Err(error) => anyhow::anyhow!("telling of commits has failed: {error}"),
        }
    }

    /// Lets the popup and the messages that are on their way arrive, and hands the others back to the inbox.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        let shown = tokio::time::timeout(SHOWN_WITHIN, self.showing);
        let sent = tokio::time::timeout(SENT_WITHIN, self.outbox.stop());
        let (shown, sent) = tokio::join!(shown, sent);
        if shown.is_err() {
            warn!("the popup server did not answer in time; what it was sent last is not repeated");
        }
        if sent.is_err() {
            warn!(
                "a message is still on its way to a target; its fate is looked into after the next start"
            );
        }
    }
}

async fn nudge_marked(supervisor: Supervisor, mut marks: mpsc::UnboundedReceiver<SourceId>) {
    while let Some(source) = marks.recv().await {
        supervisor.nudge(source, Nudge::Marks);
    }
}
