//! The configuration while the daemon runs: the last good one, reloaded when the file changes.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::kinds::Kinds;
use super::load::load;
use super::model::Config;
use super::problem::ConfigErrors;

/// An editor writes a file in several steps: the file is read when it has been silent for so long.
const SILENCE: Duration = Duration::from_millis(100);
/// The file is read after so long even if it is not silent.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the file is looked at where the kernel may not tell of every change: behind symbolic links
/// and where it cannot be watched. A plain file costs no wake-ups.
const POLL: Duration = Duration::from_secs(30);
/// Most links followed; the kernel's own limit.
const MAX_LINKS: usize = 40;

/// The last good configuration, and what is wrong with the file if it is not that.
#[derive(Debug)]
pub struct LiveConfig {
    path: PathBuf,
    kinds: Kinds,
    config: watch::Sender<Arc<Config>>,
    file: Mutex<FileState>,
}

/// What is known of the file since it was last read.
#[derive(Debug)]
struct FileState {
    /// Taken before the reading: a change during it is noticed afterwards.
    fingerprint: Fingerprint,
    error: Option<Arc<ConfigErrors>>,
}

impl LiveConfig {
    /// Reads the file. If it is wrong the default configuration runs until it is mended;
    /// [`Self::last_error`] tells.
    #[must_use]
    pub fn open(path: PathBuf, kinds: Kinds) -> Self {
        let fingerprint = Fingerprint::of(&path);
        let (config, error) = match load(&path, &kinds) {
            Ok(config) => (config, None),
            Err(error) => (Config::default(), Some(Arc::new(error))),
        };
        let config = watch::Sender::new(Arc::new(config));
        Self { path, kinds, config, file: Mutex::new(FileState { fingerprint, error }) }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file is checked against.
    #[must_use]
    pub const fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// The last good configuration.
    #[must_use]
    pub fn current(&self) -> Arc<Config> {
        self.config.borrow().clone()
    }

    /// Tells of every new configuration; a reload that changes nothing is not one.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Config>> {
        self.config.subscribe()
    }

    /// What is wrong with the file; `None` if it is what runs.
    #[must_use]
    pub fn last_error(&self) -> Option<Arc<ConfigErrors>> {
        self.file().error.clone()
    }

    fn file(&self) -> MutexGuard<'_, FileState> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the file again.
    ///
    /// # Errors
    ///
    /// What is wrong with the file; the last good configuration goes on then.
    pub fn reload(&self) -> Result<(), ConfigErrors> {
        // Held over the reading, so that of two reloads the later one wins.
        let mut file = self.file();
        file.fingerprint = Fingerprint::of(&self.path);
        match load(&self.path, &self.kinds) {
            Ok(config) => {
                file.error = None;
                self.config.send_if_modified(|current| {
                    let changed = **current != config;
                    *current = Arc::new(config);
                    changed
                });
                Ok(())
            }
            Err(errors) => {
                file.error = Some(Arc::new(errors.clone()));
                Err(errors)
            }
        }
    }

    /// Reloads whenever the file changes, until cancelled.
    pub async fn follow(&self, cancel: CancellationToken) {
        let (changes, mut changed) = mpsc::channel(1);
        let mut watches = Watches::new(changes);
        loop {
            // Before the look at the file: what changes after the look wakes the loop again.
            let reliable = watches.update(&self.path);
            if Fingerprint::of(&self.path) != self.file().fingerprint {
                self.reload_and_log();
                continue;
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                event = changed.recv() => match event {
                    Some(()) => settle(&mut changed).await,
                    None => return,
                },
                () = tokio::time::sleep(POLL), if !reliable => {}
            }
        }
    }

    fn reload_and_log(&self) {
        match self.reload() {
            Ok(()) => tracing::info!(path = %self.path.display(), "configuration reloaded"),
            Err(errors) => tracing::error!(
                "the configuration is not used, the last good one goes on:\n{errors}"
            ),
        }
    }
}

/// Waits until the changes pause.
async fn settle(changed: &mut mpsc::Receiver<()>) {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        tokio::select! {
            more = timeout(SILENCE, changed.recv()) => if !matches!(more, Ok(Some(()))) { return },
            () = sleep_until(deadline) => return,
        }
    }
}

/// What tells one state of a file from another without reading it. No file is a state, too.
#[derive(Debug, PartialEq, Eq)]
struct Fingerprint(Option<(PathBuf, [i128; 6])>);

impl Fingerprint {
    fn of(path: &Path) -> Self {
        let resolved = fs::canonicalize(path).ok();
        Self(resolved.and_then(|path| {
            let file = fs::metadata(&path).ok()?;
            let numbers = [
                i128::from(file.dev()),
                i128::from(file.ino()),
                i128::from(file.size()),
                i128::from(file.mtime()) * 1_000_000_000 + i128::from(file.mtime_nsec()),
                i128::from(file.ctime()) * 1_000_000_000 + i128::from(file.ctime_nsec()),
                i128::from(file.mode()),
            ];
            Some((path, numbers))
        }))
    }
}

/// The folders that are watched: editors replace a file, so that watching the file itself goes blind.
#[derive(Debug)]
struct Watches {
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
}

impl Watches {
    fn new(changes: mpsc::Sender<()>) -> Self {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading the file is an event, too; answering it would be an endless loop.
            if event.is_ok_and(|event| is_change(event.kind)) {
                // Full means that a look at the file is due already.
                let _ = changes.try_send(());
            }
        });
        let watcher =
            watcher.inspect_err(|error| tracing::warn!(%error, "the configuration is polled")).ok();
        Self { watcher, folders: BTreeSet::new() }
    }

    /// Watches where the path leads at the moment. `false` if a change may go unnoticed.
    fn update(&mut self, path: &Path) -> bool {
        let Some(watcher) = &mut self.watcher else {
            return false;
        };
        // Every one anew: the kernel watches the folder that was there, not the one that took its place.
        for folder in &self.folders {
            // Fails when the folder has been deleted, and its watch with it.
            let _ = watcher.unwatch(folder);
        }
        let places = places(path);
        let watched = places
            .folders
            .iter()
            .filter(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).is_ok());
        self.folders = watched.cloned().collect();
        !places.linked && self.folders == places.folders
    }
}

fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Places {
    folders: BTreeSet<PathBuf>,
    /// Whether a symbolic link is on the way.
    linked: bool,
}

/// Every folder in which a change can change what the path leads to: its own, and those of the links
/// on the way. Of a folder that does not exist, the nearest one above that does.
fn places(path: &Path) -> Places {
    let mut places = Places::default();
    let mut open = vec![path.to_owned()];
    let mut links = 0;
    while let Some(path) = open.pop() {
        let folder = path.ancestors().skip(1).find_map(existing);
        places.folders.extend(folder);
        for part in path.ancestors().filter(|part| part.is_symlink()) {
            places.linked = true;
            links += 1;
            if links > MAX_LINKS {
                return places;
            }
            if let (Ok(target), Some(folder)) = (fs::read_link(part), part.parent()) {
                places.folders.extend(existing(folder));
                open.push(folder.join(target));
            }
        }
    }
    places
}

/// A folder by its one real name: the kernel keeps one watch a folder, however many names lead to it.
fn existing(folder: &Path) -> Option<PathBuf> {
    folder.canonicalize().ok().filter(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests;
