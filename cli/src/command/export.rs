use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use crate::arguments::TransferArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, METHOD_TIMEOUT, Outcome};
use crate::output::{Output, progress};

/// Writes the whole inbox as JSON lines. A file appears only when it is complete.
pub(crate) async fn run(
    arguments: &TransferArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect_patiently().await?;
    let control = daemon.control().await?;
    let destination = Destination::open(&arguments.file)?;
    let (reader, writer) = io::pipe()?;
    let copied = copy(reader, destination.writer()?);
    // The daemon writes into the pipe while we read it, so the progress is real and no disk of ours is the daemon's.
    let exported = control.export(OwnedFd::from(writer).into()).await;
    let copied = match tokio::time::timeout(METHOD_TIMEOUT, copied).await {
        Ok(Ok(copied)) => copied,
        Ok(Err(_)) | Err(_) => Err(io::Error::other("the daemon did not close the export")),
    };
    let rows = match (exported, copied) {
        (_, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return Err(Failure::BrokenPipe);
        }
        (Err(error), _) => return Err(error.into()),
        (Ok(_), Err(error)) => {
            let file = arguments.file.display();
            return Err(Failure::failed(format!("{file}: {error}; nothing was exported")));
        }
        (Ok(rows), Ok(_)) => rows,
    };
    if destination.finish()? {
        let words = if output.terminal { " notifications exported." } else { "" };
        output.line(&format!("{rows}{words}"))?;
    }
    Ok(Outcome::Done)
}

/// Copies on a thread of its own, since pipes block.
fn copy(
    mut reader: PipeReader,
    mut writer: Box<dyn Write + Send>,
) -> oneshot::Receiver<io::Result<u64>> {
    let (sender, receiver) = oneshot::channel();
    let bar = progress::bytes(None);
    std::thread::spawn(move || {
        let copied = io::copy(&mut reader, &mut bar.wrap_write(&mut writer));
        let copied = copied.and_then(|bytes| writer.flush().map(|()| bytes));
        bar.finish_and_clear();
        // Nobody waits any more only when the command has failed already.
        let _ = sender.send(copied);
    });
    receiver
}

/// Where the export goes. A file is written under another name until it is complete.
enum Destination {
    StandardOutput,
    File { path: PathBuf, partial: PathBuf, file: File },
}

impl Destination {
    fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::StandardOutput);
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            // Notifications are private.
            .mode(0o600)
            .open(&partial)
            .map_err(|error| Failure::failed(format!("{}: {error}", partial.display())))?;
        Ok(Self::File { path: path.to_owned(), partial, file })
    }

    fn writer(&self) -> Result<Box<dyn Write + Send>, Failure> {
        Ok(match self {
            Self::StandardOutput => Box::new(io::stdout()),
            Self::File { file, .. } => Box::new(file.try_clone()?),
        })
    }

    /// Gives the file its name; `false` for standard output.
    fn finish(mut self) -> Result<bool, Failure> {
        let Self::File { path, partial, file } = &mut self else { return Ok(false) };
        file.sync_all()
            .and_then(|()| std::fs::rename(&*partial, &*path))
            .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))?;
        partial.clear();
        Ok(true)
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Self::File { partial, .. } = self
            && !partial.as_os_str().is_empty()
        {
            // An export that failed leaves nothing behind that looks like one.
            let _ = std::fs::remove_file(partial);
        }
    }
}
