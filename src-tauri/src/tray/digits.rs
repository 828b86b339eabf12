//! The few signs of a badge, drawn for pixels: fonts are unreadable at this size, and a library for them is not small.

/// A sign as rows of bits, the leftmost pixel in the highest of `width` bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) width: u8,
    pub(super) rows: &'static [u8],
}

/// One size of signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    /// Three by five.
    Small,
    /// Five by seven.
    Large,
}

impl Font {
    /// The height of every sign.
    pub(super) const fn height(self) -> i32 {
        match self {
            Self::Small => 5,
            Self::Large => 7,
        }
    }

    /// The sign for a digit or `+`; nothing else stands in a badge.
    pub(super) fn glyph(self, sign: char) -> Option<Glyph> {
        let index = match sign {
            '+' => 10,
            digit => usize::try_from(digit.to_digit(10)?).ok()?,
        };
        Some(match self {
            Self::Small => Glyph { width: 3, rows: SMALL.get(index)? },
            Self::Large => Glyph { width: 5, rows: LARGE.get(index)? },
        })
    }

    /// The width of a text with one pixel between the signs.
    pub(super) fn width(self, text: &str) -> i32 {
        let widths = text.chars().filter_map(|sign| self.glyph(sign));
        widths.map(|glyph| i32::from(glyph.width) + 1).sum::<i32>() - 1
    }
}

#[rustfmt::skip]
static SMALL: [[u8; 5]; 11] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
    [0b000, 0b010, 0b111, 0b010, 0b000],
];

#[rustfmt::skip]
static LARGE: [[u8; 7]; 11] = [
    [0b01110, 0b11011, 0b11011, 0b11011, 0b11011, 0b11011, 0b01110],
    [0b00110, 0b01110, 0b11110, 0b00110, 0b00110, 0b00110, 0b00110],
    [0b11110, 0b00011, 0b00011, 0b01110, 0b11000, 0b11000, 0b11111],
    [0b11110, 0b00011, 0b00011, 0b01110, 0b00011, 0b00011, 0b11110],
    [0b11011, 0b11011, 0b11011, 0b11111, 0b00011, 0b00011, 0b00011],
    [0b11111, 0b11000, 0b11110, 0b00011, 0b00011, 0b00011, 0b11110],
    [0b01110, 0b11000, 0b11110, 0b11011, 0b11011, 0b11011, 0b01110],
    [0b11111, 0b00011, 0b00110, 0b00110, 0b01100, 0b01100, 0b01100],
    [0b01110, 0b11011, 0b11011, 0b01110, 0b11011, 0b11011, 0b01110],
    [0b01110, 0b11011, 0b11011, 0b01111, 0b00011, 0b00011, 0b01110],
    [0b00000, 0b00100, 0b00100, 0b11111, 0b00100, 0b00100, 0b00000],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_of_a_badge_is_drawn_within_its_width_and_unlike_the_others() {
        for font in [Font::Small, Font::Large] {
            let mut seen = Vec::new();
            for sign in "0123456789+".chars() {
                let glyph = font.glyph(sign).unwrap();
                assert!(glyph.rows.iter().all(|row| row >> glyph.width == 0), "{sign} is too wide");
                assert!(!seen.contains(&glyph.rows), "{sign} looks like another sign");
                seen.push(glyph.rows);
            }
        }
        assert!(Font::Small.glyph('x').is_none());
        assert_eq!(Font::Small.width("9+"), 7);
        assert_eq!(Font::Large.width("99+"), 17);
    }
}
