//! The native notifier against a real popup server: dunst on a display without a screen.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tidings_api::{Action, Urgency};
use tidings_daemon::desktop::freedesktop::Freedesktop;
use tidings_daemon::desktop::{CloseReason, Notifier, Popup, PopupEvent, Shown, Slot};
use tidings_daemon::images::Images;
use tidings_daemon::model::NotificationId;
use tidings_tests::bus::PrivateBus;
use tidings_tests::wait::{DEADLINE, until};

/// Where to leave a picture of the screen, to be looked at by a person.
const PICTURE: &str = "TIDINGS_TEST_PICTURE";

/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An X server without a screen, and its display.
fn display() -> Result<(Program, String)> {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "640x400x24"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("starting Xvfb; is the package \"xvfb\" installed?")?;
    let output = server.stdout.take().context("Xvfb has no output")?;
    let server = Program(server);
    let mut number = String::new();
    BufReader::new(output).read_line(&mut number)?;
    ensure!(!number.trim().is_empty(), "Xvfb ended without a display");
    Ok((server, format!(":{}", number.trim())))
}

fn dunst(bus: &PrivateBus, display: &str) -> Result<Program> {
    let configuration = bus.folder().join("dunstrc");
    std::fs::write(
        &configuration,
        "[global]\n    width = 400\n    markup = full\n    font = DejaVu Sans 12\n",
    )?;
    let dunst = Command::new("dunst")
        .arg("-config")
        .arg(&configuration)
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .env("DISPLAY", display)
        .env_remove("WAYLAND_DISPLAY")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("starting dunst; is the package \"dunst\" installed?")?;
    Ok(Program(dunst))
}

/// Asks dunst about itself; its answer.
async fn dunstctl(bus: &PrivateBus, arguments: &[&str]) -> Result<String> {
    let asked = tokio::process::Command::new("dunstctl")
        .args(arguments)
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .output();
    let answer = tokio::time::timeout(DEADLINE, asked).await.context("dunstctl hangs")??;
    ensure!(answer.status.success(), "dunstctl {arguments:?}: {answer:?}");
    Ok(String::from_utf8(answer.stdout)?)
}

async fn displayed(bus: &PrivateBus, count: usize) -> Result<()> {
    let what = format!("{count} popups on the screen");
    until(&what, DEADLINE, async || {
        let shown = dunstctl(bus, &["count", "displayed"]).await.ok()?;
        (shown.trim() == count.to_string()).then_some(())
    })
    .await
}

fn popup(id: i64, body: &str) -> Popup {
    Popup {
        slot: Slot::Notification(NotificationId(id)),
        source: "orders".into(),
        app: "Shop".into(),
        title: format!("Order {id} & <co>"),
        body: body.into(),
        urgency: Urgency::Critical,
        icon: String::new(),
        actions: vec![Action { id: "ship".into(), label: "Ship".into(), url: String::new() }],
        progress: Some(60),
        transient: false,
    }
}

/// Takes a picture for a person, where the environment asks for one.
async fn picture(display: &str) -> Result<()> {
    let Some(path) = std::env::var_os(PICTURE) else { return Ok(()) };
    // Nothing tells that the window has been drawn; no assertion depends on this pause.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let taken = Command::new("scrot").arg("-o").arg(path).env("DISPLAY", display).status()?;
    ensure!(taken.success(), "scrot failed");
    Ok(())
}

#[tokio::test]
async fn popups_are_shown_replaced_clicked_and_closed() -> Result<()> {
    let bus = PrivateBus::start()?;
    let (_screen, display) = display()?;
    let (notifier, mut events) =
        Freedesktop::start(bus.connect().await?, Images::new("/no/images".into())).await?;
    let _dunst = dunst(&bus, &display)?;
    let mut event = async || {
        let event = tokio::time::timeout(DEADLINE, events.recv()).await;
        event.context("no event came")?.context("the notifier ended")
    };
    ensure!(event().await? == PopupEvent::Restarted, "dunst's arrival was not told");
    let server = notifier.server().await;
    ensure!(server.name == "dunst" && server.present, "talking to {server:?}");

    ensure!(notifier.show(popup(1, "<b>not bold</b> & 1 < 2")).await == Shown::Shown);
    displayed(&bus, 1).await?;
    ensure!(notifier.show(popup(1, "Packed.\n<b>not bold</b> & 1 < 2")).await == Shown::Shown);
    ensure!(notifier.show(popup(2, "Paid")).await == Shown::Shown);
    displayed(&bus, 2).await?;
    picture(&display).await?;

    dunstctl(&bus, &["action", "0"]).await?;
    let clicked = event().await?;
    let PopupEvent::Clicked { slot: clicked, action, .. } = clicked else {
        anyhow::bail!("the click was not told: {clicked:?}");
    };
    ensure!(action == "default", "dunst invoked {action}");

    notifier.close(clicked.clone()).await;
    let closed = PopupEvent::Closed { slot: clicked.clone(), reason: CloseReason::Closed };
    ensure!(event().await? == closed, "closed by us");
    displayed(&bus, 1).await?;

    dunstctl(&bus, &["close"]).await?;
    let other = [1, 2].map(|id| Slot::Notification(NotificationId(id)));
    let other = other.into_iter().find(|slot| *slot != clicked).context("two slots")?;
    let dismissed = PopupEvent::Closed { slot: other, reason: CloseReason::Dismissed };
    ensure!(event().await? == dismissed, "dismissed by the person");
    displayed(&bus, 0).await?;

    let history: serde_json::Value = serde_json::from_str(&dunstctl(&bus, &["history"]).await?)?;
    let entries = history.pointer("/data/0").and_then(|data| data.as_array());
    let entries = entries.context("no history")?;
    ensure!(entries.len() == 2, "a replaced popup became a second one: {history:#}");
    let text = |entry: &serde_json::Value, field: &str| {
        let text = entry.pointer(&format!("/{field}/data"));
        text.and_then(|text| text.as_str()).unwrap_or_default().to_owned()
    };
    let replaced = entries.iter().find(|entry| text(entry, "summary") == "Order 1 & <co>");
    let body = text(replaced.context("the first popup is not in the history")?, "body");
    ensure!(body.starts_with("Packed.") && body.contains("not bold"), "body: {body:?}");
    Ok(())
}
