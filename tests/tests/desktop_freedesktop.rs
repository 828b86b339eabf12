//! The native notifier against a popup server that misbehaves on request.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tidings_api::{Action, Urgency};
use tidings_daemon::desktop::freedesktop::Freedesktop;
use tidings_daemon::desktop::{CloseReason, Notifier, Popup, PopupEvent, PopupEvents, Shown, Slot};
use tidings_daemon::model::NotificationId;
use tidings_tests::bus::PrivateBus;
use tidings_tests::popup_server::{Answer, Asked, Audience, EXCESS, PopupServer};
use tidings_tests::wait::DEADLINE;
use zbus::zvariant::Value;

/// A bus, a fake server on it, and the notifier under test with its events.
struct Screen {
    notifier: Freedesktop,
    events: PopupEvents,
    server: PopupServer,
    bus: PrivateBus,
}

impl Screen {
    async fn start() -> Result<Self> {
        let mut screen = Self::without_server().await?;
        screen.server.own_name().await?;
        ensure!(screen.event().await? == PopupEvent::Restarted, "the server's arrival is told");
        Ok(screen)
    }

    async fn without_server() -> Result<Self> {
        let bus = PrivateBus::start()?;
        let server = PopupServer::prepare(bus.connect().await?);
        let (notifier, events) = Freedesktop::start(bus.connect().await?).await?;
        Ok(Self { notifier, events, server, bus })
    }

    async fn show(&self, popup: Popup) -> Result<Shown> {
        let show = self.notifier.show(popup);
        tokio::time::timeout(DEADLINE, show).await.context("showing a popup hangs")
    }

    async fn shown(&self, popup: Popup) -> Result<tidings_tests::popup_server::Shown> {
        let slot = popup.slot.clone();
        let answer = self.show(popup).await?;
        ensure!(answer == Shown::Shown, "{slot:?} was not shown: {answer:?}");
        self.server.shown().pop().context("the server was not asked")
    }

    async fn event(&mut self) -> Result<PopupEvent> {
        let event = tokio::time::timeout(DEADLINE, self.events.recv()).await;
        event.context("no event came")?.context("the notifier ended")
    }

    /// Proves that nothing came: an event that is provoked afterwards comes first.
    async fn nothing_before(&mut self, id: u32, slot: &Slot) -> Result<()> {
        self.server.invoke(id, "proof").await?;
        let event = self.event().await?;
        ensure!(event == clicked(slot, "proof", None), "something came before: {event:?}");
        Ok(())
    }
}

fn slot(id: i64) -> Slot {
    Slot::Notification(NotificationId(id))
}

fn popup(id: i64) -> Popup {
    Popup {
        slot: slot(id),
        source: "orders".into(),
        app: String::new(),
        title: format!("Order {id}"),
        body: "A body".into(),
        urgency: Urgency::Normal,
        icon: String::new(),
        actions: Vec::new(),
        progress: None,
        transient: false,
    }
}

fn clicked(slot: &Slot, action: &str, token: Option<&str>) -> PopupEvent {
    PopupEvent::Clicked {
        slot: slot.clone(),
        action: action.into(),
        activation_token: token.map(str::to_owned),
    }
}

fn closed(slot: &Slot, reason: CloseReason) -> PopupEvent {
    PopupEvent::Closed { slot: slot.clone(), reason }
}

#[tokio::test]
async fn remote_text_is_shown_and_not_obeyed() -> Result<()> {
    let screen = Screen::start().await?;
    let hostile = Popup {
        title: "Invoice\u{202e}fdp.exe\nand more".into(),
        body: "<a href=\"http://evil.example\">click</a> & <img src=\"/etc/x.png\">\u{7}".into(),
        ..popup(1)
    };
    let shown = screen.shown(hostile.clone()).await?;
    ensure!(shown.summary == "Invoicefdp.exe and more", "title: {:?}", shown.summary);
    ensure!(
        shown.body
            == "&lt;a href=\"http://evil.example\"&gt;click&lt;/a&gt; &amp; &lt;img src=\"/etc/x.png\"&gt;",
        "body: {:?}",
        shown.body
    );

    screen.server.set_capabilities(&["body"]);
    screen.server.restart().await?;
    let plain = Popup { slot: slot(2), ..hostile };
    // The change of the owner travels beside our calls.
    let unescaped = tidings_tests::wait::until("a plain body", DEADLINE, async || {
        screen.shown(plain.clone()).await.ok().filter(|shown| !shown.body.contains("&lt;"))
    });
    let body = unescaped.await?.body;
    ensure!(body.starts_with("<a href="), "escapes would be visible here: {body:?}");
    Ok(())
}

#[tokio::test]
async fn long_texts_are_cut_and_lines_are_kept() -> Result<()> {
    let screen = Screen::start().await?;
    let long = Popup { title: "t".repeat(500), body: "<\n".repeat(5_000), ..popup(1) };
    let shown = screen.shown(long).await?;
    ensure!(shown.summary.chars().count() == 120, "title: {}", shown.summary.chars().count());
    let body = shown.body.replace("&lt;", "<");
    ensure!(body.chars().count() <= 600, "body: {} characters", body.chars().count());
    ensure!(shown.body.starts_with("&lt;\n&lt;\n"), "the lines of the body are gone");
    ensure!(shown.body.ends_with('…'), "nothing says that there was more");
    Ok(())
}

#[tokio::test]
async fn hints_travel_with_the_types_of_the_specification() -> Result<()> {
    let screen = Screen::start().await?;
    for (urgency, byte, expire_timeout) in [
        (Urgency::Low, 0_u8, -1),
        (Urgency::Normal, 1, -1),
        (Urgency::High, 1, -1),
        (Urgency::Critical, 2, 0),
    ] {
        let shown = screen.shown(Popup { urgency, ..popup(1) }).await?;
        let hint = shown.hints.get("urgency").context("no urgency")?;
        ensure!(**hint == Value::U8(byte), "{urgency} travelled as {hint:?}");
        ensure!(shown.expire_timeout == expire_timeout, "{urgency}: {}", shown.expire_timeout);
    }
    let shown = screen.shown(Popup { progress: Some(40), transient: true, ..popup(2) }).await?;
    for (hint, expected) in [
        ("value", Value::I32(40)),
        ("transient", Value::Bool(true)),
        ("desktop-entry", Value::from("org.tidings.Tidings")),
        ("x-kde-origin-name", Value::from("orders")),
    ] {
        let sent = shown.hints.get(hint).with_context(|| format!("no {hint}"))?;
        ensure!(**sent == expected, "{hint} travelled as {sent:?}");
    }
    ensure!(shown.app_name == "Tidings", "app_name {:?}", shown.app_name);
    Ok(())
}

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
    screen.server.restart().await?;
    ensure!(screen.event().await? == PopupEvent::Restarted, "gone");
    ensure!(screen.event().await? == PopupEvent::Restarted, "back");

    let other = screen.shown(popup(2)).await?;
    ensure!(other.id == old, "the test wants the id to be given again");
    let again = screen.shown(popup(1)).await?;
    ensure!(again.replaces_id == 0, "would have replaced the popup of another slot");
    screen.nothing_before(other.id, &slot(2)).await
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
    let (notifier, _events) = Freedesktop::start(bus.connect().await?).await?;
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
    let (notifier, _events) = Freedesktop::start(bus.connect().await?).await?;
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
async fn buttons_are_offered_only_where_they_work() -> Result<()> {
    let mut screen = Screen::start().await?;
    let action = |id: &str| Action { id: id.into(), label: id.to_uppercase(), url: String::new() };
    let ids = ["inline-reply", "a", "b", "c", "d"];
    let with_buttons = |id| Popup { actions: ids.map(action).to_vec(), ..popup(id) };

    let shown = screen.shown(with_buttons(1)).await?;
    ensure!(shown.actions == ["default", "Open", "a", "A", "b", "B", "c", "C"], "{shown:#?}");

    for (capabilities, expected) in [
        (&["actions", "inline-reply"][..], &["default", "inline-reply", "a", "b"][..]),
        (&["body"], &[]),
    ] {
        screen.server.set_capabilities(capabilities);
        screen.server.restart().await?;
        ensure!(screen.event().await? == PopupEvent::Restarted, "gone");
        ensure!(screen.event().await? == PopupEvent::Restarted, "back");
        let offered = screen.shown(with_buttons(2)).await?.actions;
        let offered: Vec<&str> = offered.iter().step_by(2).map(String::as_str).collect();
        ensure!(offered == expected, "{capabilities:?}: {offered:?}");
    }
    Ok(())
}

#[tokio::test]
async fn capabilities_are_asked_once_and_again_after_a_failure() -> Result<()> {
    let screen = Screen::start().await?;
    let asked = || {
        let calls = screen.server.calls();
        calls.iter().filter(|call| matches!(call.asked, Asked::Capabilities)).count()
    };
    for id in 1..=5 {
        screen.shown(popup(id)).await?;
    }
    ensure!(asked() == 1, "asked {} times for five popups", asked());
    screen.server.answer_next(Answer::Refuse("com.example.Odd"));
    screen.show(popup(6)).await?;
    screen.shown(popup(7)).await?;
    ensure!(asked() == 2, "a failure may mean that the server has changed");
    Ok(())
}

#[tokio::test]
async fn icons_pass_an_allow_list() -> Result<()> {
    let screen = Screen::start().await?;
    let image = screen.bus.folder().join("image.png");
    std::fs::write(&image, b"image")?;
    let image = image.to_str().context("a temporary path")?;
    let default = "org.tidings.Tidings";
    let url = format!("file://{image}");
    for (source, icon, app_icon, image_path) in [
        ("orders", "mail-unread", "mail-unread", None),
        ("orders", "https://evil.example/pixel.png", default, None),
        ("orders", "file://evil.example/share/pixel.png", default, None),
        ("orders", image, default, None),
        ("local", "/dev/zero", default, None),
        ("local", "/etc/passwd", default, None),
        ("local", image, default, Some(&url)),
    ] {
        let named = Popup { icon: icon.into(), source: source.into(), ..popup(1) };
        let shown = screen.shown(named).await?;
        ensure!(shown.icon == app_icon, "{icon} of {source} became {:?}", shown.icon);
        let hint = shown.hints.get("image-path");
        let expected = image_path.map(|path| Value::from(path.as_str()));
        ensure!(hint.map(|hint| &**hint) == expected.as_ref(), "{icon} of {source}: {hint:?}");
    }
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

#[tokio::test]
async fn doctor_is_told_what_the_server_says_about_itself() -> Result<()> {
    let screen = Screen::start().await?;
    let server = tokio::time::timeout(Duration::from_secs(5), screen.notifier.server()).await?;
    ensure!(server.present && server.name == "fake" && server.spec_version == "1.2", "{server:?}");
    ensure!(server.capabilities == PopupServer::CAPABILITIES, "{:?}", server.capabilities);
    Ok(())
}
