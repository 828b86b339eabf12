//! Which icons may be named to the popup server: those of the theme, and small local images.
//!
//! The server loads what it is told to, with the rights of the user: a path is checked here, and a remote source may name
//! none but of the images that we keep ourselves, because looking one up can already mount a network share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_api::names::LOCAL_SOURCE;
use url::Url;

use crate::images::Images;

/// Largest image file that is handed to the server, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Longest name of a theme icon, in bytes.
const LONGEST_NAME: usize = 255;
/// File name endings that count as images.
const IMAGES: [&str; 7] = ["png", "svg", "jpg", "jpeg", "gif", "webp", "xpm"];
/// How long a file system may take to say what a path is; a dead network share takes for ever.
const PATIENCE: Duration = Duration::from_millis(500);

/// An icon that passed the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    /// None was given, or it was refused.
    Absent,
    /// The name of a theme icon.
    Named(String),
    /// A local image as a `file:` URL.
    File(String),
}

/// Checks the icon of a popup of `source`.
pub(super) async fn allowed(icon: &str, source: &str, images: &Images) -> Icon {
    if is_theme_name(icon) {
        return Icon::Named(icon.to_owned());
    }
    let may_name = |path: &PathBuf| source == LOCAL_SOURCE || images.hold(path);
    let Some(path) = local_path(icon).filter(may_name) else {
        return Icon::Absent;
    };
    let check = tokio::task::spawn_blocking(move || image_file(&path));
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(Some(url))) => Icon::File(url),
        Ok(Ok(None) | Err(_)) | Err(_) => Icon::Absent,
    }
}

fn is_theme_name(icon: &str) -> bool {
    icon.len() <= LONGEST_NAME
        && icon.starts_with(|first: char| first.is_ascii_alphanumeric())
        && icon.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn local_path(icon: &str) -> Option<PathBuf> {
    if icon.starts_with('/') {
        return Some(PathBuf::from(icon));
    }
    let url = Url::parse(icon).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok()).flatten()
}

/// The URL of a regular, small image file. Links are followed first, so that what is checked is
/// what the server opens: themes consist of links, and a device behind one is still refused.
fn image_file(path: &Path) -> Option<String> {
    let real = path.canonicalize().ok()?;
    let extension = real.extension()?.to_str()?.to_ascii_lowercase();
    let facts = real.metadata().ok()?;
    let fits = facts.is_file() && (1..=LARGEST).contains(&facts.len());
    let is_image = IMAGES.contains(&extension.as_str());
    // The kernel's own folders have regular files that are none.
    let is_stored = !["/proc", "/sys", "/dev"].iter().any(|special| real.starts_with(special));
    (fits && is_image && is_stored)
        .then(|| Url::from_file_path(&real).ok().map(String::from))
        .flatten()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// None is kept.
    fn kept() -> Images {
        Images::new(PathBuf::from("/no/images"))
    }

    #[rstest]
    #[case("mail-unread")]
    #[case("org.tidings.Tidings")]
    #[case("weather_clear.2")]
    #[tokio::test]
    async fn theme_icons_are_allowed_to_everyone(#[case] icon: &str) {
        assert_eq!(allowed(icon, "orders", &kept()).await, Icon::Named(icon.to_owned()));
    }

    #[rstest]
    #[case("")]
    #[case("http://evil.example/pixel.png")]
    #[case("https://evil.example/pixel.png")]
    #[case("data:image/png;base64,AAAA")]
    #[case("file://evil.example/share/pixel.png")]
    #[case("smb://evil.example/pixel.png")]
    #[case("../../etc/passwd")]
    #[case("~/picture.png")]
    #[case("/etc/passwd")]
    #[case("/dev/zero")]
    #[case("/proc/self/mem.png")]
    #[case("/no/such/picture.png")]
    #[case("--version")]
    #[case("..")]
    #[case("name\u{0}.png")]
    #[case("/tmp\u{0}/x.png")]
    #[tokio::test]
    async fn everything_else_is_dropped(#[case] icon: &str) {
        assert_eq!(allowed(icon, LOCAL_SOURCE, &kept()).await, Icon::Absent);
    }

    #[tokio::test]
    async fn a_local_image_is_named_by_its_real_path() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().canonicalize().unwrap().join("a picture.png");
        std::fs::write(&image, b"image").unwrap();
        let link = folder.path().join("link.png");
        symlink(&image, &link).unwrap();

        let expected = Icon::File(Url::from_file_path(&image).unwrap().to_string());
        for given in [
            image.display().to_string(),
            link.display().to_string(),
            Url::from_file_path(&image).unwrap().to_string(),
        ] {
            assert_eq!(allowed(&given, LOCAL_SOURCE, &kept()).await, expected, "given as {given}");
        }
    }

    #[tokio::test]
    async fn a_remote_source_names_no_files_of_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("picture.png");
        std::fs::write(&image, b"image").unwrap();
        assert_eq!(allowed(&image.display().to_string(), "orders", &kept()).await, Icon::Absent);
    }

    #[tokio::test]
    async fn a_remote_source_names_an_image_that_we_keep() {
        let folder = tempfile::tempdir().unwrap();
        let images = Images::new(folder.path().canonicalize().unwrap());
        let image = images.keep(b"GIF89a").unwrap();
        let expected = Icon::File(Url::from_file_path(&image).unwrap().to_string());
        assert_eq!(allowed(&image.display().to_string(), "orders", &images).await, expected);
    }

    #[tokio::test]
    async fn devices_pipes_folders_and_giants_are_no_images() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("/dev/zero", at("device.png")).unwrap();
        std::fs::create_dir(at("folder.png")).unwrap();
        std::fs::write(at("empty.png"), b"").unwrap();
        std::fs::File::create(at("giant.png")).unwrap().set_len(LARGEST + 1).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe.png")).status().unwrap();
        assert!(made.success(), "mkfifo failed");

        for name in ["device.png", "folder.png", "empty.png", "giant.png", "pipe.png"] {
            let given = at(name).display().to_string();
            let allowed = allowed(&given, LOCAL_SOURCE, &kept()).await;
            assert_eq!(allowed, Icon::Absent, "{name} was let through");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_check_panic_or_leave_the_theme(icon in any::<String>()) {
            if is_theme_name(&icon) {
                prop_assert!(!icon.contains(['/', ':', '\0']));
            }
            let _ = local_path(&icon);
        }
    }
}
