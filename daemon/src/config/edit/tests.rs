use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use toml_edit::{Item, Value};

use super::file::edit;
use super::*;

const FILE: &str = "\
# my sources

[[source]]   # the shop
name = \"orders\"
url = \"https://a.b\" # do not touch
enabled = true   # since May

# at home
[[source]]
name = 'home'
topics = [
  \"a\", # first
]

[source.auth]
login = \"/x\"

[retention]
max_age = \"90d\"
# the end
";

fn written(text: &str, name: &str, enabled: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, text).unwrap();
    set_source_enabled(&path, name, enabled).unwrap();
    fs::read_to_string(&path).unwrap()
}

#[test]
fn an_edit_changes_one_word_and_keeps_everything_around_it() {
    assert_eq!(
        written(FILE, "orders", false),
        FILE.replace("enabled = true   # since May", "enabled = false   # since May")
    );
}

#[test]
fn a_missing_key_is_added_to_its_own_source() {
    assert_eq!(
        written(FILE, "home", false),
        FILE.replace("  \"a\", # first\n]\n", "  \"a\", # first\n]\nenabled = false\n")
    );
}

#[test]
fn switching_on_what_is_on_writes_nothing() {
    assert_eq!(written(FILE, "home", true), FILE);
}

#[test]
fn sources_written_inline_can_be_edited() {
    let text = "source = [{ name = \"a\" }, { name = \"b\", enabled = true }]\n";
    assert_eq!(
        written(text, "b", false),
        "source = [{ name = \"a\" }, { name = \"b\", enabled = false }]\n"
    );
}

#[test]
fn line_ends_and_byte_order_mark_stay() {
    let text = format!("\u{feff}{}", FILE.replace('\n', "\r\n"));
    assert_eq!(
        written(&text, "orders", false),
        text.replace("enabled = true ", "enabled = false ")
    );
}

#[test]
fn links_and_modes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("dotfiles.toml");
    let link = folder.path().join("config.toml");
    fs::write(&real, FILE).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("dotfiles.toml", &link).unwrap();
    set_source_enabled(&link, "orders", false).unwrap();
    assert!(link.is_symlink(), "a managed dotfile stays a link");
    assert!(fs::read_to_string(&real).unwrap().contains("enabled = false"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no file is left behind");
}

#[test]
fn a_read_only_file_is_refused_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, FILE).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let error = set_source_enabled(&path, "orders", false).unwrap_err();
    assert!(matches!(error, EditError::ReadOnly { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
}

#[test]
fn a_file_changed_in_the_meantime_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, FILE).unwrap();
    let error = edit(&path, |document| {
        fs::write(&path, "# by the user\n").unwrap();
        document.insert("x", Item::Value(Value::from(1)));
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, EditError::Changed { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "# by the user\n");
}

#[test]
fn an_unknown_source_and_a_broken_file_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, FILE).unwrap();
    let error = set_source_enabled(&path, "none", false).unwrap_err();
    assert!(error.to_string().ends_with("there is no source \"none\""), "{error}");
    fs::write(&path, "[[source]\n").unwrap();
    let error = set_source_enabled(&path, "orders", false).unwrap_err();
    assert!(matches!(error, EditError::Broken { .. }), "{error}");
}
