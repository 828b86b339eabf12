//! `Preferences1` and `Quiet1`.

use serde_json::{Map, Value as Json};
use tauri::State;
use tidings_api::{DictWriter, OptOut, Scope};
use tidings_app::page::{Quiet, settings_from_dict, settings_to_dict};

use super::Answer;
use crate::daemon::Daemon;

#[tauri::command]
pub(crate) async fn settings(daemon: State<'_, Daemon>) -> Answer<Map<String, Json>> {
    settings_from_dict(&daemon.preferences().await?.get().await?)
}

#[tauri::command]
pub(crate) async fn set_settings(
    daemon: State<'_, Daemon>,
    changed: Map<String, Json>,
) -> Answer<()> {
    let changed = settings_to_dict(&changed)?;
    Ok(daemon.preferences().await?.set(changed).await?)
}

#[tauri::command]
pub(crate) async fn opt_outs(daemon: State<'_, Daemon>) -> Answer<Vec<OptOut>> {
    let rows = daemon.preferences().await?.opt_outs().await?;
    Ok(rows.into_iter().map(OptOut::from_dict).collect::<Result<_, _>>()?)
}

#[tauri::command]
pub(crate) async fn opt_out(
    daemon: State<'_, Daemon>,
    scope: Scope,
    target: String,
    until: Option<i64>,
) -> Answer<u32> {
    let mut options = DictWriter::default();
    options.optional("until", until);
    let preferences = daemon.preferences().await?;
    Ok(preferences.opt_out(scope.to_dict(), &target, options.finish()).await?)
}

#[tauri::command]
pub(crate) async fn opt_in(
    daemon: State<'_, Daemon>,
    scope: Scope,
    target: String,
) -> Answer<bool> {
    Ok(daemon.preferences().await?.opt_in(scope.to_dict(), &target).await?)
}

#[tauri::command]
pub(crate) async fn targets(daemon: State<'_, Daemon>) -> Answer<Vec<String>> {
    Ok(daemon.preferences().await?.targets().await?)
}

#[tauri::command]
pub(crate) async fn quiet(daemon: State<'_, Daemon>) -> Answer<Quiet> {
    let quiet = daemon.quiet().await?;
    let (active, until, reasons) =
        tokio::try_join!(quiet.active(), quiet.until(), quiet.reasons())?;
    Ok(Quiet::from_answer(active, until, reasons)?)
}

#[tauri::command]
pub(crate) async fn set_quiet(daemon: State<'_, Daemon>, until: i64) -> Answer<()> {
    Ok(daemon.quiet().await?.set(until).await?)
}
