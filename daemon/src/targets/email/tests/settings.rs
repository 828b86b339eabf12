use lettre::transport::smtp::authentication::Mechanism;
use rstest::rstest;
use tidings_api::FieldKind;

use super::super::settings::{self, Security, Spec, fields, read};
use crate::config::KeyProblem;

fn table(text: &str) -> toml::Table {
    text.parse().unwrap()
}

fn check(table: &toml::Table) -> Vec<KeyProblem> {
    settings::check(table, &crate::config::Security::default())
}

const FROM: &str = "from = \"Tidings <tidings@Desk.example.org>\"\n";

fn spec(more: &str) -> Spec {
    read(&table(&format!("{FROM}{more}"))).unwrap()
}

#[rstest]
#[case("server = \"smtps://mail.example.org\"", "mail.example.org:465", Security::Implicit)]
#[case("server = \"smtps://mail.example.org:4650/\"", "mail.example.org:4650", Security::Implicit)]
#[case("server = \"smtp://MAIL.example.org\"", "mail.example.org:587", Security::StartTls)]
#[case("server = \"smtp://mail.example.org:25\"", "mail.example.org:25", Security::StartTls)]
#[case("server = \"smtp://localhost\"\ntls = \"none\"", "localhost:25", Security::None)]
#[case("server = \"smtp://[::1]:2525\"\ntls = \"none\"", "[::1]:2525", Security::None)]
#[case("server = \"smtps://münchen.example\"", "xn--mnchen-3ya.example:465", Security::Implicit)]
fn a_server_has_an_address_a_port_and_a_way_to_secure_it(
    #[case] keys: &str,
    #[case] address: &str,
    #[case] security: Security,
) {
    let server = spec(keys).server;
    assert_eq!((server.to_string().as_str(), server.security), (address, security));
}

#[test]
fn what_is_left_out_has_a_default() {
    let spec = spec("server = \"smtps://mail.example.org\"");
    assert_eq!(spec.from.to_string(), "Tidings <tidings@desk.example.org>");
    assert_eq!(spec.username, "tidings@desk.example.org");
    assert_eq!(spec.mechanisms, [Mechanism::Plain, Mechanism::Login]);
    assert!(spec.helo.is_none() && spec.unsubscribe.is_none());
}

#[rstest]
#[case("server = \"mail.example.org\"", "server")]
#[case("server = \"https://mail.example.org\"", "server")]
#[case("server = \"smtps://ana:hunter2@mail.example.org\"", "server")]
#[case("server = \"smtps://mail.example.org/inbox\"", "server")]
#[case("server = \"smtps://mail.example.org?tls=off\"", "server")]
#[case("server = \"smtps://\"", "server")]
#[case("server = \"smtps://mail.example.org\"\ntls = \"none\"", "tls")]
#[case("server = \"smtps://m.example\"\ntls = \"opportunistic\"", "tls")]
#[case("server = \"smtps://m.example\"\nauth = \"cram-md5\"", "auth")]
#[case("server = \"smtps://m.example\"\nusername = \"a\\u0000b\"", "username")]
#[case("server = \"smtps://m.example\"\nhelo = \"my machine\"", "helo")]
#[case("server = \"smtps://m.example\"\nunsubscribe = \"http://m.example/stop\"", "unsubscribe")]
#[case("server = \"smtps://m.example\"\nunsubscribe = \"me@example.org\"", "unsubscribe")]
#[case("server = \"smtps://m.example\"\nport = 465", "port")]
#[case("server = 465", "server")]
#[case("", "server")]
fn what_is_wrong_is_told_at_its_key(#[case] keys: &str, #[case] key: &str) {
    let problems = check(&table(&format!("{FROM}{keys}")));
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].key, key, "{problems:?}");
    assert!(!problems[0].message.contains("hunter2"), "{problems:?}");
}

#[test]
fn mail_that_anybody_on_the_way_could_read_is_refused_when_the_file_is_read() {
    let plain = table(&format!("{FROM}server = \"smtp://mail.example.org\"\ntls = \"none\""));
    let problems = check(&plain);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].key, "tls");
    assert!(problems[0].message.contains("allow_insecure_hosts"), "{problems:?}");
    let allowed = crate::config::Security {
        allow_insecure_hosts: vec!["mail.example.org".into()],
        ..Default::default()
    };
    assert_eq!(settings::check(&plain, &allowed), [], "its owner allows it by name");
}

#[rstest]
#[case("from = \"tidings\"")]
#[case("from = \"Tidings <tidings@desk.example.org>, eve@example.org\"")]
#[case("from = \"a\\r\\nBcc: eve@example.org <tidings@desk.example.org>\"")]
#[case("from = \"tidings@desk.example.org\\n\"")]
#[case("")]
fn a_sender_is_one_mailbox(#[case] from: &str) {
    let problems = check(&table(&format!("server = \"smtps://mail.example.org\"\n{from}")));
    assert_eq!(problems.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["from"], "{from}");
}

#[test]
fn the_form_has_every_key_and_no_other() {
    let fields = fields();
    for field in &fields {
        // A key that is read is known: with a number for its value there is another problem than an unknown key.
        let problems = check(&table(&format!("{} = 1", field.key)));
        let unknown = problems.iter().any(|problem| problem.message.contains("unknown key"));
        assert!(!unknown, "{}", field.key);
        assert_eq!(field.kind == FieldKind::Choice, !field.choices.is_empty(), "{}", field.key);
        assert!(!field.help.is_empty(), "{}", field.key);
    }
    let known = check(&table("nothing = 1")).into_iter().find(|problem| problem.key == "nothing");
    let mut known = known.unwrap().known;
    let mut keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    known.sort_unstable();
    keys.sort_unstable();
    assert_eq!(keys, known);
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.key.as_str()).collect();
    assert_eq!(required, ["server", "from"]);
}
