use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

fn secured(server: &MailServer, scheme: &str) -> Email {
    let keys = format!("server = \"{scheme}://localhost:{}\"\nusername = \"ana\"", server.port());
    target(&keys, Some(PASSWORD), server.trusted(), Limits::DEFAULT).unwrap()
}

fn with_tls(script: &serde_json::Value, tls: &str, more: &[&str]) -> MailServer {
    let mut arguments = vec!["--tls", tls, "--user", "ana", "--password", PASSWORD];
    arguments.extend(more);
    MailServer::start(script, &arguments)
}

#[rstest]
#[case("smtps", "implicit")]
#[case("smtp", "starttls")]
#[tokio::test]
async fn mail_and_password_go_through_tls(#[case] scheme: &str, #[case] tls: &str) {
    let server = with_tls(&json!({}), tls, &[]);
    let target = secured(&server, scheme);
    for identity in ["m-1", "m-2"] {
        assert_eq!(deliver(&target, identity).await, ACCEPTED);
    }
    target.rest().await;
    let in_clear: Vec<String> = server.said_in_clear();
    let allowed: &[&str] = if tls == "starttls" { &["EHLO", "STARTTLS"] } else { &[] };
    assert_eq!(in_clear, allowed, "nothing else can be read on the way");
    assert_eq!((server.mails().len(), server.connections()), (2, 1));
}

#[rstest]
#[case("smtps", "implicit")]
#[case("smtp", "starttls")]
#[tokio::test]
async fn a_certificate_that_proves_nothing_stops_the_target(
    #[case] scheme: &str,
    #[case] tls: &str,
) {
    for certificate in ["self-signed", "expired", "other-name"] {
        let server = with_tls(&json!({}), tls, &["--certificate", certificate]);
        let (kind, why) = told(deliver(&secured(&server, scheme), "m-1").await);
        assert_eq!(kind, "misconfigured", "{certificate}: {why}");
        assert!(why.contains("certificate"), "{why}");
        assert_eq!(server.mails().len(), 0);
        assert!(server.said().iter().all(|(_, step)| step != "AUTH"), "{certificate}");
    }
}

#[tokio::test]
async fn what_is_offered_before_tls_counts_for_nothing_after_it() {
    let server = with_tls(&json!({ "with-in-clear": ["PIPELINING"] }), "starttls", &[]);
    assert_eq!(deliver(&secured(&server, "smtp"), "m-1").await, ACCEPTED);
    let reads = server.read_at_once();
    assert!(
        reads.iter().all(|read| read.len() == 1),
        "somebody on the way may offer it: {reads:?}"
    );
    assert!(reads.contains(&vec!["DATA".to_owned()]), "and the mail went its way: {reads:?}");
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let server = with_tls(&json!({ "without": ["STARTTLS"] }), "starttls", &[]);
    let (kind, why) = told(deliver(&secured(&server, "smtp"), "m-1").await);
    assert_eq!(kind, "misconfigured");
    assert!(why.contains("STARTTLS"), "{why}");
    let steps: Vec<String> = server.said().into_iter().map(|(_, step)| step).collect();
    assert_eq!(steps, ["EHLO"]);
}

#[rstest]
#[case("STARTTLS", "454 4.7.0 TLS not available")]
#[case("STARTTLS", "501 5.5.2 What")]
#[case("STARTTLS", "drop")]
#[case("GREETING", "554 5.3.2 No service here")]
#[case("GREETING", "drop")]
#[case("EHLO", "421 4.3.2 Bye")]
#[tokio::test]
async fn trouble_on_the_way_to_tls_is_tried_again_later(#[case] step: &str, #[case] answer: &str) {
    let server = with_tls(&json!({ step: [answer] }), "starttls", &[]);
    let target = secured(&server, "smtp");
    let (kind, why) = told(deliver(&target, "m-1").await);
    assert_eq!(kind, "retry", "{why}");
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
}

#[tokio::test]
async fn a_server_that_falls_silent_before_tls_is_left() {
    for step in ["GREETING", "EHLO", "STARTTLS"] {
        let server = with_tls(&json!({ step: "hang" }), "starttls", &[]);
        let keys = format!("server = \"smtp://localhost:{}\"", server.port());
        let limits = Limits { reply: Duration::from_millis(300), ..Limits::DEFAULT };
        let target = target(&keys, None, server.trusted(), limits).unwrap();
        assert_eq!(told(deliver(&target, "m-1").await).0, "retry", "{step}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_in_the_clear() {
    let server = MailServer::sound();
    let keys = format!("server = \"smtps://localhost:{}\"", server.port());
    let target = target(&keys, Some(PASSWORD), untrusting(), Limits::DEFAULT).unwrap();
    let (kind, why) = told(deliver(&target, "m-1").await);
    assert_eq!(kind, "retry", "{why}");
    assert_eq!(server.mails().len(), 0);
}

/// Somebody on the way puts answers behind the one to STARTTLS, hoping that they are taken for those of the server.
#[tokio::test]
async fn words_put_in_before_tls_begins_are_not_believed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = [0; 1024];
        stream.write_all(b"220 h\r\n").await.unwrap();
        assert_ne!(stream.read(&mut heard).await.unwrap(), 0);
        stream.write_all(b"250-h\r\n250 STARTTLS\r\n").await.unwrap();
        assert_ne!(stream.read(&mut heard).await.unwrap(), 0);
        stream.write_all(b"220 go\r\n250-h\r\n250 AUTH PLAIN\r\n235 welcome\r\n").await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        rest
    });
    let keys = format!("server = \"smtp://127.0.0.1:{port}\"");
    let target = target(&keys, Some(PASSWORD), untrusting(), Limits::DEFAULT).unwrap();
    let (kind, why) = told(deliver(&target, "m-1").await);
    assert_eq!(kind, "retry", "{why}");
    assert!(why.contains("interfere"), "{why}");
    assert_eq!(heard.await.unwrap(), b"", "not even a handshake");
}

#[test]
fn mail_in_the_clear_is_for_this_machine_and_hosts_allowed_by_name() {
    let build = |host: &str| {
        let keys = format!("server = \"smtp://{host}\"\ntls = \"none\"");
        target(&keys, Some(PASSWORD), untrusting(), Limits::DEFAULT).map(drop)
    };
    for host in ["localhost", "127.0.0.1", "[::1]:2525", "Mail.Lab.example"] {
        assert_eq!(build(host), Ok(()), "{host}");
    }
    for host in ["mail.example.org", "192.168.1.2", "localhost.example.org"] {
        let why = build(host).unwrap_err();
        assert!(why.contains("unencrypted") && why.contains("allow_insecure_hosts"), "{why}");
    }
}
