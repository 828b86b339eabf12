//! The logic of the tray: one loop over everything that happens, over a port to everything that it does.

mod gui;
mod pace;
mod quiet_span;
mod state;
mod tick;

use chrono::{DateTime, Local};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::info;

pub use self::gui::{Gui, Order};
use self::pace::Pace;
pub use self::quiet_span::QuietSpan;
pub use self::state::{Daemon, Headline, Here, Inbox, Quiet, Source, State};
pub use self::tick::{News, Tick};
use crate::tray::{Appearance, Choice};

/// Keeps what is shown true, and does what is chosen.
#[derive(Debug)]
pub struct Controller<G> {
    gui: G,
    state: State,
    clock: fn() -> DateTime<Local>,
    shown: Option<Appearance>,
    pace: Pace,
    /// Whether the daemon was found, or an attempt to start it made, since the tray runs: whoever starts the
    /// tray wants to receive, and whoever stops receiving later does not want it to begin again by itself.
    begun: bool,
}

/// Whether the loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    End,
}

impl<G: Gui> Controller<G> {
    /// Shows `state` and its changes through `gui`.
    pub fn new(gui: G, state: State, clock: fn() -> DateTime<Local>) -> Self {
        Self { gui, state, clock, shown: None, pace: Pace::default(), begun: false }
    }

    /// Runs until the tray is quit, or until nobody is left who could say anything.
    pub async fn run(mut self, mut ticks: mpsc::UnboundedReceiver<Tick>) {
        loop {
            self.present();
            let tick = tokio::select! {
                tick = ticks.recv() => tick.unwrap_or(Tick::Ended),
                () = self.pace.due() => Tick::Due,
            };
            if self.handle(tick) == Flow::End {
                return;
            }
        }
    }

    fn handle(&mut self, tick: Tick) -> Flow {
        match tick {
            Tick::News(news) => self.learn(news),
            Tick::Chosen { choice, token } => return self.choose(choice, token),
            Tick::Scheme(scheme) => self.state.scheme = scheme,
            // Only wakes the loop, which then shows what waited.
            Tick::Due => {}
            Tick::Ended => return Flow::End,
        }
        Flow::On
    }

    fn learn(&mut self, news: News) {
        match news {
            News::Here(here) => {
                self.begun = true;
                self.state.daemon = Daemon::Here(*here);
            }
            News::Inbox(inbox) => self.state.update(|here| here.inbox = inbox),
            News::Sources(sources) => self.state.update(|here| here.sources = sources),
            News::Quiet(quiet) => self.state.update(|here| here.quiet = quiet),
            News::Language(language) => self.state.language = language,
            News::Away if self.begun => self.state.daemon = Daemon::Away,
            News::Away => self.start(),
            News::NotStarted => self.state.daemon = Daemon::NotStarted,
        }
    }

    fn choose(&mut self, choice: Choice, token: Option<String>) -> Flow {
        match choice {
            Choice::Open(place) => self.gui.open(place, token),
            Choice::MarkAllRead { up_to } => self.gui.order(Order::MarkRead { up_to }),
            Choice::BeQuiet(span) => self.be_quiet(span),
            Choice::EndQuiet => self.gui.order(Order::EndQuiet),
            Choice::ToggleQuiet => match &self.state.daemon {
                Daemon::Here(here) if here.quiet.is_active() => self.gui.order(Order::EndQuiet),
                Daemon::Here(_) => self.be_quiet(QuietSpan::UntilTurnedOff),
                Daemon::Away | Daemon::Starting | Daemon::NotStarted => {}
            },
            Choice::StartReceiving => self.start(),
            Choice::StopReceiving => self.gui.order(Order::Stop),
            Choice::Quit => {
                info!("asked to quit");
                return Flow::End;
            }
        }
        Flow::On
    }

    fn be_quiet(&mut self, span: QuietSpan) {
        self.gui.order(Order::BeQuiet { until: span.until(&(self.clock)()) });
    }

    fn start(&mut self) {
        self.begun = true;
        self.state.daemon = Daemon::Starting;
        self.gui.order(Order::Start);
    }

    /// Shows what there is to show, unless it is shown already or the last change was a moment ago.
    fn present(&mut self) {
        let appearance = Appearance::of(&self.state, (self.clock)());
        if self.shown.as_ref() == Some(&appearance) {
            self.pace.forget();
        } else if self.pace.may_show(Instant::now()) {
            self.gui.show(&appearance);
            self.shown = Some(appearance);
        }
    }
}

#[cfg(test)]
mod tests;
