//! The window keeps to its page: nothing is fetched, run or opened that is not its own. In the real WebKit.

use anyhow::Result;
use serde_json::{Value as Json, json};
use tidings_tests::session::Session;
use tidings_tests::stranger::Stranger;
use tidings_tests::window::Window;

/// Runs a script that tries something and waits until the page's policy has refused it; the directive that did.
async fn violated(window: &Window, attempt: &str) -> Result<String> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         document.addEventListener('securitypolicyviolation',
             (event) => done(event.effectiveDirective), {{ once: true }});
         setTimeout(() => done('nothing was refused'), 5000);
         {attempt}"
    );
    let directive = window.client().execute_async(&script, vec![]).await?;
    Ok(directive.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn no_script_runs_but_the_pages_own() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    window.run("window.__ran = []").await?;
    let inline = "const script = document.createElement('script');
        script.textContent = 'window.__ran.push(1)';
        document.body.append(script);";
    assert_eq!(violated(&window, inline).await?, "script-src-elem");
    let handler = "const image = document.createElement('img');
        image.setAttribute('onerror', 'window.__ran.push(2)');
        image.src = 'data:,';
        document.body.append(image);";
    assert_eq!(violated(&window, handler).await?, "script-src-attr");
    let markup = "document.body.insertAdjacentHTML('beforeend',
        '<img src=\"data:,\" onerror=\"window.__ran.push(3)\">');";
    assert_eq!(violated(&window, markup).await?, "script-src-attr");
    let link = "const link = document.createElement('a');
        link.href = 'javascript:window.__ran.push(4)';
        document.body.append(link);
        link.click();";
    assert!(
        violated(&window, link).await?.starts_with("script-src"),
        "a javascript: link is a script"
    );
    let evaluated =
        window.run("try { eval('1'); return 'ran'; } catch { return 'refused'; }").await?;
    assert_eq!(evaluated, "refused", "text is never evaluated");
    assert_eq!(window.run("return window.__ran").await?, json!([]), "nothing of it ran");
    Ok(())
}

#[tokio::test]
async fn nothing_is_fetched_from_anywhere() -> Result<()> {
    let session = Session::start().await?;
    let stranger = Stranger::start().await?;
    let window = Window::open(&session).await?;
    let url = stranger.url();
    let element = |tag: &str, attribute: &str| {
        format!(
            "const element = document.createElement('{tag}');
             element.setAttribute('{attribute}', '{url}');
             document.body.append(element);"
        )
    };
    for (attempt, directive) in [
        (element("img", "src"), "img-src"),
        (element("script", "src"), "script-src-elem"),
        (element("iframe", "src"), "frame-src"),
        (element("object", "data"), "object-src"),
        (format!("{} element.rel = 'stylesheet';", element("link", "href")), "style-src-elem"),
        (format!("fetch('{url}').catch(() => {{}});"), "connect-src"),
        (
            format!("try {{ new WebSocket('{}'); }} catch {{}}", url.replace("http", "ws")),
            "connect-src",
        ),
        (format!("navigator.sendBeacon('{url}', 'x');"), "connect-src"),
    ] {
        let refused = violated(&window, &attempt).await?;
        assert_eq!(refused, directive, "{attempt}");
    }
    assert_eq!(stranger.visits(), 0, "somebody was asked for something");
    Ok(())
}

#[tokio::test]
async fn the_page_stays_where_it_is() -> Result<()> {
    let session = Session::start().await?;
    let stranger = Stranger::start().await?;
    let window = Window::open(&session).await?;
    let url = stranger.url();
    window.run("window.__mark = 'still here'").await?;
    for attempt in [
        format!("location.href = '{url}';"),
        "location.href = 'file:///etc/passwd';".to_owned(),
        "location.href = 'data:text/html,<h1>gone</h1>';".to_owned(),
        format!("window.open('{url}');"),
        format!(
            "const link = document.createElement('a');
             link.href = '{url}';
             link.target = '_blank';
             document.body.append(link);
             link.click();"
        ),
        format!(
            "const form = document.createElement('form');
             form.action = '{url}';
             document.body.append(form);
             form.submit();"
        ),
    ] {
        window.run(&attempt).await?;
        // A page that were to be left would be left by the time that this answers.
        window.wait_for_script("return document.readyState === 'complete'").await?;
        let here = window.run("return [location.protocol, window.__mark]").await?;
        assert_eq!(here, json!(["tauri:", "still here"]), "{attempt}");
        assert_eq!(stranger.visits(), 0, "somebody was visited by {attempt}");
    }
    assert_eq!(window.client().windows().await?.len(), 1, "no other window was opened");
    assert_eq!(stranger.visits(), 0, "somebody was visited");
    Ok(())
}

#[tokio::test]
async fn only_the_listed_commands_exist_for_the_page() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    for command in [
        "nonsense",
        "plugin:event|emit",
        "plugin:window|close",
        "plugin:window|set_title",
        "plugin:webview|create_webview_window",
        "plugin:path|resolve_directory",
        "plugin:app|version",
        "plugin:resources|close",
        "plugin:shell|open",
        "plugin:fs|read_file",
    ] {
        let answer = window.call(command, json!({ "event": "happening", "payload": {} })).await?;
        let refused = answer.err().unwrap_or_else(|| panic!("{command} was carried out"));
        assert!(
            refused.message.contains("not allowed") || refused.message.contains("not found"),
            "{command}: {refused:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn links_leave_by_the_allow_list_and_no_shell_reads_them() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    for link in
        ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "--help", "smb://x/y", ""]
    {
        let refused = window.call("open_link", json!({ "url": link })).await?;
        assert_eq!(refused.map_err(|refused| refused.kind), Err("invalid".to_owned()), "{link}");
    }
    assert!(session.opened().is_empty(), "nothing was opened: {:?}", session.opened());
    let link = "https://example.org/?a=$(touch%20x)&b=;ls";
    assert_eq!(window.call("open_link", json!({ "url": link })).await?, Ok(Json::Null));
    let opened: Vec<String> = session.opened().into_iter().map(|(_, url)| url).collect();
    assert_eq!(opened, [link], "as it is, as one argument");
    Ok(())
}
