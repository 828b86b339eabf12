//! Whether the tray icon comes with the login.

use std::path::PathBuf;

use anyhow::Context;

const FILE: &str = "org.tidings.Tidings.desktop";

/// What desktops start at login: one line each is all they need.
const ENTRY: &str = "[Desktop Entry]\nType=Application\nName=Tidings\nExec=tidings-app\nX-GNOME-Autostart-enabled=true\n";

/// Whether it is on.
#[must_use]
pub fn is_on() -> bool {
    let text = file().and_then(|file| std::fs::read_to_string(file).ok());
    text.is_some_and(|text| !text.lines().any(|line| line.trim() == "Hidden=true"))
}

/// Switches it on or off.
///
/// # Errors
///
/// The file cannot be written or removed.
pub fn set(on: bool) -> anyhow::Result<()> {
    let file = file().context("there is no home folder to write the autostart file to")?;
    let done = if on {
        let folder = file.parent().context("the autostart file lies in no folder")?;
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, ENTRY))
    } else {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    };
    done.with_context(|| format!("changing {}", file.display()))
}

fn file() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.config_dir().join("autostart").join(FILE))
}
