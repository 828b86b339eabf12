//! The picture in the panel.

use crate::controller::{Daemon, State};
use crate::tray::canvas::{Canvas, Colour, Round};
use crate::tray::digits::Font;
use crate::tray::masks::{MESSAGE, Mask, QUIET};

/// What the panel's colour lets be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// A light panel: dark lines.
    Light,
    /// A dark panel: light lines.
    Dark,
    /// Nobody says: the blue of the app's own icon, which can be seen on both.
    #[default]
    Unknown,
}

/// What the icon says. Equal icons are equal pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon {
    /// The panel it stands on.
    pub scheme: Scheme,
    /// Popups wait: the message is crossed out.
    pub quiet: bool,
    /// Nothing is received: the message is faint.
    pub faint: bool,
    /// Something has not been seen: a dot.
    pub unseen: bool,
    /// The number of the badge, up to [`Icon::MOST`]; 0 = no badge.
    pub unread: u8,
}

/// One size of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixmap {
    /// Width and height.
    pub size: u16,
    /// Alpha, red, green and blue of each pixel (ARGB32 in network order), row by row.
    pub argb: Vec<u8>,
}

const LIGHT: Colour = Colour(0xf4, 0xf6, 0xf8);
const DARK: Colour = Colour(0x2a, 0x2e, 0x33);
/// A contrast of more than three to one on white and on black.
const BLUE: Colour = Colour(0x36, 0x86, 0xcf);
/// What is to be noticed, as the dot of the app's own icon.
const AMBER: Colour = Colour(0xf7, 0xa9, 0x28);
/// Ink on amber: a contrast of nine to one.
const INK: Colour = Colour(0x1c, 0x18, 0x10);

/// How much of a faint message is left.
const FAINT: f32 = 0.4;
/// The share of the height that a badge may take.
const LARGEST_BADGE: f32 = 0.57;
/// From this size on a badge has room for two digits and a plus.
const ROOM_FOR_TWO: u16 = 32;

impl Icon {
    /// More than any badge tells apart.
    pub const MOST: u8 = 100;

    /// What the icon says about `state`.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let (quiet, faint, unseen) = match &state.daemon {
            Daemon::Here(here) => (here.quiet.is_active(), false, here.inbox.unseen > 0),
            Daemon::Away | Daemon::Starting | Daemon::NotStarted => (false, true, false),
        };
        let unread = u8::try_from(state.unread()).unwrap_or(Self::MOST).min(Self::MOST);
        Self { scheme: state.scheme, quiet, faint, unseen, unread }
    }

    /// The picture in every size that panels ask for.
    #[must_use]
    pub fn pixmaps(&self) -> Vec<Pixmap> {
        let masks = if self.quiet { &QUIET } else { &MESSAGE };
        masks.iter().map(|mask| self.pixmap(mask)).collect()
    }

    fn pixmap(&self, mask: &Mask) -> Pixmap {
        let mut canvas = Canvas::new(mask.size);
        self.message(&mut canvas, mask);
        if self.faint {
            canvas.fade(FAINT);
        }
        if self.unread > 0 {
            badge(&mut canvas, mask.size, &self.badge_text(mask.size));
        }
        if self.unseen {
            dot(&mut canvas, mask.size);
        }
        Pixmap { size: mask.size, argb: canvas.argb() }
    }

    fn message(&self, canvas: &mut Canvas, mask: &Mask) {
        let colour = match self.scheme {
            Scheme::Light => DARK,
            Scheme::Dark => LIGHT,
            Scheme::Unknown => BLUE,
        };
        canvas.paint(colour, |x, y| f32::from(mask.at(x, y)) / 255.0);
    }

    fn badge_text(&self, size: u16) -> String {
        let most = if size < ROOM_FOR_TWO { 9 } else { 99 };
        if self.unread > most { format!("{most}+") } else { self.unread.to_string() }
    }
}

/// The unread number, lower right, with a gap around it so that it stands off the message.
fn badge(canvas: &mut Canvas, size: u16, text: &str) {
    let size = i32::from(size);
    let (font, scale) = lettering(size, text);
    let (width, height) = pill_size(font, scale, text);
    let (left, top) = (size - width, size - height);
    let pill = Round {
        left: pixels(left),
        top: pixels(top),
        width: pixels(width),
        height: pixels(height),
        radius: pixels(height) * if font == Font::Small { 0.3 } else { 0.42 },
    };
    canvas.erase(pill.grown(gap(size)));
    canvas.fill(pill, AMBER);
    let text_left = left + (width - font.width(text) * scale + 1) / 2;
    canvas.write(font, text, (text_left, top + padding(scale)), scale, INK);
}

/// The largest signs whose badge leaves the message visible. Panels scale the largest picture down as they like, so
/// the number takes its share of every size.
fn lettering(size: i32, text: &str) -> (Font, i32) {
    let fits = |scale: &i32| {
        let (width, height) = pill_size(Font::Large, *scale, text);
        width <= size && pixels(height) <= pixels(size) * LARGEST_BADGE
    };
    let largest = (1..=4).rev().find(fits).map(|scale| (Font::Large, scale));
    largest.unwrap_or((Font::Small, 1))
}

/// At least as wide as high, so that one digit stands in a circle.
fn pill_size(font: Font, scale: i32, text: &str) -> (i32, i32) {
    let height = font.height() * scale + 2 * padding(scale);
    let width = font.width(text) * scale + 2 * padding(scale) + scale;
    (width.max(height), height)
}

const fn padding(scale: i32) -> i32 {
    1 + scale / 2
}

/// Something unseen, upper right, as on the app's own icon.
fn dot(canvas: &mut Canvas, size: u16) {
    let size = i32::from(size);
    let diameter = (pixels(size) * 0.31).round();
    let dot = Round {
        left: pixels(size) - diameter,
        top: 0.0,
        width: diameter,
        height: diameter,
        radius: diameter / 2.0,
    };
    canvas.erase(dot.grown(gap(size)));
    canvas.fill(dot, AMBER);
}

fn gap(size: i32) -> f32 {
    (pixels(size) / 20.0).max(1.0)
}

/// Lengths of an icon are far below the point where this could round.
#[expect(clippy::cast_precision_loss, reason = "at most 64")]
fn pixels(length: i32) -> f32 {
    length as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Icon =
        Icon { scheme: Scheme::Dark, quiet: false, faint: false, unseen: false, unread: 0 };

    /// The colour of a pixel, and how much of it there is.
    fn at(pixmap: &Pixmap, x: u16, y: u16) -> ([u8; 3], u8) {
        let start = (usize::from(y) * usize::from(pixmap.size) + usize::from(x)) * 4;
        let [a, r, g, b] = pixmap.argb[start..start + 4] else { unreachable!("four bytes") };
        ([r, g, b], a)
    }

    fn amber(pixmap: &Pixmap) -> usize {
        let amber = |pixel: &[u8]| pixel == [255, AMBER.0, AMBER.1, AMBER.2];
        pixmap.argb.chunks_exact(4).filter(|pixel| amber(pixel)).count()
    }

    #[test]
    fn every_usual_size_is_drawn_in_full() {
        let sizes: Vec<u16> = PLAIN.pixmaps().iter().map(|pixmap| pixmap.size).collect();
        assert_eq!(sizes, [16, 22, 24, 32, 48, 64]);
        for pixmap in PLAIN.pixmaps() {
            let pixels = usize::from(pixmap.size) * usize::from(pixmap.size);
            assert_eq!(pixmap.argb.len(), pixels * 4, "a host would read past the end");
        }
    }

    #[test]
    fn the_line_can_be_seen_on_its_panel() {
        let colour = |scheme| at(&Icon { scheme, ..PLAIN }.pixmaps()[3], 4, 6).0;
        assert_eq!(colour(Scheme::Dark), [LIGHT.0, LIGHT.1, LIGHT.2]);
        assert_eq!(colour(Scheme::Light), [DARK.0, DARK.1, DARK.2]);
        assert_eq!(colour(Scheme::Unknown), [BLUE.0, BLUE.1, BLUE.2]);
    }

    #[test]
    fn a_dot_and_a_number_are_told_apart_and_go_away_again() {
        let sizes = PLAIN.pixmaps().len();
        for index in 0..sizes {
            let drawn = |icon: Icon| icon.pixmaps().swap_remove(index);
            let (plain, dotted) = (drawn(PLAIN), drawn(Icon { unseen: true, ..PLAIN }));
            let numbered = drawn(Icon { unread: 7, ..PLAIN });
            let edge = plain.size - 1 - plain.size / 6;
            assert_eq!(amber(&plain), 0);
            assert_eq!(at(&dotted, edge, plain.size / 6).1, 255, "a dot in the upper corner");
            assert_eq!(at(&numbered, edge, plain.size / 6), at(&plain, edge, plain.size / 6));
            assert!(amber(&numbered) > amber(&dotted) / 2, "a number in the lower corner");
        }
    }

    #[test]
    fn large_numbers_are_cut_as_the_size_allows() {
        let text = |unread, size| Icon { unread, ..PLAIN }.badge_text(size);
        assert_eq!([text(9, 16), text(10, 22), text(10, 32)], ["9", "9+", "10"]);
        assert_eq!(text(Icon::MOST, 48), "99+");
        let [hundred, ninety_nine] =
            [Icon::MOST, 99].map(|unread| Icon { unread, ..PLAIN }.pixmaps());
        assert_eq!(hundred[0], ninety_nine[0], "both are 9+ on the smallest");
        assert_ne!(hundred[3], ninety_nine[3]);
    }

    #[test]
    fn every_number_fits_every_size() {
        for size in PLAIN.pixmaps().iter().map(|pixmap| pixmap.size) {
            for unread in 1..=Icon::MOST {
                let text = Icon { unread, ..PLAIN }.badge_text(size);
                let (font, scale) = lettering(size.into(), &text);
                let (width, height) = pill_size(font, scale, &text);
                let (width, height) = (width.unsigned_abs(), height.unsigned_abs());
                assert!(width <= size.into(), "{text} is {width} wide on {size}");
                assert!(height * 10 <= u32::from(size) * 6, "{text} hides the message of {size}");
            }
        }
    }

    #[test]
    fn quiet_and_faint_change_the_message() {
        let plain = PLAIN.pixmaps();
        assert_ne!(Icon { quiet: true, ..PLAIN }.pixmaps(), plain);
        let faint = Icon { faint: true, ..PLAIN }.pixmaps();
        assert_eq!(at(&plain[3], 4, 6).1, 255);
        assert_eq!(at(&faint[3], 4, 6).1, 102, "four tenths of it");
    }
}
