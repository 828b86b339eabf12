use std::os::unix::fs::symlink;

use super::*;

const KINDS: Kinds = Kinds { names: || vec!["ntfy"], check: |_, _| Vec::new(), ..Kinds::NONE };
/// Longest wait for a reload; far more than the debounce takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

fn popups(on: bool) -> String {
    format!("[desktop]\npopups = {on}\n")
}

/// A followed configuration, and the means to wait for it.
struct Followed {
    config: Arc<LiveConfig>,
    receiver: watch::Receiver<Arc<Config>>,
    cancel: CancellationToken,
}

impl Followed {
    fn start(path: PathBuf) -> Self {
        let config = Arc::new(LiveConfig::open(path, KINDS));
        let cancel = CancellationToken::new();
        let receiver = config.subscribe();
        let (follower, token) = (config.clone(), cancel.clone());
        tokio::spawn(async move { follower.follow(token).await });
        Self { config, receiver, cancel }
    }

    async fn popups_become(&mut self, on: bool) {
        let change = self.receiver.wait_for(|config| config.desktop.popups == on);
        timeout(DEADLINE, change).await.expect("the change must be noticed").unwrap();
    }

    async fn error_becomes(&self, present: bool) {
        let deadline = Instant::now() + DEADLINE;
        while self.config.last_error().is_some() != present {
            assert!(Instant::now() < deadline, "the mistake must be noticed");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

#[tokio::test]
async fn a_broken_file_keeps_the_last_good_configuration_running() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, popups(false)).unwrap();
    let mut followed = Followed::start(path.clone());
    fs::write(&path, "[desktop]\npopups = perhaps\n").unwrap();
    followed.error_becomes(true).await;
    assert!(!followed.config.current().desktop.popups, "the last good one goes on");
    fs::write(&path, popups(true)).unwrap();
    followed.popups_become(true).await;
    assert_eq!(followed.config.last_error(), None);
}

#[tokio::test]
async fn an_editor_that_replaces_the_file_is_noticed_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, popups(true)).unwrap();
    let mut followed = Followed::start(path.clone());
    for on in [false, true, false] {
        let new = folder.path().join("config.toml~");
        fs::write(&new, popups(on)).unwrap();
        fs::rename(&new, &path).unwrap();
        followed.popups_become(on).await;
    }
}

#[tokio::test]
async fn a_file_in_a_folder_that_did_not_exist_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("config/tidings");
    let mut followed = Followed::start(folder.join("config.toml"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), popups(false)).unwrap();
    followed.popups_become(false).await;
    fs::remove_dir_all(home.path().join("config")).unwrap();
    followed.popups_become(true).await;
}

#[tokio::test]
async fn a_folder_that_is_replaced_at_once_goes_on_being_watched() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("tidings");
    let path = folder.join("config.toml");
    fs::create_dir(&folder).unwrap();
    fs::write(&path, popups(true)).unwrap();
    let mut followed = Followed::start(path.clone());
    for on in [false, true, false] {
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(&path, popups(on)).unwrap();
        followed.popups_become(on).await;
    }
}

#[tokio::test]
async fn a_file_edited_behind_a_link_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let dotfiles = home.path().join("dotfiles");
    fs::create_dir_all(&dotfiles).unwrap();
    fs::write(dotfiles.join("tidings.toml"), popups(true)).unwrap();
    let path = home.path().join("config.toml");
    symlink("dotfiles/tidings.toml", &path).unwrap();
    let mut followed = Followed::start(path);
    fs::write(dotfiles.join("tidings.toml"), popups(false)).unwrap();
    followed.popups_become(false).await;
}

#[tokio::test]
async fn a_folder_link_turned_to_a_new_generation_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    for (generation, on) in [("gen1", true), ("gen2", false)] {
        fs::create_dir_all(home.path().join(generation)).unwrap();
        fs::write(home.path().join(generation).join("config.toml"), popups(on)).unwrap();
    }
    let current = home.path().join("current");
    symlink("gen1", &current).unwrap();
    let mut followed = Followed::start(current.join("config.toml"));
    let next = home.path().join("next");
    symlink("gen2", &next).unwrap();
    fs::rename(&next, &current).unwrap();
    followed.popups_become(false).await;
}

#[test]
fn a_reload_that_changes_nothing_tells_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, popups(false)).unwrap();
    let config = LiveConfig::open(path.clone(), KINDS);
    let receiver = config.subscribe();
    fs::write(&path, format!("# a comment\n{}", popups(false))).unwrap();
    config.reload().unwrap();
    assert!(!receiver.has_changed().unwrap(), "a comment must not reconnect every source");
}

#[test]
fn a_file_that_is_wrong_at_the_start_leaves_the_default_running() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, "nonsense").unwrap();
    let config = LiveConfig::open(path.clone(), KINDS);
    assert_eq!(*config.current(), Config::default());
    assert!(config.last_error().is_some());
    assert!(config.reload().is_err());
    fs::write(&path, popups(false)).unwrap();
    config.reload().unwrap();
    assert_eq!(config.last_error(), None);
}

#[test]
fn a_source_is_switched_off_in_the_file_and_in_the_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, "[[source]]\nname = \"a\"\nkind = \"ntfy\"\nurl = \"https://a.b\"\n").unwrap();
    let config = LiveConfig::open(path, KINDS);
    config.set_source_enabled("a", false).unwrap();
    assert!(!config.current().sources[0].enabled);
}

#[test]
fn a_plain_file_needs_no_polling_and_links_that_circle_end() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let plain = places(&root.join("config.toml"));
    assert_eq!(plain.folders, BTreeSet::from([root.clone()]));
    assert!(!plain.linked);
    symlink("b", root.join("a")).unwrap();
    symlink("a", root.join("b")).unwrap();
    assert!(places(&root.join("a/config.toml")).linked);
}
