//! The window with its web view: one page of our own, and no way to any other.

use tauri::webview::{NewWindowResponse, PlatformWebview};
use tauri::{App, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tidings_api::names::APPLICATION_ID;
use tidings_app::geometry::Geometry;
use webkit2gtk::{
    CacheModel, PermissionRequestExt, PolicyDecisionExt, PolicyDecisionType, SettingsExt,
    WebContextExt, WebViewExt,
};

/// Opens the window, hidden.
pub(crate) fn open(app: &App) -> anyhow::Result<WebviewWindow> {
    let geometry = Geometry::file().map(|file| Geometry::load(&file)).unwrap_or_default();
    let (width, height) = Geometry::SMALLEST;
    // WebKit lets a driver control only what Tauri has made with its own, lasting context.
    let automated = std::env::var("TAURI_WEBVIEW_AUTOMATION").is_ok_and(|value| value == "true");
    // X11's word for the application, as the desktop file has it; GTK must have started for it.
    gtk::gdk::set_program_class(APPLICATION_ID);
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Tidings")
        .visible(false)
        .inner_size(geometry.width.into(), geometry.height.into())
        .min_inner_size(width.into(), height.into())
        .maximized(geometry.maximised)
        .incognito(!automated)
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .disable_drag_drop_handler()
        .proxy_url(nowhere()?)
        .build()?;
    window.with_webview(restrain)?;
    Ok(window)
}

/// The proxy of everything that is not the page: the port where nobody listens. WebKit opens connections ahead of
/// a click, before anybody is asked whether the click may lead there; not even those reach a stranger.
fn nowhere() -> anyhow::Result<Url> {
    Ok("http://127.0.0.1:9".parse()?)
}

/// Everything else is refused: links leave through the command that checks them.
fn is_our_page(url: &Url) -> bool {
    url.scheme() == "tauri" && url.host_str() == Some("localhost")
}

/// Takes away what one page that never changes does not need.
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands it over")]
fn restrain(webview: PlatformWebview) {
    let webview = webview.inner();
    if let Some(context) = webview.context() {
        context.set_cache_model(CacheModel::DocumentViewer);
    }
    // Before WebKit opens a connection for the new window that Tauri would then refuse.
    webview.connect_decide_policy(|_, decision, kind| {
        let new_window = kind == PolicyDecisionType::NewWindowAction;
        if new_window {
            decision.ignore();
        }
        new_window
    });
    webview.connect_permission_request(|_, request| {
        request.deny();
        true
    });
    if let Some(settings) = WebViewExt::settings(&webview) {
        settings.set_enable_page_cache(false);
        settings.set_enable_media(false);
        settings.set_enable_webgl(false);
        settings.set_enable_webaudio(false);
        settings.set_enable_dns_prefetching(false);
        settings.set_enable_html5_database(false);
        settings.set_javascript_can_open_windows_automatically(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_itself_is_loaded() {
        let allowed = |url: &str| is_our_page(&Url::parse(url).unwrap());
        assert!(allowed("tauri://localhost/index.html"));
        for url in [
            "https://example.org/",
            "http://tauri.localhost/",
            "http://localhost/",
            "tauri://example.org/",
            "file:///etc/passwd",
            "data:text/html,<h1>",
            "about:blank",
            "blob:tauri://localhost/1",
        ] {
            assert!(!allowed(url), "{url} would have been loaded");
        }
    }
}
