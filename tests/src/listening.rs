//! A listening socket that a server is started with: no port is guessed, none is lost to another test, and what is asked
//! before the server accepts waits in the socket's queue.

use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::time::Duration;

use anyhow::Result;
use tokio::process::Command;

use crate::wait::until;

/// Where the server finds it.
pub const INHERITED: libc::c_int = 3;

/// Listens on this port of loopback once it is free; 0 = on any.
pub async fn on(port: u16) -> Result<TcpListener> {
    until("the port of the server", Duration::from_secs(10), async || {
        TcpListener::bind(("127.0.0.1", port)).ok()
    })
    .await
}

/// Gives the socket, which has to stay open until the program has been started, to the program.
pub fn inherit(command: &mut Command, listener: &TcpListener) {
    let socket = listener.as_raw_fd();
    // SAFETY: between fork and exec only `dup2` and `fcntl` run, which are async-signal-safe; the caller keeps `socket`
    // open until then.
    unsafe {
        command.pre_exec(move || {
            let inherited = if socket == INHERITED {
                // Already in place: only the flag that closes it at exec has to go.
                libc::fcntl(INHERITED, libc::F_SETFD, 0)
            } else {
                libc::dup2(socket, INHERITED)
            };
            if inherited < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
        });
    }
}
