//! `Sources1`. Secrets pass through on their way in and are kept nowhere.

use tauri::State;
use tidings_api::{SourceKind, SourceSettings, SourceStatus};
use tidings_app::page::Report;

use super::{Answer, json};
use crate::daemon::Daemon;

#[tauri::command]
pub(crate) async fn sources(daemon: State<'_, Daemon>) -> Answer<Vec<SourceStatus>> {
    let rows = daemon.sources().await?.list().await?;
    Ok(rows.into_iter().map(SourceStatus::from_dict).collect::<Result<_, _>>()?)
}

#[tauri::command]
pub(crate) async fn source_kinds(daemon: State<'_, Daemon>) -> Answer<Vec<SourceKind>> {
    Ok(SourceKind::list_from_json(&daemon.sources().await?.kinds().await?)?)
}

#[tauri::command]
pub(crate) async fn source(daemon: State<'_, Daemon>, name: String) -> Answer<SourceSettings> {
    Ok(SourceSettings::from_json(&daemon.sources().await?.get(&name).await?)?)
}

#[tauri::command]
pub(crate) async fn add_source(daemon: State<'_, Daemon>, settings: SourceSettings) -> Answer<()> {
    Ok(daemon.sources().await?.add(&json(&settings)?).await?)
}

#[tauri::command]
pub(crate) async fn update_source(
    daemon: State<'_, Daemon>,
    settings: SourceSettings,
) -> Answer<()> {
    Ok(daemon.sources().await?.update(&json(&settings)?).await?)
}

#[tauri::command]
pub(crate) async fn remove_source(daemon: State<'_, Daemon>, name: String) -> Answer<()> {
    Ok(daemon.sources().await?.remove(&name).await?)
}

#[tauri::command]
pub(crate) async fn set_source_enabled(
    daemon: State<'_, Daemon>,
    name: String,
    enabled: bool,
) -> Answer<()> {
    Ok(daemon.sources().await?.set_enabled(&name, enabled).await?)
}

#[tauri::command]
pub(crate) async fn set_secret(
    daemon: State<'_, Daemon>,
    name: String,
    secret: String,
) -> Answer<()> {
    // A keyring may ask the person for its password first.
    Ok(daemon.patient().await?.sources().await?.set_secret(&name, &secret).await?)
}

#[tauri::command]
pub(crate) async fn test_source(daemon: State<'_, Daemon>, name: String) -> Answer<Report> {
    Ok(Report::from_dict(daemon.patient().await?.sources().await?.test(&name).await?)?)
}

#[tauri::command]
pub(crate) async fn test_settings(
    daemon: State<'_, Daemon>,
    settings: SourceSettings,
    secret: String,
) -> Answer<Report> {
    let daemon = daemon.patient().await?;
    let report = daemon.sources().await?.test_settings(&json(&settings)?, &secret).await?;
    Ok(Report::from_dict(report)?)
}

#[tauri::command]
pub(crate) async fn reconnect(daemon: State<'_, Daemon>, name: String) -> Answer<()> {
    Ok(daemon.sources().await?.reconnect(&name).await?)
}
