//! Traps of marking as read: an empty list means all, and no answer can be believed.

use std::time::Duration;

use anyhow::Result;
use tidings_api::{Notification, SourceStatus};
use tidings_tests::config::SOURCE;
use tidings_tests::faulty_server::FaultyServer;
use tidings_tests::scene::Scene;
use tidings_tests::wait::{LONG, until};

#[tokio::test]
async fn a_mark_that_worked_and_answered_500_is_believed_by_the_list() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.notify("quinientos");
    let rows = scene.wait_for_confirmed(1).await?;
    scene.server.faults(|faults| faults.mark_fails_after_success = 1);
    scene.mark_read(&rows).await?;
    let drained = |status: &SourceStatus| status.pending_marks == 0;
    scene.daemon.wait_for_source(SOURCE, "an empty queue of marks", drained).await?;
    assert!(scene.daemon.rows(SOURCE).await?[0].read, "read here throughout");
    Ok(())
}

#[tokio::test]
async fn a_mark_that_hit_nothing_is_sent_again() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.notify("doscientos sin efecto");
    let rows = scene.wait_for_confirmed(1).await?;
    scene.server.faults(|faults| faults.mark_hits_nothing = 1);
    scene.mark_read(&rows).await?;
    until("the mark on the server", LONG, async || {
        scene.server.rows().iter().all(|row| row.leida).then_some(())
    })
    .await?;
    assert!(scene.daemon.rows(SOURCE).await?[0].read, "read here throughout");
    Ok(())
}

#[tokio::test]
async fn no_request_ever_marks_without_ids() -> Result<()> {
    let scene = Scene::online().await?;
    // Read while its id is not known yet: the mark has to wait for the identity.
    scene.server.faults(|faults| faults.commit_after = Duration::from_secs(2));
    scene.server.notify("leída al instante");
    let any = |rows: &[Notification]| rows.len() == 1;
    let rows = scene.daemon.wait_for_rows(SOURCE, "the provisional row", LONG, any).await?;
    scene.mark_read(&rows).await?;
    until("the mark on the server", LONG, async || {
        scene.server.rows().iter().all(|row| row.leida).then_some(())
    })
    .await?;
    // Marking what is read already must not send an empty list either.
    let rows = scene.daemon.rows(SOURCE).await?;
    scene.mark_read(&rows).await?;
    scene.wait_for_reconciles(2).await?;
    let record = scene.server.record();
    assert_eq!(record.violations, Vec::<String>::new(), "an empty list marks everything");
    assert!(record.marks.iter().all(|ids| ids == &[1]), "explicit ids: {:?}", record.marks);
    Ok(())
}

#[tokio::test]
async fn many_marks_go_in_chunks() -> Result<()> {
    let server = FaultyServer::start().await?;
    for n in 0..700 {
        server.insert(&format!("fila {n}"));
    }
    let scene = Scene::start(server, "").await?;
    let rows = scene.wait_for_confirmed(700).await?;
    scene.mark_read(&rows).await?;
    until("all marks on the server", LONG, async || {
        scene.server.rows().iter().all(|row| row.leida).then_some(())
    })
    .await?;
    let largest = scene.server.record().marks.iter().map(Vec::len).max().unwrap();
    assert!(largest <= 500, "no request is larger than servers take: {largest}");
    Ok(())
}
