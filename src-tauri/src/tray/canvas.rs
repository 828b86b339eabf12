//! A small square to paint on.

use super::digits::Font;

/// A colour without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// A rectangle with round corners, in pixels; a circle where the radius is half of its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) radius: f32,
}

impl Round {
    /// The same, wider on every side.
    pub(super) fn grown(self, by: f32) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            width: self.width + 2.0 * by,
            height: self.height + 2.0 * by,
            radius: self.radius + by,
        }
    }

    /// How much of the pixel lies within, from 0 to 1, by the distance of its centre from the edge.
    fn coverage(&self, x: f32, y: f32) -> f32 {
        let from_centre = |at: f32, start: f32, length: f32| {
            ((at + 0.5) - (start + length / 2.0)).abs() - (length / 2.0 - self.radius)
        };
        let across = from_centre(x, self.left, self.width);
        let down = from_centre(y, self.top, self.height);
        let outside = across.max(0.0).hypot(down.max(0.0));
        let distance = outside + across.max(down).min(0.0) - self.radius;
        (0.5 - distance).clamp(0.0, 1.0)
    }
}

/// The pixels, in straight (not premultiplied) alpha.
#[derive(Debug)]
pub(super) struct Canvas {
    size: u16,
    pixels: Vec<[f32; 4]>,
}

impl Canvas {
    /// Nothing yet.
    pub(super) fn new(size: u16) -> Self {
        let pixels = usize::from(size) * usize::from(size);
        Self { size, pixels: vec![[0.0; 4]; pixels] }
    }

    /// Paints the whole square as far as `coverage` (0 to 1) says for each pixel.
    pub(super) fn paint(&mut self, colour: Colour, coverage: impl Fn(u16, u16) -> f32) {
        self.each(|pixel, x, y| over(pixel, colour, coverage(x, y)));
    }

    /// Paints a shape.
    pub(super) fn fill(&mut self, shape: Round, colour: Colour) {
        self.paint(colour, |x, y| shape.coverage(f32::from(x), f32::from(y)));
    }

    /// Takes away what lies under a shape.
    pub(super) fn erase(&mut self, shape: Round) {
        self.each(|pixel, x, y| pixel[3] *= 1.0 - shape.coverage(f32::from(x), f32::from(y)));
    }

    /// Makes everything so far as transparent.
    pub(super) fn fade(&mut self, to: f32) {
        self.each(|pixel, _, _| pixel[3] *= to);
    }

    /// Writes a text with its upper left corner there, every pixel of a sign as a square of `scale`.
    pub(super) fn write(
        &mut self,
        font: Font,
        text: &str,
        at: (i32, i32),
        scale: i32,
        colour: Colour,
    ) {
        let mut left = at.0;
        for glyph in text.chars().filter_map(|sign| font.glyph(sign)) {
            let size = self.size;
            self.each(|pixel, x, y| {
                debug_assert!(x < size && y < size);
                let (across, down) = (i32::from(x) - left, i32::from(y) - at.1);
                if across < 0 || down < 0 {
                    return;
                }
                let (column, row) = (across / scale, down / scale);
                let bits = usize::try_from(row).ok().and_then(|row| glyph.rows.get(row));
                let shift = i32::from(glyph.width) - 1 - column;
                if shift >= 0 && bits.is_some_and(|bits| bits >> shift & 1 == 1) {
                    over(pixel, colour, 1.0);
                }
            });
            left += (i32::from(glyph.width) + 1) * scale;
        }
    }

    /// The pixels as a tray host wants them: alpha, red, green, blue.
    pub(super) fn argb(&self) -> Vec<u8> {
        self.pixels.iter().flat_map(|[r, g, b, a]| [a * 255.0, *r, *g, *b].map(byte)).collect()
    }

    fn each(&mut self, mut change: impl FnMut(&mut [f32; 4], u16, u16)) {
        let places = (0..self.size).flat_map(|y| (0..self.size).map(move |x| (x, y)));
        for (pixel, (x, y)) in self.pixels.iter_mut().zip(places) {
            change(pixel, x, y);
        }
    }
}

/// Puts a colour over a pixel (the "over" of Porter and Duff, in straight alpha).
fn over(pixel: &mut [f32; 4], colour: Colour, alpha: f32) {
    let below = pixel[3] * (1.0 - alpha);
    let sum = alpha + below;
    if sum <= 0.0 {
        return;
    }
    for (channel, value) in [colour.0, colour.1, colour.2].into_iter().enumerate() {
        pixel[channel] = (f32::from(value) * alpha + pixel[channel] * below) / sum;
    }
    pixel[3] = sum;
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte just before"
)]
fn byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}
