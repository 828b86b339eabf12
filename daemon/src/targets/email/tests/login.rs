use std::pin::Pin;

use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;

use super::*;
use crate::secrets::SecretError;
use crate::sources::Secrets;

/// A target that logs in over a connection within this machine.
fn with_login(server: &MailServer, password: Option<&str>, more: &str) -> Email {
    let keys = format!("server = \"smtp://127.0.0.1:{}\"\ntls = \"none\"\n{more}", server.port());
    target(&keys, password, untrusting(), Limits::DEFAULT).unwrap()
}

fn wants_login(script: &serde_json::Value, more: &[&str]) -> MailServer {
    let mut arguments = vec!["--user", "ana", "--password", PASSWORD];
    arguments.extend(more);
    MailServer::start(script, &arguments)
}

#[rstest]
#[case("PLAIN,LOGIN,XOAUTH2", "", "PLAIN")]
#[case("LOGIN,XOAUTH2", "", "LOGIN")]
#[case("PLAIN,LOGIN,XOAUTH2", "auth = \"login\"", "LOGIN")]
#[case("PLAIN,LOGIN,XOAUTH2", "auth = \"plain\"", "PLAIN")]
#[case("PLAIN,LOGIN,XOAUTH2", "auth = \"xoauth2\"", "XOAUTH2")]
#[tokio::test]
async fn it_logs_in(#[case] offered: &str, #[case] key: &str, #[case] mechanism: &str) {
    let server = wants_login(&json!({}), &["--mechanisms", offered]);
    let target = with_login(&server, Some(PASSWORD), &format!("username = \"ana\"\n{key}"));
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
    let login = json!({ "mechanism": mechanism, "user": "ana" });
    assert_eq!(server.mails()[0]["login"], login);
    assert_eq!(deliver(&target, "m-2").await, ACCEPTED);
    let logins = server.said().into_iter().filter(|(_, step)| step == "AUTH").count();
    assert_eq!(logins, 1, "once a connection");
}

#[tokio::test]
async fn the_user_is_the_sender_if_nothing_else_is_said() {
    let arguments = ["--user", "tidings@desk.example.org", "--password", PASSWORD];
    let server = MailServer::start(&json!({}), &arguments);
    assert_eq!(deliver(&with_login(&server, Some(PASSWORD), ""), "m-1").await, ACCEPTED);
}

#[rstest]
#[case("plain")]
#[case("login")]
#[case("xoauth2")]
#[tokio::test]
async fn a_wrong_password_stops_the_target_and_is_not_repeated(#[case] auth: &str) {
    let server = wants_login(&json!({}), &[]);
    let keys = format!("username = \"ana\"\nauth = \"{auth}\"");
    let (kind, why) = told(deliver(&with_login(&server, Some("hunter2"), &keys), "m-1").await);
    assert_eq!(kind, "misconfigured", "{why}");
    assert!(why.contains("username") && !why.contains("hunter2"), "{why}");
    assert_eq!(server.mails().len(), 0);
}

#[rstest]
#[case("454 4.7.0 Temporary authentication failure", "retry")]
#[case("421 4.7.0 Too many failures", "retry")]
#[case("drop", "retry")]
#[case("535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", "misconfigured")]
#[case("534 5.7.9 Too weak", "misconfigured")]
#[case("504 5.5.4 Unrecognized", "misconfigured")]
#[case("500 5.5.2 unrecognized command AGh1bnRlcjI=", "misconfigured")]
#[tokio::test]
async fn an_answer_to_the_login_means(#[case] answer: &str, #[case] expected: &str) {
    let server = wants_login(&json!({ "AUTH": answer }), &[]);
    let target = with_login(&server, Some(PASSWORD), "username = \"ana\"");
    let (kind, why) = told(deliver(&target, "m-1").await);
    assert_eq!(kind, expected, "{why}");
    assert!(!why.contains('='), "half a login may stand in the server's words: {why}");
}

#[tokio::test]
async fn a_server_that_wants_a_login_says_so_to_who_has_no_password() {
    let server = wants_login(&json!({}), &[]);
    let (kind, why) = told(deliver(&with_login(&server, None, ""), "m-1").await);
    assert_eq!(kind, "misconfigured", "{why}");
    assert!(why.contains("530 5.7.0"), "{why}");
}

#[tokio::test]
async fn a_password_is_not_given_to_a_server_that_offers_no_such_login() {
    let server = wants_login(&json!({}), &["--mechanisms", "XOAUTH2"]);
    let target = with_login(&server, Some(PASSWORD), "username = \"ana\"");
    let (kind, why) = told(deliver(&target, "m-1").await);
    assert_eq!(kind, "misconfigured");
    assert!(why.contains("PLAIN or LOGIN"), "{why}");
    assert!(server.said().iter().all(|(_, step)| step != "AUTH"), "a password is no token");
}

/// Cannot be read, for a reason that passes or not.
struct Locked(bool);

impl Secrets for Locked {
    fn secret<'a>(
        &'a self,
        name: &'a str,
        _: &'a SecretOrigin,
    ) -> Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>> {
        let error = if self.0 {
            SecretError::KeyringLocked
        } else {
            SecretError::NotInKeyring { name: name.to_owned() }
        };
        Box::pin(std::future::ready(Err(error)))
    }
}

#[rstest]
#[case(true, "retry", "locked")]
#[case(false, "misconfigured", "tidings secret set mail")]
#[tokio::test]
async fn without_its_password_it_does_not_even_dial(
    #[case] passes: bool,
    #[case] expected: &str,
    #[case] says: &str,
) {
    let server = MailServer::sound();
    let keys = format!("server = \"smtp://127.0.0.1:{}\"\ntls = \"none\"", server.port());
    let config = config(&keys, Some(SecretOrigin::Keyring));
    let deps = deps(Arc::new(Locked(passes)));
    let target = Email::new(&config, &deps, untrusting(), Limits::DEFAULT).unwrap();
    let (kind, why) = told(deliver(&target, "m-1").await);
    assert_eq!(kind, expected);
    assert!(why.contains(says), "{why}");
    assert_eq!(server.connections(), 0);
}
