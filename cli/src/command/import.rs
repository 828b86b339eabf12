use std::fs::File;
use std::io::{self, PipeWriter, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

use tokio::sync::oneshot;

use crate::arguments::TransferArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{Output, progress};

/// Reads an export, and prints how many rows were new.
pub(crate) async fn run(
    arguments: &TransferArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let (source, size) = open(&arguments.file)?;
    let daemon = Daemon::connect_patiently().await?;
    let control = daemon.control().await?;
    let (reader, writer) = io::pipe()?;
    let read = feed(source, writer, size);
    let imported = control.import(OwnedFd::from(reader).into()).await;
    let rows = imported.map_err(|error| of_file(error.into(), &arguments.file))?;
    // The daemon has answered: an error of ours means that it got less than there was.
    if let Ok(Err(error)) = read.await {
        let file = arguments.file.display();
        return Err(Failure::failed(format!(
            "{file}: {error}; {rows} notifications were imported before that"
        )));
    }
    let words = if output.terminal { " notifications imported." } else { "" };
    output.line(&format!("{rows}{words}"))?;
    Ok(Outcome::Done)
}

/// A line that is wrong is the file's fault, not that of the command line.
fn of_file(failure: Failure, file: &Path) -> Failure {
    match failure {
        Failure::Usage(why) | Failure::Failed(why) => {
            Failure::Failed(format!("{}: {why}", file.display()))
        }
        other @ (Failure::Unreachable { .. } | Failure::NoApp | Failure::BrokenPipe) => other,
    }
}

fn open(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), Failure> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let file = File::open(path)
        .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))?;
    let size = file.metadata().ok().map(|metadata| metadata.len());
    Ok((Box::new(file), size))
}

/// Feeds the pipe on a thread of its own, since pipes block; closing it tells the daemon the end.
fn feed(
    source: Box<dyn Read + Send>,
    mut writer: PipeWriter,
    size: Option<u64>,
) -> oneshot::Receiver<io::Result<u64>> {
    let (sender, receiver) = oneshot::channel();
    let bar = progress::bytes(size);
    std::thread::spawn(move || {
        let copied = io::copy(&mut bar.wrap_read(source), &mut writer);
        drop(writer);
        bar.finish_and_clear();
        // Nobody waits any more only when the command has failed already.
        let _ = sender.send(copied);
    });
    receiver
}
