//! A popup server in memory, for tests of what shows popups.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::desktop::{
    CloseReason, Notifier, Popup, PopupEvent, PopupEvents, PopupServer, Shown, Slot,
};

/// Keeps what it is asked to show, answers as it is told, and plays the person in front of it.
#[derive(Debug)]
pub struct Recorder {
    state: Mutex<State>,
    events: mpsc::UnboundedSender<PopupEvent>,
}

#[derive(Debug)]
struct State {
    asked: Vec<Popup>,
    closed: Vec<Slot>,
    screen: HashMap<Slot, Popup>,
    answer: Shown,
}

impl Recorder {
    /// An empty screen, and what will happen on it.
    #[must_use]
    pub fn new() -> (Self, PopupEvents) {
        let (events, received) = mpsc::unbounded_channel();
        let state = State {
            asked: Vec::new(),
            closed: Vec::new(),
            screen: HashMap::new(),
            answer: Shown::Shown,
        };
        (Self { state: Mutex::new(state), events }, received)
    }

    /// What became of every popup from now on; only after [`Shown::Shown`] it is on the screen.
    pub fn answer(&self, answer: Shown) {
        self.state().answer = answer;
    }

    /// Everything that was to be shown, in order, whatever became of it.
    #[must_use]
    pub fn asked(&self) -> Vec<Popup> {
        self.state().asked.clone()
    }

    /// Every slot that was to be closed, in order.
    #[must_use]
    pub fn closed(&self) -> Vec<Slot> {
        self.state().closed.clone()
    }

    /// The popup that stands in `slot` now.
    #[must_use]
    pub fn on_screen(&self, slot: &Slot) -> Option<Popup> {
        self.state().screen.get(slot).cloned()
    }

    /// The person presses a button, or (`default`) the popup itself.
    pub fn click(&self, slot: &Slot, action: &str, activation_token: Option<&str>) {
        self.tell(PopupEvent::Clicked {
            slot: slot.clone(),
            action: action.to_owned(),
            activation_token: activation_token.map(str::to_owned),
        });
    }

    /// The person types a line into the popup.
    pub fn reply(&self, slot: &Slot, text: &str) {
        self.tell(PopupEvent::Replied { slot: slot.clone(), text: text.to_owned() });
    }

    /// The popup leaves the screen by itself or by the person.
    pub fn leave(&self, slot: &Slot, reason: CloseReason) {
        if self.state().screen.remove(slot).is_some() {
            self.tell(PopupEvent::Closed { slot: slot.clone(), reason });
        }
    }

    /// The server comes back with an empty screen.
    pub fn restart(&self) {
        self.state().screen.clear();
        self.tell(PopupEvent::Restarted);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: PopupEvent) {
        // A test may drop the events that it does not look at.
        let _ = self.events.send(event);
    }
}

impl Notifier for Recorder {
    async fn show(&self, popup: Popup) -> Shown {
        let mut state = self.state();
        state.asked.push(popup.clone());
        if state.answer == Shown::Shown {
            state.screen.insert(popup.slot.clone(), popup);
        }
        state.answer.clone()
    }

    async fn close(&self, slot: Slot) {
        self.state().closed.push(slot.clone());
        self.leave(&slot, CloseReason::Closed);
    }

    async fn server(&self) -> PopupServer {
        PopupServer {
            present: self.state().answer != Shown::Absent,
            name: "recorder".into(),
            vendor: "Tidings".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            spec_version: "1.2".into(),
            capabilities: vec!["actions".into(), "body".into()],
        }
    }
}

#[cfg(test)]
mod tests {
    use tidings_api::Urgency;

    use super::*;

    fn popup(title: &str) -> Popup {
        Popup {
            slot: Slot::Test,
            source: "local".into(),
            app: String::new(),
            title: title.into(),
            body: String::new(),
            urgency: Urgency::Normal,
            icon: String::new(),
            actions: Vec::new(),
            progress: None,
            transient: false,
        }
    }

    #[tokio::test]
    async fn a_slot_holds_the_newest_popup_until_it_is_closed() {
        let (recorder, mut events) = Recorder::new();
        assert_eq!(recorder.show(popup("one")).await, Shown::Shown);
        assert_eq!(recorder.show(popup("two")).await, Shown::Shown);
        assert_eq!(recorder.on_screen(&Slot::Test), Some(popup("two")));

        recorder.close(Slot::Test).await;
        recorder.close(Slot::Test).await;
        assert_eq!(recorder.on_screen(&Slot::Test), None);
        assert_eq!(recorder.closed().len(), 2, "both calls are recorded");
        let closed = PopupEvent::Closed { slot: Slot::Test, reason: CloseReason::Closed };
        assert_eq!(events.try_recv(), Ok(closed));
        assert!(events.try_recv().is_err(), "what is not there does not close");
    }

    #[tokio::test]
    async fn what_is_refused_is_recorded_and_not_on_the_screen() {
        let (recorder, _events) = Recorder::new();
        recorder.answer(Shown::Absent);
        assert_eq!(recorder.show(popup("one")).await, Shown::Absent);
        assert_eq!(recorder.asked(), [popup("one")]);
        assert_eq!(recorder.on_screen(&Slot::Test), None);
        assert!(!recorder.server().await.present);
    }

    #[tokio::test]
    async fn the_person_is_heard() {
        let (recorder, mut events) = Recorder::new();
        recorder.click(&Slot::Test, "default", Some("token"));
        let clicked = PopupEvent::Clicked {
            slot: Slot::Test,
            action: "default".into(),
            activation_token: Some("token".into()),
        };
        assert_eq!(events.try_recv(), Ok(clicked));
        recorder.restart();
        assert_eq!(events.try_recv(), Ok(PopupEvent::Restarted));
    }
}
