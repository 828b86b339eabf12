//! Asking for a file with the desktop's own dialog. The daemon gets a descriptor and never a path.

use std::fs::{File, OpenOptions};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use gtk::prelude::{FileChooserExt, NativeDialogExt};
use gtk::{FileChooserAction, FileChooserNative, ResponseType};
use tauri::{AppHandle, Manager};
use tidings_app::page::Failure;
use tokio::sync::oneshot;
use zbus::zvariant;

use crate::commands::Answer;

/// A file that the person has chosen.
#[derive(Debug)]
pub(crate) struct Chosen(PathBuf);

/// A file that takes its name only when it is complete; else it is removed.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    draft: PathBuf,
    path: PathBuf,
}

/// Asks where to write; `None` = the person changed their mind.
pub(crate) async fn to_write(app: &AppHandle) -> Answer<Option<Chosen>> {
    ask(app, FileChooserAction::Save).await
}

/// Asks what to read; `None` = the person changed their mind.
pub(crate) async fn to_read(app: &AppHandle) -> Answer<Option<Chosen>> {
    ask(app, FileChooserAction::Open).await
}

async fn ask(app: &AppHandle, action: FileChooserAction) -> Answer<Option<Chosen>> {
    let (answer, answered) = oneshot::channel();
    let handle = app.clone();
    app.run_on_main_thread(move || show(&handle, action, answer))
        .map_err(|error| Failure::unavailable(format!("the dialog for a file: {error}")))?;
    // A dialog that went away without a word is a person who changed their mind.
    Ok(answered.await.unwrap_or(None).map(Chosen))
}

/// Its title and buttons are GTK's, in the language of the desktop.
fn show(app: &AppHandle, action: FileChooserAction, answer: oneshot::Sender<Option<PathBuf>>) {
    let parent = app.get_webview_window("main").and_then(|window| window.gtk_window().ok());
    let dialog = FileChooserNative::new(None, parent.as_ref(), action, None, None);
    dialog.set_modal(true);
    if action == FileChooserAction::Save {
        dialog.set_do_overwrite_confirmation(true);
        dialog.set_current_name(&format!("tidings-{}.jsonl", chrono::Local::now().date_naive()));
    }
    let answer = std::cell::Cell::new(Some(answer));
    // The closure keeps the dialog, which nobody else does, until it is destroyed.
    let kept = dialog.clone();
    dialog.connect_response(move |_, response| {
        let path = kept.filename().filter(|_| response == ResponseType::Accept);
        if let Some(answer) = answer.take() {
            // Fails only when nobody waits any more.
            let _ = answer.send(path);
        }
        kept.destroy();
    });
    dialog.show();
}

impl Chosen {
    /// Opens it for the daemon to read.
    pub(crate) fn open(&self) -> Answer<zvariant::OwnedFd> {
        let file = File::open(&self.0).map_err(|error| about(&self.0, &error))?;
        Ok(OwnedFd::from(file).into())
    }

    /// Begins to write it, readable by its owner alone: it holds what people have written.
    pub(crate) fn create(self) -> Answer<NewFile> {
        let mut draft = self.0.clone().into_os_string();
        draft.push(format!(".{}.part", std::process::id()));
        let draft = PathBuf::from(draft);
        let file = OpenOptions::new()
            .write(true)
            // Never one that is there: it would keep its own rights, or be a way to another place.
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .map_err(|error| about(&draft, &error))?;
        Ok(NewFile { file, draft, path: self.0 })
    }
}

impl NewFile {
    /// For the daemon to write to.
    pub(crate) fn descriptor(&self) -> Answer<zvariant::OwnedFd> {
        let file = self.file.try_clone().map_err(|error| about(&self.draft, &error))?;
        Ok(OwnedFd::from(file).into())
    }

    /// It is complete.
    pub(crate) fn keep(self) -> Answer<()> {
        let named = self.file.sync_all().and_then(|()| std::fs::rename(&self.draft, &self.path));
        named.map_err(|error| about(&self.path, &error))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Gone already when the file was kept; one that cannot be removed shows by its name what it is.
        let _ = std::fs::remove_file(&self.draft);
    }
}

fn about(path: &Path, error: &std::io::Error) -> Failure {
    Failure::unavailable(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_export_that_fails_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox.jsonl");
        std::fs::write(&path, "old").unwrap();
        drop(Chosen(path.clone()).create().unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn an_export_does_not_write_over_what_only_looks_like_its_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox.jsonl");
        let own = folder.path().join("inbox.jsonl.part");
        std::fs::write(&own, "a download").unwrap();
        Chosen(path).create().unwrap().keep().unwrap();
        assert_eq!(std::fs::read_to_string(&own).unwrap(), "a download");
    }

    #[test]
    fn an_export_is_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox.jsonl");
        let new = Chosen(path.clone()).create().unwrap();
        let mut daemon = File::from(OwnedFd::from(new.descriptor().unwrap()));
        daemon.write_all(b"row\n").unwrap();
        new.keep().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "row\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0, "for its owner alone");
    }
}
