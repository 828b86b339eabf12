//! What the worst of senders writes, in the real WebKit: it is text, it does nothing, and it loads nothing.

use anyhow::Result;
use rusqlite::Connection;
use serde_json::json;
use tidings_api::{Action, Post};
use tidings_tests::session::Session;
use tidings_tests::stranger::Stranger;
use tidings_tests::wait::{LONG, until};
use tidings_tests::window::Window;

/// Every one would leave this mark on the page if it ran.
const MARK: &str = "window.__broken = true";

/// Nothing that a page is not made of already: a picture, a frame, a link, a handler or a style of the sender's.
const FOREIGN: &str = "const strange = `img, svg:not(.icon), iframe, object, embed, video, audio, script:not([src]),
        style, link[href^='http'], a, form[action], base, [onerror], [onload], [onclick], [src^='http'], [style*='url']`;
    return [...document.body.querySelectorAll(strange)].map((element) => element.outerHTML.slice(0, 200));";

/// What a long word pushes out of the window.
const TOO_WIDE: &str = "const places = [document.body, ...document.querySelectorAll('.detail .content, .feed')];
    return places.filter((place) => place.scrollWidth > place.clientWidth).map((place) => place.className);";

fn titles() -> Vec<String> {
    vec![
        format!("<img src=x onerror=\"{MARK}\">"),
        format!("<script>{MARK}</script>"),
        format!("\"><svg onload=\"{MARK}\">"),
        format!("{{@html '<b onmouseover={MARK}>'}} ${{{MARK}}} {{{{ {MARK} }}}}"),
        "&lt;b&gt; is not <b>bold</b> &amp; stays".to_owned(),
        "\u{202e}txt.exe \u{2066}isolated without end".to_owned(),
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} abc \u{627}\u{644}\u{633}\u{644}\u{627}\u{645} 123".to_owned(),
        "Z\u{335}\u{321}\u{328}a\u{335}\u{321}\u{328}l\u{335}\u{321}\u{328}g\u{335}\u{321}\u{328}o\u{335}".repeat(8),
        "W".repeat(500),
        "\u{7}\u{1b}[31mnot red\u{1b}[0m".to_owned(),
    ]
}

fn bodies(stranger: &str) -> Vec<String> {
    vec![
        format!(
            "![a picture]({stranger}pixel.png) and **bold** <img src=\"{stranger}beacon.gif\">"
        ),
        format!(
            "[click me](javascript:{MARK}) or [me](data:text/html,<script>{MARK}</script>), `code`"
        ),
        format!(
            "# A heading\n\n<iframe src=\"{stranger}\"></iframe>\n\n<style>* {{ display: none }}</style>"
        ),
        format!(
            "- one\n- <a href=\"{stranger}\" onclick=\"{MARK}\">two</a>\n\n<base href=\"{stranger}\">"
        ),
        format!(
            "[https://bank.example.org](https://evil.example.net/login) **really**\n\n<{stranger}>"
        ),
        "> ".repeat(2_000) + "deep",
        "**".repeat(20_000),
        "\u{202e}".repeat(1_000) + "reversed",
    ]
}

#[tokio::test]
async fn what_strangers_write_is_shown_as_text_and_nothing_of_it_runs_or_loads() -> Result<()> {
    let session = Session::start().await?;
    let stranger = Stranger::start().await?;
    let daemon = session.daemon().await?;
    let bodies = bodies(&stranger.url());
    let mut ids = Vec::new();
    for (at, title) in titles().iter().enumerate() {
        let body = &bodies[at % bodies.len()];
        let post = Post {
            topic: format!("<b>{title}</b>").chars().take(60).collect(),
            app: "<i>app</i>".into(),
            actor: format!("<img src={}>", stranger.url()),
            tags: vec![format!("<img src={}>", stranger.url())],
            actions: vec![Action {
                id: "x".into(),
                label: "<u>Press</u>".into(),
                url: String::new(),
            }],
            data: json!({ "<script>": MARK }).to_string(),
            ..Post::default()
        };
        ids.push(daemon.post1().await?.post(title, body, post.to_options()).await?);
    }
    let window = Window::open(&session).await?;
    window.run("delete window.__broken").await?;
    for id in &ids {
        window.click(&format!("#row-{id}")).await?;
        window
            .wait_for_script(&format!("return !!document.querySelector('#row-{id}[aria-current]')"))
            .await?;
        window.wait_for(".detail .body").await?;
        // Markdown is read a moment later than the text is shown.
        window.wait_until_calm().await?;
        assert_eq!(window.run(FOREIGN).await?, json!([]), "an element that is not ours");
        assert_eq!(window.run(TOO_WIDE).await?, json!([]), "a text that leaves its place");
    }
    let first = &titles()[0];
    window.click(&format!("#row-{}", ids[0])).await?;
    assert_eq!(window.texts("#detail-title").await?, [first.as_str()], "to the letter");
    window.wait_for(".detail .rich").await?;
    assert_eq!(window.run(FOREIGN).await?, json!([]), "an element that is not ours");
    window.screenshot("hostile").await?;
    window.run("window.dispatchEvent(new Event('resize'))").await?;
    assert_eq!(window.run("return window.__broken ?? null").await?, json!(null), "something ran");
    assert_eq!(stranger.visits(), 0, "something was loaded");
    Ok(())
}

#[tokio::test]
async fn text_that_runs_backwards_turns_nothing_around_it() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let title = "\u{202e}gpj.exe";
    let post = Post { topic: "\u{202e}topic".into(), ..Post::default() };
    let id = daemon.post1().await?.post(title, "\u{202e}body", post.to_options()).await?;
    let plain = daemon.post("Plain").await?;
    let window = Window::open(&session).await?;
    window.wait_for(&format!("#row-{id}")).await?;
    // Where the time, the source and the state are does not depend on what the sender wrote.
    let places = |id: i64| {
        format!(
            "const row = document.getElementById('row-{id}');
             return ['time', '.from', '.first'].map((part) => {{
                 const {{ left, right }} = row.querySelector(part).getBoundingClientRect();
                 return part === 'time' ? right : left;
             }});"
        )
    };
    let hostile = window.run(&places(id)).await?;
    assert_eq!(hostile, window.run(&places(plain)).await?, "the row is drawn as any other");
    let time = "return document.querySelector('article time').textContent.trim()";
    assert_eq!(window.run(time).await?, "now", "and its words read forwards");
    Ok(())
}

#[tokio::test]
async fn an_address_shows_its_real_host_before_it_is_opened() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let body = "See [https://bank.example.org](https://evil.example.net/login) **now**";
    let url = "https://bank.example.org@evil.example.net/";
    let post = Post { url: "https://example.org/".into(), ..Post::default() };
    let id = daemon.post1().await?.post("Your account", body, post.to_options()).await?;
    // The daemon takes no such address; a row of an older one might have it.
    store_url(&session, id, url)?;
    let window = Window::open(&session).await?;
    window.click(&format!("#row-{id}")).await?;
    window.click("Open at evil.example.net").await?;
    window.wait_for("Open evil.example.net?").await?;
    window.press("Escape").await?;
    window.wait_until_gone("dialog[open]").await?;

    window.click(".detail button.link").await?;
    window.wait_for("but it leads to evil.example.net").await?;
    window.click("Cancel").await?;
    assert!(session.opened().is_empty(), "nothing was opened: {:?}", session.opened());

    window.click(".detail button.link").await?;
    window.click("dialog[open] footer .danger").await?;
    let opened = until("the browser", LONG, async || session.opened().into_iter().next()).await?;
    assert_eq!(opened.1, "https://evil.example.net/login", "the one that was shown");
    Ok(())
}

#[tokio::test]
async fn an_address_that_is_none_of_the_web_is_never_opened() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let mut ids = Vec::new();
    for url in
        [format!("javascript:{MARK}"), "file:///etc/passwd".into(), "data:text/html,x".into()]
    {
        let id = daemon.post(&format!("A trap of {}", url.len())).await?;
        store_url(&session, id, &url)?;
        ids.push(id);
    }
    let window = Window::open(&session).await?;
    for id in ids {
        window.click(&format!("#row-{id}")).await?;
        window.click("Open the link").await?;
        window.wait_for("This link is not opened").await?;
        assert!(!window.shows("dialog[open] .primary").await?, "there is no button for it");
        window.click("Cancel").await?;
        window.wait_until_gone("dialog[open]").await?;
    }
    assert_eq!(window.run("return window.__broken ?? null").await?, json!(null), "something ran");
    assert!(session.opened().is_empty(), "nothing was opened: {:?}", session.opened());
    Ok(())
}

#[tokio::test]
async fn an_icon_of_a_sender_is_no_way_to_load_anything() -> Result<()> {
    let session = Session::start().await?;
    let stranger = Stranger::start().await?;
    let daemon = session.daemon().await?;
    let icons = [stranger.url() + "icon.png", "data:image/svg+xml,<svg onload=alert(1)>".into()];
    for icon in icons.into_iter().chain(["file:///etc/passwd".into(), "../../etc/passwd".into()]) {
        let id = daemon.post(&icon).await?;
        store(&session, "UPDATE notification SET icon = ?2 WHERE id = ?1", id, &icon)?;
    }
    let window = Window::open(&session).await?;
    window.wait_for("article").await?;
    window.click("article").await?;
    window.wait_for(".detail").await?;
    assert_eq!(window.run(FOREIGN).await?, json!([]), "no picture of a sender");
    assert_eq!(stranger.visits(), 0, "something was loaded");
    Ok(())
}

fn store_url(session: &Session, id: i64, url: &str) -> Result<()> {
    store(session, "UPDATE notification SET url = ?2 WHERE id = ?1", id, url)
}

fn store(session: &Session, statement: &str, id: i64, value: &str) -> Result<()> {
    let database = Connection::open(session.database())?;
    database.busy_timeout(LONG)?;
    let changed = database.execute(statement, (id, value))?;
    anyhow::ensure!(changed == 1, "no row {id}");
    Ok(())
}
