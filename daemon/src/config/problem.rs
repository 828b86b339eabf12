//! What is wrong with `config.toml`, told so that a person can mend it: `file:line:column`, the line,
//! a caret and a way out. Secrets that stand in the file by mistake are masked.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Longest source line shown, in characters; of a longer one the part around the caret.
const LINE_CHARACTERS: usize = 120;
/// What stands for a masked value.
const MASK: &str = "\"…\"";

/// Everything that is wrong with one file, sorted by position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors {
    path: PathBuf,
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line and column, both from 1, the column in characters. `None` when it is about the whole file.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    excerpt: Option<Excerpt>,
}

/// A source line, masked, with what a caret points at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    line: String,
    caret: usize,
    width: usize,
}

impl ConfigErrors {
    /// A file that could not even be read.
    pub(super) fn unreadable(path: &Path, message: String, help: Option<String>) -> Self {
        let problem = Problem { position: None, message, help, excerpt: None };
        Self { path: path.to_owned(), problems: vec![problem] }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong and what to do in one line, without places: for who has not written the file.
    #[must_use]
    pub fn advice(&self) -> String {
        let words = self.problems.iter().map(|problem| match &problem.help {
            Some(help) => format!("{} ({help})", problem.message),
            None => problem.message.clone(),
        });
        words.collect::<Vec<_>>().join("; ")
    }

    /// What is wrong with it, by position; at least one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            problem.write(f, &self.path)?;
        }
        Ok(())
    }
}

impl Problem {
    fn write(&self, f: &mut fmt::Formatter<'_>, path: &Path) -> fmt::Result {
        write!(f, "{}", path.display())?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let (Some(excerpt), Some((line, _))) = (&self.excerpt, self.position) {
            let gutter = line.to_string();
            let blank = " ".repeat(gutter.len());
            write!(f, "\n  {gutter} | {}", excerpt.line)?;
            let indent = " ".repeat(excerpt.caret);
            write!(f, "\n  {blank} | {indent}{}", "^".repeat(excerpt.width))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// Collects problems while a file is read.
#[derive(Debug)]
pub(super) struct Problems<'t> {
    text: &'t str,
    found: Vec<Finding>,
    masked: Vec<Range<usize>>,
}

#[derive(Debug)]
struct Finding {
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl<'t> Problems<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new(), masked: Vec::new() }
    }

    /// Notes a problem at a span of the text.
    pub(super) fn add(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.found.push(Finding { span, message: message.into(), help: help.into() });
    }

    /// Keeps a span of the text out of every excerpt.
    pub(super) fn mask(&mut self, span: Range<usize>) {
        self.masked.push(span);
    }

    /// The line on which a span starts, from 1.
    pub(super) fn line_of(&self, span: &Range<usize>) -> usize {
        position(self.text, span.start).0
    }

    /// Nothing found, or everything found, by position.
    pub(super) fn into_result(mut self, path: &Path) -> Result<(), ConfigErrors> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by(|a, b| (a.span.start, &a.message).cmp(&(b.span.start, &b.message)));
        self.found.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        let problems = self
            .found
            .iter()
            .map(|finding| Problem {
                position: Some(position(self.text, finding.span.start)),
                message: finding.message.clone(),
                help: finding.help.clone(),
                excerpt: Some(excerpt(self.text, &finding.span, &self.masked)),
            })
            .collect();
        Err(ConfigErrors { path: path.to_owned(), problems })
    }
}

/// Line and column of a byte, both from 1, the column in characters.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let start = line_start(text, byte);
    let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = text[start..].char_indices().take_while(|(at, _)| start + at < byte).count() + 1;
    (line, column)
}

fn line_start(text: &str, byte: usize) -> usize {
    let bytes = text.as_bytes();
    let byte = byte.min(bytes.len());
    bytes[..byte].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
}

/// The line of a span as it may be shown: masked, without control characters, cut around the caret.
fn excerpt(text: &str, span: &Range<usize>, masked: &[Range<usize>]) -> Excerpt {
    let start = line_start(text, span.start);
    let line = text[start..].lines().next().unwrap_or_default();
    let mut shown = Vec::new();
    let mut caret = None;
    let mut width = 0;
    let mut in_mask = false;
    for (at, character) in line.char_indices() {
        let byte = start + at;
        let hidden = masked.iter().any(|mask| mask.contains(&byte));
        let pointed = span.contains(&byte);
        if pointed && caret.is_none() {
            caret = Some(shown.len());
        }
        let before = shown.len();
        if !hidden {
            shown.push(if character.is_control() { ' ' } else { character });
        } else if !in_mask {
            shown.extend(MASK.chars());
        }
        in_mask = hidden;
        width += if pointed { shown.len() - before } else { 0 };
    }
    window(&shown, caret.unwrap_or(shown.len()), width.max(1))
}

fn window(shown: &[char], caret: usize, width: usize) -> Excerpt {
    let start = if caret < LINE_CHARACTERS { 0 } else { caret - LINE_CHARACTERS / 2 };
    let end = shown.len().min(start + LINE_CHARACTERS);
    let line: String = shown[start..end].iter().collect();
    let caret = caret - start;
    Excerpt { width: width.min((end - start).saturating_sub(caret)).max(1), line, caret }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, span: Range<usize>, mask: Option<Range<usize>>) -> String {
        let mut problems = Problems::new(text);
        problems.add(span, "wrong", None);
        if let Some(mask) = mask {
            problems.mask(mask);
        }
        problems.into_result(Path::new("c.toml")).unwrap_err().to_string()
    }

    #[test]
    fn the_caret_stands_under_what_is_wrong() {
        let text = "a = 1\nüb = 2\n";
        let span = text.find("= 2").unwrap()..text.find("= 2").unwrap() + 3;
        assert_eq!(shown(text, span, None), "c.toml:2:4: wrong\n  2 | üb = 2\n    |    ^^^");
    }

    #[test]
    fn a_masked_value_is_not_shown_and_the_caret_still_fits() {
        let text = "token = \"hunter2\" # why";
        let value = 8..17;
        assert_eq!(
            shown(text, value.clone(), Some(value)),
            "c.toml:1:9: wrong\n  1 | token = \"…\" # why\n    |         ^^^"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let text = format!("{}x{}", "a".repeat(5_000), "b".repeat(5_000));
        let message = shown(&text, 5_000..5_001, None);
        assert!(message.len() < 400, "a long line must not flood the log: {message}");
        let lines: Vec<&str> = message.lines().collect();
        let column = lines[2].find('^').unwrap();
        assert_eq!(&lines[1][column..=column], "x");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert!(!shown("a = \u{1b}[31m1", 0..1, None).contains('\u{1b}'));
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_can_be_shown(text in "(?s).{0,60}", a in 0usize..80, b in 0usize..80) {
            let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let (start, end) = (boundary(a.min(b)), boundary(a.max(b)));
            let _ = shown(&text, start..end, Some(end..text.len()));
        }
    }
}
