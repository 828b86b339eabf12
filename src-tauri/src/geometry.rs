//! The size that the window had when it was last closed. Its place is the compositor's business.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Size and state of the window, in the pixels of the desktop's scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Geometry {
    /// Width without decorations.
    pub width: u32,
    /// Height without decorations.
    pub height: u32,
    /// Whether it filled the screen.
    pub maximised: bool,
}

impl Default for Geometry {
    fn default() -> Self {
        Self { width: 1100, height: 720, maximised: false }
    }
}

impl Geometry {
    /// Below this nothing can be read.
    pub const SMALLEST: (u32, u32) = (360, 400);
    /// Above this no screen is.
    const LARGEST: u32 = 16_384;

    /// The file that keeps it; `None` without a home folder.
    #[must_use]
    pub fn file() -> Option<PathBuf> {
        let folders = directories::BaseDirs::new()?;
        Some(folders.state_dir()?.join("tidings/window.json"))
    }

    /// Reads the file. One that is missing or damaged is worth the default size and no words.
    #[must_use]
    pub fn load(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        serde_json::from_str::<Self>(&text).unwrap_or_default().usable()
    }

    /// Writes the file, as a whole or not at all.
    ///
    /// # Errors
    ///
    /// The folder or the file cannot be written.
    pub fn save(self, file: &Path) -> anyhow::Result<()> {
        let folder = file.parent().context("the state file lies in no folder")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("creating {}", folder.display()))?;
        let new = file.with_extension("json.new");
        let write = || -> std::io::Result<()> {
            let text = serde_json::to_string(&self)?;
            std::fs::File::create(&new)?.write_all(text.as_bytes())?;
            std::fs::rename(&new, file)
        };
        write().with_context(|| format!("writing {}", file.display()))
    }

    fn usable(self) -> Self {
        let (width, height) = Self::SMALLEST;
        Self {
            width: self.width.clamp(width, Self::LARGEST),
            height: self.height.clamp(height, Self::LARGEST),
            maximised: self.maximised,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tidings/window.json");
        let geometry = Geometry { width: 900, height: 600, maximised: true };
        geometry.save(&file).unwrap();
        assert_eq!(Geometry::load(&file), geometry);
    }

    #[test]
    fn a_missing_or_damaged_file_gives_the_default_size() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("window.json");
        assert_eq!(Geometry::load(&file), Geometry::default(), "missing");
        for damaged in ["", "{", "[]", r#"{"width":"wide"}"#, r#"{"width":-1}"#] {
            std::fs::write(&file, damaged).unwrap();
            assert_eq!(Geometry::load(&file), Geometry::default(), "{damaged}");
        }
    }

    #[test]
    fn a_size_that_nobody_can_use_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("window.json");
        std::fs::write(&file, r#"{"width":1,"height":4000000000}"#).unwrap();
        let Geometry { width, height, .. } = Geometry::load(&file);
        assert_eq!((width, height), (Geometry::SMALLEST.0, Geometry::LARGEST));
    }
}
