//! An empty window of Tauri, for `make bench`: what our window costs is compared with it.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tauri::Builder::default()
        .setup(|app| {
            let blank = tauri::WebviewUrl::External("about:blank".parse()?);
            tauri::WebviewWindowBuilder::new(app, "blank", blank)
                .title("Tidings")
                .inner_size(1100.0, 720.0)
                .incognito(true)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("tauri.conf.json"))?;
    Ok(())
}
