use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use fantoccini::Client;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::elements::{Element, ElementRef};
use serde_json::{Value as Json, json};

use super::frame::Frame;
use super::{keys, process};
use crate::display::Display;
use crate::programs::{self, workspace};
use crate::session::Session;
use crate::wait::{LONG, until};
use crate::webdriver::WebDriver;

/// The word under which WebDriver's JSON has an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The words of a failure hold no more of the page than this.
const SHOWN_CHARACTERS: usize = 2_000;

/// `tidings-window` on a screen in memory. Process and screen end when this value is dropped.
#[derive(Debug)]
pub struct Window {
    client: Client,
    // Dropped in this order: the driver ends the window before the screen goes.
    _driver: WebDriver,
    display: Display,
    log: PathBuf,
    pid: u32,
}

/// What a command of the window rejected with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The class: `away`, `invalid`, …; empty when it is not one of the window's own failures.
    pub kind: String,
    /// The words.
    pub message: String,
}

impl Window {
    /// Opens the window.
    pub async fn open(session: &Session) -> Result<Self> {
        Self::open_with(session, &[]).await
    }

    /// Opens the window at a place such as `settings/sources`.
    pub async fn open_at(session: &Session, place: &str) -> Result<Self> {
        Self::open_with(session, &["--place", place]).await
    }

    /// Opens the window with these arguments.
    pub async fn open_with(session: &Session, arguments: &[&str]) -> Result<Self> {
        let display = Display::start()?;
        let log = session.home().join("tidings-window.log");
        let program = programs::tidings_window()?;
        let command = process::on_screen(session, "WebKitWebDriver", &display)?;
        let driver = WebDriver::start(command, &log).await?;
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let client = driver
            .open(&program, arguments)
            .await
            .with_context(|| format!("the window's log:\n{}", said()))?;
        let pid = process::pid(session)
            .await?
            .with_context(|| format!("the window does not own its name; its log:\n{}", said()))?;
        let window = Self { client, _driver: driver, display, log, pid };
        window.wait_for_script("return document.readyState === 'complete'").await?;
        // Nobody clicks on what is not there yet.
        window.wait_until_visible(true).await?;
        Ok(window)
    }

    /// Runs a script in the page; it returns by `return`.
    pub async fn run(&self, script: &str) -> Result<Json> {
        self.client.execute(script, vec![]).await.with_context(|| format!("script: {script}"))
    }

    /// Calls a command of the window as the page does.
    pub async fn call(&self, command: &str, arguments: Json) -> Result<Result<Json, Refused>> {
        let script = "const [command, payload, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, payload)
                .then((ok) => done({ ok: ok ?? null }), (error) => done({ error }));";
        let script = script.to_owned();
        let answer = self.client.execute_async(&script, vec![json!(command), arguments]).await?;
        Ok(match answer.get("error") {
            None => Ok(answer["ok"].clone()),
            Some(error) => Err(refused(error)),
        })
    }

    /// From now on keeps what the window tells the page.
    pub async fn record_happenings(&self) -> Result<()> {
        let record = "const done = arguments[arguments.length - 1];
            const internals = window.__TAURI_INTERNALS__;
            window.__recorded = [];
            const handler = internals.transformCallback((event) => window.__recorded.push(event.payload));
            internals.invoke('plugin:event|listen', { event: 'happening', target: { kind: 'Any' }, handler })
                .then(() => done(true), (error) => done(String(error)));";
        let begun = self.client.execute_async(record, vec![]).await?;
        ensure!(begun == Json::Bool(true), "the page cannot listen: {begun}");
        Ok(())
    }

    /// What the window has told the page since [`Self::record_happenings`].
    pub async fn happenings(&self) -> Result<Vec<Json>> {
        serde_json::from_value(self.run("return window.__recorded").await?).context("happenings")
    }

    /// Waits until the page was told something of this type.
    pub async fn wait_for_happening(&self, kind: &str) -> Result<Json> {
        until(&format!("the happening \"{kind}\""), LONG, async || {
            self.happenings().await.ok()?.into_iter().find(|happening| happening["type"] == kind)
        })
        .await
        .with_context(|| format!("the window's log:\n{}", self.log()))
    }

    /// Waits until a script answers `true`, and fails with what is on the screen instead.
    pub async fn wait_for_script(&self, script: &str) -> Result<()> {
        let done = until(script, LONG, async || {
            (self.run(script).await.ok()? == Json::Bool(true)).then_some(())
        })
        .await;
        self.with_screen(done).await
    }

    /// Waits until it is on the screen: visible words, or a CSS selector.
    pub async fn wait_for(&self, target: &str) -> Result<Element> {
        let found = until(&format!("\"{target}\" on the screen"), LONG, async || {
            self.find(target).await.ok().flatten()
        })
        .await;
        self.with_screen(found).await
    }

    /// Waits until it is not on the screen.
    pub async fn wait_until_gone(&self, target: &str) -> Result<()> {
        let gone = until(&format!("\"{target}\" to leave the screen"), LONG, async || {
            self.find(target).await.ok()?.is_none().then_some(())
        })
        .await;
        self.with_screen(gone).await
    }

    /// Whether it is on the screen now.
    pub async fn shows(&self, target: &str) -> Result<bool> {
        Ok(self.find(target).await?.is_some())
    }

    /// Clicks on it, as soon as it is there.
    pub async fn click(&self, target: &str) -> Result<()> {
        let clicked = until(&format!("\"{target}\" to be clicked on"), LONG, async || {
            // The page may draw it anew between finding and clicking.
            self.find(target).await.ok()??.click().await.ok()
        })
        .await;
        self.with_screen(clicked).await
    }

    /// Replaces the text of a field.
    pub async fn type_into(&self, target: &str, text: &str) -> Result<()> {
        let field = self.wait_for(target).await?;
        field.clear().await.with_context(|| format!("emptying {target}"))?;
        field.send_keys(text).await.with_context(|| format!("typing into {target}"))
    }

    /// Presses keys together where the focus is: `j`, `Escape`, `Ctrl+A`, `Shift+ArrowDown`.
    pub async fn press(&self, keys: &str) -> Result<()> {
        self.client.perform_actions(keys::press(keys)?).await?;
        self.client.release_actions().await.with_context(|| format!("pressing {keys}"))
    }

    /// Moves the pointer over it: what is there for the pointer alone shows.
    pub async fn hover(&self, target: &str) -> Result<()> {
        let element = self.wait_for(target).await?;
        let over = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let moved = MouseActions::new("mouse".to_owned()).then(over);
        self.client.perform_actions(moved).await.with_context(|| format!("hovering {target}"))
    }

    /// Puts the pointer where it is over nothing, so that no picture depends on the last click.
    pub async fn move_pointer_away(&self) -> Result<()> {
        let to = |place| PointerAction::MoveTo { duration: None, x: place, y: place };
        // The driver does not know where its own clicks left the pointer: a first move may lead nowhere.
        let moved = MouseActions::new("mouse".to_owned()).then(to(2.0)).then(to(1.0));
        self.client.perform_actions(moved).await.context("moving the pointer away")
    }

    /// The text of every element of the selector that is there.
    pub async fn texts(&self, selector: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .map((element) => element.textContent.replace(/\\s+/g, ' ').trim())";
        let texts = self.client.execute(script, vec![json!(selector)]).await?;
        serde_json::from_value(texts).context("texts")
    }

    /// What a person can read on the screen.
    pub async fn screen(&self) -> Result<String> {
        let text = self.run("return document.body.innerText").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Keeps a picture of the page: `target/screenshots/NAME.png`.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        // A picture taken right after a change shows the page before it; two frames later it is painted.
        let painted = "const done = arguments[arguments.length - 1];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 300)));";
        self.client.execute_async(painted, vec![]).await?;
        let folder = workspace().join("target/screenshots");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{name}.png"));
        // WebKit's own picture never comes where it paints without layers; and this one is what a person sees.
        self.frame().await?.picture(&file)?;
        Ok(file)
    }

    /// Gives the window a size of its contents.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.frame().await?.resize(width, height)?;
        self.wait_for_script(&format!("return innerWidth === {width} && innerHeight === {height}"))
            .await
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Result<()> {
        self.client.refresh().await.context("loading the page again")
    }

    /// Closes it as its frame's button does.
    pub async fn close(&self) -> Result<()> {
        self.frame().await?.close()?;
        self.wait_until_visible(false).await
    }

    /// Waits until the window is on the screen, or off it.
    pub async fn wait_until_visible(&self, visible: bool) -> Result<()> {
        until(if visible { "the window" } else { "the window to go" }, LONG, async || {
            let on_screen = Frame::find(&self.display).ok()?.is_some();
            (on_screen == visible).then_some(())
        })
        .await
        .with_context(|| format!("the window's log:\n{}", self.log()))
    }

    /// Waits until the process has ended by itself.
    pub async fn ended(&self, within: Duration) -> Result<()> {
        until("the window's process to end", within, async || {
            (!process::lives(self.pid)).then_some(())
        })
        .await
        .with_context(|| format!("the window's log:\n{}", self.log()))
    }

    /// Starts the program again beside this one, and waits until that one has handed over and ended.
    pub async fn start_again(&self, session: &Session, arguments: &[&str]) -> Result<()> {
        process::start_again(session, &self.display, arguments).await
    }

    /// The process that is the window.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The screen.
    #[must_use]
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// The driver's client, for what has no word here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the window has logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }

    async fn frame(&self) -> Result<Frame> {
        until("the window on the screen", LONG, async || Frame::find(&self.display).ok().flatten())
            .await
            .with_context(|| format!("the window's log:\n{}", self.log()))
    }

    async fn find(&self, target: &str) -> Result<Option<Element>> {
        ensure!(!target.is_empty(), "nothing to look for");
        let found = self.client.execute(include_str!("find.js"), vec![json!(target)]).await?;
        let Some(id) = found.get(ELEMENT).and_then(Json::as_str) else { return Ok(None) };
        let id = ElementRef::from(id.to_owned());
        Ok(Some(Element::from_element_id(self.client.clone(), id)))
    }

    async fn with_screen<T>(&self, result: Result<T>) -> Result<T> {
        let Err(error) = result else { return result };
        let screen = self.screen().await.unwrap_or_else(|error| error.to_string());
        let screen: String = screen.chars().take(SHOWN_CHARACTERS).collect();
        Err(anyhow!("{error}; on the screen:\n{screen}\nthe window's log:\n{}", self.log()))
    }
}

fn refused(error: &Json) -> Refused {
    let text = |key: &str| error.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    match error.as_str() {
        // What Tauri itself refuses is a plain text.
        Some(words) => Refused { kind: String::new(), message: words.to_owned() },
        None => Refused { kind: text("kind"), message: text("message") },
    }
}
