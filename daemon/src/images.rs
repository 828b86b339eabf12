//! Small images that belong to what a server sends, kept as files: popups and the window show them without asking anybody.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use tempfile::NamedTempFile;

/// Largest image that is kept, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// What the folder may hold, in bytes and in files: applications change their images, and servers come and go.
const MOST: Most = Most { bytes: 64 * 1024 * 1024, files: 1_000 };

/// The folder of kept images. It may be emptied at any time: what is missing is fetched again with the next connection.
#[derive(Clone, Debug)]
pub struct Images {
    folder: Arc<Path>,
    most: Most,
}

#[derive(Clone, Copy, Debug)]
struct Most {
    bytes: u64,
    files: usize,
}

/// An image, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// By its content, whatever its name says.
    pub media_type: &'static str,
    /// At most [`LARGEST`] bytes.
    pub content: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Png,
    Jpeg,
    Gif,
    WebP,
}

/// Why an image was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// It is empty or too large.
    #[error("it has {0} bytes; between 1 and {LARGEST} are kept")]
    Size(usize),
    /// It is none of the formats that are drawn safely everywhere. SVG is none: it can contain links and scripts.
    #[error("it is no PNG, JPEG, GIF or WebP image")]
    Format,
    /// The disk failed.
    #[error("it could not be written: {0}")]
    Disk(#[from] io::Error),
}

impl Images {
    /// Images in this folder, which need not exist yet.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder: folder.into(), most: MOST }
    }

    /// Keeps an image and says where. The same image is kept once, whoever sends it. Where there are too many, those go that were
    /// kept the longest ago.
    pub fn keep(&self, content: &[u8]) -> Result<PathBuf, NotKept> {
        if content.is_empty() || content.len() > LARGEST {
            return Err(NotKept::Size(content.len()));
        }
        let format = Format::of(content).ok_or(NotKept::Format)?;
        let path = self.folder.join(format!("{}.{}", name(content), format.ending()));
        if path.is_file() {
            self.touch(&path);
            return Ok(path);
        }
        fs::create_dir_all(&self.folder)?;
        // Under another name first, so that nobody draws half of it.
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(content)?;
        file.persist(&path).map_err(|error| error.error)?;
        self.make_room(&path);
        Ok(path)
    }

    /// Notes that an image is still in use. `false` = it is not there.
    #[must_use]
    pub fn renew(&self, path: &Path) -> bool {
        let is_there = self.hold(path) && path.is_file();
        if is_there {
            self.touch(path);
        }
        is_there
    }

    fn touch(&self, path: &Path) {
        let file = fs::File::options().append(true).open(path);
        if let Err(error) = file.and_then(|file| file.set_modified(SystemTime::now())) {
            // It goes sooner than it would have, and is fetched again then.
            tracing::debug!(%error, folder = %self.folder.display(), "an image could not be touched");
        }
    }

    /// Removes the oldest images until the rest is not too much. `kept` stays, whatever its age.
    fn make_room(&self, kept: &Path) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut files: Vec<(SystemTime, PathBuf, u64)> = entries
            .flatten()
            .filter_map(|entry| {
                let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((about.modified().ok()?, entry.path(), about.len()))
            })
            .collect();
        files.sort_unstable();
        let (mut count, mut bytes) =
            (files.len(), files.iter().map(|(_, _, size)| size).sum::<u64>());
        for (_, path, size) in files {
            if count <= self.most.files && bytes <= self.most.bytes {
                return;
            }
            if path != kept && fs::remove_file(&path).is_ok() {
                (count, bytes) = (count - 1, bytes - size);
            }
        }
    }

    /// Reads a kept image; `None` = it is gone, or the path never was one of these.
    #[must_use]
    pub fn read(&self, path: &Path) -> Option<Image> {
        if !self.hold(path) {
            return None;
        }
        let file = fs::File::open(path).ok()?;
        let mut content = Vec::new();
        file.take(LARGEST as u64 + 1).read_to_end(&mut content).ok()?;
        let format = Format::of(&content).filter(|_| content.len() <= LARGEST)?;
        Some(Image { media_type: format.media_type(), content })
    }

    /// Whether a path is one of these. The disk is not asked: a path of a stranger's may lead to a network share.
    #[must_use]
    pub fn hold(&self, path: &Path) -> bool {
        // The name has no further parts, so there is no way out of the folder.
        path.parent() == Some(&self.folder) && path.file_name().is_some()
    }
}

impl Format {
    /// Told by how the content begins.
    fn of(content: &[u8]) -> Option<Self> {
        match content {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// What an image is called: by its content, so that no name of a server's reaches the disk.
fn name(content: &[u8]) -> String {
    digest(&SHA256, content).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn images() -> (tempfile::TempDir, Images) {
        let folder = tempfile::tempdir().unwrap();
        let images = Images::new(folder.path().join("images"));
        (folder, images)
    }

    #[rstest]
    #[case::png(b"\x89PNG\r\n\x1a\nrest", "png", "image/png")]
    #[case::jpeg(b"\xff\xd8\xff\xe0rest", "jpg", "image/jpeg")]
    #[case::gif(b"GIF89arest", "gif", "image/gif")]
    #[case::webp(b"RIFF\x10\0\0\0WEBPrest", "webp", "image/webp")]
    fn an_image_is_kept_under_a_name_of_our_own(
        #[case] content: &[u8],
        #[case] ending: &str,
        #[case] media_type: &str,
    ) {
        let (_folder, images) = images();
        let path = images.keep(content).unwrap();
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(path.extension().unwrap(), ending);
        assert!(images.hold(&path));
        let image = images.read(&path).unwrap();
        assert_eq!((image.media_type, image.content.as_slice()), (media_type, content));
        assert_eq!(images.keep(content).unwrap(), path, "the same image is kept once");
        let kept = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(kept, 1, "nothing else is left in the folder");
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::page(b"<html></html>")]
    #[case::svg(b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
    #[case::sound(b"RIFF\x10\0\0\0WAVErest")]
    fn what_is_no_image_is_not_kept(#[case] content: &[u8]) {
        let (folder, images) = images();
        images.keep(content).unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no folder for nothing");
    }

    #[test]
    fn a_huge_image_is_not_kept() {
        let (_folder, images) = images();
        let mut content = b"GIF89a".to_vec();
        content.resize(LARGEST + 1, 0);
        assert!(matches!(images.keep(&content), Err(NotKept::Size(size)) if size > LARGEST));
    }

    /// Keeps an image and makes it so many seconds old.
    fn aged(images: &Images, content: &[u8], seconds: u64) -> PathBuf {
        let path = images.keep(content).unwrap();
        let then = SystemTime::now() - std::time::Duration::from_secs(seconds);
        fs::File::options().append(true).open(&path).unwrap().set_modified(then).unwrap();
        path
    }

    #[rstest]
    #[case::files(Most { bytes: u64::MAX, files: 2 })]
    #[case::bytes(Most { bytes: 15, files: usize::MAX })]
    fn the_oldest_images_make_room_and_what_is_used_again_is_not_old(#[case] most: Most) {
        let (_folder, images) = images();
        let images = Images { most, ..images };
        let first = aged(&images, b"GIF89a1", 300);
        let second = aged(&images, b"GIF89a2", 200);
        assert!(images.renew(&first), "it is there");
        let third = images.keep(b"GIF89a3").unwrap();
        let there = [&first, &second, &third].map(|path| path.is_file());
        assert_eq!(there, [true, false, true], "the second one was used the longest ago");
        aged(&images, b"GIF89a1", 300);
        images.keep(b"GIF89a1").unwrap();
        aged(&images, b"GIF89a3", 100);
        images.keep(b"GIF89a4").unwrap();
        assert!(first.is_file() && !third.is_file(), "keeping it again is using it");
        assert!(!images.renew(&third), "what is gone is fetched anew");
    }

    #[test]
    fn an_image_stays_that_is_being_kept_though_it_alone_is_too_much() {
        let (_folder, images) = images();
        let images = Images { most: Most { bytes: 1, files: 0 }, ..images };
        assert!(images.keep(b"GIF89a").unwrap().is_file());
    }

    #[rstest]
    #[case("/cache/images")]
    #[case("/cache/images/")]
    #[case("/cache/images/..")]
    #[case("/cache/images/../secret.png")]
    #[case("/cache/images/deeper/a.png")]
    #[case("/net/host/a.png")]
    #[case("a.png")]
    fn what_lies_elsewhere_is_none_of_these(#[case] path: &str) {
        assert!(!Images::new(PathBuf::from("/cache/images")).hold(Path::new(path)));
    }

    #[test]
    fn nothing_else_is_read_through_this_folder() {
        let (folder, images) = images();
        let kept = images.keep(b"GIF89a").unwrap();
        let beside = folder.path().join("a.gif");
        fs::write(&beside, b"GIF89a").unwrap();
        assert_eq!(images.read(&beside), None);
        assert_eq!(images.read(&kept.parent().unwrap().join("../a.gif")), None);
        fs::write(&kept, "a secret that somebody has put there").unwrap();
        assert_eq!(images.read(&kept), None, "what is no image is not handed out as one");
    }

    proptest! {
        #[test]
        fn no_path_leads_out_of_the_folder(path in "(/cache/images|/cache|\\.\\.|/|[a-z.]){0,6}") {
            let images = Images::new(PathBuf::from("/cache/images"));
            let path = Path::new(&path);
            if images.hold(path) {
                let parts = path.components();
                prop_assert!(parts.clone().all(|part| part != std::path::Component::ParentDir));
                prop_assert_eq!(parts.count(), 4);
            }
        }
    }
}
