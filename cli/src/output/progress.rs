use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error while a person watches; nothing otherwise.
pub(crate) fn items(what: &'static str) -> ProgressBar {
    let template = format!("{{spinner}} {{human_pos}} {what}  {{elapsed}}  {{per_sec}}");
    bar(ProgressBar::new_spinner(), &template)
}

/// A bar over so many bytes, or a running count where the size is not known.
pub(crate) fn bytes(total: Option<u64>) -> ProgressBar {
    match total {
        Some(total) => bar(
            ProgressBar::new(total),
            "{bar:32} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta}",
        ),
        None => {
            let template = "{spinner} {decimal_bytes}  {decimal_bytes_per_sec}  {elapsed}";
            bar(ProgressBar::new_spinner(), template)
        }
    }
}

fn bar(bar: ProgressBar, template: &str) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_valid() {
        for template in [
            "{spinner} {human_pos} x  {elapsed}  {per_sec}",
            "{bar:32} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta}",
            "{spinner} {decimal_bytes}  {decimal_bytes_per_sec}  {elapsed}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
