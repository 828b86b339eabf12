use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tidings_api::SourceSettings;
use toml_edit::{Item, Value};

use super::file::plan;
use super::*;
use crate::config::{Kinds, LiveConfig, keys};

const KINDS: Kinds = Kinds { names: || vec!["json"], check: |_, _| Vec::new(), ..Kinds::NONE };

const FILE: &str = "\
# my sources

[[source]]   # the shop
name = \"orders\"
kind = \"json\"
url = \"https://a.b\" # do not touch
enabled = true   # since May

# at home
[[source]]
name = 'home'
kind = \"json\"
url = \"https://c.d\"
topics = [
  \"a\", # first
]

[source.auth]
login = \"/x\"

[retention]
max_age = \"90d\"
# the end
";

/// A folder with a configuration file, and the file as the daemon has it.
struct Scene {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Scene {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        Self { folder, path }
    }

    fn live(&self) -> LiveConfig {
        LiveConfig::open(self.path.clone(), KINDS)
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }
}

/// What the file is after an edit that must succeed.
fn after(text: &str, edit: impl FnOnce(&LiveConfig) -> Result<(), EditError>) -> String {
    let scene = Scene::new(text);
    edit(&scene.live()).unwrap();
    scene.text()
}

fn switched(text: &str, name: &str, enabled: bool) -> String {
    after(text, |live| live.set_source_enabled(name, enabled))
}

/// A form of `home` or of a new source, switched on, with these settings.
fn form(name: &str, settings: Json) -> SourceSettings {
    let Json::Object(settings) = settings else { panic!("settings are an object") };
    SourceSettings {
        name: name.into(),
        kind: "json".into(),
        enabled: true,
        popups: true,
        min_urgency: "low".into(),
        settings,
        ..SourceSettings::default()
    }
}

#[test]
fn an_edit_changes_one_word_and_keeps_everything_around_it() {
    assert_eq!(
        switched(FILE, "orders", false),
        FILE.replace("enabled = true   # since May", "enabled = false   # since May")
    );
}

#[test]
fn a_missing_key_is_added_to_its_own_source() {
    assert_eq!(
        switched(FILE, "home", false),
        FILE.replace("  \"a\", # first\n]\n", "  \"a\", # first\n]\nenabled = false\n")
    );
}

#[test]
fn switching_on_what_is_on_writes_nothing() {
    assert_eq!(switched(FILE, "home", true), FILE);
}

#[test]
fn sources_written_inline_can_be_edited() {
    let text =
        "source = [{ name = \"a\", kind = \"json\", url = \"https://a.b\", enabled = true }]\n";
    assert_eq!(switched(text, "a", false), text.replace("true", "false"));
    let added = after(text, |live| {
        live.add_source(&form("b", json!({"url": "https://c.d", "auth.username": "x"})), None)
    });
    assert!(added.contains("username = \"x\""), "nested tables are inline, too: {added}");
    assert_eq!(after(&added, |live| live.remove_source("b")), text);
}

#[test]
fn line_ends_and_byte_order_mark_stay() {
    let text = format!("\u{feff}{}", FILE.replace('\n', "\r\n"));
    assert_eq!(
        switched(&text, "orders", false),
        text.replace("enabled = true ", "enabled = false ")
    );
}

#[test]
fn links_and_modes_stay() {
    let scene = Scene::new("");
    let real = scene.folder.path().join("dotfiles.toml");
    fs::remove_file(&scene.path).unwrap();
    fs::write(&real, FILE).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("dotfiles.toml", &scene.path).unwrap();
    scene.live().set_source_enabled("orders", false).unwrap();
    assert!(scene.path.is_symlink(), "a managed dotfile stays a link");
    assert!(fs::read_to_string(&real).unwrap().contains("enabled = false"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(scene.folder.path()).unwrap().count(), 2, "no file is left behind");
}

#[test]
fn a_read_only_file_is_refused_and_says_so() {
    let scene = Scene::new(FILE);
    fs::set_permissions(&scene.path, fs::Permissions::from_mode(0o444)).unwrap();
    let error = scene.live().set_source_enabled("orders", false).unwrap_err();
    assert!(matches!(error, EditError::ReadOnly { .. }), "{error}");
    assert_eq!(scene.text(), FILE);
}

#[test]
fn a_file_changed_in_the_meantime_is_not_overwritten() {
    let scene = Scene::new(FILE);
    let planned = plan(&scene.path, &KINDS, |document| {
        document["retention"]["max_age"] = Item::Value(Value::from("1d"));
        Ok(())
    });
    fs::write(&scene.path, "# by the user\n").unwrap();
    let error = planned.unwrap().write().unwrap_err();
    assert!(matches!(error, EditError::Changed { .. }), "{error}");
    assert_eq!(scene.text(), "# by the user\n");
}

#[test]
fn an_unknown_source_and_a_broken_file_are_errors() {
    let scene = Scene::new(FILE);
    let error = scene.live().set_source_enabled("none", false).unwrap_err();
    assert!(error.to_string().ends_with("there is no source \"none\""), "{error}");
    for broken in ["[[source]\n", "[desktpo]\n"] {
        fs::write(&scene.path, broken).unwrap();
        let error = scene.live().set_source_enabled("orders", false).unwrap_err();
        assert!(matches!(error, EditError::Broken { .. }), "{error}");
        assert_eq!(scene.text(), broken, "somebody is at work on it");
    }
}

#[test]
fn a_new_source_stands_behind_the_others() {
    let settings = form("new", json!({"url": "https://e.f", "auth.username": "ana"}));
    let text = after(FILE, |live| live.add_source(&settings, Some("token")));
    let added = "\n[[source]]\nname = \"new\"\nkind = \"json\"\nurl = \"https://e.f\"\ntoken = \"keyring\"\n\n[source.auth]\nusername = \"ana\"\n";
    assert_eq!(text, FILE.replace("\n[retention]", &format!("{added}\n[retention]")));
}

#[test]
fn without_a_file_the_first_source_makes_one_for_the_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/tidings/config.toml");
    let live = LiveConfig::open(path.clone(), KINDS);
    live.add_source(&form("new", json!({"url": "https://e.f"})), None).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "[[source]]\nname = \"new\"\nkind = \"json\"\nurl = \"https://e.f\"\n");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(live.current().sources.len(), 1, "it is in force at once");
}

#[test]
fn a_form_changes_what_it_shows_and_nothing_else() {
    let settings =
        form("home", json!({"url": "https://c.d", "auth.username": "ana", "list.url": ""}));
    assert_eq!(
        after(FILE, |live| live.update_source(&settings)),
        FILE.replace("login = \"/x\"\n", "login = \"/x\"\nusername = \"ana\"\n")
    );
}

#[test]
fn an_emptied_field_leaves_the_file() {
    let settings = form("home", json!({"auth.login": "", "topics": []}));
    let text = after(FILE, |live| live.update_source(&settings));
    assert!(!text.contains("login") && !text.contains("topics"), "{text}");
    assert!(text.contains("# at home\n[[source]]\nname = 'home'\n"), "{text}");
}

#[test]
fn a_removed_source_takes_its_own_comment_along_and_no_other() {
    let start = FILE.find("[[source]]   # the shop").unwrap();
    let end = FILE.find("# at home").unwrap();
    assert_eq!(
        after(FILE, |live| live.remove_source("orders")),
        format!("{}{}", &FILE[..start], &FILE[end..])
    );
    let start = FILE.find("\n# at home").unwrap();
    let end = FILE.find("\n[retention]").unwrap();
    assert_eq!(
        after(FILE, |live| live.remove_source("home")),
        format!("{}{}", &FILE[..start], &FILE[end..])
    );
}

#[test]
fn what_stood_below_the_first_source_begins_the_file_without_an_empty_line() {
    let text = &FILE[FILE.find("[[source]]   # the shop").unwrap()..];
    let text = after(text, |live| live.remove_source("orders"));
    assert!(text.starts_with("# at home\n[[source]]"), "{text}");
}

#[test]
fn the_head_of_the_file_outlives_the_last_source() {
    let only = &FILE[..FILE.find("\n# at home").unwrap()];
    let text = after(only, |live| live.remove_source("orders"));
    assert_eq!(text, "# my sources\n");
}

#[test]
fn what_the_loader_refuses_never_reaches_the_file() {
    let scene = Scene::new(FILE);
    let refused = |settings: &SourceSettings, words: &str| {
        let error = scene.live().add_source(settings, Some("token")).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(scene.text(), FILE, "a refused edit leaves the file alone");
    };
    refused(&form("home", json!({"url": "https://e.f"})), "there is a source \"home\" already");
    refused(&form("local", json!({"url": "https://e.f"})), "the name \"local\" is reserved");
    refused(&form("", json!({"url": "https://e.f"})), "the source has no name");
    refused(&form("new", json!({})), "the source has no url");
    refused(&form("new", json!({"url": "http://e.f"})), "unencrypted to e.f");
    refused(&form("new", json!({"url": "https://e.f/?token=hunter2"})), "must not carry");
}

#[test]
fn a_form_names_no_command_and_no_file_for_the_daemon_to_read() {
    let scene = Scene::new(FILE);
    for key in keys::SECRET.iter().chain(keys::SECRET_FILES) {
        let error = scene.live().update_source(&form("home", json!({*key: ["id"]}))).unwrap_err();
        assert!(error.to_string().contains("says where the secret is"), "{key}: {error}");
    }
    for key in ["name", "enabled", "a..b", "", "a b", "auth.\"x\""] {
        let error = scene.live().update_source(&form("home", json!({key: "x"}))).unwrap_err();
        assert!(matches!(error, EditError::BadValue { .. }), "{key}: {error}");
    }
    assert_eq!(scene.text(), FILE);
}

#[test]
fn the_keyring_is_named_where_nothing_else_is() {
    let text = after(FILE, |live| live.use_keyring("orders", "password"));
    assert_eq!(text, FILE.replace("# since May\n", "# since May\npassword = \"keyring\"\n"));
    let text = text.replace("password = \"keyring\"", "token_file = \"~/x\"");
    assert_eq!(after(&text, |live| live.use_keyring("orders", "token")), text);
}

#[test]
fn a_preview_is_what_an_edit_would_make_and_writes_nothing() {
    let scene = Scene::new(FILE);
    let live = scene.live();
    let settings = form("home", json!({"url": "https://e.f"}));
    let (source, _) = live.preview_source(&settings, None).unwrap();
    assert_eq!(source.settings["url"].as_str(), Some("https://e.f"));
    assert_eq!(
        source.settings["topics"].as_array().map(Vec::len),
        Some(1),
        "what a form does not show stays"
    );
    let (source, _) =
        live.preview_source(&form("new", json!({"url": "https://e.f"})), Some("token")).unwrap();
    assert_eq!(source.secret, Some(crate::config::SecretOrigin::Keyring));
    assert_eq!(scene.text(), FILE);
}

proptest! {
    #[test]
    fn no_value_of_a_form_leaves_its_quotes(value in hostile(), nested in hostile()) {
        let scene = Scene::new(FILE);
        let live = scene.live();
        let before = live.current();
        let settings = form("home", json!({"label": value, "auth.username": nested}));
        match live.update_source(&settings) {
            Ok(()) => {
                let source = live.current().sources[1].clone();
                let text = |value: &toml::Value| value.as_str().unwrap_or_default().to_owned();
                prop_assert_eq!(source.settings.get("label").map(text).unwrap_or_default(), value);
                let auth = source.settings["auth"].as_table().unwrap();
                prop_assert_eq!(auth.get("username").map(text).unwrap_or_default(), nested);
                prop_assert_eq!(&live.current().sources[0], &before.sources[0]);
                prop_assert_eq!(live.current().retention, before.retention);
            }
            Err(error) => {
                prop_assert!(matches!(error, EditError::BadValue { .. } | EditError::Refused(_)), "{}", error);
                prop_assert_eq!(scene.text(), FILE);
            }
        }
    }
}

/// Text that would like to be more than a value.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\"".to_owned()),
        Just("'".to_owned()),
        Just("'''".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("\\".to_owned()),
        Just("\\u0022".to_owned()),
        Just("[[source]]".to_owned()),
        Just("enabled = false #".to_owned()),
        Just("]".to_owned()),
        Just("}".to_owned()),
        Just("\u{7f}\u{2028}\u{feff}".to_owned()),
        ".{0,4}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}
