//! The tree stays tidy: short files, no trace of one machine, and documentation that knows every name.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Serialize;
use tidings_api::{
    Delivery, DeliveryStatus, Filter, Post, Record, Route, TargetKind, TargetSettings,
    TargetStatus, names,
};
use tidings_tests::programs::workspace;
use zbus_xml::Node;

const LONGEST: usize = 400;
const AVERAGE: usize = 220;

/// Files that are longer, each with its reason.
const LONGER: [(&str, &str); 1] =
    [("daemon/src/config/load/tests.rs", "one short test a mistake, read as a list")];

/// Every file of the project, as git knows it: nothing that is built.
fn files() -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(workspace())
        .output()
        .context("running git")?;
    let listed = String::from_utf8(output.stdout)?;
    let files: Vec<PathBuf> =
        listed.lines().map(PathBuf::from).filter(|file| workspace().join(file).is_file()).collect();
    if files.is_empty() {
        // An archive without its history: walk the tree instead.
        return walk(&workspace(), Path::new(""));
    }
    Ok(files)
}

fn walk(root: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let built = ["target", "node_modules", ".git", ".venv", ".cache"];
        if built.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            files.extend(walk(root, &path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Files with this ending and their text.
fn texts(ending: &str) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for file in files()? {
        if file.extension().is_some_and(|extension| extension == ending) {
            let text = std::fs::read_to_string(workspace().join(&file))?;
            found.push((file.display().to_string(), text));
        }
    }
    Ok(found)
}

fn page(name: &str) -> Result<String> {
    let path = workspace().join("docs").join(name);
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

#[test]
fn source_files_are_short() -> Result<()> {
    let sources = texts("rs")?;
    let mut total = 0;
    for (file, text) in &sources {
        let lines = text.lines().count();
        total += lines;
        let excused = LONGER.iter().any(|(longer, _)| longer == file);
        assert!(lines <= LONGEST || excused, "{file}: {lines} lines; split it at {LONGEST}");
        assert!(lines > LONGEST || !excused, "{file} is short now: take it off the list");
    }
    let average = total / sources.len().max(1);
    assert!(average <= AVERAGE, "files have {average} lines on average, at most {AVERAGE}");
    Ok(())
}

#[test]
fn every_source_file_of_a_crate_root_says_what_it_is() -> Result<()> {
    for (file, text) in texts("rs")? {
        let root = ["lib.rs", "main.rs", "mod.rs"].iter().any(|name| file.ends_with(name));
        assert!(!root || text.starts_with("//!"), "{file} begins with a sentence on what it is");
    }
    Ok(())
}

#[test]
fn no_file_knows_one_machine_or_one_workplace() -> Result<()> {
    // Put together here so that this file does not contain them.
    let words = [["/wo", "rk/"], ["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"], ["sub", "agent"]]
        .map(|halves| halves.concat());
    let allowed = |line: &str| line.contains("starts_with(\"/home\")");
    for file in files()? {
        let name = file.display().to_string();
        let Ok(text) = std::fs::read_to_string(workspace().join(&file)) else {
            continue; // A picture.
        };
        for (number, line) in text.lines().enumerate() {
            for word in &words {
                let found = line.contains(word.as_str()) && !allowed(line);
                assert!(!found, "{name}:{}: \"{word}\" belongs to one machine", number + 1);
            }
        }
    }
    Ok(())
}

#[test]
fn no_test_waits_by_sleeping_without_a_reason() -> Result<()> {
    for (file, text) in texts("rs")? {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let blocking = line.contains("thread::sleep(") && !line.contains("contains(");
            assert!(!blocking, "{file}:{}: wait for a condition with a deadline", number + 1);
        }
    }
    Ok(())
}

#[test]
fn the_documentation_of_the_bus_names_every_member_and_every_key() -> Result<()> {
    let page = page("dbus.md")?;
    for name in names::INTERFACES {
        let file = workspace().join(format!("api/interfaces/{name}.xml"));
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let node = Node::from_reader(text.as_bytes())?;
        for interface in node.interfaces() {
            let short = name.rsplit('.').next().unwrap();
            assert!(page.contains(short), "docs/dbus.md does not mention {short}");
            let methods = interface.methods().iter().map(|method| method.name().to_string());
            let signals = interface.signals().iter().map(|signal| signal.name().to_string());
            let properties =
                interface.properties().iter().map(|property| property.name().to_string());
            for member in methods.chain(signals).chain(properties) {
                assert!(page.contains(&member), "docs/dbus.md does not mention {short}.{member}");
            }
        }
    }
    for key in Post::OPTIONS.iter().chain(&Filter::KEYS) {
        assert!(page.contains(&format!("`{key}`")), "docs/dbus.md does not mention `{key}`");
    }
    for error in ["NotFound", "Conflict", "RateLimited", "TooLarge", "Storage", "Unavailable"] {
        assert!(page.contains(error), "docs/dbus.md does not mention the error {error}");
    }
    Ok(())
}

#[test]
fn the_documentation_and_the_command_know_every_reason_and_every_key_of_a_decision() -> Result<()> {
    let (bus, command) = (page("dbus.md")?, page("cli.md")?);
    let words = source("cli/src/output/reason.rs")?;
    let decision = source("daemon/src/model/decision.rs")?;
    let reasons: Vec<&str> = decision.lines().filter_map(|line| behind(line, "=> \"")).collect();
    assert!(reasons.len() > 15, "the reasons are read wrongly: {reasons:?}");
    for reason in reasons {
        assert!(bus.contains(&format!("`{reason}`")), "docs/dbus.md does not mention {reason}");
        assert!(words.contains(&format!("\"{reason}\"")), "`tidings` has no words for {reason}");
    }
    for status in DeliveryStatus::ALL.map(DeliveryStatus::as_str) {
        assert!(bus.contains(&format!("`{status}`")), "docs/dbus.md does not mention {status}");
    }
    let explain = source("daemon/src/store/explain.rs")?;
    let key = |line| behind(line, ".put(\"").or_else(|| behind(line, ".optional(\""));
    let keys: Vec<&str> = explain.lines().filter_map(key).collect();
    assert!(keys.len() > 20, "the keys are read wrongly: {keys:?}");
    for key in keys {
        let named = format!("`{key}`");
        assert!(bus.contains(&named), "docs/dbus.md does not mention {named}");
        assert!(command.contains(&named), "docs/cli.md does not mention {named}");
    }
    Ok(())
}

#[test]
fn the_documentation_names_every_key_of_what_is_told_of_targets() -> Result<()> {
    let (bus, command) = (page("dbus.md")?, page("cli.md")?);
    let printed = [
        keys_of(&TargetStatus::default())?,
        keys_of(&Record::default())?,
        keys_of(&Delivery::default())?,
        keys_of(&TargetKind::default())?,
        keys_of(&TargetSettings::default())?,
    ];
    for key in printed.iter().flatten() {
        assert!(bus.contains(&format!("`{key}`")), "docs/dbus.md does not mention `{key}`");
        assert!(command.contains(&format!("`{key}`")), "docs/cli.md does not mention `{key}`");
    }
    for key in keys_of(&Route::default())? {
        assert!(bus.contains(&format!("`{key}`")), "docs/dbus.md does not mention `{key}`");
    }
    Ok(())
}

fn keys_of(value: &impl Serialize) -> Result<Vec<String>> {
    let value = serde_json::to_value(value)?;
    let object = value.as_object().context("an object")?;
    Ok(object.keys().cloned().collect())
}

fn source(file: &str) -> Result<String> {
    let path = workspace().join(file);
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// What stands between these words and the next quotation mark.
fn behind<'a>(line: &'a str, words: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(words)?;
    rest.split_once('"').map(|(word, _)| word)
}

#[test]
fn the_documentation_of_the_configuration_names_every_preset_and_every_key() -> Result<()> {
    let pages = page("config.md")? + &page("sources-json.md")?;
    for (file, _) in texts("toml")?.iter().filter(|(file, _)| file.contains("presets/")) {
        let preset = Path::new(file).file_stem().context("a preset has a name")?;
        let preset = preset.to_str().context("not UTF-8")?;
        assert!(pages.contains(preset), "docs/ do not mention the preset {preset}");
    }
    for model in ["config/model.rs", "sources/json/spec.rs"] {
        let path = workspace().join("daemon/src").join(model);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let keys: Vec<&str> = text.lines().filter_map(field).collect();
        assert!(keys.len() > 5, "{model} has keys: {keys:?}");
        for key in keys.into_iter().filter(|key| !NOT_KEYS.contains(key)) {
            let named = [format!("`{key}`"), format!("[{key}]")];
            assert!(
                named.iter().any(|name| pages.contains(name)),
                "docs/ do not mention the key \"{key}\" of {model}"
            );
        }
    }
    Ok(())
}

#[test]
fn the_documentation_names_source_files_that_exist() -> Result<()> {
    let sources: Vec<String> = texts("rs")?.into_iter().map(|(file, _)| file).collect();
    for (page, text) in texts("md")? {
        for word in text.split('`').filter(|word| word.ends_with(".rs")) {
            let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c));
            let known =
                sources.iter().any(|file| file.ends_with(&format!("/{word}")) || file == word);
            assert!(known || !plain, "{page} names {word}, which does not exist");
        }
    }
    Ok(())
}

/// Fields of the model that are called otherwise in the file: `[[source]]`, `topic`, `token…`, and whatever a kind reads itself.
const NOT_KEYS: [&str; 9] = [
    "sources",
    "targets",
    "routes",
    "topics",
    "tags",
    "actors",
    "given_name",
    "secret",
    "settings",
];

/// The name of a field of a struct, if the line declares one.
fn field(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let declared = line.strip_prefix("pub(super) ").or_else(|| line.strip_prefix("pub "))?;
    let (name, _) = declared.split_once(": ")?;
    name.chars().all(|c| c.is_ascii_lowercase() || c == '_').then_some(name)
}
