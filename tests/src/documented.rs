//! The examples of `docs/`, taken from its fenced blocks: what is tested is what people copy.

use anyhow::{Context, Result};

use crate::programs::workspace;

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The language after the opening fence, e.g. `sh`.
    pub language: String,
    /// The lines between the fences.
    pub code: String,
    /// Line of the opening fence, from 1.
    pub line: usize,
}

/// Every fenced block of a page of `docs/`.
pub fn examples(page: &str) -> Result<Vec<Example>> {
    let path = workspace().join("docs").join(page);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (mut found, mut open) = (Vec::new(), None::<Example>);
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(language), None) => {
                let language = language.split_whitespace().next().unwrap_or_default().to_owned();
                open = Some(Example { language, code: String::new(), line: number + 1 });
            }
            (None, Some(example)) => {
                example.code.push_str(line);
                example.code.push('\n');
            }
            (None, None) => {}
        }
    }
    Ok(found)
}
