//! The inbox in the real window: what comes is there at once, and what is done with it reaches popup, daemon and server.

use anyhow::Result;
use tidings_api::{Filter, SourceState, View};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::django::{DjangoServer, User};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{LONG, until};
use tidings_tests::window::Window;

/// A person at the window, signed in at the real server. Dropped in this order: the window before what it shows.
struct Desk {
    window: Window,
    daemon: Tidingsd,
    session: Session,
    server: DjangoServer,
    user: User,
}

impl Desk {
    async fn new() -> Result<Self> {
        let server = DjangoServer::start().await?;
        let user = server.user("maria").await?;
        let session = Session::start().await?;
        session.configure(&config::django(&session, &server, &user)?)?;
        let daemon = session.daemon().await?;
        daemon.wait_for_state(SOURCE, SourceState::Online).await?;
        let window = Window::open(&session).await?;
        Ok(Self { window, daemon, session, server, user })
    }

    /// Lets the server notify, and waits until the row and its popup are there; the ids here and of the popup.
    async fn notified(&self, text: &str) -> Result<(i64, u32)> {
        let before = self.session.popups.shown().len();
        self.server.notify(&self.user, &[text]).await?;
        let popup = self.session.popups.wait_for_shown(before + 1, LONG).await?.remove(before);
        self.window.wait_for(text).await?;
        let confirmed = |rows: &[tidings_api::Notification]| {
            rows.iter().any(|row| row.body == text && row.remote_id.is_some())
        };
        let rows = self.daemon.wait_for_rows(SOURCE, "the confirmed row", LONG, confirmed).await?;
        Ok((rows[0].id, popup.id))
    }

    async fn wait_until_server_has_it_read(&self) -> Result<()> {
        until("the server's list to change", LONG, async || {
            let rows = self.server.rows(&self.user).await.ok()?;
            rows.iter().all(|row| row.leida).then_some(())
        })
        .await
    }

    async fn wait_until_closed(&self, popup: u32) -> Result<()> {
        until("the popup to close", LONG, async || {
            self.session.popups.closed().contains(&popup).then_some(())
        })
        .await
    }
}

async fn wait_until_read(daemon: &Tidingsd, id: i64, read: bool) -> Result<()> {
    until(if read { "the row to be read" } else { "the row to be unread" }, LONG, async || {
        (daemon.get(id).await.ok()?.read == read).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_click_on_a_row_reads_it_closes_its_popup_and_tells_the_server() -> Result<()> {
    let desk = Desk::new().await?;
    let (id, popup) = desk.notified("Pedido 17 enviado \u{1f389}").await?;
    desk.window.wait_for("article.unread").await?;
    assert!(!desk.session.popups.closed().contains(&popup), "nobody has looked yet");

    desk.window.click("article").await?;
    desk.window.wait_for(".detail").await?;
    let title = desk.window.texts("#detail-title").await?;
    assert_eq!(title, ["Pedido 17 enviado \u{1f389}"], "a text without a title is its own");
    desk.window.wait_until_gone("article.unread").await?;
    desk.wait_until_closed(popup).await?;
    desk.wait_until_server_has_it_read().await?;
    wait_until_read(&desk.daemon, id, true).await
}

#[tokio::test]
async fn what_was_marked_by_mistake_is_taken_back_by_the_toast() -> Result<()> {
    let desk = Desk::new().await?;
    let (id, popup) = desk.notified("Pedido 18 devuelto").await?;
    // The buttons of a row are there for the pointer and the focus alone.
    desk.window.hover("article").await?;
    desk.window.click("Mark as read").await?;
    desk.window.wait_for("Marked as read.").await?;
    desk.wait_until_closed(popup).await?;
    desk.wait_until_server_has_it_read().await?;

    desk.window.click("Undo").await?;
    desk.window.wait_for("article.unread").await?;
    wait_until_read(&desk.daemon, id, false).await?;
    assert_eq!(desk.session.popups.shown().len(), 1, "taking back shows nothing again");
    Ok(())
}

#[tokio::test]
async fn what_is_read_on_the_web_site_is_read_in_the_window() -> Result<()> {
    let desk = Desk::new().await?;
    let (id, _) = desk.notified("Pedido 19 listo").await?;
    desk.window.wait_for("article.unread").await?;
    let ids: Vec<i64> = desk.server.rows(&desk.user).await?.iter().map(|row| row.id).collect();
    desk.server.read_elsewhere(&ids).await?;
    wait_until_read(&desk.daemon, id, true).await?;
    desk.window.wait_until_gone("article.unread").await
}

#[tokio::test]
async fn a_search_finds_as_it_is_typed_and_marks_what_it_found() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    for title in ["Backup finished", "Order of two espresso cups", "Café is open"] {
        daemon.post(title).await?;
    }
    let window = Window::open(&session).await?;
    window.wait_for("Café is open").await?;
    window.type_into("input[type=search]", "espr").await?;
    window.wait_until_gone("Backup finished").await?;
    window.wait_for("mark").await?;
    assert_eq!(window.texts("article mark").await?, ["espresso"], "the word is marked");
    window.type_into("input[type=search]", "cafe").await?;
    window.wait_for("Café is open").await?;
    window.wait_until_gone("Order of two espresso cups").await?;
    assert_eq!(window.texts("article mark").await?, ["Café"], "with and without accents");
    window.type_into("input[type=search]", "nowhere").await?;
    window.wait_for("Nothing fits this search.").await?;
    window.click("Clear the search").await?;
    window.wait_for("Backup finished").await?;
    Ok(())
}

#[tokio::test]
async fn rows_are_snoozed_saved_done_and_deleted_by_key_and_all_of_it_can_be_taken_back()
-> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("Water the plants").await?;
    daemon.post("Call Ana").await?;
    let window = Window::open(&session).await?;
    window.wait_for("Water the plants").await?;
    // From the search, which has a key everywhere, Enter leads to the list.
    window.press("Ctrl+f").await?;
    window.press("Enter").await?;
    window.press("End").await?;
    window.wait_for_script(&focused(id)).await?;

    window.press("s").await?;
    window.wait_for("Saved. It stays until you let it go.").await?;
    until("it to be saved", LONG, async || daemon.get(id).await.ok()?.saved_at).await?;

    window.press("e").await?;
    window.wait_until_gone(&row(id)).await?;
    until("it to be done", LONG, async || daemon.get(id).await.ok()?.done_at).await?;
    window.press("z").await?;
    window.wait_for(&row(id)).await?;
    let back = daemon.get(id).await?;
    assert!(back.done_at.is_none() && back.saved_at.is_some(), "only the last is taken back");

    window.wait_for_script(&focused(id)).await?;
    window.press("h").await?;
    window.wait_for("[role=menu]").await?;
    window.press("Enter").await?;
    window.wait_until_gone(&row(id)).await?;
    until("it to be snoozed", LONG, async || daemon.get(id).await.ok()?.snoozed_until).await?;
    window.press("g").await?;
    window.press("z").await?;
    window.wait_for(&row(id)).await?;
    window.press("g").await?;
    window.press("i").await?;
    window.wait_for("Call Ana").await?;
    window.press("Ctrl+z").await?;
    window.wait_for(&row(id)).await?;
    assert!(daemon.get(id).await?.snoozed_until.is_none(), "it is awake again");

    // The view was entered after the snooze, so the keys are with its first row.
    window.press("End").await?;
    window.wait_for_script(&focused(id)).await?;
    window.press("Delete").await?;
    window.wait_until_gone(&row(id)).await?;
    let all = Filter { view: View::All, ..Filter::default() };
    until("it to be deleted", LONG, async || {
        (daemon.list(&all).await.ok()?.len() == 1).then_some(())
    })
    .await?;
    window.press("z").await?;
    window.wait_for(&row(id)).await?;
    assert_eq!(daemon.list(&all).await?.len(), 2, "not even deleting is for good at once");
    Ok(())
}

#[tokio::test]
async fn everything_in_the_view_is_marked_but_not_what_came_after() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let ids = [daemon.post("One").await?, daemon.post("Two").await?];
    let window = Window::open(&session).await?;
    window.wait_for("Two").await?;
    window.click("Mark all as read").await?;
    window.wait_for("2 marked as read.").await?;
    for id in ids {
        wait_until_read(&daemon, id, true).await?;
    }
    let later = daemon.post("Three").await?;
    window.wait_for("Three").await?;
    assert!(!daemon.get(later).await?.read, "it came after");
    window.click("Undo").await?;
    for id in ids {
        wait_until_read(&daemon, id, false).await?;
    }
    Ok(())
}

fn row(id: i64) -> String {
    format!("#row-{id}")
}

fn focused(id: i64) -> String {
    format!("return document.activeElement.id === 'row-{id}'")
}
