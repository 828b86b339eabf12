//! What reaches the popup server of a popup: texts, hints, buttons and icons, hostile ones included.

use anyhow::{Context, Result, ensure};
use tidings_api::{Action, Urgency};
use tidings_daemon::desktop::{Notifier, Popup, PopupEvent};
use tidings_tests::popup_server::{Answer, Asked, PopupServer};
use tidings_tests::screen::{Screen, popup, slot};
use tidings_tests::wait::{DEADLINE, until};
use zbus::zvariant::Value;

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
    let unescaped = until("a plain body", DEADLINE, async || {
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
async fn doctor_is_told_what_the_server_says_about_itself() -> Result<()> {
    let screen = Screen::start().await?;
    let server = tokio::time::timeout(DEADLINE, screen.notifier.server()).await?;
    ensure!(server.present && server.name == "fake" && server.spec_version == "1.2", "{server:?}");
    ensure!(server.capabilities == PopupServer::CAPABILITIES, "{:?}", server.capabilities);
    Ok(())
}
