//! What the kinds with a live connection cost: from frame to popup, catching up, and a thousand of them at rest.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tidings_api::{Filter, SourceState};
use tidings_daemon::clock::Clock;
use tidings_daemon::dispatch::admission::Admission;
use tidings_daemon::model::{Arrival, Batch, Event, Incoming, Marking};
use tidings_daemon::store::Store;
use tidings_tests::live_server::{LiveServer, Speech, TOKEN};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::tls_front::TlsFront;
use tidings_tests::wait::{LONG, until};

use crate::footprint::pss_kib;
use crate::latency::shown;
use crate::report::{Report, median, micros, percentile};

const FRAMES: usize = 200;
const SPACING: Duration = Duration::from_millis(10);
const REPLAYED: usize = 100_000;
/// Events of one transaction, as a catch-up hands them over.
const BATCH: usize = 500;
const SOURCES: u32 = 1_000;
/// Until the work of the start is over: idle connections of the HTTP client are closed after 30 s.
const SETTLE: Duration = Duration::from_secs(60);

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    for speech in Speech::ALL {
        frame_to_popup(report, speech).await?;
    }
    replay(report).await?;
    at_rest(report).await
}

async fn frame_to_popup(report: &mut Report, speech: Speech) -> Result<()> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..2 {
        let session = Session::start().await?;
        let server = LiveServer::start(speech).await?;
        let (program, url) = (env!("CARGO_BIN_EXE_bare-relay"), server.socket_url());
        let relay = session.command(program)?.args([url.as_str(), TOKEN]).spawn()?;
        bare.extend(frames(&session, &server, &format!("bare {round}")).await?);
        drop(relay);

        let session = Session::start().await?;
        let server = LiveServer::start(speech).await?;
        let daemon = online(&session, &server, "[desktop]\nburst = 100000\n\n").await?;
        ours.extend(frames(&session, &server, &format!("ours {round}")).await?);
        drop(daemon);
    }
    let (ours_p50, bare_p50) = (median(&mut ours), median(&mut bare));
    let ratio = ours_p50.as_secs_f64() / bare_p50.as_secs_f64();
    report.row(
        &format!("frame to popup, kind {}, p50 (p99)", speech.kind()),
        format!("{} ({})", micros(ours_p50), micros(percentile(&mut ours, 99))),
        format!("bare relay: {}; ratio {ratio:.2}", micros(bare_p50)),
        "at most 2.0x the relay",
        ratio <= 2.0,
    );
    Ok(())
}

async fn online(session: &Session, server: &LiveServer, more: &str) -> Result<Tidingsd> {
    session.configure(&(more.to_owned() + &server.configuration(session, "bench")?))?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state("bench", SourceState::Online).await?;
    Ok(daemon)
}

async fn frames(session: &Session, server: &LiveServer, prefix: &str) -> Result<Vec<Duration>> {
    server.wait_for_sockets(1).await?;
    let mut samples = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        tokio::time::sleep(SPACING).await;
        let text = format!("{prefix} {number}.");
        let sent = Instant::now();
        server.publish(&text);
        samples.push(shown(session, &text).await?.duration_since(sent));
    }
    Ok(samples)
}

/// All that a server holds, on the first connection, beside the same rows written to the store without one.
async fn replay(report: &mut Report) -> Result<()> {
    let session = Session::without_popup_server().await?;
    let server = LiveServer::start(Speech::Ntfy).await?;
    for number in 0..REPLAYED {
        server.keep(&format!("message number {number} of those that were missed"));
    }
    session.configure(&server.configuration(&session, "bench")?)?;
    let started = Instant::now();
    let daemon = session.daemon().await?;
    let inbox = daemon.inbox().await?;
    let pid = daemon.pid()?;
    let mut peak = 0;
    until("all messages", 4 * LONG, async || {
        peak = peak.max(pss_kib(pid).unwrap_or_default());
        let counts = inbox.count(vec![Filter::default().to_dict()]).await.ok()?;
        (counts.first().copied()? as usize >= REPLAYED).then_some(())
    })
    .await?;
    let taken = started.elapsed();
    let own = store_alone().await?;
    let ratio = own.as_secs_f64() / taken.as_secs_f64();
    report.row(
        "replay of 100,000 messages, start of the daemon included",
        format!("{:.0} a second; at most {:.0} MiB", rate(taken), f64::from(peak) / 1024.0),
        format!("the same rows into the store alone: {:.0} a second; ratio {ratio:.2}", rate(own)),
        "at least 0.70 of the store",
        ratio >= 0.7,
    );
    Ok(())
}

async fn store_alone() -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("inbox.db");
    let (store, mut committed) = Store::open(&path, Clock::System, Admission::default())?;
    tokio::spawn(async move { while committed.recv().await.is_some() {} });
    let source = store.register_source("bench", "ntfy", Marking::Nothing, "").await?.id;
    let started = Instant::now();
    for first in (0..REPLAYED).step_by(BATCH) {
        let event = |number: usize| {
            Event::Upsert(Box::new(Incoming {
                remote_id: Some(format!("m{number:011}")),
                key: format!("backups/m{number:011}"),
                topic: "backups".to_owned(),
                title: "backups".to_owned(),
                arrival: Arrival::Backfill,
                body: format!("message number {number} of those that were missed"),
                received_at: Clock::System.now(),
                ..Incoming::default()
            }))
        };
        let events = (first..first + BATCH).map(event).collect();
        store.ingest(source, Batch { events, ..Batch::default() }).await?;
    }
    let taken = started.elapsed();
    store.close().await;
    Ok(taken)
}

#[expect(clippy::cast_precision_loss, reason = "a hundred thousand is exact")]
fn rate(taken: Duration) -> f64 {
    REPLAYED as f64 / taken.as_secs_f64()
}

/// A thousand sources at rest, beside a daemon with one.
async fn at_rest(report: &mut Report) -> Result<()> {
    let (one, each) = sources_at_rest(false).await?;
    report.row(
        "each of 1,000 idle sources without TLS, PSS",
        format!("{each:.1} KiB"),
        format!("the daemon with one: {one:.1} MiB"),
        "at most 48 KiB",
        each <= 48.0,
    );
    let (one, with_tls) = sources_at_rest(true).await?;
    report.row(
        "each of 1,000 idle sources with TLS, PSS",
        format!("{with_tls:.1} KiB"),
        format!("without TLS: {each:.1} KiB; the daemon with one: {one:.1} MiB"),
        "-",
        true,
    );
    Ok(())
}

/// A daemon with one source, in MiB, and what each of a thousand adds to it, in KiB.
async fn sources_at_rest(tls: bool) -> Result<(f64, f64)> {
    let one = pss_of(1, tls).await?;
    let thousand = pss_of(SOURCES, tls).await?;
    let each = f64::from(thousand.saturating_sub(one)) / f64::from(SOURCES - 1);
    Ok((f64::from(one) / 1024.0, each))
}

async fn pss_of(sources: u32, tls: bool) -> Result<u32> {
    let mut session = Session::without_popup_server().await?;
    let server = LiveServer::start(Speech::Ntfy).await?;
    let front = if tls { Some(TlsFront::before(server.port()).await?) } else { None };
    let url = front.as_ref().map_or_else(|| server.url(), TlsFront::url);
    if let Some(front) = &front {
        session.trust(front.authority());
    }
    let mut config = String::new();
    for number in 0..sources {
        write!(config, "[[source]]\nname = \"s{number}\"\n{}", server.source_at(&url))?;
    }
    session.configure(&config)?;
    let daemon = session.daemon().await?;
    let list = daemon.sources().await?;
    until("all sources online", 4 * LONG, async || {
        let listed = list.list().await.ok()?;
        let states = listed.into_iter().map(tidings_api::SourceStatus::from_dict);
        let online = states.filter(|status| {
            status.as_ref().is_ok_and(|status| status.state == SourceState::Online)
        });
        (online.count() >= sources as usize).then_some(())
    })
    .await
    .context("a thousand sources")?;
    tokio::time::sleep(SETTLE).await;
    pss_kib(daemon.pid()?)
}
