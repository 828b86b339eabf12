use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::error::SecretError;
use super::line::{MAX_BYTES, first_line};
use crate::config::expand_home;

/// Largest file that is read as a whole: keys and accounts of providers take two or three KiB.
const MAX_DOCUMENT: usize = 64 * 1024;

/// Reads a secret file of the user's. `~` is their home.
pub(super) async fn read(path: &Path) -> Result<SecretString, SecretError> {
    let path = expand_home(path)?;
    off_the_runtime(path, Guard::OwnerOnly).await
}

/// Reads a secret file of the user's with all its lines.
pub(super) async fn read_whole(path: &Path) -> Result<SecretString, SecretError> {
    let path = expand_home(path)?;
    beside(path, |path| {
        let bytes = bytes(path, Guard::OwnerOnly, MAX_DOCUMENT)?;
        let complaint = match std::str::from_utf8(&bytes) {
            Ok(text) if text.trim().is_empty() => "is empty",
            Ok(_) if bytes.len() > MAX_DOCUMENT => "is too long for a secret",
            Ok(text) => return Ok(SecretString::from(text)),
            Err(_) => "is not UTF-8",
        };
        let origin = format!("the secret file {}", path.display());
        Err(SecretError::Unusable { origin, complaint })
    })
    .await
}

/// Who else may read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Nobody: the mode says so.
    OwnerOnly,
    /// systemd guards the folder; the mode says nothing.
    Folder,
}

/// The first line of a file.
pub(super) async fn off_the_runtime(
    path: PathBuf,
    guard: Guard,
) -> Result<SecretString, SecretError> {
    beside(path, move |path| {
        let bytes = bytes(path, guard, MAX_BYTES + 1)?;
        first_line(&bytes, || format!("the secret file {}", path.display()))
    })
    .await
}

/// A home on a network may take its time: other tasks go on meanwhile.
async fn beside(
    path: PathBuf,
    read: impl FnOnce(&Path) -> Result<SecretString, SecretError> + Send + 'static,
) -> Result<SecretString, SecretError> {
    let reading = path.clone();
    tokio::task::spawn_blocking(move || read(&reading)).await.unwrap_or_else(|error| {
        Err(SecretError::FileUnreadable { path, source: io::Error::other(error) })
    })
}

/// What is in a file, up to one byte more than `most`.
fn bytes(path: &Path, guard: Guard, most: usize) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let unreadable = |source| SecretError::FileUnreadable { path: path.to_owned(), source };
    // Not blocking, so that a pipe in the place of a file is refused instead of waited for.
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(unreadable)?;
    // Of the opened file, not of the path, which may lead elsewhere by now.
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SecretError::FileIrregular { path: path.to_owned() });
    }
    if guard == Guard::OwnerOnly {
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(SecretError::FileExposed { path: path.to_owned(), mode });
        }
        // SAFETY: geteuid has no preconditions and cannot fail.
        let user = unsafe { libc::geteuid() };
        if metadata.uid() != user && metadata.uid() != 0 {
            return Err(SecretError::FileForeign { path: path.to_owned() });
        }
    }
    // Room for all of it: a buffer that grows leaves copies behind that nobody wipes.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + 1));
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn secret_file(mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "hunter2\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[tokio::test]
    async fn a_file_of_the_user_alone_is_read_and_not_shown() {
        for mode in [0o600, 0o400] {
            let (_folder, path) = secret_file(mode);
            let secret = read(&path).await.unwrap();
            assert_eq!(secret.expose_secret(), "hunter2");
            assert!(!format!("{secret:?}").contains("hunter2"));
        }
    }

    #[tokio::test]
    async fn a_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        for mode in [0o644, 0o640, 0o604, 0o620] {
            let (_folder, path) = secret_file(mode);
            let error = read(&path).await.unwrap_err().to_string();
            assert!(error.contains(&format!("mode 0{mode:o}")), "{error}");
            assert!(error.contains(&format!("chmod 600 {}", path.display())), "{error}");
        }
    }

    #[tokio::test]
    async fn folders_and_pipes_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(folder.path()).await.unwrap_err();
        assert!(matches!(error, SecretError::FileIrregular { .. }), "{error}");

        let pipe = folder.path().join("pipe");
        let name = std::ffi::CString::new(pipe.as_os_str().as_encoded_bytes()).unwrap();
        // SAFETY: the name is a valid C string that lives until the call returns.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        let reading = tokio::time::timeout(std::time::Duration::from_secs(10), read(&pipe));
        let error = reading.await.expect("a pipe must not hang the daemon").unwrap_err();
        assert!(matches!(error, SecretError::FileIrregular { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_document_keeps_its_lines_under_the_same_guard() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.p8");
        let write = |text: &[u8], mode: u32| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        };
        write(b"one\ntwo\n", 0o600);
        assert_eq!(read_whole(&path).await.unwrap().expose_secret(), "one\ntwo\n");

        write(b"one\ntwo\n", 0o644);
        let error = read_whole(&path).await.unwrap_err();
        assert!(matches!(error, SecretError::FileExposed { .. }), "{error}");

        let long = vec![b'h'; MAX_DOCUMENT + 1];
        for (text, complaint) in
            [(&b" \n"[..], "is empty"), (b"h\xff", "is not UTF-8"), (&long, "is too long")]
        {
            write(text, 0o600);
            let error = read_whole(&path).await.unwrap_err().to_string();
            assert!(error.contains(complaint) && error.contains("key.p8"), "{error}");
        }
        write(&long[..MAX_DOCUMENT], 0o600);
        assert!(read_whole(&path).await.is_ok(), "the limit itself is allowed");
    }

    #[tokio::test]
    async fn a_missing_file_is_named() {
        let error = read(Path::new("/nowhere/token")).await.unwrap_err().to_string();
        assert!(error.contains("/nowhere/token"), "{error}");
    }
}
