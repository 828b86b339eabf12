//! Who calls, and how much it may.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tidings_api::Error;
use zbus::names::UniqueName;
use zbus::{Connection, fdo};

/// Notifications one caller may post at once.
const BURST: f64 = 50_000.0;
/// Notifications a second one caller may post in the long run.
const PER_SECOND: f64 = 500.0;
/// Callers remembered; beyond it those whose bucket is full again are forgotten.
const REMEMBERED: usize = 512;

/// A token bucket by unique bus name, and what is known about the process behind it.
#[derive(Debug, Default)]
pub(super) struct Callers {
    known: Mutex<BTreeMap<String, Caller>>,
}

#[derive(Clone, Debug)]
struct Caller {
    description: String,
    tokens: f64,
    refilled: Instant,
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
        caller.refill();
        let wanted = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        if caller.tokens >= wanted {
            caller.tokens -= wanted;
            return Some(Ok(caller.description.clone()));
        }
        let wait = Duration::from_secs_f64(((wanted - caller.tokens) / PER_SECOND).ceil());
        Some(Err(Error::RateLimited(format!(
            "this caller has used up its share of {BURST} posts and gets {PER_SECOND} more a second; \
             try again in {} s",
            wait.as_secs()
        ))))
    }

    fn remember(&self, name: &str, description: String) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.retain(|_, caller| {
                caller.refill();
                caller.tokens < BURST
            });
        }
        let fresh = Caller { description, tokens: BURST, refilled: Instant::now() };
        known.entry(name.to_owned()).or_insert(fresh);
    }
}

impl Caller {
    fn refill(&mut self) {
        let elapsed = self.refilled.elapsed().as_secs_f64();
        self.tokens = (self.tokens + elapsed * PER_SECOND).min(BURST);
        self.refilled = Instant::now();
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
