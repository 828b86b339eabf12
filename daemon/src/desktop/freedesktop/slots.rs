//! Which of our slots is which popup of which server, as a state machine without input or output.
//!
//! A popup is known by the unique name of the server that took it and the id that this server gave
//! it. So an event of another program, of another program's popup, or of a server that has gone
//! means nothing, whatever the order in which signals and replies arrive.

use std::collections::VecDeque;

use crate::desktop::{CloseReason, PopupEvent, Slot};

/// Most popups remembered; KDE keeps 1,000 in its history, GNOME ten on the screen. The oldest is
/// forgotten first, so that a server that never says "closed" costs no memory.
const REMEMBERED: usize = 1_000;
/// Most events kept while a popup's id is still on its way here.
const EARLY: usize = 64;
/// Servers remembered as gone; more than can restart while one `Notify` is on its way.
const GONE: usize = 8;

/// What a server tells about one of its popups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Comes before the click that it belongs to.
    Token(String),
    /// A button, or `default`.
    Invoked(String),
    /// A line of text.
    Replied(String),
    /// Gone from the screen.
    Closed(CloseReason),
}

/// A popup's name in the world: the server's unique bus name and its id there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handle {
    /// Unique bus name of the server.
    pub(super) server: String,
    /// Positive, unique while this server runs.
    pub(super) id: u32,
}

#[derive(Debug)]
struct Popup {
    handle: Handle,
    slot: Slot,
    token: Option<String>,
    /// We asked for it to be closed: the slot is free, only its last signal is awaited.
    closing: bool,
}

/// The popups of ours that may be on the screen, oldest first.
#[derive(Debug, Default)]
pub(super) struct Slots {
    popups: Vec<Popup>,
    pending: usize,
    early: Vec<(Handle, Signal)>,
    /// A reply can be read after the news that its sender has left.
    gone: VecDeque<String>,
}

impl Slots {
    /// The popup that stands in `slot`.
    pub(super) fn standing(&self, slot: &Slot) -> Option<&Handle> {
        self.popups.iter().find(|popup| popup.slot == *slot && !popup.closing).map(|p| &p.handle)
    }

    /// A `Notify` is on its way: until [`Self::settle`], events of unknown popups are kept, because
    /// a fast click overtakes the id that it is about.
    pub(super) fn expect(&mut self) {
        self.pending += 1;
    }

    /// The `Notify` of `slot` ended, with a popup or without; answers what happened to it meanwhile.
    pub(super) fn settle(&mut self, slot: &Slot, shown: Option<Handle>) -> Vec<PopupEvent> {
        self.pending = self.pending.saturating_sub(1);
        let mut events = Vec::new();
        if let Some(handle) = shown.filter(|handle| !self.gone.contains(&handle.server)) {
            self.stand(slot.clone(), handle.clone());
            let (ours, others) =
                std::mem::take(&mut self.early).into_iter().partition(|(of, _)| *of == handle);
            self.early = others;
            let ours: Vec<(Handle, Signal)> = ours;
            events.extend(ours.into_iter().filter_map(|(of, signal)| self.apply(&of, signal)));
        }
        if self.pending == 0 {
            self.early.clear();
        }
        events
    }

    /// A server told something about one of its popups; `None` when it is none of ours.
    pub(super) fn signal(&mut self, handle: &Handle, signal: Signal) -> Option<PopupEvent> {
        let known = self.popups.iter().any(|popup| popup.handle == *handle);
        if !known && self.pending > 0 && self.early.len() < EARLY {
            self.early.push((handle.clone(), signal));
            return None;
        }
        self.apply(handle, signal)
    }

    /// Frees `slot` and answers the popup to close, if one stands there.
    pub(super) fn close(&mut self, slot: &Slot) -> Option<Handle> {
        let standing = self.popups.iter_mut().find(|p| p.slot == *slot && !p.closing)?;
        standing.closing = true;
        Some(standing.handle.clone())
    }

    /// The server does not know this popup any more.
    pub(super) fn forget(&mut self, handle: &Handle) {
        self.popups.retain(|popup| popup.handle != *handle);
    }

    /// This connection serves popups from now on; it may have done so before, and left.
    pub(super) fn server_came(&mut self, server: &str) {
        self.gone.retain(|gone| gone != server);
    }

    /// This server has left the bus, and its popups with it.
    pub(super) fn server_gone(&mut self, server: &str) {
        self.popups.retain(|popup| popup.handle.server != server);
        self.early.retain(|(handle, _)| handle.server != server);
        if self.gone.len() >= GONE {
            self.gone.pop_front();
        }
        self.gone.push_back(server.to_owned());
    }

    fn stand(&mut self, slot: Slot, handle: Handle) {
        // The same id again is the same popup with new contents; another one in the slot is replaced.
        self.popups.retain(|popup| popup.handle != handle && (popup.slot != slot || popup.closing));
        if self.popups.len() >= REMEMBERED {
            self.popups.remove(0);
        }
        self.popups.push(Popup { handle, slot, token: None, closing: false });
    }

    fn apply(&mut self, handle: &Handle, signal: Signal) -> Option<PopupEvent> {
        let at = self.popups.iter().position(|popup| popup.handle == *handle)?;
        let popup = self.popups.get_mut(at)?;
        match signal {
            Signal::Token(token) => {
                popup.token = Some(token);
                None
            }
            Signal::Invoked(action) => Some(PopupEvent::Clicked {
                slot: popup.slot.clone(),
                action,
                // A compositor takes a token once.
                activation_token: popup.token.take(),
            }),
            Signal::Replied(text) => Some(PopupEvent::Replied { slot: popup.slot.clone(), text }),
            Signal::Closed(reason) => {
                let popup = self.popups.remove(at);
                Some(PopupEvent::Closed { slot: popup.slot, reason })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::NotificationId;

    fn slot(id: i64) -> Slot {
        Slot::Notification(NotificationId(id))
    }

    fn handle(id: u32) -> Handle {
        Handle { server: ":1.7".into(), id }
    }

    fn clicked(of: i64, token: Option<&str>) -> PopupEvent {
        PopupEvent::Clicked {
            slot: slot(of),
            action: "default".into(),
            activation_token: token.map(str::to_owned),
        }
    }

    fn invoked() -> Signal {
        Signal::Invoked("default".into())
    }

    fn shown(slots: &mut Slots, of: i64, id: u32) -> Vec<PopupEvent> {
        slots.expect();
        slots.settle(&slot(of), Some(handle(id)))
    }

    #[test]
    fn a_click_carries_its_token_once() {
        let mut slots = Slots::default();
        shown(&mut slots, 1, 5);
        assert_eq!(slots.signal(&handle(5), Signal::Token("t".into())), None);
        assert_eq!(slots.signal(&handle(5), invoked()), Some(clicked(1, Some("t"))));
        assert_eq!(slots.signal(&handle(5), invoked()), Some(clicked(1, None)), "used twice");
    }

    #[test]
    fn a_click_that_overtakes_the_id_is_not_lost() {
        let mut slots = Slots::default();
        slots.expect();
        assert_eq!(slots.signal(&handle(5), Signal::Token("t".into())), None);
        assert_eq!(slots.signal(&handle(5), invoked()), None);
        assert_eq!(slots.signal(&handle(6), invoked()), None, "somebody else's popup");
        let events = slots.settle(&slot(1), Some(handle(5)));
        assert_eq!(events, [clicked(1, Some("t"))]);
        assert!(slots.early.is_empty(), "nothing is awaited any more");
    }

    #[test]
    fn events_of_strangers_mean_nothing() {
        let mut slots = Slots::default();
        shown(&mut slots, 1, 5);
        assert_eq!(slots.signal(&handle(6), invoked()), None, "another program's popup");
        let forger = Handle { server: ":1.66".into(), id: 5 };
        assert_eq!(slots.signal(&forger, invoked()), None, "not from our server");
    }

    #[test]
    fn a_closed_popup_frees_its_slot_at_once_and_still_reports() {
        let mut slots = Slots::default();
        shown(&mut slots, 1, 5);
        assert_eq!(slots.close(&slot(1)), Some(handle(5)));
        assert_eq!(slots.standing(&slot(1)), None, "what is being closed is not replaced");
        assert_eq!(slots.close(&slot(1)), None, "closed twice");

        shown(&mut slots, 1, 6);
        let closed = slots.signal(&handle(5), Signal::Closed(CloseReason::Closed));
        assert_eq!(closed, Some(PopupEvent::Closed { slot: slot(1), reason: CloseReason::Closed }));
        assert_eq!(slots.standing(&slot(1)), Some(&handle(6)), "the new popup stands");
    }

    #[test]
    fn a_server_takes_its_popups_with_it() {
        let mut slots = Slots::default();
        shown(&mut slots, 1, 5);
        slots.server_gone(":1.7");
        assert_eq!(slots.standing(&slot(1)), None);
        assert_eq!(slots.signal(&handle(5), invoked()), None);
    }

    #[test]
    fn a_reply_read_after_its_server_left_stands_for_nothing() {
        let mut slots = Slots::default();
        slots.expect();
        slots.server_gone(":1.7");
        slots.settle(&slot(1), Some(handle(5)));
        assert_eq!(slots.standing(&slot(1)), None, "the next server may give 5 to somebody else");

        slots.server_came(":1.7");
        shown(&mut slots, 1, 6);
        assert_eq!(slots.standing(&slot(1)), Some(&handle(6)), "the same connection came back");
    }

    #[test]
    fn a_server_that_never_closes_anything_costs_no_memory() {
        let mut slots = Slots::default();
        for n in 1..=2_000_u32 {
            shown(&mut slots, i64::from(n), n);
        }
        assert_eq!(slots.popups.len(), REMEMBERED);
        assert_eq!(slots.standing(&slot(2_000)), Some(&handle(2_000)), "the newest is known");

        slots.expect();
        for n in 3_000..4_000 {
            slots.signal(&handle(n), invoked());
        }
        assert_eq!(slots.early.len(), EARLY, "a flood while one popup is on its way");
    }

    #[derive(Clone, Debug)]
    enum Step {
        Show(i64, u32),
        Fail(i64),
        Signal(u32, Signal),
        Close(i64),
        Gone,
    }

    fn step() -> impl Strategy<Value = Step> {
        let signal = prop_oneof![
            "[a-z]".prop_map(Signal::Token),
            Just(invoked()),
            Just(Signal::Replied("text".into())),
            Just(Signal::Closed(CloseReason::Dismissed)),
        ];
        prop_oneof![
            (0..4_i64, 1..6_u32).prop_map(|(of, id)| Step::Show(of, id)),
            (0..4_i64).prop_map(Step::Fail),
            (1..6_u32, signal).prop_map(|(id, signal)| Step::Signal(id, signal)),
            (0..4_i64).prop_map(Step::Close),
            Just(Step::Gone),
        ]
    }

    proptest! {
        #[test]
        fn an_id_has_one_slot_and_a_slot_has_one_popup(
            steps in proptest::collection::vec(step(), 0..60)
        ) {
            let mut slots = Slots::default();
            let mut server = 7;
            for step in steps {
                let handle = |id| Handle { server: format!(":1.{server}"), id };
                match step {
                    Step::Show(of, id) => {
                        slots.expect();
                        slots.settle(&slot(of), Some(handle(id)));
                        prop_assert_eq!(slots.standing(&slot(of)), Some(&handle(id)));
                    }
                    Step::Fail(of) => {
                        slots.expect();
                        prop_assert!(slots.settle(&slot(of), None).is_empty());
                    }
                    Step::Signal(id, signal) => {
                        let closes = matches!(signal, Signal::Closed(_));
                        slots.signal(&handle(id), signal);
                        let known = slots.popups.iter().any(|p| p.handle == handle(id));
                        prop_assert!(!(closes && known), "closed and still known");
                    }
                    Step::Close(of) => {
                        slots.close(&slot(of));
                        prop_assert_eq!(slots.standing(&slot(of)), None);
                    }
                    Step::Gone => {
                        slots.server_gone(&format!(":1.{server}"));
                        prop_assert!(slots.popups.is_empty());
                        server += 1;
                    }
                }
                for popup in &slots.popups {
                    let same_id = slots.popups.iter().filter(|p| p.handle == popup.handle).count();
                    prop_assert_eq!(same_id, 1, "an id stands for two slots");
                    let in_slot = slots.popups.iter();
                    let in_slot = in_slot.filter(|p| p.slot == popup.slot && !p.closing).count();
                    prop_assert!(in_slot <= 1, "two popups in one slot");
                }
                prop_assert!(slots.early.is_empty(), "kept without a reason");
            }
        }
    }
}
