use tidings_api::names::{DESKTOP_TARGET, LOCAL_SOURCE};
use tidings_api::{KeyMode, Millis, OptOut, Scope, StateChange, View};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::dispatch::opt_out::{OptOuts, Subject};
use crate::model::{Arrival, Incoming, NotificationId};
use crate::store::{Claimed, DeliveryEnd};

const LATER: Millis = NOW + 60_000;

fn scope(source: &str, topic: &str, key: &str) -> Scope {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Scope { source: given(source), topic: given(topic), key: given(key) }
}

fn opt_out(scope: Scope) -> OptOut {
    OptOut { scope, ..OptOut::default() }
}

async fn status(fixture: &Fixture, id: NotificationId) -> String {
    let told = fixture.store.explain(id).await.expect("answers");
    let status = told.last().and_then(|decision| decision.get("status"));
    status.and_then(|status| <&str>::try_from(status).ok()).unwrap_or_default().to_owned()
}

/// Every topic and key of two sources, each waiting for its time.
async fn waiting(fixture: &mut Fixture) -> Vec<(NotificationId, [&'static str; 3])> {
    let ci = fixture.source("ci").await;
    let mut rows = Vec::new();
    for (topic, key) in [("", ""), ("builds", ""), ("", "main"), ("builds", "main"), ("x", "y")] {
        let incoming = Incoming {
            topic: topic.into(),
            key: key.into(),
            mode: KeyMode::New,
            deliver_at: Some(LATER),
            ..local("waits")
        };
        let id = fixture.store.post(vec![incoming.clone()]).await.expect("posts")[0];
        rows.push((id, [LOCAL_SOURCE, topic, key]));
        fixture.forget_told();
        let remote_id = format!("{topic}/{key}");
        let remote = Incoming { arrival: Arrival::Live, ..remote(&remote_id, "waits") };
        let event = Incoming { remote_id: remote.remote_id, arrival: remote.arrival, ..incoming };
        fixture.ingest(ci, vec![upsert(event)]).await;
        rows.push((fixture.told().added[0], ["ci", topic, key]));
    }
    rows
}

#[tokio::test]
async fn the_statements_and_the_pure_function_mean_the_same() {
    for (source, topic, key) in
        [("", "", ""), ("ci", "", ""), ("ci", "builds", ""), ("ci", "", "main"), ("local", "x", "")]
    {
        let mut fixture = Fixture::new();
        let rows = waiting(&mut fixture).await;
        let row = opt_out(scope(source, topic, key));
        let pure = OptOuts::new(vec![row.clone()]);
        let stopped = fixture.store.opt_out(row.clone()).await.expect("opts out");
        let mut expected = 0;
        for (id, [source, topic, key]) in &rows {
            let subject = Subject { source, topic, key };
            let out = pure.standing(subject, DESKTOP_TARGET, NOW).is_some();
            let wanted = if out { "OPTED OUT" } else { "SCHEDULED" };
            assert_eq!(status(&fixture, *id).await, wanted, "{row:?} and {subject:?}");
            expected += u32::from(out);
        }
        assert_eq!(stopped, expected, "the call says how many it stopped");
    }
}

#[tokio::test]
async fn the_statement_that_claims_looks_again() {
    let mut fixture = Fixture::new();
    let rows = waiting(&mut fixture).await;
    fixture.store.opt_out(opt_out(scope("ci", "", ""))).await.expect("opts out");
    // As if something had slipped by the call and by the triggers.
    let conn = rusqlite::Connection::open(fixture.folder.path().join("inbox.db")).expect("opens");
    conn.execute_batch("DROP TRIGGER delivery_update_opted_out").expect("drops");
    conn.execute("UPDATE delivery SET status = 'SCHEDULED', reason = NULL", []).expect("writes");
    fixture.clock.advance(LATER - NOW);
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(due.popups.len(), 5, "those of this machine");
    for (id, [source, ..]) in rows {
        let wanted = if source == "ci" { "OPTED OUT" } else { "SENDING" };
        assert_eq!(status(&fixture, id).await, wanted);
    }
}

#[tokio::test]
async fn what_is_on_its_way_is_stopped_and_its_late_end_changes_nothing() {
    let mut fixture = Fixture::new();
    let id = fixture.post("on its way").await;
    let order = fixture.told().popups.remove(0);
    fixture.store.opt_out(opt_out(Scope::default())).await.expect("opts out");
    let now = fixture.store.opt_outs().revision();
    assert!(order.opt_outs < now, "whoever shows it can tell that it was let pass by others");
    assert_eq!(fixture.told().close, [id], "if it is on the screen already, it goes");
    let end = (Claimed::Popup(order.delivery_id), DeliveryEnd::Retry(NOW));
    fixture.store.record(vec![end]).await.expect("records");
    assert_eq!(status(&fixture, id).await, "OPTED OUT");
}

#[tokio::test]
async fn a_call_that_fails_sends_no_popup_back_to_be_checked_again() {
    let mut fixture = Fixture::new();
    fixture.store.opt_out(opt_out(scope(LOCAL_SOURCE, "builds", ""))).await.expect("opts out");
    fixture.forget_told();
    fixture.post("on its way").await;
    let order = fixture.told().popups.remove(0);
    fixture.store.undo(77).await.expect_err("there is no such call");
    fixture.post("in a transaction after it").await;
    assert_eq!(order.opt_outs, fixture.store.opt_outs().revision(), "nothing is other");
}

#[tokio::test]
async fn an_opt_out_that_is_over_holds_nobody_and_goes() {
    let fixture = Fixture::new();
    let hour = OptOut { until: Some(LATER), ..opt_out(Scope::default()) };
    fixture.store.opt_out(hour).await.expect("opts out");
    assert_eq!(status(&fixture, fixture.post("muted").await).await, "OPTED OUT");
    fixture.clock.advance(LATER - NOW);
    assert_eq!(status(&fixture, fixture.post("heard").await).await, "SENDING");
    assert_eq!(fixture.store.end_opt_outs().await.expect("ends"), 1);
    assert!(fixture.store.opt_outs().rows().is_empty());
    let fixture = fixture.reopened().await;
    assert!(fixture.store.opt_outs().rows().is_empty(), "for good");
}

#[tokio::test]
async fn what_its_poster_kept_from_the_desktop_stays_off_it_when_it_wakes_after_the_opt_out() {
    let mut fixture = Fixture::new();
    fixture.store.opt_out(opt_out(Scope::default())).await.expect("opts out");
    let stored = Incoming { targets: Some(vec![]), ..local("stored only") };
    let id = fixture.store.post(vec![stored]).await.expect("posts")[0];
    fixture.store.opt_in(Scope::default(), String::new()).await.expect("opts in");
    let later = StateChange { snoozed_until: Some(LATER), ..StateChange::default() };
    fixture.store.set_state(vec![id], later).await.expect("snoozes");
    fixture.clock.advance(LATER - NOW);
    fixture.forget_told();
    fixture.store.claim_due(false).await.expect("claims");
    assert!(fixture.told().popups.is_empty(), "the poster's word holds");
}

#[tokio::test]
async fn asked_again_it_gets_another_end_and_keeps_its_beginning() {
    let fixture = Fixture::new();
    fixture.store.opt_out(opt_out(Scope::default())).await.expect("opts out");
    fixture.clock.advance(5);
    let hour = OptOut { until: Some(LATER), ..opt_out(Scope::default()) };
    fixture.store.opt_out(hour).await.expect("opts out");
    let fixture = fixture.reopened().await;
    let kept = fixture.store.opt_outs();
    assert_eq!(kept.rows(), [OptOut { until: Some(LATER), since: NOW, ..OptOut::default() }]);
}

#[tokio::test]
async fn a_muted_thread_counts_and_keeps_its_place_wherever_that_is() {
    let fixture = Fixture::new();
    let build = || Incoming { key: "main".into(), mode: KeyMode::Update, ..local("build") };
    let id = fixture.store.post(vec![build()]).await.expect("posts")[0];
    fixture.store.set_state(vec![id], StateChange::READ).await.expect("reads");
    fixture.store.opt_out(opt_out(scope(LOCAL_SOURCE, "", "main"))).await.expect("opts out");
    fixture.store.post(vec![build()]).await.expect("posts");
    let row = fixture.row(id).await.expect("is there");
    assert!(row.read, "what was read stays read");
    assert_eq!((row.occurrences, fixture.store.counts().unread), (2, 0));
    fixture.store.withdraw("main").await.expect("withdraws");
    fixture.store.post(vec![build()]).await.expect("posts");
    assert_eq!(fixture.row(id).await.expect("is there").retracted_at, None, "it is valid again");
    assert_eq!(fixture.titles(View::Inbox).await, ["build"]);
}
