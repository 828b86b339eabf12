//! `tidings-window`: the inbox in a window.

fn main() -> anyhow::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!("tauri.conf.json"))?;
    Ok(())
}
