//! Waiting for something that another process or task does, with a deadline and without a fixed sleep.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a test waits before it calls something missing; generous, because it costs nothing when
/// the thing happens.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The same for what has to travel over the network and back, with a thousand others.
pub const LONG: Duration = Duration::from_secs(45);

const PAUSE: Duration = Duration::from_millis(5);
/// What a probe gets at least, however late it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks `probe` until it answers with a value; fails with `what` after `deadline`.
pub async fn until<T>(
    what: &str,
    deadline: Duration,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let started = Instant::now();
    loop {
        // What is asked may never answer, either.
        let left = deadline.saturating_sub(started.elapsed()).max(PATIENCE);
        match tokio::time::timeout(left, probe()).await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) if started.elapsed() <= deadline => tokio::time::sleep(PAUSE).await,
            Ok(None) | Err(_) => bail!("waited {deadline:?} in vain for {what}"),
        }
    }
}
