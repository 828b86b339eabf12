//! `Inbox1`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json};
use tauri::State;
use tidings_api::{DictWriter, Filter, Notification, Row, StateChange, Statistics, Topic};
use tidings_app::page::{Failure, FailureKind, Page, Triage, decisions};

use super::Answer;
use crate::daemon::Daemon;

#[tauri::command]
pub(crate) async fn list(
    daemon: State<'_, Daemon>,
    filter: Filter,
    cursor: String,
    limit: u32,
) -> Answer<Page> {
    Ok(Page::from_answer(daemon.inbox().await?.list(filter.to_dict(), &cursor, limit).await?))
}

#[tauri::command]
pub(crate) async fn get(daemon: State<'_, Daemon>, ids: Vec<i64>) -> Answer<Vec<Notification>> {
    let rows = daemon.inbox().await?.get(&ids).await?;
    Ok(rows.into_iter().map(|Row(row)| row).collect())
}

#[tauri::command]
pub(crate) async fn count(daemon: State<'_, Daemon>, filters: Vec<Filter>) -> Answer<Vec<u32>> {
    let filters = filters.iter().map(Filter::to_dict).collect();
    Ok(daemon.inbox().await?.count(filters).await?)
}

/// As an address that holds the whole image; the page may load no other.
#[tauri::command]
pub(crate) async fn image(daemon: State<'_, Daemon>, icon: String) -> Answer<Option<String>> {
    match daemon.inbox().await?.image(&icon).await.map_err(Failure::from) {
        Ok((media_type, content)) => {
            Ok(Some(format!("data:{media_type};base64,{}", BASE64_STANDARD.encode(content))))
        }
        Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

#[tauri::command]
pub(crate) async fn topics(daemon: State<'_, Daemon>) -> Answer<Vec<Topic>> {
    let rows = daemon.inbox().await?.topics().await?;
    Ok(rows.into_iter().map(Topic::from_dict).collect::<Result<_, _>>()?)
}

#[tauri::command]
pub(crate) async fn set_state(
    daemon: State<'_, Daemon>,
    ids: Vec<i64>,
    change: StateChange,
) -> Answer<Triage> {
    let changed = daemon.inbox().await?.set_state(&ids, change.to_dict()).await?;
    Ok(Triage::from_ids(changed))
}

#[tauri::command]
pub(crate) async fn set_state_where(
    daemon: State<'_, Daemon>,
    filter: Filter,
    up_to_id: i64,
    change: StateChange,
) -> Answer<Triage> {
    let inbox = daemon.inbox().await?;
    let changed = inbox.set_state_where(filter.to_dict(), up_to_id, change.to_dict()).await?;
    Ok(Triage::from_count(changed))
}

#[tauri::command]
pub(crate) async fn remove(daemon: State<'_, Daemon>, ids: Vec<i64>) -> Answer<Triage> {
    Ok(Triage::from_count(daemon.inbox().await?.delete(&ids).await?))
}

#[tauri::command]
pub(crate) async fn remove_where(
    daemon: State<'_, Daemon>,
    filter: Filter,
    up_to_id: i64,
) -> Answer<Triage> {
    let removed = daemon.inbox().await?.delete_where(filter.to_dict(), up_to_id).await?;
    Ok(Triage::from_count(removed))
}

#[tauri::command]
pub(crate) async fn undo(daemon: State<'_, Daemon>, token: u64) -> Answer<u32> {
    Ok(daemon.inbox().await?.undo(token).await?)
}

#[tauri::command]
pub(crate) async fn invoke(
    daemon: State<'_, Daemon>,
    id: i64,
    action: String,
    reply: Option<String>,
    confirmed: Option<String>,
) -> Answer<()> {
    let mut platform_data = DictWriter::default();
    platform_data.optional("reply", reply);
    platform_data.optional("confirmed", confirmed);
    Ok(daemon.inbox().await?.invoke(id, &action, platform_data.finish()).await?)
}

#[tauri::command]
pub(crate) async fn explain(daemon: State<'_, Daemon>, id: i64) -> Answer<Vec<Map<String, Json>>> {
    Ok(decisions(&daemon.inbox().await?.explain(id).await?))
}

#[tauri::command]
pub(crate) async fn statistics(
    daemon: State<'_, Daemon>,
    since: i64,
    until: i64,
    zone: String,
) -> Answer<Statistics> {
    let text = daemon.inbox().await?.statistics(since, until, &zone).await?;
    Ok(Statistics::from_json(&text)?)
}
