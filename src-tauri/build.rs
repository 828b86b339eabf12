//! Reads the configuration of the window and embeds the page, which must have been built before.

#[path = "src/window/commands/list.rs"]
mod list;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A command that is not in the list needs no permission, and one that is needs its own in `capabilities/`.
    let commands = tauri_build::AppManifest::new().commands(&list::COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}
