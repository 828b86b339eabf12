//! What the page asks of the window and the desktop, and not of the daemon.

use tauri::State;
use tidings_api::Address;
use tidings_app::autostart::Autostart;
use tidings_app::page::{Appearance, Failure, Place};

use super::Answer;
use crate::daemon::Daemon;
use crate::desktop::Desktop;
use crate::links;
use crate::presence::Presence;

#[tauri::command]
pub(crate) fn autostart() -> Answer<bool> {
    Autostart::of_environment().and_then(|autostart| autostart.is_on()).map_err(failed)
}

#[tauri::command]
pub(crate) fn set_autostart(on: bool) -> Answer<()> {
    Autostart::of_environment().and_then(|autostart| autostart.set(on)).map_err(failed)
}

#[tauri::command]
pub(crate) async fn start_daemon(daemon: State<'_, Daemon>) -> Answer<()> {
    daemon.start().await
}

#[tauri::command]
pub(crate) async fn open_link(daemon: State<'_, Daemon>, url: String) -> Answer<()> {
    let address = Address::parse(&url).map_err(|refusal| Failure::invalid(refusal.to_string()))?;
    links::open(daemon.connection(), &address).await
}

#[tauri::command]
pub(crate) async fn appearance(desktop: State<'_, Desktop>) -> Answer<Appearance> {
    Ok(desktop.appearance().await)
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "the macro hands it over")]
pub(crate) fn place(presence: State<'_, Presence>) -> Place {
    (&presence.place()).into()
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "the macro hands it over")]
pub(crate) fn ready(presence: State<'_, Presence>) {
    presence.first_painted();
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn failed(error: anyhow::Error) -> Failure {
    Failure::unavailable(format!("{error:#}"))
}
