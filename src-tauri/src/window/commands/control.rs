//! `Control1`, and the one post that the first run makes.

use tauri::{AppHandle, State};
use tidings_api::Dict;
use tidings_app::page::{FailureKind, Versions};

use super::Answer;
use crate::daemon::Daemon;
use crate::files;
use crate::presence::Presence;

#[tauri::command]
pub(crate) async fn versions(daemon: State<'_, Daemon>) -> Answer<Versions> {
    let control = match daemon.control().await {
        Ok(control) => control,
        // What this program is must be told without the daemon, too.
        Err(failure) if failure.kind == FailureKind::Away => return Ok(Versions::of_the_app()),
        Err(failure) => return Err(failure),
    };
    Ok(Versions::from_stats(control.stats().await?)?)
}

#[tauri::command]
pub(crate) async fn test_popup(daemon: State<'_, Daemon>) -> Answer<()> {
    Ok(daemon.control().await?.test_popup().await?)
}

#[tauri::command]
pub(crate) async fn post_test(
    daemon: State<'_, Daemon>,
    title: String,
    body: String,
) -> Answer<i64> {
    Ok(daemon.post().await?.post(&title, &body, Dict::new()).await?)
}

#[tauri::command]
pub(crate) async fn play_demo(daemon: State<'_, Daemon>) -> Answer<()> {
    Ok(daemon.control().await?.play_demo().await?)
}

#[tauri::command]
pub(crate) async fn end_demo(daemon: State<'_, Daemon>) -> Answer<()> {
    Ok(daemon.control().await?.end_demo().await?)
}

/// `null` = the person changed their mind.
#[tauri::command]
pub(crate) async fn export_inbox(
    app: AppHandle,
    daemon: State<'_, Daemon>,
    presence: State<'_, Presence>,
) -> Answer<Option<u64>> {
    let _busy = presence.busy();
    let daemon = daemon.patient().await?;
    let Some(chosen) = files::to_write(&app).await? else { return Ok(None) };
    let new = chosen.create()?;
    let count = daemon.control().await?.export(new.descriptor()?).await?;
    new.keep()?;
    Ok(Some(count))
}

/// `null` = the person changed their mind.
#[tauri::command]
pub(crate) async fn import_inbox(
    app: AppHandle,
    daemon: State<'_, Daemon>,
    presence: State<'_, Presence>,
) -> Answer<Option<u64>> {
    let _busy = presence.busy();
    let daemon = daemon.patient().await?;
    let Some(chosen) = files::to_read(&app).await? else { return Ok(None) };
    Ok(Some(daemon.control().await?.import(chosen.open()?).await?))
}
