//! Keys by the words that a manual would use.

use anyhow::{Context, Result, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};

/// The codes of WebDriver for keys that are no characters.
const NAMED: [(&str, char); 20] = [
    ("Ctrl", '\u{e009}'),
    ("Shift", '\u{e008}'),
    ("Alt", '\u{e00a}'),
    ("Enter", '\u{e007}'),
    ("Escape", '\u{e00c}'),
    ("Tab", '\u{e004}'),
    ("Space", ' '),
    ("Backspace", '\u{e003}'),
    ("Delete", '\u{e017}'),
    ("ArrowUp", '\u{e013}'),
    ("ArrowDown", '\u{e015}'),
    ("ArrowLeft", '\u{e012}'),
    ("ArrowRight", '\u{e014}'),
    ("PageUp", '\u{e00e}'),
    ("PageDown", '\u{e00f}'),
    ("Home", '\u{e011}'),
    ("End", '\u{e010}'),
    ("F5", '\u{e035}'),
    ("F10", '\u{e03a}'),
    ("Plus", '+'),
];

/// Presses and lets go: `j`, `Escape`, `Ctrl+A`, `Shift+ArrowDown`.
pub(super) fn press(chord: &str) -> Result<KeyActions> {
    let keys: Vec<char> = chord.split('+').map(key).collect::<Result<_>>()?;
    let mut actions = KeyActions::new("keyboard".to_owned());
    for key in &keys {
        actions = actions.then(KeyAction::Down { value: *key });
    }
    for key in keys.iter().rev() {
        actions = actions.then(KeyAction::Up { value: *key });
    }
    Ok(actions)
}

fn key(name: &str) -> Result<char> {
    if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Ok(*code);
    }
    let mut characters = name.chars();
    let character = characters.next().context("an empty key")?;
    ensure!(characters.next().is_none(), "\"{name}\" is no key");
    Ok(character.to_ascii_lowercase())
}
