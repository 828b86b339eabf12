//! Every view in both themes: without barriers, and with a picture in `target/screenshots` for people to look at.

use anyhow::{Result, ensure};
use chrono::{Local, Timelike as _};
use tidings_api::{DictWriter, Post, Scope, SourceState};
use tidings_tests::config;
use tidings_tests::faulty_server::FaultyServer;
use tidings_tests::portal::{Portal, Scheme};
use tidings_tests::sample_inbox::{self, RICHEST, SOURCES};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, LONG, until};
use tidings_tests::window::Window;

/// A walk through the window. Barriers are gathered, so that one run finds all of them.
struct Walk {
    window: Window,
    theme: &'static str,
    barriers: Vec<String>,
}

impl Walk {
    async fn begin(session: &Session, scheme: Scheme) -> Result<(Self, Portal)> {
        let portal = Portal::start(session.connect().await?, scheme).await?;
        let window = Window::open(session).await?;
        window.resize(1_180, 780).await?;
        let theme = if scheme == Scheme::Dark { "dark" } else { "light" };
        window.wait_for(&format!("html[data-theme={theme}]")).await?;
        Ok((Self { window, theme, barriers: Vec::new() }, portal))
    }

    /// Takes the picture and looks for barriers.
    async fn see(&mut self, view: &str) -> Result<()> {
        self.window.move_pointer_away().await?;
        self.window.wait_until_calm().await?;
        self.window.screenshot(&format!("{view}-{}", self.theme)).await?;
        let found = self.window.barriers().await?;
        self.barriers.extend(found.into_iter().map(|barrier| format!("{view}: {barrier}")));
        Ok(())
    }

    fn end(self) -> Result<()> {
        let Self { theme, barriers, .. } = self;
        ensure!(barriers.is_empty(), "barriers in the {theme} theme:\n{}", barriers.join("\n"));
        Ok(())
    }
}

/// A session with a month in its inbox and three servers.
struct Shop {
    daemon: Tidingsd,
    servers: Vec<FaultyServer>,
    session: Session,
}

impl Shop {
    async fn open() -> Result<Self> {
        let session = Session::start().await?;
        let mut servers = Vec::new();
        let mut configuration = String::new();
        for name in SOURCES {
            let server = FaultyServer::start().await?;
            let source = config::faulty(&session, &server)?;
            configuration +=
                &source.replace(&format!("\"{}\"", config::SOURCE), &format!("\"{name}\""));
            servers.push(server);
        }
        // Not now, whenever this runs: the popups are waited for.
        let by_day = (7..22).contains(&Local::now().hour());
        let (from, until) = if by_day { ("22:00", "07:00") } else { ("12:00", "14:00") };
        configuration += &format!(
            "[quiet]\nschedule = [{{ days = [\"mon-fri\"], from = \"{from}\", until = \"{until}\" }}]\n"
        );
        session.configure(&configuration)?;
        let daemon = session.daemon().await?;
        for name in SOURCES {
            daemon.wait_for_state(name, SourceState::Online).await?;
        }
        let now = i64::try_from(&daemon.control().await?.stats().await?["now"])?;
        sample_inbox::fill(&session, &daemon, now).await?;
        session.popups.wait_for_shown(1, DEADLINE).await?;
        Ok(Self { daemon, servers, session })
    }

    async fn mute(
        &self,
        source: &str,
        topic: Option<&str>,
        target: &str,
        until: Option<i64>,
    ) -> Result<()> {
        let scope =
            Scope { source: Some(source.into()), topic: topic.map(str::to_owned), key: None };
        let mut options = DictWriter::default();
        options.optional("until", until);
        let preferences = self.daemon.preferences().await?;
        preferences.opt_out(scope.to_dict(), target, options.finish()).await?;
        Ok(())
    }

    async fn set(&self, key: &str, value: &str) -> Result<()> {
        let mut settings = DictWriter::default();
        settings.put(key, value);
        Ok(self.daemon.preferences().await?.set(settings.finish()).await?)
    }
}

async fn first_run(scheme: Scheme) -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let (mut walk, _portal) = Walk::begin(&session, scheme).await?;
    walk.window.wait_for("Django Channels (live)").await?;
    walk.see("welcome").await?;
    walk.window.click("Django Channels (live)").await?;
    walk.window.wait_for("Address").await?;
    walk.see("welcome-connect").await?;
    walk.window.click("Back").await?;
    walk.window.click("Skip").await?;
    walk.window.wait_for("All done. Nothing is waiting for you.").await?;
    walk.see("empty").await?;
    walk.end()
}

async fn inbox(scheme: Scheme) -> Result<()> {
    let shop = Shop::open().await?;
    let (mut walk, _portal) = Walk::begin(&shop.session, scheme).await?;
    walk.window.wait_for(RICHEST).await?;
    walk.see("inbox-list").await?;
    walk.window.click(RICHEST).await?;
    walk.window.wait_for("Shown on the desktop.").await?;
    walk.window.wait_for(".detail .rich").await?;
    walk.see("inbox").await?;
    walk.window.click("Open at shop.example.org").await?;
    walk.window.wait_for("dialog[open]").await?;
    walk.see("link").await?;
    walk.window.press("Escape").await?;

    for (button, view) in [("Snooze", "menu-snooze"), ("Mute", "menu-mute"), ("More", "menu-more")]
    {
        walk.window.click(button).await?;
        walk.window.wait_for("[role=menu]").await?;
        walk.see(view).await?;
        walk.window.press("Escape").await?;
        walk.window.wait_until_gone("[role=menu]").await?;
    }
    walk.window.click("Filter").await?;
    walk.window.click("Urgency").await?;
    walk.window.click("High").await?;
    walk.window.wait_for("High or more urgent").await?;
    walk.see("filter").await?;
    walk.window.click("Remove the filter High or more urgent").await?;
    walk.window.type_into("input[type=search]", "order").await?;
    walk.window.wait_for("mark").await?;
    walk.see("search").await?;
    walk.window.press("Enter").await?;
    walk.window.press("x").await?;
    walk.window.press("Shift+ArrowDown").await?;
    walk.window.wait_for("2 selected").await?;
    walk.see("selection").await?;
    walk.window.press("e").await?;
    walk.window.wait_for("2 marked as done.").await?;
    walk.see("undo").await?;
    walk.window.press("z").await?;
    walk.window.press("?").await?;
    walk.window.wait_for("dialog[open]").await?;
    walk.see("keyboard").await?;
    walk.window.press("Escape").await?;

    shop.daemon.terminate().await?;
    walk.window.wait_for("The notification service is not running.").await?;
    walk.see("away").await?;
    walk.end()
}

async fn settings(scheme: Scheme) -> Result<()> {
    let shop = Shop::open().await?;
    let now = i64::try_from(&shop.daemon.control().await?.stats().await?["now"])?;
    shop.mute("forge", Some("handbook"), "", None).await?;
    shop.mute("monitoring", None, "desktop", Some(now + 4 * 3_600_000)).await?;
    shop.servers[1].faults(|faults| faults.redirect_to_login = true);
    shop.servers[1].reset_sockets();
    shop.daemon.wait_for_state("monitoring", SourceState::NeedsLogin).await?;

    let (mut walk, _portal) = Walk::begin(&shop.session, scheme).await?;
    walk.window.click("Settings").await?;
    walk.window.wait_for("Needs a new login").await?;
    walk.see("settings-sources").await?;
    walk.window.click("Add source").await?;
    walk.window.wait_for("Another server with JSON").await?;
    walk.see("settings-kinds").await?;
    walk.window.click("Django Channels (live)").await?;
    walk.window.type_into("Address", "https://shop.example.org").await?;
    walk.see("settings-form").await?;
    walk.window.type_into("Address", "shop").await?;
    walk.window.click("Add source").await?;
    walk.window.wait_for("This is no address.").await?;
    walk.see("settings-form-problem").await?;

    for (section, shows, view) in [
        ("Targets", "table", "settings-targets"),
        ("Routes", "No routes yet", "settings-routes"),
        ("Do not disturb", "Schedule", "settings-quiet"),
        ("Storage", "Database", "settings-storage"),
        ("Appearance", "Density", "settings-appearance"),
        ("Keyboard", "Single-key shortcuts", "settings-keyboard"),
        ("About", "Licence", "settings-about"),
    ] {
        walk.window.click(section).await?;
        walk.window.wait_for(shows).await?;
        if view == "settings-targets" {
            walk.window.click("button.fold").await?;
        }
        walk.see(view).await?;
    }
    walk.end()
}

async fn statistics(scheme: Scheme) -> Result<()> {
    let shop = Shop::open().await?;
    let (mut walk, _portal) = Walk::begin(&shop.session, scheme).await?;
    walk.window.click("Statistics").await?;
    walk.window.wait_for("Busiest topics").await?;
    walk.see("statistics").await?;
    walk.window
        .run("document.querySelectorAll('figcaption button').forEach((one) => one.click())")
        .await?;
    walk.window.wait_for(".scroll table").await?;
    walk.see("statistics-tables").await?;
    walk.end()
}

/// Where there is little room, in another language, and denser.
async fn small(scheme: Scheme) -> Result<()> {
    let shop = Shop::open().await?;
    shop.set("app.density", "compact").await?;
    shop.set("app.language", "es").await?;
    let (mut walk, _portal) = Walk::begin(&shop.session, scheme).await?;
    walk.window.wait_for("Bandeja de entrada").await?;
    walk.see("compact-spanish").await?;
    shop.set("app.density", "comfortable").await?;
    walk.window.resize(480, 720).await?;
    walk.window.wait_for("html[data-density=comfortable]").await?;
    walk.see("narrow-list").await?;
    walk.window.click(RICHEST).await?;
    walk.window.wait_for(".detail .rich").await?;
    walk.see("narrow-detail").await?;
    walk.end()
}

#[tokio::test]
async fn the_first_run_is_without_barriers() -> Result<()> {
    first_run(Scheme::Light).await?;
    first_run(Scheme::Dark).await
}

#[tokio::test]
async fn the_inbox_is_without_barriers_in_the_light_theme() -> Result<()> {
    inbox(Scheme::Light).await
}

#[tokio::test]
async fn the_inbox_is_without_barriers_in_the_dark_theme() -> Result<()> {
    inbox(Scheme::Dark).await
}

#[tokio::test]
async fn the_settings_are_without_barriers_in_the_light_theme() -> Result<()> {
    settings(Scheme::Light).await
}

#[tokio::test]
async fn the_settings_are_without_barriers_in_the_dark_theme() -> Result<()> {
    settings(Scheme::Dark).await
}

#[tokio::test]
async fn the_statistics_are_without_barriers() -> Result<()> {
    statistics(Scheme::Light).await?;
    statistics(Scheme::Dark).await
}

#[tokio::test]
async fn a_small_window_in_another_language_is_without_barriers() -> Result<()> {
    small(Scheme::Light).await?;
    small(Scheme::Dark).await
}

#[tokio::test]
async fn the_window_follows_the_desktop_until_the_person_decides() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let post = Post { title: "Something to see".into(), ..Post::default() };
    daemon.post1().await?.post(&post.title, "", post.to_options()).await?;
    let portal = Portal::start(session.connect().await?, Scheme::Dark).await?;
    let window = Window::open(&session).await?;
    window.wait_for("html[data-theme=dark]").await?;
    portal.prefer(Scheme::Light).await?;
    window.wait_for("html[data-theme=light]").await?;
    let mut settings = DictWriter::default();
    settings.put("app.theme", "dark");
    daemon.preferences().await?.set(settings.finish()).await?;
    window.wait_for("html[data-theme=dark]").await?;
    window.record_happenings().await?;
    portal.prefer(Scheme::Dark).await?;
    window.wait_for_happening("appearance").await?;
    portal.prefer(Scheme::Light).await?;
    until("the second change to be told", LONG, async || {
        (window.happenings().await.ok()?.len() == 2).then_some(())
    })
    .await?;
    assert!(window.shows("html[data-theme=dark]").await?, "what the person chose stands");
    Ok(())
}
