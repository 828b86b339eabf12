//! Where the programs under test are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Child;

/// The daemon.
pub fn tidingsd() -> Result<PathBuf> {
    Ok(folder()?.join("tidingsd"))
}

/// The command.
pub fn tidings() -> Result<PathBuf> {
    Ok(folder()?.join("tidings"))
}

/// The tray app. It is built apart from the others: the window of its package needs the page, and it does not.
pub fn tidings_app() -> Result<PathBuf> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        find(&["--bin", "tidings-app", "-p", "tidings-app"]).map_err(|error| format!("{error:#}"))
    });
    Ok(folder.clone().map_err(anyhow::Error::msg)?.join("tidings-app"))
}

/// The window.
pub fn tidings_window() -> Result<PathBuf> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        find(&["--bin", "tidings-window", "-p", "tidings-app"])
            .map_err(|error| format!("{error:#}"))
    });
    Ok(folder.clone().map_err(anyhow::Error::msg)?.join("tidings-window"))
}

/// An empty window, to compare ours with.
pub fn blank_window() -> Result<PathBuf> {
    example("blank-window")
}

/// A window with a page that has no script, to compare ours with.
pub fn static_window() -> Result<PathBuf> {
    example("static-window")
}

fn example(name: &str) -> Result<PathBuf> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        find(&["--examples", "-p", "tidings-app"]).map_err(|error| format!("{error:#}"))
    });
    Ok(folder.clone().map_err(anyhow::Error::msg)?.join("examples").join(name))
}

/// Installs a template of `daemon/data` as `make install` does.
pub fn install_data(template: &str, to: &Path) -> Result<()> {
    let path = workspace().join("daemon/data").join(template);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let folder = folder()?;
    std::fs::write(to, text.replace("@bindir@", folder.to_str().context("not UTF-8")?))?;
    Ok(())
}

/// The root of the source tree.
#[must_use]
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// The python of a fixture's environment. Its `install` runs at most once in a process.
pub fn install_once(python: &OnceLock<Result<PathBuf, String>>, fixture: &Path) -> Result<PathBuf> {
    let install = || -> Result<PathBuf> {
        let program = fixture.join("install");
        let output = Command::new(&program)
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("running {}", program.display()))?;
        ensure!(output.status.success(), "{} failed; see above", program.display());
        Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
    };
    python
        .get_or_init(|| install().map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(anyhow::Error::msg)
}

/// Ends a program as `systemctl stop` does.
pub async fn terminate(mut process: Child) -> Result<()> {
    if let Some(pid) = process.id() {
        // SAFETY: `kill` takes two integers and touches no memory of ours; the process is our own
        // child and not yet waited for, so the id cannot belong to somebody else.
        unsafe { libc::kill(libc::pid_t::try_from(pid)?, libc::SIGTERM) };
    }
    if tokio::time::timeout(Duration::from_secs(10), process.wait()).await.is_err() {
        process.kill().await?;
    }
    Ok(())
}

/// `$TIDINGS_BIN_DIR`, or the folder of this test's own profile, where cargo brings the programs up to date once.
fn folder() -> Result<PathBuf> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            find(&["--bins", "-p", "tidings-daemon", "-p", "tidings-cli"])
                .map_err(|error| format!("{error:#}"))
        })
        .clone()
        .map_err(anyhow::Error::msg)
}

fn find(programs: &[&str]) -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("TIDINGS_BIN_DIR") {
        return Ok(folder.into());
    }
    let test = std::env::current_exe()?;
    let deps = test.parent().context("the test program lies in no folder")?;
    let folder = deps.parent().context("the test program is not in target/<profile>/deps")?;
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet"])
        .args(programs)
        .args(["--profile", profile])
        .current_dir(workspace())
        .status()
        .context("running cargo")?;
    ensure!(status.success(), "cargo could not build the programs under test");
    Ok(folder.to_owned())
}
