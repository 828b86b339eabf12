//! The window without a mouse: everything is reached by Tab, shows that it is, and does its work by keys.

use anyhow::{Result, bail, ensure};
use serde_json::{Value as Json, json};
use tidings_api::{Action, Post, SourceState};
use tidings_tests::faulty_server::{FaultyServer, TOKEN};
use tidings_tests::keyring::Keyring;
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{LONG, until};
use tidings_tests::window::Window;

/// More stops than any view has.
const STOPS: usize = 150;

/// Names of what can be reached by Tab, as far as the page says; of radio buttons the chosen one.
const REACHABLE: &str = "
    const controls = 'button, input, select, textarea, summary, a[href], [tabindex]';
    const within = document.querySelector('dialog[open]') ?? document.body;
    window.__stops = [...within.querySelectorAll(controls)].filter((element) =>
        element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true })
        && !(element.type === 'radio' && !element.checked));
    return window.__stops.length;";

/// The place of the focus among them, its words, and whether it can be seen.
const FOCUS: &str = "
    const element = document.activeElement;
    const outlined = (one) => !!one && getComputedStyle(one).outlineStyle !== 'none'
        && parseFloat(getComputedStyle(one).outlineWidth) > 0;
    return [window.__stops.indexOf(element), element.outerHTML.slice(0, 160),
        outlined(element) || outlined(element.nextElementSibling)];";

/// Goes once around by Tab and fails where something is left out, or is not seen to have the focus.
async fn go_around(window: &Window, view: &str) -> Result<()> {
    window.wait_until_calm().await?;
    let count = window.run(REACHABLE).await?.as_u64().unwrap_or_default();
    ensure!(count > 3, "{view} has {count} controls");
    let mut missing: Vec<i64> = (0..i64::try_from(count)?).collect();
    for _ in 0..STOPS {
        window.press("Tab").await?;
        let Json::Array(focus) = window.run(FOCUS).await? else { bail!("no focus") };
        let stop = focus[0].as_i64().unwrap_or(-1);
        missing.retain(|one| *one != stop);
        ensure!(stop == -1 || focus[2] == true, "{view}: the focus is not seen on {}", focus[1]);
        if missing.is_empty() {
            return Ok(());
        }
    }
    let left: Json = window
        .client()
        .execute(
            "return arguments[0].map((at) => window.__stops[at].outerHTML.slice(0, 160))",
            vec![missing.into()],
        )
        .await?;
    bail!("{view}: Tab does not lead to {left}")
}

/// Tab until the focus is on what has this name.
async fn tab_to(window: &Window, name: &str) -> Result<()> {
    let script = "const element = document.activeElement;
        const words = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
        return words(element.getAttribute('aria-label') ?? (element.labels?.[0] ?? element).textContent);";
    for _ in 0..STOPS {
        window.press("Tab").await?;
        if window.run(script).await?.as_str().is_some_and(|words| words.starts_with(name)) {
            return Ok(());
        }
    }
    bail!("Tab does not lead to \"{name}\"; on the screen:\n{}", window.screen().await?)
}

async fn rich_post(daemon: &Tidingsd) -> Result<i64> {
    let action = |id: &str| Action { id: id.into(), label: id.into(), url: String::new() };
    let post = Post {
        title: "Deploy to production?".into(),
        topic: "deployments".into(),
        url: "https://example.org/deploy".into(),
        actions: vec![action("yes"), action("no")],
        data: "{\"build\":7}".into(),
        ..Post::default()
    };
    let body = "**Build 7** is green: see [the report](https://example.org/7).";
    Ok(daemon.post1().await?.post(&post.title, body, post.to_options()).await?)
}

#[tokio::test]
async fn every_control_of_every_view_is_reached_by_tab_and_seen_to_be() -> Result<()> {
    let session = Session::start().await?;
    let server = FaultyServer::start().await?;
    session.configure(&tidings_tests::config::faulty(&session, &server)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state("orders", SourceState::Online).await?;
    daemon.post("Backup finished").await?;
    rich_post(&daemon).await?;
    let window = Window::open(&session).await?;
    window.wait_for("Backup finished").await?;
    go_around(&window, "the list").await?;
    window.click("Deploy to production?").await?;
    window.wait_for(".detail .rich").await?;
    go_around(&window, "the detail").await?;
    window.click("Statistics").await?;
    window.wait_for("Busiest topics").await?;
    go_around(&window, "the statistics").await?;
    window.click("Settings").await?;
    window.wait_for("Online since").await?;
    go_around(&window, "the sources").await?;
    for (section, shows) in [
        ("Targets", "table"),
        ("Routes", "No routes yet"),
        ("Do not disturb", "Schedule"),
        ("Storage", "Database"),
        ("Appearance", "Density"),
        ("Keyboard", "Single-key shortcuts"),
        ("About", "Licence"),
    ] {
        window.click(section).await?;
        window.wait_for(shows).await?;
        go_around(&window, section).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_first_run_is_walked_through_by_keyboard() -> Result<()> {
    let session = Session::start().await?;
    let _keyring = Keyring::unlocked(&session.bus).await?;
    let server = FaultyServer::start().await?;
    let daemon = session.daemon().await?;
    let window = Window::open(&session).await?;
    window.wait_for("Django Channels (live)").await?;
    go_around(&window, "the welcome").await?;
    tab_to(&window, "Django Channels (live)").await?;
    window.press("Enter").await?;
    // The first field has the focus by itself.
    window.wait_for_script("return document.activeElement.tagName === 'INPUT'").await?;
    type_keys(&window, &server.url()).await?;
    tab_to(&window, "Token").await?;
    type_keys(&window, TOKEN).await?;
    window.press("Enter").await?;
    window.wait_for("Waiting for the first notification").await?;
    server.notify("Pedido 1 enviado");
    window.wait_for("There it is").await?;
    tab_to(&window, "Open the inbox").await?;
    window.press("Enter").await?;
    window.wait_for("article").await?;
    assert_eq!(daemon.sources().await?.list().await?.len(), 1, "the source is there");
    Ok(())
}

#[tokio::test]
async fn a_notification_is_answered_moved_and_found_by_keyboard() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = rich_post(&daemon).await?;
    daemon.post("Backup finished").await?;
    let window = Window::open(&session).await?;
    window.wait_for("Backup finished").await?;
    tab_to(&window, "Unread").await?;
    window.press("Enter").await?;
    window
        .wait_for_script("return document.querySelector('h1 .foreign').textContent === 'Unread'")
        .await?;
    window.press("Ctrl+1").await?;
    window
        .wait_for_script("return document.querySelector('h1 .foreign').textContent === 'Inbox'")
        .await?;

    window.press("Ctrl+f").await?;
    type_keys(&window, "deploy").await?;
    window.wait_until_gone("Backup finished").await?;
    window.press("Enter").await?;
    window.wait_for_script(&format!("return document.activeElement.id === 'row-{id}'")).await?;
    window.press("o").await?;
    window.wait_for(".detail .rich").await?;
    until("it to be read", LONG, async || daemon.get(id).await.ok()?.read_at).await?;
    window.press("1").await?;
    window.wait_for("“yes” was sent.").await?;
    until("the answer", LONG, async || daemon.get(id).await.ok()?.acted_at).await?;
    window.press("Escape").await?;
    window.wait_until_gone(".detail").await?;

    window.press("?").await?;
    window.wait_for("Mark all in the view as read").await?;
    window.press("Escape").await?;
    window.wait_until_gone("dialog[open]").await?;
    window.press("Shift+D").await?;
    window.wait_for("Quiet: no popups").await?;
    assert!(daemon.quiet().await?.active().await?, "quiet is on");
    window.press("Shift+D").await?;
    window.wait_for("Popups are on").await?;
    window.press("Ctrl+,").await?;
    window.wait_for("The servers that Tidings listens to.").await?;
    Ok(())
}

#[tokio::test]
async fn a_fresh_window_takes_the_first_key_and_shows_which_row_it_is_about() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let older = daemon.post("Backup finished").await?;
    let newer = daemon.post("Disk full").await?;
    let window = Window::open(&session).await?;
    window.wait_for("Disk full").await?;
    let has_keys = |id| {
        format!(
            "const row = document.activeElement;
             return row.id === 'row-{id}' && getComputedStyle(row).outlineStyle !== 'none';"
        )
    };
    window.wait_for_script(&has_keys(newer)).await?;
    window.press("j").await?;
    window.wait_for_script(&has_keys(older)).await?;
    window.press("e").await?;
    until("the row with the ring to be done", LONG, async || daemon.get(older).await.ok()?.done_at)
        .await?;
    assert_eq!(daemon.get(newer).await?.done_at, None, "no other row was meant");
    window.press("?").await?;
    window.wait_for("Mark all in the view as read").await?;
    Ok(())
}

#[tokio::test]
async fn single_keys_are_switched_off_for_whoever_dictates() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("Backup finished").await?;
    let window = Window::open_at(&session, "settings/keyboard").await?;
    window.record_happenings().await?;
    tab_to(&window, "Single-key shortcuts").await?;
    window.press("Space").await?;
    window.wait_for_happening("preferences").await?;
    // The page has asked for them before, and is answered before.
    let settings = window.call("settings", json!({})).await?;
    assert_eq!(settings.map(|settings| settings["app.single_keys"].clone()), Ok(json!(false)));
    window.click("Inbox").await?;
    window.wait_for("Backup finished").await?;
    window.press("Ctrl+f").await?;
    window.press("Enter").await?;
    window.wait_for_script(&format!("return document.activeElement.id === 'row-{id}'")).await?;
    window.press("e").await?;
    window.press("Enter").await?;
    window.wait_for(".detail").await?;
    assert!(daemon.get(id).await?.done_at.is_none(), "a letter does nothing any more");
    Ok(())
}

/// One key after another, where the focus is.
async fn type_keys(window: &Window, text: &str) -> Result<()> {
    for character in text.chars() {
        let key = if character.is_ascii_uppercase() {
            format!("Shift+{character}")
        } else {
            character.to_string()
        };
        window.press(&key).await?;
    }
    Ok(())
}
