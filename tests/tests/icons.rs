//! The rendered icons are there, in every size that is installed, and are pictures.

use std::fs::File;
use std::io::BufReader;

use anyhow::{Context, Result, ensure};
use tidings_tests::programs::workspace;

const SIZES: [u32; 9] = [16, 22, 24, 32, 48, 64, 128, 256, 512];

#[test]
fn every_size_of_the_app_icon_decodes_and_shows_something() -> Result<()> {
    for size in SIZES {
        let path = workspace().join(format!("icons/rendered/{size}.png"));
        let file = File::open(&path).with_context(|| path.display().to_string())?;
        let mut picture = png::Decoder::new(BufReader::new(file)).read_info()?;
        let mut pixels = vec![0; picture.output_buffer_size().context("too large")?];
        let frame = picture.next_frame(&mut pixels)?;
        ensure!((frame.width, frame.height) == (size, size), "{size}.png is {frame:?}");
        ensure!(frame.color_type == png::ColorType::Rgba, "{size}.png has no transparent corners");
        let alpha = |pixel: &[u8]| pixel[3];
        let corner = pixels.chunks_exact(4).next().map(alpha);
        ensure!(corner.is_some_and(|alpha| alpha < 255), "{size}.png has square corners");
        let solid = pixels.chunks_exact(4).filter(|pixel| alpha(pixel) == 255).count();
        let pixels = usize::try_from(size * size)?;
        ensure!(solid * 2 > pixels, "{size}.png is nearly empty: {solid} of {pixels}");
    }
    Ok(())
}

#[test]
fn the_installation_has_the_sizes_that_are_rendered() -> Result<()> {
    let script = std::fs::read_to_string(workspace().join("scripts/install.sh"))?;
    let words: Vec<String> = SIZES.iter().map(ToString::to_string).collect();
    ensure!(script.contains(&format!("ICON_SIZES=({})", words.join(" "))), "install.sh differs");
    Ok(())
}
