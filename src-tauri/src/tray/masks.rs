//! The shapes of the icon: the coverage of each pixel, as `scripts/icons.sh` renders it from `icons/tray/`.

/// A square of coverages, row by row: 0 is nothing, 255 is all of the pixel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mask {
    /// Width and height in pixels.
    pub(super) size: u16,
    /// `size` × `size` coverages.
    pub(super) coverage: &'static [u8],
}

impl Mask {
    /// The coverage at a place; nothing outside.
    pub(super) fn at(&self, x: u16, y: u16) -> u8 {
        if x >= self.size || y >= self.size {
            return 0;
        }
        let index = usize::from(y) * usize::from(self.size) + usize::from(x);
        self.coverage.get(index).copied().unwrap_or(0)
    }
}

macro_rules! mask {
    ($shape:literal, $size:literal) => {
        Mask {
            size: $size,
            coverage: include_bytes!(concat!(
                "../../../icons/rendered/tray/",
                $shape,
                "-",
                stringify!($size),
                ".alpha"
            )),
        }
    };
}

macro_rules! masks {
    ($shape:literal) => {
        [
            mask!($shape, 16),
            mask!($shape, 22),
            mask!($shape, 24),
            mask!($shape, 32),
            mask!($shape, 48),
            mask!($shape, 64),
        ]
    };
}

/// The message with its two waves.
pub(super) static MESSAGE: [Mask; 6] = masks!("message");
/// Its outline, crossed out.
pub(super) static QUIET: [Mask; 6] = masks!("quiet");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mask_covers_its_square_and_shows_something() {
        for mask in MESSAGE.iter().chain(&QUIET) {
            let pixels = usize::from(mask.size) * usize::from(mask.size);
            assert_eq!(mask.coverage.len(), pixels, "{} was rendered in another size", mask.size);
            assert!(mask.coverage.contains(&255) && mask.coverage.contains(&0), "empty or full");
            assert_eq!(mask.at(mask.size, 0), 0, "no wrap into the next row");
        }
    }
}
