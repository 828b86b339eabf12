//! From a frame on the wire to the popup server's handler: the daemon beside a bare relay.

use std::time::{Duration, Instant};

use anyhow::Result;
use tidings_tests::faulty_server::{FaultyServer, TOKEN};
use tidings_tests::popup_server::Asked;
use tidings_tests::session::Session;
use tokio::process::Child;

use crate::report::{Report, median, micros, percentile};

const FRAMES: usize = 400;
/// Frames come one by one, so that the figure is a latency and not a throughput.
const SPACING: Duration = Duration::from_millis(10);

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    // Alternating rounds: what the machine does meanwhile hits both alike.
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..2 {
        bare.extend(bare_relay(round).await?);
        ours.extend(tidings(round).await?);
    }
    let (ours_p50, bare_p50) = (median(&mut ours), median(&mut bare));
    let ratio = ours_p50.as_secs_f64() / bare_p50.as_secs_f64();
    report.row(
        "frame to popup, p50 (p99)",
        format!("{} ({})", micros(ours_p50), micros(percentile(&mut ours, 99))),
        format!(
            "bare relay without a store: {} ({}); ratio {ratio:.2}",
            micros(bare_p50),
            micros(percentile(&mut bare, 99))
        ),
        "at most 2.0x the relay",
        ratio <= 2.0,
    );
    Ok(())
}

async fn tidings(round: usize) -> Result<Vec<Duration>> {
    let session = Session::start().await?;
    let server = FaultyServer::start().await?;
    let token = session.secret_file("token", TOKEN)?;
    session.configure(&format!(
        "[desktop]\nburst = 100000\n\n[[source]]\nname = \"bench\"\nkind = \"json\"\n\
         preset = \"django-channels\"\nurl = \"{}\"\ntoken_file = \"{}\"\n",
        server.url(),
        token.display()
    ))?;
    let daemon = session.daemon().await?;
    let samples = frames(&session, &server, &format!("ours {round}")).await;
    drop(daemon);
    samples
}

async fn bare_relay(round: usize) -> Result<Vec<Duration>> {
    let session = Session::start().await?;
    let server = FaultyServer::start().await?;
    let url = format!("{}/ws/notificaciones/", server.url().replacen("http", "ws", 1));
    let _relay: Child =
        session.command(env!("CARGO_BIN_EXE_bare-relay"))?.args([url.as_str(), TOKEN]).spawn()?;
    frames(&session, &server, &format!("bare {round}")).await
}

async fn frames(session: &Session, server: &FaultyServer, prefix: &str) -> Result<Vec<Duration>> {
    server.wait_for_sockets(1).await?;
    let mut samples = Vec::with_capacity(FRAMES);
    for number in 0..FRAMES {
        tokio::time::sleep(SPACING).await;
        // With an end, so that frame 1 is not found in frame 10.
        let text = format!("{prefix} {number}.");
        let sent = Instant::now();
        server.notify(&text);
        samples.push(shown(session, &text).await?.duration_since(sent));
    }
    Ok(samples)
}

/// When the popup with this text was asked for.
pub(crate) async fn shown(session: &Session, text: &str) -> Result<Instant> {
    session
        .popups
        .wait_for("the popup", Duration::from_secs(10), |calls| {
            calls.iter().rev().find_map(|call| match &call.asked {
                Asked::Notify(shown)
                    if shown.summary.contains(text) || shown.body.contains(text) =>
                {
                    Some(call.at)
                }
                Asked::Notify(_) | Asked::Close(_) | Asked::Capabilities | Asked::Information => {
                    None
                }
            })
        })
        .await
}
