//! The daemon under test, seen through its process and its D-Bus service alone.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use tidings_api::{
    Control1Proxy, Dict, Filter, Inbox1Proxy, Notification, Post1Proxy, Preferences1Proxy,
    Quiet1Proxy, Row, SourceState, SourceStatus, Sources1Proxy, Targets1Proxy, View, names,
};
use tokio::process::Child;
use zbus::Connection;
use zbus::fdo::DBusProxy;

use crate::programs;
use crate::session::Session;
use crate::wait::{DEADLINE, until};

/// A running `tidingsd`; it is killed when this value is dropped.
#[derive(Debug)]
pub struct Tidingsd {
    process: Child,
    log: PathBuf,
    connection: Connection,
}

impl Tidingsd {
    /// Starts it with these arguments and waits until it serves the bus.
    pub async fn start(session: &Session, arguments: &[&str]) -> Result<Self> {
        let log = session.home().join("tidingsd.log");
        let mut daemon = Self {
            process: Self::spawn(session, arguments, &log)?,
            log,
            connection: session.connect().await?,
        };
        let bus = DBusProxy::new(&daemon.connection).await?;
        let served = until("the daemon's bus name", DEADLINE, async || {
            if let Some(status) = daemon.process.try_wait().ok().flatten() {
                return Some(Err(status));
            }
            // The name of a daemon that was just killed may still stand.
            let name = names::BUS_NAME.try_into().ok()?;
            let owner = bus.get_connection_unix_process_id(name).await.ok()?;
            (Some(owner) == daemon.process.id()).then_some(Ok(()))
        })
        .await;
        match served {
            Ok(Ok(())) => Ok(daemon),
            Ok(Err(status)) => bail!("tidingsd ended with {status}; its log:\n{}", daemon.log()),
            Err(error) => Err(error.context(format!("its log:\n{}", daemon.log()))),
        }
    }

    /// Runs it where it is expected to refuse, and returns how it ended and what it said.
    pub async fn refuse(session: &Session, arguments: &[&str]) -> Result<(ExitStatus, String)> {
        let log = session.home().join("refused.log");
        let mut process = Self::spawn(session, arguments, &log)?;
        let status = tokio::time::timeout(DEADLINE, process.wait())
            .await
            .context("tidingsd keeps running where it should refuse")??;
        Ok((status, std::fs::read_to_string(log)?))
    }

    /// Its process id.
    pub fn pid(&self) -> Result<u32> {
        self.process.id().context("tidingsd has ended")
    }

    /// What it has logged, over all runs of the session.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }

    /// Ends it politely and waits for it.
    pub async fn terminate(mut self) -> Result<ExitStatus> {
        self.signal(libc::SIGTERM)?;
        self.ended().await
    }

    /// Ends it as a power cut would, and waits until the process is gone.
    pub async fn kill(mut self) -> Result<()> {
        self.process.kill().await.context("killing tidingsd")
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: libc::c_int) -> Result<()> {
        let pid = libc::pid_t::try_from(self.pid()?)?;
        // SAFETY: `kill` takes two integers and touches no memory of ours; the process is our own child
        // and not yet waited for, so the id cannot belong to somebody else.
        let result = unsafe { libc::kill(pid, signal) };
        if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        match tokio::time::timeout(DEADLINE, self.process.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!("tidingsd does not end; its log:\n{}", self.log()),
        }
    }

    /// A connection of a client of the daemon.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// `Post1`.
    pub async fn post1(&self) -> Result<Post1Proxy<'static>> {
        Ok(Post1Proxy::new(&self.connection).await?)
    }

    /// `Inbox1`.
    pub async fn inbox(&self) -> Result<Inbox1Proxy<'static>> {
        Ok(Inbox1Proxy::new(&self.connection).await?)
    }

    /// `Sources1`.
    pub async fn sources(&self) -> Result<Sources1Proxy<'static>> {
        Ok(Sources1Proxy::new(&self.connection).await?)
    }

    /// `Targets1`.
    pub async fn targets(&self) -> Result<Targets1Proxy<'static>> {
        Ok(Targets1Proxy::new(&self.connection).await?)
    }

    /// `Preferences1`.
    pub async fn preferences(&self) -> Result<Preferences1Proxy<'static>> {
        Ok(Preferences1Proxy::new(&self.connection).await?)
    }

    /// `Quiet1`; every property is asked for anew.
    pub async fn quiet(&self) -> Result<Quiet1Proxy<'static>> {
        let builder = Quiet1Proxy::builder(&self.connection);
        Ok(builder.cache_properties(zbus::proxy::CacheProperties::No).build().await?)
    }

    /// The last word about the delivery of a row: status and reason.
    pub async fn outcome(&self, id: i64) -> Result<(String, String)> {
        let decisions = self.inbox().await?.explain(id).await?;
        let last = decisions.last().context("nothing was decided")?;
        let word = |key: &str| {
            let word = last.get(key).and_then(|value| <&str>::try_from(value).ok());
            word.unwrap_or_default().to_owned()
        };
        Ok((word("status"), word("reason")))
    }

    /// `Control1`.
    pub async fn control(&self) -> Result<Control1Proxy<'static>> {
        Ok(Control1Proxy::new(&self.connection).await?)
    }

    /// Posts a title without options.
    pub async fn post(&self, title: &str) -> Result<i64> {
        Ok(self.post1().await?.post(title, "", Dict::new()).await?)
    }

    /// Every row of the filter, newest first, read page by page.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Notification>> {
        let inbox = self.inbox().await?;
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let (page, next, _) = inbox.list(filter.to_dict(), &cursor, 500).await?;
            rows.extend(page.into_iter().map(|Row(row)| row));
            if next.is_empty() {
                return Ok(rows);
            }
            cursor = next;
        }
    }

    /// Every row of a source that is not deleted, newest first.
    pub async fn rows(&self, source: &str) -> Result<Vec<Notification>> {
        self.list(&Filter { view: View::All, source: Some(source.into()), ..Filter::default() })
            .await
    }

    /// One row.
    pub async fn get(&self, id: i64) -> Result<Notification> {
        let mut rows = self.inbox().await?.get(&[id]).await?;
        let Row(row) = rows.pop().with_context(|| format!("no row has the id {id}"))?;
        Ok(row)
    }

    /// Waits until the rows of a source are as wanted.
    pub async fn wait_for_rows(
        &self,
        source: &str,
        what: &str,
        deadline: Duration,
        wanted: impl Fn(&[Notification]) -> bool,
    ) -> Result<Vec<Notification>> {
        let mut last = Vec::new();
        let found = until(what, deadline, async || {
            let asked = Instant::now();
            last = self.rows(source).await.ok()?;
            if wanted(&last) {
                return Some(last.clone());
            }
            // Reading thousands of rows must not take the time that writing them needs.
            tokio::time::sleep(asked.elapsed() * 2).await;
            None
        })
        .await;
        found.map_err(|error| anyhow!("{error}\n{}\nlog:\n{}", summary(&last), tail(&self.log())))
    }

    /// The state of a source.
    pub async fn source(&self, name: &str) -> Result<SourceStatus> {
        for row in self.sources().await?.list().await? {
            let status = SourceStatus::from_dict(row)?;
            if status.name == name {
                return Ok(status);
            }
        }
        bail!("the daemon has no source \"{name}\"")
    }

    /// Waits until a source is in this state.
    pub async fn wait_for_state(&self, source: &str, state: SourceState) -> Result<SourceStatus> {
        self.wait_for_source(source, state.as_str(), |status| status.state == state).await
    }

    /// Waits until a source reports what is wanted.
    pub async fn wait_for_source(
        &self,
        source: &str,
        what: &str,
        wanted: impl Fn(&SourceStatus) -> bool,
    ) -> Result<SourceStatus> {
        let mut last = None;
        let found = until(what, Duration::from_secs(20), async || {
            last = self.source(source).await.ok();
            last.clone().filter(&wanted)
        })
        .await;
        found.map_err(|error| anyhow!("{error}; last: {last:?}\nlog:\n{}", tail(&self.log())))
    }

    fn spawn(session: &Session, arguments: &[&str], log: &std::path::Path) -> Result<Child> {
        let log = std::fs::File::options().create(true).append(true).open(log)?;
        session
            .command(programs::tidingsd()?)?
            .args(["--log", "tidings_daemon=debug,info"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("starting tidingsd")
    }
}

/// Enough of the rows to see what is missing, without pages of text when a test fails.
fn summary(rows: &[Notification]) -> String {
    let mut text = format!("{} rows:", rows.len());
    for row in rows.iter().take(20) {
        let body: String = row.body.chars().take(40).collect();
        text.push_str(&format!(
            "\n  {} remote_id={:?} {} read={} \"{}\" \"{body}\"",
            row.id,
            row.remote_id,
            row.confirmation.as_str(),
            row.read,
            row.title
        ));
    }
    text
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
