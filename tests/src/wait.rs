//! Waiting for something that another process or task does, with a deadline and without a fixed sleep.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a test waits before it calls something missing; generous, because it costs nothing when
/// the thing happens.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The same for what has to travel over the network and back, with a thousand others.
pub const LONG: Duration = Duration::from_secs(45);

const PAUSE: Duration = Duration::from_millis(5);

/// Asks `probe` until it answers with a value; fails with `what` after `deadline`.
pub async fn until<T>(
    what: &str,
    deadline: Duration,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(value) = probe().await {
            return Ok(value);
        }
        if started.elapsed() > deadline {
            bail!("waited {deadline:?} in vain for {what}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
