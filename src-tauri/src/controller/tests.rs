//! The controller against a desktop that only takes notes.

use std::sync::{Arc, Mutex, MutexGuard};

use std::time::Duration;

use tidings_api::Place;
use tokio::task::JoinHandle;

use super::*;
use crate::tray::menu::Entry;
use crate::tray::{Icon, Scheme};

/// What was done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Done {
    Shown(Box<Appearance>),
    Opened(Place, Option<String>),
    Ordered(Order),
}

#[derive(Clone, Debug, Default)]
struct Notes(Arc<Mutex<Vec<Done>>>);

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Vec<Done>> {
        self.0.lock().unwrap()
    }

    fn take(&self) -> Vec<Done> {
        std::mem::take(&mut *self.lock())
    }
}

impl Gui for Notes {
    fn show(&mut self, appearance: &Appearance) {
        self.lock().push(Done::Shown(Box::new(appearance.clone())));
    }

    fn open(&mut self, place: Place, token: Option<String>) {
        self.lock().push(Done::Opened(place, token));
    }

    fn order(&mut self, order: Order) {
        self.lock().push(Done::Ordered(order));
    }
}

/// A running controller, on a clock that only goes when everybody waits.
struct Scene {
    notes: Notes,
    ticks: mpsc::UnboundedSender<Tick>,
    running: JoinHandle<()>,
}

impl Scene {
    async fn start() -> Self {
        let notes = Notes::default();
        let (ticks, received) = mpsc::unbounded_channel();
        let controller = Controller::new(notes.clone(), State::default(), Local::now);
        let scene = Self { notes, ticks, running: tokio::spawn(controller.run(received)) };
        scene.settled().await;
        scene
    }

    /// With a daemon that has this many unread.
    async fn with_unread(unread: u32) -> Self {
        let scene = Self::start().await;
        scene.send(Tick::News(News::Here(Box::new(here(unread)))));
        scene.settled().await;
        scene.notes.take();
        scene
    }

    fn send(&self, tick: Tick) {
        self.ticks.send(tick).unwrap();
    }

    fn choose(&self, choice: Choice) {
        self.send(Tick::Chosen { choice, token: Some("token".into()) });
    }

    /// Lets everything happen that is to happen within a second.
    async fn settled(&self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    async fn done(&self) -> Vec<Done> {
        self.settled().await;
        self.notes.take()
    }
}

fn here(unread: u32) -> Here {
    Here { inbox: Inbox { unread, ..Inbox::default() }, ..Here::default() }
}

fn icons(done: &[Done]) -> Vec<Icon> {
    done.iter()
        .filter_map(|done| match done {
            Done::Shown(appearance) => Some(appearance.icon),
            Done::Opened(..) | Done::Ordered(_) => None,
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_shown_at_most_ten_times_a_second_and_its_end_always() {
    let scene = Scene::with_unread(0).await;
    for unread in 1..=90 {
        let inbox = Inbox { unread, ..Inbox::default() };
        scene.send(Tick::News(News::Inbox(inbox)));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let icons = icons(&scene.done().await);
    assert!((2..=10).contains(&icons.len()), "shown {} times in 0.9 s", icons.len());
    assert_eq!(icons.last().map(|icon| icon.unread), Some(90), "the newest state was swallowed");
}

#[tokio::test(start_paused = true)]
async fn what_looks_the_same_is_not_sent_again() {
    let scene = Scene::with_unread(3).await;
    scene.send(Tick::News(News::Inbox(here(3).inbox)));
    scene.send(Tick::News(News::Sources(Vec::new())));
    assert_eq!(scene.done().await, [], "a host would draw the same picture again");
    scene.send(Tick::News(News::Inbox(here(4).inbox)));
    scene.send(Tick::News(News::Inbox(here(3).inbox)));
    let unread: Vec<u8> = icons(&scene.done().await).iter().map(|icon| icon.unread).collect();
    assert_eq!(unread, [4, 3], "what came back is shown again");
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_is_away_at_the_start_is_started_once() {
    let scene = Scene::start().await;
    scene.notes.take();
    scene.send(Tick::News(News::Away));
    let done = scene.done().await;
    assert!(done.contains(&Done::Ordered(Order::Start)), "{done:?}");
    scene.send(Tick::News(News::NotStarted));
    scene.send(Tick::News(News::Away));
    let done = scene.done().await;
    assert!(!done.contains(&Done::Ordered(Order::Start)), "it would never be left alone: {done:?}");
    scene.choose(Choice::StartReceiving);
    assert!(scene.done().await.contains(&Done::Ordered(Order::Start)), "asked for by hand");
}

#[tokio::test(start_paused = true)]
async fn receiving_that_was_stopped_stays_stopped_and_looks_like_it() {
    let scene = Scene::with_unread(3).await;
    scene.choose(Choice::StopReceiving);
    scene.send(Tick::News(News::Away));
    let done = scene.done().await;
    assert!(done.contains(&Done::Ordered(Order::Stop)));
    assert!(!done.contains(&Done::Ordered(Order::Start)), "{done:?}");
    let last = icons(&done).pop().expect("shown");
    assert!(last.faint && last.unread == 0, "nobody knows the count now: {last:?}");
    scene.send(Tick::News(News::Inbox(here(5).inbox)));
    assert_eq!(scene.done().await, [], "late news of a daemon that left mean nothing");
}

#[tokio::test(start_paused = true)]
async fn marking_is_bounded_by_what_the_menu_knew() {
    let scene = Scene::with_unread(0).await;
    let newest = vec![Headline { id: 4, title: "four".into() }];
    let inbox = Inbox { unread: 1, unseen: 1, newest, newest_id: 4 };
    scene.send(Tick::News(News::Inbox(inbox)));
    let done = scene.done().await;
    let Some(Done::Shown(appearance)) = done.last() else { panic!("nothing shown: {done:?}") };
    let mark = appearance.menu.entries.iter().find_map(|entry| match entry {
        Entry::Choice { choice: choice @ Choice::MarkAllRead { .. }, .. } => Some(choice.clone()),
        Entry::Choice { .. } | Entry::Note(_) | Entry::Submenu { .. } | Entry::Separator => None,
    });
    scene.choose(mark.expect("offered"));
    assert_eq!(scene.done().await, [Done::Ordered(Order::MarkRead { up_to: 4 })]);
}

#[tokio::test(start_paused = true)]
async fn a_middle_click_turns_quiet_on_and_off() {
    let scene = Scene::with_unread(0).await;
    scene.choose(Choice::ToggleQuiet);
    assert_eq!(scene.done().await, [Done::Ordered(Order::BeQuiet { until: None })]);
    scene.send(Tick::News(News::Quiet(Quiet::UntilTurnedOff)));
    let done = scene.done().await;
    assert!(icons(&done).iter().any(|icon| icon.quiet), "quiet must be seen: {done:?}");
    scene.choose(Choice::ToggleQuiet);
    assert_eq!(scene.done().await, [Done::Ordered(Order::EndQuiet)]);
    scene.send(Tick::News(News::Away));
    scene.done().await;
    scene.choose(Choice::ToggleQuiet);
    assert_eq!(scene.done().await, [], "there is nobody to be quiet");
}

#[tokio::test(start_paused = true)]
async fn a_click_opens_the_place_with_its_token() {
    let scene = Scene::with_unread(0).await;
    let place = Place::Notification(7);
    scene.choose(Choice::Open(place.clone()));
    assert_eq!(scene.done().await, [Done::Opened(place, Some("token".into()))]);
}

#[tokio::test(start_paused = true)]
async fn colours_and_words_follow_the_desktop() {
    let scene = Scene::with_unread(0).await;
    scene.send(Tick::Scheme(Scheme::Dark));
    assert_eq!(icons(&scene.done().await).pop().map(|icon| icon.scheme), Some(Scheme::Dark));
    scene.send(Tick::News(News::Language(crate::language::Language::Spanish)));
    let done = scene.done().await;
    let Some(Done::Shown(appearance)) = done.last() else { panic!("nothing shown: {done:?}") };
    assert_eq!(appearance.tooltip.title, "Nada sin leer");
}

#[tokio::test(start_paused = true)]
async fn quitting_ends_the_loop_and_the_end_of_the_session_too() {
    let scene = Scene::with_unread(0).await;
    scene.choose(Choice::Quit);
    scene.running.await.expect("the loop ended by itself");
    assert_eq!(scene.notes.take(), [], "the daemon goes on");

    let scene = Scene::with_unread(0).await;
    scene.send(Tick::Ended);
    scene.running.await.expect("the loop ended by itself");
}
