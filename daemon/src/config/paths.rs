use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

/// The user has no home directory, so there is nowhere to look for the configuration or the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home directory: set HOME, or XDG_CONFIG_HOME and XDG_DATA_HOME")]
pub struct NoHome;

/// `$XDG_CONFIG_HOME/tidings/config.toml`, by default `~/.config/tidings/config.toml`.
pub fn config_path() -> Result<PathBuf, NoHome> {
    Ok(project()?.config_dir().join("config.toml"))
}

/// `$XDG_DATA_HOME/tidings/inbox.db`, by default `~/.local/share/tidings/inbox.db`.
pub fn database_path() -> Result<PathBuf, NoHome> {
    Ok(project()?.data_dir().join("inbox.db"))
}

/// `$XDG_CACHE_HOME/tidings/images`, by default `~/.cache/tidings/images`.
pub fn images_path() -> Result<PathBuf, NoHome> {
    Ok(project()?.cache_dir().join("images"))
}

fn project() -> Result<ProjectDirs, NoHome> {
    ProjectDirs::from("org", "tidings", "tidings").ok_or(NoHome)
}

/// The path a user means by `~` or `~/x`. Every other path is itself; `~name` is not looked up.
pub fn expand_home(path: &Path) -> Result<PathBuf, NoHome> {
    let Ok(rest) = path.strip_prefix("~") else {
        return Ok(path.to_owned());
    };
    let home = BaseDirs::new().ok_or(NoHome)?;
    Ok(home.home_dir().join(rest))
}

/// Whether a path means the same file whatever directory the daemon was started in.
pub(super) fn is_anchored(path: &Path) -> bool {
    path.is_absolute() || path.strip_prefix("~").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_carry_the_names_of_the_documentation() {
        assert!(config_path().unwrap().ends_with("tidings/config.toml"));
        assert!(database_path().unwrap().ends_with("tidings/inbox.db"));
        assert!(images_path().unwrap().ends_with("tidings/images"));
    }

    #[test]
    fn only_the_own_home_is_expanded() {
        let home = BaseDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(expand_home(Path::new("~/a/b")).unwrap(), home.join("a/b"));
        assert_eq!(expand_home(Path::new("/~/a")).unwrap(), Path::new("/~/a"));
        assert_eq!(
            expand_home(Path::new("~other/a")).unwrap(),
            Path::new("~other/a"),
            "another user's home is not for us to look up"
        );
    }
}
