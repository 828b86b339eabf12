//! The life of a popup against a popup server that misbehaves on request.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use tidings_daemon::desktop::freedesktop::Freedesktop;
use tidings_daemon::desktop::{CloseReason, Notifier, PopupEvent, Shown, Slot};
use tidings_daemon::images::Images;
use tidings_tests::bus::PrivateBus;
use tidings_tests::popup_server::{Answer, Audience, EXCESS, PopupServer};
use tidings_tests::screen::{Screen, clicked, closed, popup, slot};
use tidings_tests::wait::DEADLINE;

#[tokio::test]
async fn showing_a_slot_again_replaces_its_popup() -> Result<()> {
    let screen = Screen::start().await?;
    let first = screen.shown(popup(1)).await?;
    let other = screen.shown(popup(2)).await?;
    let again = screen.shown(popup(1)).await?;
    ensure!(first.replaces_id == 0 && other.replaces_id == 0, "a new popup replaces nothing");
    ensure!(again.replaces_id == first.id, "replaced {} for {}", again.replaces_id, first.id);
    ensure!(again.sender == first.sender, "GNOME closes the popups of a connection that has gone");
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_stuck_is_not_sent_what_could_be_lost_in_it() -> Result<()> {
    let screen = Screen::start().await?;
    screen.server.set_busy(true);
    let stuck = screen.show(popup(1)).await?;
    ensure!(matches!(stuck, Shown::Busy(_)), "it may be tried again: {stuck:?}");
    ensure!(screen.server.shown().is_empty(), "nothing was sent, so nothing is in doubt");
    screen.server.set_busy(false);
    screen.shown(popup(1)).await?;
    Ok(())
}

#[tokio::test]
async fn a_popup_that_is_not_ours_any_more_is_shown_anew() -> Result<()> {
    let mut screen = Screen::start().await?;
    screen.shown(popup(1)).await?;
    screen.server.answer(Answer::RefuseReplacing);
    let again = screen.shown(popup(1)).await?;
    ensure!(again.replaces_id == 0, "still replaced {}", again.replaces_id);
    ensure!(screen.server.shown().len() == 3, "asked to replace, then asked anew");
    screen.nothing_before(again.id, &slot(1)).await
}

#[tokio::test]
async fn a_closed_popup_leaves_the_screen_once() -> Result<()> {
    let mut screen = Screen::start().await?;
    let shown = screen.shown(popup(1)).await?;
    screen.notifier.close(slot(1)).await;
    screen.notifier.close(slot(1)).await;
    screen.notifier.close(slot(99)).await;
    ensure!(screen.event().await? == closed(&slot(1), CloseReason::Closed));
    ensure!(screen.server.closed() == [shown.id], "closed {:?}", screen.server.closed());

    let again = screen.shown(popup(1)).await?;
    ensure!(again.replaces_id == 0, "what was closed cannot be replaced");
    Ok(())
}

#[tokio::test]
async fn closing_waits_for_the_popup_that_is_on_its_way() -> Result<()> {
    let screen = Screen::start().await?;
    let (shown, ()) = tokio::join!(screen.show(popup(1)), screen.notifier.close(slot(1)));
    ensure!(shown? == Shown::Shown);
    let id = screen.server.shown().first().context("not shown")?.id;
    ensure!(screen.server.closed() == [id], "the popup stays although it was closed");
    Ok(())
}

#[tokio::test]
async fn clicks_replies_and_closings_are_told_to_whomever_the_server_speaks() -> Result<()> {
    for audience in [Audience::Everybody, Audience::Sender] {
        let mut screen = Screen::start().await?;
        screen.server.set_audience(audience);
        let id = screen.shown(popup(1)).await?.id;
        screen.server.token(id, "token-1").await?;
        screen.server.invoke(id, "default").await?;
        screen.server.invoke(id, "archive").await?;
        screen.server.reply(id, "on my way").await?;
        screen.server.close(id, 2).await?;

        let replied = PopupEvent::Replied { slot: slot(1), text: "on my way".into() };
        for expected in [
            clicked(&slot(1), "default", Some("token-1")),
            clicked(&slot(1), "archive", None),
            replied,
            closed(&slot(1), CloseReason::Dismissed),
        ] {
            let event = screen.event().await?;
            ensure!(event == expected, "{audience:?}: {event:?} instead of {expected:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_click_faster_than_the_servers_answer_is_not_lost() -> Result<()> {
    let mut screen = Screen::start().await?;
    screen.server.answer_next(Answer::ClickFirst { action: "default", token: "early" });
    let id = screen.shown(popup(1)).await?.id;
    ensure!(screen.event().await? == clicked(&slot(1), "default", Some("early")));
    screen.nothing_before(id, &slot(1)).await
}

#[tokio::test]
async fn events_of_other_popups_and_of_forgers_mean_nothing() -> Result<()> {
    let mut screen = Screen::start().await?;
    let id = screen.shown(popup(1)).await?.id;
    screen.server.invoke(id + 1, "default").await?;
    screen.server.close(id + 1, 2).await?;

    let forger = PopupServer::prepare(screen.bus.connect().await?);
    forger.invoke(id, "default").await?;
    forger.close(id, 2).await?;
    // The forger's signals are on the bus before its next call is answered.
    forger.own_name().await.err().context("the forger took the name")?;
    screen.nothing_before(id, &slot(1)).await
}

#[tokio::test]
async fn a_restarted_server_has_an_empty_screen() -> Result<()> {
    let mut screen = Screen::start().await?;
    let old = screen.shown(popup(1)).await?.id;
    screen.shown(popup(2)).await?;
    screen.server.restart().await?;
    ensure!(screen.event().await? == PopupEvent::Restarted, "gone");
    ensure!(screen.event().await? == PopupEvent::Restarted, "back");

    let other = screen.shown(popup(3)).await?;
    ensure!(other.id == old, "the test wants the id to be given again");
    for id in [2, 1] {
        let again = screen.shown(popup(id)).await?;
        ensure!(again.replaces_id == 0, "would have replaced what is not there or not its own");
    }
    screen.nothing_before(other.id, &slot(3)).await
}

#[tokio::test]
async fn a_server_may_be_absent_and_come_late() -> Result<()> {
    let mut screen = Screen::without_server().await?;
    ensure!(screen.show(popup(1)).await? == Shown::Absent);
    ensure!(!screen.notifier.server().await.present, "doctor would say that one is running");
    screen.notifier.close(slot(1)).await;

    screen.server.own_name().await?;
    ensure!(screen.event().await? == PopupEvent::Restarted, "nobody says that it is there now");
    ensure!(screen.show(popup(1)).await? == Shown::Shown);

    screen.server.stop().await?;
    ensure!(screen.show(popup(1)).await? == Shown::Absent, "gone again");
    Ok(())
}

#[tokio::test]
async fn a_server_that_cannot_be_started_is_absent() -> Result<()> {
    let services = tempfile::tempdir()?;
    let entry = "[D-BUS Service]\nName=org.freedesktop.Notifications\nExec=/bin/false\n";
    std::fs::write(services.path().join("popups.service"), entry)?;
    let bus = PrivateBus::with_services(services.path())?;
    let (notifier, _events) =
        Freedesktop::start(bus.connect().await?, Images::new("/no/images".into())).await?;
    let shown = tokio::time::timeout(DEADLINE, notifier.show(popup(1))).await?;
    ensure!(shown == Shown::Absent, "answered {shown:?}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_hangs_delays_and_does_not_stop_us() -> Result<()> {
    let mut screen = Screen::start().await?;
    screen.server.answer_next(Answer::Hang);
    let Shown::Failed(words) = screen.show(popup(1)).await? else {
        anyhow::bail!("a popup without an answer was reported as shown");
    };
    ensure!(words.contains("has not answered"), "said: {words}");
    let next = screen.shown(popup(2)).await?;
    screen.nothing_before(next.id, &slot(2)).await
}

#[tokio::test]
async fn a_server_that_dies_over_a_popup_has_failed() -> Result<()> {
    let bus = PrivateBus::start()?;
    let connection = bus.connect().await?;
    let server = PopupServer::start(connection.clone()).await?;
    let (notifier, _events) =
        Freedesktop::start(bus.connect().await?, Images::new("/no/images".into())).await?;
    server.answer(Answer::Hang);
    let dying = async {
        server.wait_for_shown(1, DEADLINE).await?;
        anyhow::Ok(connection.close().await?)
    };
    let both = async { tokio::join!(notifier.show(popup(1)), dying) };
    let (shown, died) = tokio::time::timeout(DEADLINE, both).await?;
    died?;
    ensure!(matches!(shown, Shown::Failed(_)), "answered {shown:?}");
    Ok(())
}

#[tokio::test]
async fn an_excess_of_alike_popups_is_no_failure() -> Result<()> {
    let screen = Screen::start().await?;
    screen.server.answer_next(Answer::Refuse(EXCESS));
    ensure!(screen.show(popup(1)).await? == Shown::Coalesced);
    screen.server.answer_next(Answer::Refuse("com.example.Odd"));
    let odd = screen.show(popup(2)).await?;
    ensure!(matches!(&odd, Shown::Failed(words) if words.contains("com.example.Odd")), "{odd:?}");
    ensure!(screen.show(popup(3)).await? == Shown::Shown, "a refusal is about one popup");
    Ok(())
}

#[tokio::test]
async fn a_flood_of_clicks_stops_neither_popups_nor_the_connection() -> Result<()> {
    const POPUPS: i64 = 300;
    let mut screen = Screen::start().await?;
    let shows = (1..=POPUPS).map(|id| screen.show(popup(id)));
    for shown in futures_util::future::join_all(shows).await {
        ensure!(shown? == Shown::Shown);
    }
    let ids: Vec<u32> = screen.server.shown().iter().map(|shown| shown.id).collect();
    ensure!(ids.iter().collect::<BTreeSet<_>>().len() == ids.len(), "a popup was replaced");
    for id in &ids {
        screen.server.invoke(*id, "default").await?;
        screen.server.close(*id, 2).await?;
    }
    let mut expected: BTreeSet<i64> = (1..=POPUPS).collect();
    for _ in 0..2 * POPUPS {
        if let PopupEvent::Clicked { slot: Slot::Notification(id), .. } = screen.event().await? {
            ensure!(expected.remove(&id.0), "{id:?} was clicked twice");
        }
    }
    ensure!(expected.is_empty(), "clicks were lost: {expected:?}");
    Ok(())
}
