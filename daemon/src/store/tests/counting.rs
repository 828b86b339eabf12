use proptest::prelude::*;
use tidings_api::{Filter, KeyMode, Millis, StateChange, View};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::inbox::Facets;
use crate::model::{Event, Incoming, NotificationId};
use crate::store::Retention;

/// Anything that can happen to an inbox.
#[derive(Clone, Debug)]
enum Step {
    Post(Option<u8>),
    Remote(u8, bool),
    Frame,
    Confirm(u8, u8),
    DropEcho(u8),
    Elsewhere(u8, bool),
    Retract(u8),
    NewEpoch,
    Change(u8, StateChange),
    ChangeAll(View, u8, StateChange),
    Delete(u8),
    DeleteAll(View),
    Undo,
    Acted(u8),
    Retain(u8),
    Wait(u8),
}

fn change() -> impl Strategy<Value = StateChange> {
    (any::<[Option<bool>; 4]>(), snooze()).prop_map(|([seen, read, done, saved], snoozed_until)| {
        StateChange { seen, read, done, saved, snoozed_until }
    })
}

/// Nothing, waking by hand, or a time that comes within the run or after it.
fn snooze() -> impl Strategy<Value = Option<Millis>> {
    prop_oneof![2 => Just(None), 1 => Just(Some(0)), 2 => (0..60_i64).prop_map(|wait| Some(NOW + wait))]
}

fn view() -> impl Strategy<Value = View> {
    proptest::sample::select(View::ALL.as_slice())
}

fn step() -> impl Strategy<Value = Step> {
    let id = || 1..12_u8;
    prop_oneof![
        3 => proptest::option::of(0..2_u8).prop_map(Step::Post),
        4 => (0..6_u8, any::<bool>()).prop_map(|(id, read)| Step::Remote(id, read)),
        2 => Just(Step::Frame),
        2 => (id(), 0..6_u8).prop_map(|(id, remote)| Step::Confirm(id, remote)),
        1 => id().prop_map(Step::DropEcho),
        2 => (0..6_u8, any::<bool>()).prop_map(|(id, read)| Step::Elsewhere(id, read)),
        1 => (0..6_u8).prop_map(Step::Retract),
        1 => Just(Step::NewEpoch),
        5 => (id(), change()).prop_map(|(id, change)| Step::Change(id, change)),
        2 => (view(), id(), change()).prop_map(|(view, id, change)| Step::ChangeAll(view, id, change)),
        1 => id().prop_map(Step::Delete),
        1 => view().prop_map(Step::DeleteAll),
        3 => Just(Step::Undo),
        1 => id().prop_map(Step::Acted),
        1 => (0..9_u8).prop_map(Step::Retain),
        3 => (0..9_u8).prop_map(Step::Wait),
    ]
}

struct Run {
    fixture: Fixture,
    source: crate::model::SourceId,
    undo: Vec<u64>,
}

impl Run {
    async fn take(&mut self, step: Step) {
        let Self { fixture, source, undo } = self;
        let (store, source) = (&fixture.store, *source);
        let row = |id: u8| NotificationId(i64::from(id));
        let triage = match step {
            Step::Post(key) => {
                let key = key.map(|key| key.to_string()).unwrap_or_default();
                let post = Incoming { key, mode: KeyMode::Update, ..local("post") };
                store.post(vec![post]).await.expect("posts");
                return;
            }
            Step::Remote(id, read) => {
                let row = Incoming { read: Some(read), ..remote(&id.to_string(), "row") };
                return fixture.ingest(source, vec![upsert(row)]).await;
            }
            Step::Frame => {
                let frame = upsert(Incoming { provisional: true, ..local("row") });
                return fixture.ingest(source, vec![frame]).await;
            }
            Step::Confirm(id, remote_id) => {
                let incoming = Box::new(remote(&remote_id.to_string(), "row"));
                let event = Event::Confirm { id: row(id), incoming };
                return fixture.ingest(source, vec![event]).await;
            }
            Step::DropEcho(id) => {
                return fixture.ingest(source, vec![Event::DropEcho(row(id))]).await;
            }
            Step::Elsewhere(id, read) => {
                let event = Event::ReadElsewhere { remote_id: id.to_string(), read };
                return fixture.ingest(source, vec![event]).await;
            }
            Step::Retract(id) => {
                let event = Event::Retract { remote_id: id.to_string() };
                return fixture.ingest(source, vec![event]).await;
            }
            Step::NewEpoch => return fixture.ingest(source, vec![Event::NewEpoch]).await,
            Step::Change(id, change) => store.set_state(vec![row(id)], change).await,
            Step::ChangeAll(view, id, change) => {
                let filter = Filter { view, ..Filter::default() };
                store.set_state_where(filter, row(id), change).await
            }
            Step::Delete(id) => store.delete(vec![row(id)]).await,
            Step::DeleteAll(view) => {
                let filter = Filter { view, ..Filter::default() };
                store.delete_where(filter, NotificationId(6)).await
            }
            Step::Undo => {
                if let Some(token) = undo.pop() {
                    store.undo(token).await.expect("undoes");
                }
                return;
            }
            Step::Acted(id) => {
                // The row may not exist; that is an answer, not a fault.
                let _ = store.acted(row(id)).await;
                return;
            }
            Step::Retain(count) => {
                let retention = Retention { max_count: Some(count.into()), max_age: None };
                store.retain(retention).await.expect("retains");
                return;
            }
            Step::Wait(wait) => {
                fixture.clock.advance(wait.into());
                store.claim_due(false).await.expect("claims");
                return;
            }
        };
        undo.extend(Some(triage.expect("triages").undo).filter(|token| *token != 0));
    }

    /// The counters against the rows themselves, judged by the pure module.
    async fn check(&self) -> Result<(), TestCaseError> {
        let all = Filter { view: View::All, ..Filter::default() };
        let rows = self.fixture.all(all).await;
        let facets = |row: &tidings_api::Notification| Facets {
            seen_at: row.seen_at,
            read_at: row.read_at,
            done_at: row.done_at,
            saved_at: row.saved_at,
            snoozed_until: row.snoozed_until,
            acted_at: row.acted_at,
            retracted_at: row.retracted_at,
            deleted_at: None,
        };
        let count =
            |counts: fn(&Facets) -> bool| rows.iter().filter(|row| counts(&facets(row))).count();
        let counts = self.fixture.store.counts();
        prop_assert_eq!(counts.unread as usize, count(Facets::unread));
        prop_assert_eq!(counts.unseen as usize, count(Facets::unseen));
        prop_assert_eq!(counts.unread, counts.unread_by_source.values().sum::<u32>());
        for (view, belongs) in [
            (View::Inbox, Facets::in_inbox as fn(&Facets) -> bool),
            (View::Unread, Facets::unread),
            (View::Unseen, Facets::unseen),
            (View::Done, |facets| facets.done_at.is_some()),
            (View::Saved, |facets| facets.saved_at.is_some()),
            (View::Snoozed, |facets| facets.snoozed_until.is_some()),
        ] {
            let listed = self.fixture.all(Filter { view, ..Filter::default() }).await;
            let expected: Vec<_> =
                rows.iter().filter(|row| belongs(&facets(row))).cloned().collect();
            prop_assert_eq!(listed, expected, "the view {:?} in SQL is the view in Rust", view);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn counters_and_views_equal_a_recount_after_anything(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let fixture = Fixture::new();
            let source = fixture.source("shop").await;
            let mut run = Run { fixture, source, undo: Vec::new() };
            let mut revision = run.fixture.store.counts().revision;
            for step in steps {
                run.fixture.clock.advance(1);
                run.take(step).await;
                let now = run.fixture.store.counts().revision;
                prop_assert!(now >= revision, "the revision never goes back");
                revision = now;
            }
            run.check().await?;
            let before = run.fixture.store.counts();
            run.fixture = run.fixture.reopened().await;
            prop_assert_eq!(run.fixture.store.counts(), before, "counted afresh it is the same");
            run.fixture.store.close().await;
            Ok(())
        })?;
    }

    /// What the database holds after a change is what the pure transition says.
    #[test]
    fn the_database_agrees_with_the_pure_transitions(changes in proptest::collection::vec(change(), 1..8), bulk: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let fixture = Fixture::new();
            let id = fixture.post("row").await;
            let mut pure = Facets::default();
            for (step, change) in changes.into_iter().enumerate() {
                let now = NOW + i64::try_from(step).expect("small");
                let changed = pure.apply(change, now);
                let all = Filter { view: View::All, ..Filter::default() };
                let triage = if bulk {
                    fixture.store.set_state_where(all, id, change).await
                } else {
                    fixture.store.set_state(vec![id], change).await
                };
                prop_assert_eq!(triage.expect("marks").count, u32::from(changed));
                let row = fixture.row(id).await.expect("is there");
                prop_assert_eq!(
                    (row.seen_at, row.read_at, row.done_at, row.saved_at, row.snoozed_until),
                    (pure.seen_at, pure.read_at, pure.done_at, pure.saved_at, pure.snoozed_until)
                );
                fixture.clock.advance(1);
            }
            fixture.store.close().await;
            Ok(())
        })?;
    }
}
