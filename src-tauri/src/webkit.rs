//! What WebKit must be told about the machine before it starts.

use std::path::Path;

/// Set to `1`, it makes WebKit hand over its pictures in shared memory and not as DMA buffers.
pub const DISABLE_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// Set to `1`, it makes WebKit paint the page as one picture and not as layers that OpenGL puts together.
pub const DISABLE_COMPOSITING: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
/// Where the kernel has the graphics processors.
const GRAPHICS: &str = "/dev/dri";

/// The facts that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Whether the user has said something about it.
    pub decided_by_user: bool,
    /// Whether a graphics processor draws. Without one OpenGL is calculated, layer by layer, by the processor, which is
    /// far slower than painting the page and takes some 80 MiB more.
    pub graphics: bool,
    /// Whether NVIDIA's own driver is loaded: windows stay empty with it, or flicker.
    pub nvidia: bool,
}

impl Host {
    /// Looks at this machine.
    #[must_use]
    pub fn look() -> Self {
        Self {
            decided_by_user: [DISABLE_DMABUF, DISABLE_COMPOSITING]
                .iter()
                .any(|name| std::env::var_os(name).is_some()),
            graphics: has_render_node(Path::new(GRAPHICS)),
            nvidia: Path::new("/proc/driver/nvidia/version").exists(),
        }
    }

    /// What is to be set to `1` in the environment. The user's word wins, whatever it is.
    #[must_use]
    pub const fn settings(self) -> &'static [&'static str] {
        match self {
            Self { decided_by_user: true, .. } => &[],
            Self { graphics: false, .. } => &[DISABLE_COMPOSITING, DISABLE_DMABUF],
            Self { nvidia: true, .. } => &[DISABLE_DMABUF],
            Self { nvidia: false, .. } => &[],
        }
    }
}

/// Whether a graphics processor draws for programs: virtual ones often have a screen (`card0`) and no such node.
fn has_render_node(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|nodes| {
        nodes.flatten().any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Host = Host { decided_by_user: false, graphics: true, nvidia: false };

    #[test]
    fn webkit_is_left_alone_where_a_graphics_processor_draws() {
        assert!(FAST.settings().is_empty(), "{:?}", FAST.settings());
    }

    #[test]
    fn dma_buffers_are_avoided_with_nvidia() {
        assert_eq!(Host { nvidia: true, ..FAST }.settings(), [DISABLE_DMABUF]);
    }

    #[test]
    fn opengl_is_avoided_where_it_would_be_calculated() {
        for nvidia in [true, false] {
            let host = Host { graphics: false, nvidia, ..FAST };
            assert_eq!(host.settings(), [DISABLE_COMPOSITING, DISABLE_DMABUF], "{host:?}");
        }
    }

    #[test]
    fn nothing_is_set_against_the_user() {
        for (graphics, nvidia) in [(true, true), (true, false), (false, true), (false, false)] {
            let host = Host { decided_by_user: true, graphics, nvidia };
            assert!(host.settings().is_empty(), "{host:?}");
        }
    }

    #[test]
    fn a_screen_alone_does_not_draw() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_render_node(&folder.path().join("absent")));
        std::fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_render_node(folder.path()));
        std::fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has_render_node(folder.path()));
    }
}
