//! Whether the tray starts with the session: the user's own file in `~/.config/autostart`.
//!
//! The installation brings one for everybody; the user's file of the same name wins, and one that is hidden says no.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context;
use tidings_api::names;

const PROGRAM: &str = "tidings-app";

/// Where the files of this user and of the system lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autostart {
    user: PathBuf,
    system: Vec<PathBuf>,
}

impl Autostart {
    /// The places that the environment names.
    ///
    /// # Errors
    ///
    /// When there is no home folder.
    pub fn of_environment() -> anyhow::Result<Self> {
        let folders = directories::BaseDirs::new().context("there is no home folder")?;
        let system = std::env::var_os("XDG_CONFIG_DIRS").filter(|list| !list.is_empty());
        let system = system.unwrap_or_else(|| "/etc/xdg".into());
        let system: Vec<PathBuf> = std::env::split_paths(&system).collect();
        Ok(Self::within(folders.config_dir(), &system))
    }

    /// The places below these configuration folders.
    #[must_use]
    pub fn within(user: &Path, system: &[PathBuf]) -> Self {
        let file = |folder: &Path| {
            folder.join("autostart").join(format!("{}.desktop", names::APPLICATION_ID))
        };
        Self { user: file(user), system: system.iter().map(|folder| file(folder)).collect() }
    }

    /// Whether the tray starts with the session. The first file that exists decides.
    ///
    /// # Errors
    ///
    /// When a file is there and cannot be read.
    pub fn is_on(&self) -> anyhow::Result<bool> {
        for file in [&self.user].into_iter().chain(&self.system) {
            if let Some(text) = read(file)? {
                return Ok(!is_hidden(&text));
            }
        }
        Ok(false)
    }

    /// Has the tray start with the session, or not.
    ///
    /// # Errors
    ///
    /// When the user's file cannot be written or removed.
    pub fn set(&self, on: bool) -> anyhow::Result<()> {
        if on == self.is_on()? {
            return Ok(());
        }
        let for_everybody = self.system.iter().any(|file| file.exists());
        match (on, for_everybody) {
            (true, _) => self.write(&entry(&program())),
            // Without a file of the user's own the one for everybody would win.
            (false, true) => self.write(HIDDEN),
            (false, false) => fs::remove_file(&self.user)
                .with_context(|| format!("removing {}", self.user.display())),
        }
    }

    fn write(&self, text: &str) -> anyhow::Result<()> {
        let written = self.user.parent().map_or(Ok(()), fs::create_dir_all);
        written
            .and_then(|()| fs::write(&self.user, text))
            .with_context(|| format!("writing {}", self.user.display()))
    }
}

const HIDDEN: &str = "[Desktop Entry]\nType=Application\nName=Tidings\nHidden=true\n";

/// The program beside this one, so that it is found where `PATH` does not lead; an AppImage's or a sandbox's own
/// place may be gone tomorrow, but then the program beside this one is, too.
fn program() -> PathBuf {
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PROGRAM.into())
}

fn entry(program: &Path) -> String {
    let program = program.display().to_string();
    // The quoting of the Desktop Entry Specification: within quotes these are escaped, and a percent sign is doubled.
    let quoted: String = program.chars().fold(String::new(), |mut quoted, c| {
        match c {
            '"' | '`' | '$' => quoted.push_str("\\\\"),
            '\\' => quoted.push_str("\\\\\\"),
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(c);
        quoted
    });
    format!(
        "[Desktop Entry]\nType=Application\nName=Tidings\nIcon={icon}\nExec=\"{quoted}\" --background\nNoDisplay=true\n\
         X-GNOME-Autostart-enabled=true\n",
        icon = names::APPLICATION_ID
    )
}

fn read(file: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", file.display())),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// GNOME's key counts as well, because its tools write that one.
fn is_hidden(text: &str) -> bool {
    let lines = text.lines().map(|line| line.split_once('=').unwrap_or((line, "")));
    lines.map(|(key, value)| (key.trim(), value.trim())).any(|(key, value)| {
        matches!((key, value), ("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folders {
        folder: tempfile::TempDir,
        autostart: Autostart,
    }

    fn folders() -> Folders {
        let folder = tempfile::tempdir().unwrap();
        let (user, system) = (folder.path().join("user"), folder.path().join("system"));
        Folders { autostart: Autostart::within(&user, &[system]), folder }
    }

    fn for_everybody(folders: &Folders) {
        let file = folders.folder.path().join("system/autostart/org.tidings.Tidings.desktop");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, entry(Path::new("/usr/bin/tidings-app"))).unwrap();
    }

    #[test]
    fn it_is_off_until_it_is_set_and_leaves_nothing_behind() {
        let folders = folders();
        let autostart = &folders.autostart;
        assert!(!autostart.is_on().unwrap());
        autostart.set(false).unwrap();
        autostart.set(true).unwrap();
        assert!(autostart.is_on().unwrap());
        autostart.set(false).unwrap();
        assert!(!autostart.is_on().unwrap());
        assert!(!autostart.user.exists(), "an entry that says nothing confuses settings tools");
    }

    #[test]
    fn the_users_no_wins_over_the_file_for_everybody_and_a_yes_over_the_no() {
        let folders = folders();
        for_everybody(&folders);
        let autostart = &folders.autostart;
        assert!(autostart.is_on().unwrap());
        autostart.set(false).unwrap();
        assert!(!autostart.is_on().unwrap(), "it would start all the same");
        autostart.set(true).unwrap();
        assert!(autostart.is_on().unwrap());
    }

    #[test]
    fn what_other_tools_switched_off_is_off() {
        let folders = folders();
        folders.autostart.write("[Desktop Entry]\nX-GNOME-Autostart-enabled = false\n").unwrap();
        assert!(!folders.autostart.is_on().unwrap());
        folders.autostart.write("[Desktop Entry]\nHidden=true\n").unwrap();
        assert!(!folders.autostart.is_on().unwrap());
    }

    #[test]
    fn an_odd_path_stays_one_word() {
        let text = entry(Path::new("/a b/$x%f/tidings-app"));
        assert!(text.contains("Exec=\"/a b/\\\\$x%%f/tidings-app\" --background\n"), "{text}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_that_names_it() {
        let folders = folders();
        fs::create_dir_all(&folders.autostart.user).unwrap();
        let error = format!("{:#}", folders.autostart.is_on().unwrap_err());
        assert!(error.contains("org.tidings.Tidings.desktop"), "{error}");
    }
}
