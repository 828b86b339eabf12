//! `Targets1`. Secrets pass through on their way in and are kept nowhere.

use tauri::State;
use tidings_api::{DeliveryFilter, DictWriter, Record, Route};
use tidings_api::{TargetKind, TargetSettings, TargetStatus};
use tidings_app::page::{DeliveryPage, Report};

use super::{Answer, json};
use crate::daemon::Daemon;

#[tauri::command]
pub(crate) async fn target_states(daemon: State<'_, Daemon>) -> Answer<Vec<TargetStatus>> {
    let rows = daemon.targets().await?.list().await?;
    Ok(rows.into_iter().map(TargetStatus::from_dict).collect::<Result<_, _>>()?)
}

#[tauri::command]
pub(crate) async fn target_kinds(daemon: State<'_, Daemon>) -> Answer<Vec<TargetKind>> {
    Ok(TargetKind::list_from_json(&daemon.targets().await?.kinds().await?)?)
}

#[tauri::command]
pub(crate) async fn target(daemon: State<'_, Daemon>, name: String) -> Answer<TargetSettings> {
    Ok(TargetSettings::from_json(&daemon.targets().await?.get(&name).await?)?)
}

#[tauri::command]
pub(crate) async fn add_target(daemon: State<'_, Daemon>, settings: TargetSettings) -> Answer<()> {
    Ok(daemon.targets().await?.add(&json(&settings)?).await?)
}

#[tauri::command]
pub(crate) async fn update_target(
    daemon: State<'_, Daemon>,
    settings: TargetSettings,
) -> Answer<()> {
    Ok(daemon.targets().await?.update(&json(&settings)?).await?)
}

#[tauri::command]
pub(crate) async fn remove_target(daemon: State<'_, Daemon>, name: String) -> Answer<()> {
    Ok(daemon.targets().await?.remove(&name).await?)
}

#[tauri::command]
pub(crate) async fn set_target_enabled(
    daemon: State<'_, Daemon>,
    name: String,
    enabled: bool,
) -> Answer<()> {
    Ok(daemon.targets().await?.set_enabled(&name, enabled).await?)
}

#[tauri::command]
pub(crate) async fn set_target_secret(
    daemon: State<'_, Daemon>,
    name: String,
    secret: String,
) -> Answer<()> {
    // A keyring may ask the person for its password first.
    Ok(daemon.patient().await?.targets().await?.set_secret(&name, &secret).await?)
}

#[tauri::command]
pub(crate) async fn test_target(
    daemon: State<'_, Daemon>,
    name: String,
    address: String,
) -> Answer<Report> {
    let report = daemon.patient().await?.targets().await?.test(&name, &address).await?;
    Ok(Report::from_dict(report)?)
}

#[tauri::command]
pub(crate) async fn resume_target(daemon: State<'_, Daemon>, name: String) -> Answer<bool> {
    Ok(daemon.targets().await?.resume(&name).await?)
}

#[tauri::command]
pub(crate) async fn records(daemon: State<'_, Daemon>, target: String) -> Answer<Vec<Record>> {
    let rows = daemon.targets().await?.records(&target).await?;
    Ok(rows.into_iter().map(Record::from_dict).collect::<Result<_, _>>()?)
}

#[tauri::command]
pub(crate) async fn add_record(
    daemon: State<'_, Daemon>,
    target: String,
    address: String,
    description: String,
) -> Answer<i64> {
    let mut options = DictWriter::default();
    options.text("description", &description);
    Ok(daemon.targets().await?.add_record(&target, &address, options.finish()).await?)
}

#[tauri::command]
pub(crate) async fn update_record(
    daemon: State<'_, Daemon>,
    record: i64,
    description: Option<String>,
    active: Option<bool>,
) -> Answer<()> {
    let mut change = DictWriter::default();
    change.optional("description", description);
    change.optional("active", active);
    Ok(daemon.targets().await?.update_record(record, change.finish()).await?)
}

#[tauri::command]
pub(crate) async fn remove_record(daemon: State<'_, Daemon>, record: i64) -> Answer<()> {
    Ok(daemon.targets().await?.remove_record(record).await?)
}

#[tauri::command]
pub(crate) async fn send_code(daemon: State<'_, Daemon>, record: i64) -> Answer<()> {
    Ok(daemon.patient().await?.targets().await?.send_code(record).await?)
}

#[tauri::command]
pub(crate) async fn verify_code(
    daemon: State<'_, Daemon>,
    record: i64,
    code: String,
) -> Answer<bool> {
    Ok(daemon.targets().await?.verify(record, &code).await?)
}

#[tauri::command]
pub(crate) async fn deliveries(
    daemon: State<'_, Daemon>,
    filter: DeliveryFilter,
    cursor: String,
    limit: u32,
) -> Answer<DeliveryPage> {
    let answer = daemon.targets().await?.deliveries(filter.to_dict(), &cursor, limit).await?;
    Ok(DeliveryPage::from_answer(answer)?)
}

#[tauri::command]
pub(crate) async fn retry_deliveries(daemon: State<'_, Daemon>, ids: Vec<i64>) -> Answer<u32> {
    Ok(daemon.targets().await?.retry(&ids).await?)
}

#[tauri::command]
pub(crate) async fn cancel_deliveries(daemon: State<'_, Daemon>, ids: Vec<i64>) -> Answer<u32> {
    Ok(daemon.targets().await?.cancel(&ids).await?)
}

#[tauri::command]
pub(crate) async fn routes(daemon: State<'_, Daemon>) -> Answer<Vec<Route>> {
    Ok(Route::list_from_json(&daemon.targets().await?.routes().await?)?)
}

#[tauri::command]
pub(crate) async fn set_routes(daemon: State<'_, Daemon>, routes: Vec<Route>) -> Answer<()> {
    Ok(daemon.targets().await?.set_routes(&json(&routes)?).await?)
}
