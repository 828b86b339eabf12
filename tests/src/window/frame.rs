//! The window as the screen has it: what a person does with its frame. There is no window manager on the screen.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt, EventMask, ImageFormat,
    MapState,
};
use x11rb::rust_connection::RustConnection;

use crate::display::Display;

const TITLE: &[u8] = b"Tidings";

/// The one window with our title, if it is on the screen.
pub(super) struct Frame {
    screen: RustConnection,
    window: u32,
}

impl Frame {
    /// Looks for it.
    pub(super) fn find(display: &Display) -> Result<Option<Self>> {
        let (screen, number) = x11rb::connect(Some(display.name()))?;
        let root = screen.setup().roots.get(number).context("the display has no screen")?.root;
        let windows = screen.query_tree(root)?.reply()?.children;
        for window in windows {
            if is_ours(&screen, window)? {
                return Ok(Some(Self { screen, window }));
            }
        }
        Ok(None)
    }

    /// Asks it to close, as the button of its frame does.
    pub(super) fn close(&self) -> Result<()> {
        let (protocols, delete) = (self.atom("WM_PROTOCOLS")?, self.atom("WM_DELETE_WINDOW")?);
        let message = ClientMessageEvent::new(32, self.window, protocols, [delete, 0, 0, 0, 0]);
        self.screen.send_event(false, self.window, EventMask::NO_EVENT, message)?.check()?;
        Ok(())
    }

    /// Drags its corner.
    pub(super) fn resize(&self, width: u32, height: u32) -> Result<()> {
        let size = ConfigureWindowAux::new().width(width).height(height);
        self.screen.configure_window(self.window, &size)?.check()?;
        Ok(())
    }

    /// Writes what the screen shows in its place to a PNG file.
    pub(super) fn picture(&self, file: &Path) -> Result<()> {
        let place = self.screen.get_geometry(self.window)?.reply()?;
        let screen = self.screen.get_geometry(place.root)?.reply()?;
        let (left, top) = (place.x.max(0), place.y.max(0));
        let size = |from: i16, own_from: i16, own: u16, all: u16| {
            let end = (i32::from(own_from) + i32::from(own)).min(i32::from(all));
            u16::try_from(end - i32::from(from)).context("the window is not on the screen")
        };
        let width = size(left, place.x, place.width, screen.width)?;
        let height = size(top, place.y, place.height, screen.height)?;
        let format = ImageFormat::Z_PIXMAP;
        let image = self
            .screen
            .get_image(format, place.root, left, top, width, height, u32::MAX)?
            .reply()
            .context("the screen gives no picture")?;
        // 24 bits deep, in 32: blue, green, red, nothing.
        let colours = image.data.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]);
        let mut encoder =
            png::Encoder::new(BufWriter::new(File::create(file)?), width.into(), height.into());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&colours.collect::<Vec<u8>>())?;
        Ok(())
    }

    fn atom(&self, name: &str) -> Result<Atom> {
        Ok(self.screen.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }
}

fn is_ours(screen: &RustConnection, window: u32) -> Result<bool> {
    let attributes = screen.get_window_attributes(window)?;
    let title = screen.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 16)?;
    // It may go while it is looked at.
    let visible = attributes.reply().is_ok_and(|found| found.map_state == MapState::VIEWABLE);
    Ok(visible && title.reply().is_ok_and(|title| title.value == TITLE))
}
