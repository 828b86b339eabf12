use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Every step answered by a script, and what it means.
const ANSWERS: &[(&str, &str, &str)] = &[
    ("GREETING", "554 5.3.2 No service here", "retry"),
    ("GREETING", "421 4.3.2 Too busy", "retry"),
    ("GREETING", "drop", "retry"),
    ("EHLO", "550 5.7.1 What a name", "retry"),
    ("EHLO", "421 4.3.2 Bye", "retry"),
    ("EHLO", "drop", "retry"),
    ("MAIL", "451 4.3.0 Later", "retry"),
    ("MAIL", "drop", "retry"),
    ("MAIL", "530 5.7.0 Authentication required", "misconfigured"),
    ("MAIL", "550 5.1.8 Bad sender", "misconfigured"),
    ("MAIL", "550 Rejected", "refused"),
    ("MAIL", "552 5.3.4 Too big", "refused"),
    ("RCPT", "450 4.2.0 Greylisted", "retry"),
    ("RCPT", "451-4.7.1 Greylisted\n451 4.7.1 for 300 seconds", "retry"),
    ("RCPT", "452 4.5.3 Too many", "retry"),
    ("RCPT", "421 4.3.2 Bye", "retry"),
    ("RCPT", "drop", "retry"),
    ("RCPT", "550 5.1.1 Unknown", "gone"),
    ("RCPT", "550-5.1.1 Unknown\n550 5.1.1 Really", "gone"),
    ("RCPT", "550 5.1.2 No such system", "gone"),
    ("RCPT", "551 5.1.6 Moved", "gone"),
    ("RCPT", "556 5.1.10 Takes no mail", "gone"),
    ("RCPT", "550 5.2.1 Disabled", "gone"),
    ("RCPT", "550 Unknown", "gone"),
    ("RCPT", "551 Not here", "gone"),
    ("RCPT", "553 Not a mailbox", "gone"),
    ("RCPT", "554 Failed", "refused"),
    ("RCPT", "552 5.2.2 Full", "retry"),
    ("RCPT", "552 Full", "retry"),
    ("RCPT", "550 5.7.1 Relaying denied", "refused"),
    ("RCPT", "535 5.7.8 Bad credentials", "misconfigured"),
    ("DATA", "451 4.3.0 Later", "retry"),
    ("DATA", "554 5.1.1 No valid recipients", "gone"),
    ("DATA", "550 Rejected", "refused"),
    ("DATA", "250 2.0.0 Why not", "retry"),
    ("DATA", "drop", "retry"),
    ("CONTENT", "451 4.3.0 Later", "retry"),
    ("CONTENT", "421 4.3.2 Bye", "retry"),
    ("CONTENT", "550 5.1.1 Unknown", "gone"),
    ("CONTENT", "550 Rejected", "refused"),
    ("CONTENT", "554 5.7.1 Spam", "refused"),
    ("CONTENT", "554 5.6.0 Broken", "refused"),
    ("CONTENT", "552 5.2.2 Full", "retry"),
    ("CONTENT", "drop", "unknown"),
    ("CONTENT", "354 Go on", "unknown"),
];

#[tokio::test]
async fn every_answer_at_every_step_means_what_it_means() {
    let server = MailServer::sound();
    for (step, answer, expected) in ANSWERS {
        server.follow(&json!({ (*step): [answer] }));
        let target = plain(&server);
        let (kind, why) = told(deliver(&target, "m-1").await);
        assert_eq!(kind, *expected, "{answer} at {step}: {why}");
        assert!(why.starts_with(&format!("127.0.0.1:{}", server.port())), "says who: {why}");
        if let Some(code) =
            answer.get(..3).filter(|code| code.parse::<u16>().is_ok_and(|c| c >= 400))
        {
            assert!(why.contains(code), "says what was answered: {why}");
        }
        let again = deliver(&target, "m-2").await;
        assert_eq!(again, ACCEPTED, "after {answer} at {step} the next mail goes out");
    }
}

#[tokio::test]
async fn what_was_greylisted_goes_out_with_the_same_id() {
    let server = MailServer::start(&json!({ "CONTENT": ["451 4.7.1 Greylisted"] }), &[]);
    let target = plain(&server);
    assert_eq!(told(deliver(&target, "m-1").await).0, "retry");
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
    let mails = server.mails();
    let ids: Vec<_> = mails.iter().map(|mail| mail["headers"].to_string()).collect();
    assert!(ids.iter().all(|headers| headers.contains("<m-1@desk.example.org>")), "{ids:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_may_have_arrived_is_sent_again_under_the_same_id() {
    let server = MailServer::start(&json!({ "CONTENT": ["drop"] }), &[]);
    let target = plain(&server);
    assert_eq!(told(deliver(&target, "m-1").await).0, "unknown");
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
    let mails = server.mails();
    let id = |at: usize| {
        let headers = mails[at]["headers"].as_array().unwrap();
        headers.iter().find(|header| header[0] == "Message-ID").cloned()
    };
    assert_eq!((mails.len(), id(0)), (2, id(1)), "its receiver can tell that it is the same");
    const { assert!(super::super::KIND.repeatable) };
}

#[rstest]
#[case("GREETING", "retry")]
#[case("EHLO", "retry")]
#[case("MAIL", "retry")]
#[case("RCPT", "retry")]
#[case("DATA", "retry")]
#[case("CONTENT", "unknown")]
#[tokio::test]
async fn a_server_that_falls_silent_is_left(#[case] step: &str, #[case] expected: &str) {
    let server = MailServer::start(&json!({ step: "hang" }), &[]);
    let short = Duration::from_millis(500);
    // Only the step in question is short: a busy machine must not look like a silent server.
    let limits = match step {
        "CONTENT" => Limits { content: short, ..Limits::DEFAULT },
        _ => Limits { reply: short, ..Limits::DEFAULT },
    };
    let (kind, why) = told(deliver(&plain_within(server.port(), limits), "m-1").await);
    assert_eq!(kind, expected, "{why}");
    assert!(why.contains("no answer"), "{why}");
}

#[tokio::test]
async fn all_that_comes_before_the_message_has_one_limit_in_common() {
    let server = MailServer::start(&json!({ "RCPT": "hang" }), &[]);
    let limits = Limits { opening: Duration::from_millis(500), ..Limits::DEFAULT };
    let (kind, why) = told(deliver(&plain_within(server.port(), limits), "m-1").await);
    assert_eq!(kind, "retry", "{why}");
}

#[test]
fn an_attempt_ends_well_before_it_is_given_up() {
    let all = Limits::DEFAULT.opening + Limits::DEFAULT.content;
    assert!(all <= Duration::from_secs(80), "{all:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_tried_again_later() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let (kind, why) = told(deliver(&plain_within(port, Limits::DEFAULT), "m-1").await);
    assert_eq!(kind, "retry");
    assert!(why.contains(&format!("127.0.0.1:{port}")), "{why}");
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_told_in_words() {
    let keys = "server = \"smtps://no.such.host.invalid\"";
    let target = target(keys, None, untrusting(), Limits::DEFAULT).unwrap();
    let (kind, why) = told(deliver(&target, "m-1").await);
    assert_eq!(kind, "retry");
    assert!(why.contains("no.such.host.invalid:465: the host is not found"), "{why}");
}

/// A server that says one thing and then nothing.
async fn says(words: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.unwrap();
    });
    port
}

#[rstest]
#[case("HTTP/1.1 400 Bad Request\r\n\r\n")]
#[case("-ERR unknown command\r\n")]
#[case("\r\n")]
#[tokio::test]
async fn what_is_no_mail_server_is_tried_again_later(#[case] words: &'static str) {
    let port = says(words).await;
    let (kind, why) = told(deliver(&plain_within(port, Limits::DEFAULT), "m-1").await);
    assert_eq!(kind, "retry", "{why}");
}

#[tokio::test]
async fn words_of_a_server_are_told_without_addresses() {
    let script = json!({ "RCPT": "550 5.1.1 <ana@example.org>: Recipient address rejected" });
    let server = MailServer::start(&script, &[]);
    let (kind, why) = told(deliver(&plain(&server), "m-1").await);
    assert_eq!(kind, "gone");
    assert!(why.ends_with("550 5.1.1 at RCPT: … Recipient address rejected"), "{why}");
}
