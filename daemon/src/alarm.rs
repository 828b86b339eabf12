//! A timer that follows the wall clock: through a suspend, and when somebody sets the clock.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd as _, OwnedFd};

use tidings_api::Millis;
use tokio::io::unix::AsyncFd;

/// One timer of the kernel. It costs nothing while it waits.
#[derive(Debug)]
pub struct Alarm {
    timer: AsyncFd<OwnedFd>,
}

impl Alarm {
    /// A timer that is not set.
    pub fn new() -> io::Result<Self> {
        let flags = libc::TFD_NONBLOCK | libc::TFD_CLOEXEC;
        // SAFETY: takes two integers; a descriptor that is not negative is new and nobody else's.
        let timer = unsafe {
            let descriptor = libc::timerfd_create(libc::CLOCK_REALTIME, flags);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(descriptor)
        };
        // SAFETY: an owned descriptor stays open, and the same, until the registration is dropped with it.
        let timer = unsafe { AsyncFd::register(timer)? };
        Ok(Self { timer })
    }

    /// Waits until the wall clock shows `at` or has been set to another time, whichever is first: whoever waits looks at
    /// the clock again. Without `at` it waits for ever.
    pub async fn wait(&self, at: Option<Millis>) -> io::Result<()> {
        let Some(at) = at else { return std::future::pending().await };
        self.set(at)?;
        loop {
            let mut ready = self.timer.readable().await?;
            if let Ok(outcome) = ready.try_io(|timer| expired(timer.get_ref())) {
                return outcome;
            }
        }
    }

    fn set(&self, at: Millis) -> io::Result<()> {
        // All zero would stop the timer; what is over fires at once.
        let at = at.max(1);
        let nanoseconds = libc::c_long::try_from(at % 1_000 * 1_000_000).unwrap_or_default();
        let value = libc::timespec {
            tv_sec: libc::time_t::try_from(at / 1_000).unwrap_or(libc::time_t::MAX),
            tv_nsec: nanoseconds,
        };
        let once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let wanted = libc::itimerspec { it_interval: once, it_value: value };
        let flags = libc::TFD_TIMER_ABSTIME | libc::TFD_TIMER_CANCEL_ON_SET;
        let timer = self.timer.as_raw_fd();
        // SAFETY: the descriptor is open for as long as `self`, and `wanted` lives over the call.
        let outcome =
            unsafe { libc::timerfd_settime(timer, flags, &raw const wanted, std::ptr::null_mut()) };
        if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

/// Takes note of the expiry. A clock that was set ends the waiting, too.
fn expired(timer: &OwnedFd) -> io::Result<()> {
    let mut count = [0_u8; 8];
    // SAFETY: the buffer has the eight bytes that a timer writes.
    let read = unsafe { libc::read(timer.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    if read >= 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() == Some(libc::ECANCELED) { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;

    #[tokio::test]
    async fn rings_at_its_time_and_at_once_for_the_past() {
        let (alarm, clock) = (Alarm::new().unwrap(), Clock::System);
        let at = clock.now() + 30;
        alarm.wait(Some(at)).await.unwrap();
        assert!(clock.now() >= at, "not before its time");
        for past in [0, -1, Millis::MIN] {
            alarm.wait(Some(past)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn without_a_time_or_with_a_far_one_it_does_not_ring() {
        let alarm = Alarm::new().unwrap();
        for never in [None, Some(Millis::MAX)] {
            let waited = tokio::time::timeout(Duration::from_millis(20), alarm.wait(never)).await;
            assert!(waited.is_err(), "{never:?} is not now");
        }
    }
}
