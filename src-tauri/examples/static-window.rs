//! A window with a page of twenty rows and no script, for `make bench`: what WebKit itself costs as soon as there is a
//! page. The empty window beside it has none, and WebKit starts no process to draw it.

use std::fmt::Write;

use tauri::webview::PageLoadEvent;
use tidings_app::webkit::Host;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // SAFETY: no other thread is running yet, so nobody reads the environment meanwhile.
    unsafe {
        for name in Host::look().settings() {
            std::env::set_var(name, "1");
        }
    }
    tauri::Builder::default()
        .register_uri_scheme_protocol("page", |_, _| {
            tauri::http::Response::builder()
                .header("content-type", "text/html")
                .body(page().into_bytes())
                .unwrap_or_default()
        })
        .setup(|app| {
            let page = tauri::WebviewUrl::CustomProtocol("page://localhost/".parse()?);
            tauri::WebviewWindowBuilder::new(app, "page", page)
                .title("Tidings")
                .inner_size(1100.0, 720.0)
                .incognito(true)
                .visible(false)
                .on_page_load(|window, load| {
                    if load.event() == PageLoadEvent::Finished
                        && let Err(error) = window.show()
                    {
                        tracing::warn!(%error, "the window cannot be shown");
                    }
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("tauri.conf.json"))?;
    Ok(())
}

fn page() -> String {
    let mut page =
        "<!doctype html><title>Tidings</title><style>article { height: 76px }</style>".to_owned();
    for n in 0..20 {
        // Writing to a string does not fail.
        let _ = write!(page, "<article><p>Build {n}</p><p>413 tests in 3 min 24 s</p></article>");
    }
    page
}
