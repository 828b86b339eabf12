//! What WebKit must be told about the machine before it starts.

use std::path::Path;

/// Set to `1`, it makes WebKit hand over its pictures in shared memory and not as DMA buffers.
pub const DISABLE_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// The facts that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Whether the user has said something about it.
    pub decided_by_user: bool,
    /// Whether NVIDIA's own driver is loaded: windows stay empty with it, or flicker.
    pub nvidia: bool,
}

impl Host {
    /// Looks at this machine.
    #[must_use]
    pub fn look() -> Self {
        Self {
            decided_by_user: std::env::var_os(DISABLE_DMABUF).is_some(),
            nvidia: Path::new("/proc/driver/nvidia/version").exists(),
        }
    }

    /// Whether DMA buffers are to be avoided. The user's word wins, whatever it is.
    #[must_use]
    pub const fn avoids_dmabuf(self) -> bool {
        self.nvidia && !self.decided_by_user
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dma_buffers_are_avoided_only_with_nvidia_and_never_against_the_user() {
        for (nvidia, decided_by_user, avoids) in
            [(true, false, true), (true, true, false), (false, false, false), (false, true, false)]
        {
            let host = Host { decided_by_user, nvidia };
            assert_eq!(host.avoids_dmabuf(), avoids, "{host:?}");
        }
    }
}
