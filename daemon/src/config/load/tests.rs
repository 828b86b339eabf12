use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use tidings_api::Urgency;

use super::*;
use crate::config::{KeyProblem, SecretOrigin};

/// Two kinds that know `topics` and `preset`.
const KINDS: Kinds = Kinds { names: || vec!["ntfy", "json"], check: check_settings, ..Kinds::NONE };

fn check_settings(_: &str, settings: &toml::Table) -> Vec<KeyProblem> {
    const KNOWN: [&str; 5] = ["url", "topics", "preset", "auth", "item"];
    const PRESETS: [&str; 2] = ["django-channels", "django-list"];
    let unknown = settings.keys().filter(|key| !KNOWN.contains(&key.as_str()));
    let mut problems: Vec<KeyProblem> = unknown
        .map(|key| KeyProblem {
            key: key.clone(),
            message: format!("unknown key `{key}` in a source of this kind"),
            known: KNOWN.to_vec(),
        })
        .collect();
    let preset = settings.get("preset").and_then(toml::Value::as_str);
    if preset.is_some_and(|preset| !PRESETS.contains(&preset)) {
        problems.push(KeyProblem {
            key: "preset".to_owned(),
            message: "there is no such preset".to_owned(),
            known: PRESETS.to_vec(),
        });
    }
    if settings.get("auth").is_some_and(|auth| auth.get("login").is_none()) {
        problems.push(KeyProblem {
            key: "auth.login".to_owned(),
            message: "the login page is missing".to_owned(),
            known: Vec::new(),
        });
    }
    problems
}

fn read_text(text: &str) -> Result<Config, ConfigErrors> {
    parse(text, Path::new("config.toml"), &KINDS)
}

/// The whole message about a text that is wrong.
fn complaint(text: &str) -> String {
    read_text(text).expect_err("the text is wrong and must be refused").to_string()
}

/// The lines of one source with more lines of its own.
fn source(more: &str) -> String {
    format!(
        "[[source]]\nname = \"home\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example.org\"\n{more}\n"
    )
}

#[test]
fn no_text_is_the_default_configuration() {
    assert_eq!(read_text("").unwrap(), Config::default());
    assert_eq!(read_text("# nothing yet\n").unwrap(), Config::default());
}

#[test]
fn every_key_reaches_the_model() {
    let config = read_text(
        r#"
        [[source]]
        name = "orders"
        kind = "json"
        preset = "django-channels"
        url = "https://shop.example.org"
        enabled = false
        popups = false
        min_urgency = "high"
        break_quiet = true
        token_file = "~/.config/tidings/orders.token"
        auth = { login = "/in", tries = 0x10, wait = 1.5 }

        [desktop]
        popups = false

        [retention]
        max_age = "90d"
        max_count = 200_000

        [security]
        allow_insecure_hosts = ["NAS.local"]
        "#,
    )
    .unwrap();
    let source = &config.sources[0];
    assert_eq!((source.name.as_str(), source.kind.as_str()), ("orders", "json"));
    assert!(!source.enabled && !source.popups);
    assert_eq!((source.min_urgency, source.break_quiet), (Urgency::High, true));
    assert_eq!(
        source.secret,
        Some(SecretOrigin::File(PathBuf::from("~/.config/tidings/orders.token")))
    );
    assert_eq!(
        source.settings,
        toml::toml! {
            auth = { login = "/in", tries = 16, wait = 1.5 }
            preset = "django-channels"
            url = "https://shop.example.org"
        },
        "what the kind reads is everything but the shared keys"
    );
    assert!(!config.desktop.popups);
    assert_eq!(config.retention.max_age, Some(Duration::from_secs(90 * 86_400)));
    assert_eq!(config.retention.max_count, Some(200_000));
    assert_eq!(config.security.allow_insecure_hosts, ["nas.local"], "host names have no case");
}

#[rstest]
#[case::command("token_command = [\"pass\", \"show\", \"x\"]", SecretOrigin::Command(vec!["pass".into(), "show".into(), "x".into()]))]
#[case::credential("token_credential = \"ntfy\"", SecretOrigin::Credential("ntfy".into()))]
#[case::keyring("token = \"keyring\"", SecretOrigin::Keyring)]
#[case::password("password = \"keyring\"", SecretOrigin::Keyring)]
#[case::password_file("password_file = \"/run/x\"", SecretOrigin::File("/run/x".into()))]
fn every_origin_of_a_secret_is_read(#[case] line: &str, #[case] origin: SecretOrigin) {
    assert_eq!(read_text(&source(line)).unwrap().sources[0].secret, Some(origin));
}

#[test]
fn a_byte_order_mark_and_foreign_line_ends_are_tolerated() {
    let text = format!("\u{feff}{}", source("enabled = false").replace('\n', "\r\n"));
    assert!(!read_text(&text).unwrap().sources[0].enabled);
    let wrong = format!("\u{feff}{}", source("enabled = 1").replace('\n', "\r\n"));
    assert_eq!(
        complaint(&wrong),
        "config.toml:5:11: `enabled` must be true or false, without quotes, not a whole number\n  \
           5 | enabled = 1\n    |           ^"
    );
}

#[test]
fn all_problems_are_told_together_by_position() {
    let text = "\
[retentoin]
max_age = \"90d\"

[[source]]
name = \"local\"
kind = \"ntyf\"

[desktop]
popups = \"yes\"
";
    assert_eq!(
        complaint(text),
        "\
config.toml:1:2: unknown key `retentoin` in the file
  1 | [retentoin]
    |  ^^^^^^^^^
  help: did you mean `retention`?
config.toml:4:1: the source has no url
  4 | [[source]]
    | ^^^^^^^^^^
  help: add the address of the server: url = \"https://example.org\"
config.toml:5:8: the name \"local\" is reserved
  5 | name = \"local\"
    |        ^^^^^^^
  help: it stands for posts from this machine; choose another
config.toml:6:8: unknown kind \"ntyf\"
  6 | kind = \"ntyf\"
    |        ^^^^^^
  help: did you mean `ntfy`?
config.toml:9:10: `popups` must be true or false, without quotes, not a text
  9 | popups = \"yes\"
    |          ^^^^^"
    );
}

#[test]
fn every_syntax_error_is_told() {
    let complaint = complaint("a = \n[desktop\npopups = true\n");
    assert!(complaint.starts_with("config.toml:1:"), "{complaint}");
    assert!(complaint.contains("config.toml:2:"), "one look must be enough: {complaint}");
}

#[rstest]
#[case::kind_key(
    "topcis = [\"a\"]",
    "5:1: unknown key `topcis` in a source of this kind",
    "did you mean `topics`?"
)]
#[case::shared_key(
    "enabeld = true",
    "5:1: unknown key `enabeld` in a source of this kind",
    "did you mean `enabled`?"
)]
#[case::urgency(
    "min_urgency = \"hihg\"",
    "5:15: \"hihg\" is not an urgency",
    "did you mean `high`?"
)]
#[case::words(
    "token_command = \"pass show x\"",
    "5:17: `token_command` must be a list of texts, like [\"a\", \"b\"], not a text",
    ""
)]
#[case::no_words(
    "token_command = []",
    "5:17: `token_command` names no program",
    "write the program and its arguments"
)]
#[case::not_a_path(
    "token_file = \"x\"",
    "5:14: `token_file` is not the path of a file",
    "\"/…\" or \"~/…\""
)]
#[case::not_a_credential(
    "token_credential = \"../x\"",
    "5:20: `token_credential` is not the name of a credential",
    "LoadCredential="
)]
#[case::two_origins(
    "token = \"keyring\"\ntoken_file = \"/x\"",
    "6:14: `token_file` is a second origin of the secret; `token` on line 5 is the first",
    "keep one of them"
)]
#[case::unencrypted(
    "token = \"keyring\"\nstream_url = \"ws://ntfy.example.org\"",
    "6:14: the secret would travel unencrypted to ntfy.example.org",
    "allow_insecure_hosts = [\"ntfy.example.org\"]"
)]
fn a_wrong_source_says_where_and_what_to_do(
    #[case] line: &str,
    #[case] expected: &str,
    #[case] help: &str,
) {
    let complaint = complaint(&source(line));
    assert!(complaint.contains(&format!("config.toml:{expected}")), "{complaint}");
    assert!(complaint.contains(help), "{complaint}");
}

#[rstest]
#[case::no_duration("[retention]\nmax_age = \"3 months\"", "2:11: `max_age` is not a duration")]
#[case::bare_number("[retention]\nmax_age = 90", "2:11: `max_age` is not a duration")]
#[case::none_left("[retention]\nmax_count = 0", "2:13: `max_count` must be at least 1")]
#[case::too_many(
    "[retention]\nmax_count = 99999999999999999999",
    "2:13: `max_count` must be at least 1"
)]
#[case::no_host(
    "[security]\nallow_insecure_hosts = [\"http://nas\"]",
    "2:25: not the name of a host"
)]
#[case::single_brackets("[source]\nname = \"x\"", "1:1: `source` must be a list of tables")]
#[case::no_table(
    "desktop = true",
    "1:11: `desktop` must be a table, written as [desktop], not true or false"
)]
#[case::no_name(
    "[[source]]\nkind = \"ntfy\"\nurl = \"https://a.b\"",
    "1:1: the source has no name"
)]
#[case::empty_name(
    "[[source]]\nname = \" \"\nkind = \"ntfy\"\nurl = \"https://a.b\"",
    "2:8: the name is empty"
)]
#[case::no_address(
    "[[source]]\nname = \"a\"\nkind = \"ntfy\"\nurl = \"a.b\"",
    "4:7: `url` is not an http, https, ws or wss address"
)]
fn a_wrong_value_says_where_it_stands(#[case] text: &str, #[case] expected: &str) {
    let complaint = complaint(text);
    assert!(complaint.contains(&format!("config.toml:{expected}")), "{complaint}");
}

#[test]
fn a_name_is_used_once() {
    let text = format!("{}{}", source(""), source(""));
    assert!(
        complaint(&text).contains("7:8: the name \"home\" is taken by the source on line 2"),
        "{}",
        complaint(&text)
    );
}

#[rstest]
#[case::token("token = \"hunter2\"", "a token does not belong in this file", "token = \"keyring\"")]
#[case::password(
    "password = \"hunter2\"",
    "a password does not belong in this file",
    "password_file"
)]
#[case::user_in_url(
    "stream_url = \"https://ana:hunter2@example.org\"",
    "must not carry a password or a token",
    "token_command"
)]
#[case::token_in_url(
    "stream_url = \"wss://example.org/?token=hunter2\"",
    "must not carry a password or a token",
    "token_command"
)]
#[case::header(
    "[source.auth.headers]\nAuthorization = \"Bearer hunter2\"",
    "`Authorization` is a secret",
    "token_command"
)]
#[case::cookie(
    "auth = { cookie = \"sessionid=hunter2\" }",
    "`cookie` is a secret",
    "token_command"
)]
#[case::slip("tokne = \"hunter2\"", "unknown key `tokne`", "did you mean `token`?")]
#[case::number(
    "token = 4711\npassword = \"hunter2\"",
    "a password does not belong",
    "keep one of them"
)]
#[case::in_place_of_a_table("auth = \"Token hunter2\"", "the login page is missing", "")]
#[case::in_file_key("token_file = \"hunter2\"", "is not the path of a file", "~/")]
#[case::in_command("token_command = \"echo hunter2\"", "must be a list", "")]
#[case::unclosed("token = \"hunter2", "config.toml:5:", "")]
#[case::unclosed_table("auth = \"Token hunter2", "config.toml:5:", "")]
#[case::unquoted("token = hunter2", "config.toml:5:", "")]
#[case::unclosed_url("url2 = \"https://ana:hunter2@example.org", "config.toml:5:", "")]
#[case::inline("auth = { password = \"hunter2\", }, x", "config.toml:5:", "")]
#[case::multi_line("token = \"\"\"\nhunter2\"\"\" x", "config.toml:6:", "")]
#[case::doubled("token = \"hunter2\"\ntoken = \"hunter2\"", "config.toml:6:", "")]
fn a_secret_in_the_file_is_refused_and_never_repeated(
    #[case] line: &str,
    #[case] expected: &str,
    #[case] help: &str,
) {
    let error = read_text(&source(line)).unwrap_err();
    let complaint = error.to_string();
    assert!(complaint.contains(expected), "{complaint}");
    assert!(complaint.contains(help), "{complaint}");
    assert!(!complaint.contains("hunter2"), "the log must not learn the secret: {complaint}");
    assert!(!format!("{error:?}").contains("hunter2"), "nor its debug form: {error:?}");
}

#[test]
fn a_template_for_the_secret_is_no_secret() {
    let line = "auth = { login = \"/in\", headers = { Authorization = \"Token {{ token }}\" }, cookie = \"sessionid\" }";
    assert!(read_text(&source(line)).is_ok(), "a preset must be able to say where the secret goes");
}

#[test]
fn an_address_that_a_click_opens_may_be_unencrypted() {
    let line = "token = \"keyring\"\nitem = { url = \"http://wiki.lan/{{ id }}\" }";
    assert!(read_text(&source(line)).is_ok(), "the secret does not travel there");
}

#[rstest]
#[case::loopback("http://127.0.0.1:8000", "", true)]
#[case::this_machine("ws://localhost", "", true)]
#[case::encrypted("https://example.org", "", true)]
#[case::network("http://192.168.1.5", "", false)]
#[case::allowed("http://nas.local:81", "[security]\nallow_insecure_hosts = [\"nas.local\"]", true)]
#[case::allowed_address(
    "http://[fd00::1]",
    "[security]\nallow_insecure_hosts = [\"[fd00::1]\"]",
    true
)]
#[case::another("http://nas2.local", "[security]\nallow_insecure_hosts = [\"nas.local\"]", false)]
fn a_secret_travels_unencrypted_only_where_allowed(
    #[case] url: &str,
    #[case] security: &str,
    #[case] allowed: bool,
) {
    let source = |secret: &str| {
        format!(
            "[[source]]\nname = \"a\"\nkind = \"ntfy\"\nurl = \"{url}\"\n{secret}\n{security}\n"
        )
    };
    assert_eq!(read_text(&source("token = \"keyring\"")).is_ok(), allowed);
    assert!(read_text(&source("")).is_ok(), "without a secret there is nothing to protect");
}

#[test]
fn a_missing_file_is_the_default_and_a_broken_one_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    assert_eq!(load(&path, &KINDS).unwrap(), Config::default());

    std::fs::write(&path, b"[desktop]\npopups = \xff").unwrap();
    let message = load(&path, &KINDS).unwrap_err().to_string();
    assert!(message.contains("line 2 is not UTF-8"), "{message}");

    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(load(&path, &KINDS).unwrap_err().to_string().contains("cannot be read"));

    let link = folder.path().join("link.toml");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    assert!(load(&link, &KINDS).is_err(), "a dangling link is a mistake, not an absent file");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}") {
        let _ = read_text(&text).map_err(|error| error.to_string());
    }

    #[test]
    fn no_mixture_of_its_own_words_makes_it_panic(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "[[source]]", "[source]", "[desktop]", "\n", "=", "name", "url", "token", "kind",
                "\"", "\"\"\"", "'", "{", "}", "[", "]", ",", ".", "1", "true", "\"ntfy\"", "ü", "#", "1979-05-27",
            ]),
            0..40,
        )
    ) {
        let _ = read_text(&words.join(" ")).map_err(|error| error.to_string());
        let _ = read_text(&words.concat()).map_err(|error| error.to_string());
    }
}

mod documentation {
    use super::*;

    const PAGE: &str = include_str!("../../../../docs/config.md");
    /// Knows the kinds of the page and takes every key of them.
    const ANY: Kinds =
        Kinds { names: || vec!["json"], target_names: || vec!["email", "ntfy"], ..Kinds::NONE };

    fn block(language: &str) -> &'static str {
        let (_, block) = PAGE.split_once(&format!("```{language}\n")).unwrap();
        block.split("```").next().unwrap()
    }

    #[test]
    fn the_example_of_the_documentation_loads() {
        let config = parse(block("toml"), Path::new("docs/config.md"), &ANY)
            .unwrap_or_else(|errors| panic!("the example must load:\n{errors}"));
        assert_eq!(config.sources.len(), 3);
    }

    #[test]
    fn the_errors_of_the_documentation_are_the_real_ones() {
        let file = "\
[desktpo]
popups = true

[retention]
max_age = 90

[[source]]
name = \"a\"
kind = \"jsno\"
url = \"https://shop.example.org\"
token = \"hunter2\"

[[source]]
name = \"b\"
kind = \"json\"
url = \"http://shop.example.org\"
password_file = \"~/x\"
";
        let errors = parse(file, Path::new("config.toml"), &ANY).unwrap_err();
        assert_eq!(block("text").trim_end(), errors.to_string());
    }

    #[test]
    fn the_documentation_names_every_key() {
        for key in keys::ALL.iter().flat_map(|(_, keys)| keys.iter()) {
            assert!(PAGE.contains(&format!("`{key}`")), "docs/config.md does not mention `{key}`");
        }
    }
}
