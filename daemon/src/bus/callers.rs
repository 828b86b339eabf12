//! Who calls, and how much it may.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tidings_api::{Error, Millis};
use zbus::names::UniqueName;
use zbus::{Connection, fdo};

use crate::token_bucket::TokenBucket;

/// Notifications one caller may post at once.
const BURST: f64 = 50_000.0;
/// Until a caller may post one more; in the long run 500 a second.
const REFILL: Duration = Duration::from_millis(2);
/// Callers remembered; beyond it those whose bucket is full again are forgotten.
const REMEMBERED: usize = 512;

/// A token bucket by unique bus name, and what is known about the process behind it.
#[derive(Debug)]
pub(super) struct Callers {
    known: Mutex<BTreeMap<String, Caller>>,
    /// Shares are counted by a clock that nobody sets.
    since: Instant,
}

#[derive(Clone, Debug)]
struct Caller {
    description: String,
    share: TokenBucket,
}

impl Default for Callers {
    fn default() -> Self {
        Self { known: Mutex::default(), since: Instant::now() }
    }
}

impl Callers {
    /// Takes `count` posts from the caller's share and tells who it is (`pid program`), or when to come back.
    pub(super) async fn admit(
        &self,
        connection: &Connection,
        caller: Option<&UniqueName<'_>>,
        count: usize,
    ) -> Result<String, Error> {
        let name = caller.map_or("", |name| name.as_str());
        if let Some(known) = self.spend(name, count) {
            return known;
        }
        let description = match caller {
            Some(name) => describe(connection, name).await,
            None => String::new(),
        };
        self.remember(name, description);
        self.spend(name, count).unwrap_or_else(|| Ok(String::new()))
    }

    /// `None`: not known yet.
    fn spend(&self, name: &str, count: usize) -> Option<Result<String, Error>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let caller = known.get_mut(name)?;
        let wanted = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        Some(match caller.share.take(wanted, self.now(), REFILL) {
            Ok(()) => Ok(caller.description.clone()),
            Err(wait) => Err(Error::RateLimited(format!(
                "this caller has used up its share of {BURST} posts and gets {} more a second; \
                 try again in {} s",
                Duration::from_secs(1).as_millis() / REFILL.as_millis(),
                wait.as_secs_f64().ceil()
            ))),
        })
    }

    fn remember(&self, name: &str, description: String) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.retain(|_, caller| !caller.share.is_full(self.now(), REFILL));
        }
        let fresh = Caller { description, share: TokenBucket::full(BURST, self.now()) };
        known.entry(name.to_owned()).or_insert(fresh);
    }

    fn now(&self) -> Millis {
        Millis::try_from(self.since.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }
}

/// Process id and program of a caller; empty where the bus or the kernel does not say.
async fn describe(connection: &Connection, name: &UniqueName<'_>) -> String {
    let pid = async {
        let bus = fdo::DBusProxy::new(connection).await.ok()?;
        bus.get_connection_credentials(name.clone().into()).await.ok()?.process_id()
    };
    let Some(pid) = pid.await else { return String::new() };
    match std::fs::read_link(format!("/proc/{pid}/exe")) {
        Ok(program) => format!("{pid} {}", program.display()),
        Err(_) => pid.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_that_used_up_its_share_is_told_when_to_come_back() {
        let callers = Callers::default();
        callers.remember(":1.7", "42 /usr/bin/script".into());
        let all = callers.spend(":1.7", 50_000);
        assert_eq!(all, Some(Ok("42 /usr/bin/script".into())), "the burst is granted");
        let Some(Err(Error::RateLimited(message))) = callers.spend(":1.7", 1_000) else {
            panic!("the share is used up");
        };
        assert!(message.contains("try again in"), "{message}");
    }

    #[test]
    fn one_greedy_caller_does_not_starve_another() {
        let callers = Callers::default();
        callers.remember(":1.7", String::new());
        callers.remember(":1.8", String::new());
        assert!(callers.spend(":1.7", 50_000).is_some_and(|answer| answer.is_ok()));
        assert!(callers.spend(":1.8", 1).is_some_and(|answer| answer.is_ok()));
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let callers = Callers::default();
        for stranger in 0..10_000 {
            callers.remember(&format!(":1.{stranger}"), String::new());
        }
        let known = callers.known.lock().unwrap().len();
        assert!(known <= REMEMBERED, "{known} idle callers are remembered");
    }
}
