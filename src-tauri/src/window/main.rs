//! `tidings-window`: the inbox in a window.
//!
//! One process a window: it is started when the window is wanted, and ends some seconds after it was closed.

mod application;
mod commands;
mod daemon;
mod desktop;
mod files;
mod follow;
mod links;
mod presence;
mod startup;
mod webview;

use std::process::ExitCode;

use anyhow::Context;
use application::Start;
use clap::Parser;
use startup::Startup;
use tauri::Manager;
use tidings_api::Place;

/// Shows the inbox of Tidings.
#[derive(Debug, Parser)]
#[command(name = "tidings-window", version)]
struct Arguments {
    /// What to show: inbox, inbox/ID, settings, settings/SECTION or statistics
    #[arg(long, value_name = "PLACE")]
    place: Option<Place>,
    /// What to log, e.g. `info` or `tidings_window=debug`
    #[arg(long, value_name = "FILTER", env = "TIDINGS_LOG", default_value = "info")]
    log: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let startup = Startup::prepare();
    match startup::logging(&arguments.log).and_then(|()| run(arguments.place, startup)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(place: Option<Place>, startup: Startup) -> anyhow::Result<()> {
    // The main thread is GTK's; one thread is enough to wait for the bus.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("starting the runtime")?;
    tauri::async_runtime::set(runtime.handle().clone());
    let token = startup.activation_token;
    let (connection, asked) =
        match runtime.block_on(application::start(place.as_ref(), token.as_deref()))? {
            Start::First(connection, asked) => (connection, asked),
            Start::Forwarded => return Ok(()),
        };
    let daemon = runtime.block_on(daemon::Daemon::on(&connection))?;
    let desktop = desktop::Desktop::default();

    let app = tauri::Builder::default()
        .manage(daemon.clone())
        .manage(desktop.clone())
        .invoke_handler(tauri::generate_handler![
            commands::inbox::list,
            commands::inbox::get,
            commands::inbox::count,
            commands::inbox::image,
            commands::inbox::topics,
            commands::inbox::set_state,
            commands::inbox::set_state_where,
            commands::inbox::remove,
            commands::inbox::remove_where,
            commands::inbox::undo,
            commands::inbox::invoke,
            commands::inbox::explain,
            commands::inbox::statistics,
            commands::sources::sources,
            commands::sources::source_kinds,
            commands::sources::source,
            commands::sources::add_source,
            commands::sources::update_source,
            commands::sources::remove_source,
            commands::sources::set_source_enabled,
            commands::sources::set_secret,
            commands::sources::test_source,
            commands::sources::test_settings,
            commands::sources::reconnect,
            commands::targets::target_states,
            commands::targets::target_kinds,
            commands::targets::target,
            commands::targets::add_target,
            commands::targets::update_target,
            commands::targets::remove_target,
            commands::targets::set_target_enabled,
            commands::targets::set_target_secret,
            commands::targets::test_target,
            commands::targets::resume_target,
            commands::targets::records,
            commands::targets::add_record,
            commands::targets::update_record,
            commands::targets::remove_record,
            commands::targets::send_code,
            commands::targets::verify_code,
            commands::targets::deliveries,
            commands::targets::retry_deliveries,
            commands::targets::cancel_deliveries,
            commands::targets::routes,
            commands::targets::set_routes,
            commands::preferences::settings,
            commands::preferences::set_settings,
            commands::preferences::opt_outs,
            commands::preferences::opt_out,
            commands::preferences::opt_in,
            commands::preferences::targets,
            commands::preferences::quiet,
            commands::preferences::set_quiet,
            commands::control::versions,
            commands::control::test_popup,
            commands::control::post_test,
            commands::control::play_demo,
            commands::control::end_demo,
            commands::control::export_inbox,
            commands::control::import_inbox,
            commands::shell::autostart,
            commands::shell::set_autostart,
            commands::shell::start_daemon,
            commands::shell::open_link,
            commands::shell::appearance,
            commands::shell::place,
            commands::shell::ready,
        ])
        .setup(move |app| {
            let (presence, life) = presence::Presence::new(webview::open(app)?, place, token);
            app.manage(presence.clone());
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(follow::follow(handle.clone(), daemon));
            tauri::async_runtime::spawn(desktop.follow(handle.clone(), connection.clone()));
            tauri::async_runtime::spawn(application::answer(asked, presence));
            tauri::async_runtime::spawn(life.live(handle, connection));
            Ok(())
        })
        .build(tauri::generate_context!("tauri.conf.json"))
        .context("starting the window")?;
    app.run(|_, _| {});
    Ok(())
}
