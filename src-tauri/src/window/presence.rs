//! Whether the window is on the screen: hidden until it is painted, kept for a moment after it was closed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gtk::prelude::{GtkWindowExt, WidgetExt};
use tauri::{AppHandle, Emitter, Manager, WebviewWindow, WindowEvent};
use tidings_api::Place;
use tidings_api::names::WINDOW_NAME;
use tidings_app::geometry::Geometry;
use tidings_app::page::Happening;
use tokio::sync::watch;
use zbus::Connection;

/// A page that has not said by then that it is painted is shown as it is.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a closed window can be had back at once.
const KEPT: Duration = Duration::from_secs(5);

/// The window's way onto the screen and off it. Clones are the same.
#[derive(Clone)]
pub(crate) struct Presence(Arc<Shared>);

struct Shared {
    window: WebviewWindow,
    shown: watch::Sender<Shown>,
    busy: watch::Sender<usize>,
    opened_for: Mutex<Place>,
    token: Mutex<Option<String>>,
}

/// Where the window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// Not painted yet.
    NotYet,
    /// On the screen.
    Yes,
    /// Closed by the person.
    Closed,
}

/// Keeps the process of a closed window until it is dropped.
pub(crate) struct Busy(Presence);

/// The life of the process, as long as the window is wanted.
pub(crate) struct Life {
    presence: Presence,
    shown: watch::Receiver<Shown>,
}

impl Presence {
    /// Takes care of a window that is not shown yet.
    pub(crate) fn new(
        window: WebviewWindow,
        place: Option<Place>,
        token: Option<String>,
    ) -> (Self, Life) {
        let (sender, shown) = watch::channel(Shown::NotYet);
        let presence = Self(Arc::new(Shared {
            window,
            shown: sender,
            busy: watch::Sender::new(0),
            opened_for: Mutex::new(place.unwrap_or(Place::Inbox)),
            token: Mutex::new(token),
        }));
        let closing = presence.clone();
        presence.0.window.on_window_event(move |event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                closing.hide();
            }
        });
        (presence.clone(), Life { presence, shown })
    }

    /// What the window was opened for.
    pub(crate) fn place(&self) -> Place {
        self.0.opened_for.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something begins that a closed window must not cut off.
    pub(crate) fn busy(&self) -> Busy {
        self.0.busy.send_modify(|count| *count += 1);
        Busy(self.clone())
    }

    /// The page has painted what it begins with. Only the first time means something.
    pub(crate) fn first_painted(&self) {
        if *self.0.shown.borrow() == Shown::NotYet {
            let token = self.0.token.lock().unwrap_or_else(PoisonError::into_inner).take();
            self.present(token);
        }
    }

    /// Brings the window to the front, at a place if one is given.
    pub(crate) fn show(&self, place: Option<Place>, token: Option<String>) {
        if let Some(place) = place {
            // Who asks the page before it listens gets it from here.
            *self.0.opened_for.lock().unwrap_or_else(PoisonError::into_inner) = place.clone();
            tell(self.0.window.app_handle(), &Happening::Place { place: (&place).into() });
        }
        self.present(token);
    }

    fn present(&self, token: Option<String>) {
        self.0.shown.send_replace(Shown::Yes);
        let presence = self.clone();
        let presented =
            self.0.window.run_on_main_thread(move || match presence.0.window.gtk_window() {
                Ok(window) => {
                    if let Some(token) = token {
                        window.set_startup_id(&token);
                    }
                    window.show_all();
                    window.present();
                    // Again: a close may have come in between, and must not end the process of a window that is seen.
                    presence.0.shown.send_replace(Shown::Yes);
                }
                Err(error) => tracing::warn!(%error, "the window cannot be shown"),
            });
        if let Err(error) = presented {
            tracing::warn!(%error, "the window cannot be shown");
        }
    }

    fn hide(&self) {
        self.remember_size();
        if let Err(error) = self.0.window.hide() {
            tracing::warn!(%error, "the window cannot be hidden");
        }
        self.0.shown.send_replace(Shown::Closed);
    }

    fn remember_size(&self) {
        let Some(file) = Geometry::file() else { return };
        let saved = size(&self.0.window, Geometry::load(&file)).map_err(anyhow::Error::from);
        if let Err(error) = saved.and_then(|geometry| geometry.save(&file)) {
            tracing::warn!("the size of the window is not remembered: {error:#}");
        }
    }
}

/// The size of a window that fills the screen is the screen's; the one before it is kept.
fn size(window: &WebviewWindow, before: Geometry) -> tauri::Result<Geometry> {
    if window.is_maximized()? {
        return Ok(Geometry { maximised: true, ..before });
    }
    let size = window.inner_size()?.to_logical::<u32>(window.scale_factor()?);
    Ok(Geometry { width: size.width, height: size.height, maximised: false })
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.busy.send_modify(|count| *count -= 1);
    }
}

impl Life {
    /// Ends the process when the window has been closed for a while.
    pub(crate) async fn live(mut self, app: AppHandle, connection: Connection) {
        let painted = self.shown.wait_for(|shown| *shown != Shown::NotYet);
        if tokio::time::timeout(PATIENCE, painted).await.is_err() {
            tracing::debug!("the page did not say that it is painted");
            self.presence.first_painted();
        }
        let mut busy = self.presence.0.busy.subscribe();
        loop {
            if self.shown.wait_for(|shown| *shown == Shown::Closed).await.is_err() {
                return;
            }
            let wanted = self.shown.wait_for(|shown| *shown == Shown::Yes);
            if tokio::time::timeout(KEPT, wanted).await.is_ok() {
                continue;
            }
            tokio::select! {
                _ = self.shown.wait_for(|shown| *shown == Shown::Yes) => continue,
                _ = busy.wait_for(|count| *count == 0) => {}
            }
            // Whoever asks from now on starts a window of their own.
            if let Err(error) = connection.release_name(WINDOW_NAME).await {
                tracing::debug!(%error, "the name was not given back");
            }
            // Somebody asked in the last moment and was told that it will be shown.
            let asked = *self.shown.borrow() == Shown::Yes;
            if asked && connection.request_name(WINDOW_NAME).await.is_ok() {
                continue;
            }
            app.exit(0);
            return;
        }
    }
}

/// Tells the page; one that does not listen yet asks when it does.
pub(crate) fn tell(app: &AppHandle, happening: &Happening) {
    if let Err(error) = app.emit("happening", happening) {
        tracing::warn!(%error, "the page was not told");
    }
}
