//! Reads the configuration of the window and embeds the page, which must have been built before.

fn main() {
    tauri_build::build();
}
