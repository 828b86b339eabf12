use serde_json::{Value, json};

use super::*;

fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    let headers = mail["headers"].as_array().unwrap();
    headers.iter().find(|header| header[0] == name).and_then(|header| header[1].as_str()).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_meant() {
    let server = MailServer::sound();
    assert_eq!(deliver(&plain(&server), "m-1").await, ACCEPTED);
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail["defects"], json!([]), "a strict reader finds nothing wrong");
    assert_eq!(mail["from"], "tidings@desk.example.org");
    assert_eq!(mail["to"], json!(["ana@example.org"]));
    assert_eq!(mail["helo"], "[127.0.0.1]", "the name of the machine is nobody's business");
    assert_eq!(mail["parts"], json!(["multipart/alternative", "text/plain", "text/html"]));
    let text = "Backup of db1: 42 GB\n.\nno dot lost\n\nhttps://nas.example.org/jobs/7\n";
    assert_eq!(mail["text"], text);
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains("Backup of db1: 42 GB<br>\n.<br>\nno dot lost"), "{html}");
    assert!(html.contains("<a href=\"https://nas.example.org/jobs/7\""), "{html}");
    for (name, value) in [
        ("From", "Tidings <tidings@desk.example.org>"),
        ("To", "ana@example.org"),
        ("Subject", "Größe überschritten"),
        ("Date", "Fri, 27 Nov 2026 12:00:00 +0000"),
        ("Message-ID", "<m-1@desk.example.org>"),
        ("Auto-Submitted", "auto-generated"),
    ] {
        assert_eq!(header(mail, name), value, "{name}");
    }
}

#[tokio::test]
async fn many_mails_go_through_one_connection_one_after_the_other() {
    let server = MailServer::sound();
    let target = plain(&server);
    for number in 0..100 {
        assert_eq!(deliver(&target, &format!("m-{number}")).await, ACCEPTED);
    }
    let ids: Vec<String> =
        server.mails().iter().map(|mail| header(mail, "Message-ID").to_owned()).collect();
    let expected: Vec<String> = (0..100).map(|n| format!("<m-{n}@desk.example.org>")).collect();
    assert_eq!(ids, expected);
    assert_eq!(server.connections(), 1);
    let steps: Vec<String> = server.said().into_iter().map(|(_, step)| step).collect();
    assert_eq!(steps.len(), 1 + 3 * 100, "EHLO, then MAIL, RCPT and DATA for each and no more");
}

#[tokio::test]
async fn two_at_once_share_the_connection() {
    let server = MailServer::sound();
    let target = plain(&server);
    let (one, other) = tokio::join!(deliver(&target, "m-1"), deliver(&target, "m-2"));
    assert_eq!((one, other), (ACCEPTED, ACCEPTED));
    assert_eq!((server.mails().len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn resting_says_goodbye_and_the_next_mail_dials_again() {
    let server = MailServer::sound();
    let target = plain(&server);
    target.rest().await;
    assert_eq!(server.connections(), 0, "there is nothing to close");
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
    target.rest().await;
    assert_eq!(server.said().last(), Some(&(1, "QUIT".to_owned())));
    target.rest().await;
    assert_eq!(deliver(&target, "m-2").await, ACCEPTED);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_dialled_again_at_once() {
    for after in ["drop", "421 4.4.2 Timeout, closing"] {
        let server = MailServer::start(&json!({ "AFTER": after }), &[]);
        let target = plain(&server);
        for number in 1..=3 {
            let outcome = deliver(&target, &format!("m-{number}")).await;
            assert_eq!(outcome, ACCEPTED, "{after} is no failure");
        }
        assert_eq!((server.mails().len(), server.connections()), (3, 3), "each once");
    }
}

#[tokio::test]
async fn a_kept_connection_that_is_refused_another_message_is_replaced() {
    let server = MailServer::start(&json!({ "MAIL": [null, "421 4.7.0 Too many messages"] }), &[]);
    let target = plain(&server);
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
    assert_eq!(deliver(&target, "m-2").await, ACCEPTED);
    assert_eq!((server.mails().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_server_that_is_closing_is_dialled_again_once_only() {
    let server = MailServer::start(
        &json!({ "MAIL": [null, "421 4.3.2 Shutting down", "421 4.3.2 Shutting down"] }),
        &[],
    );
    let target = plain(&server);
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
    let (kind, why) = told(deliver(&target, "m-2").await);
    assert_eq!(kind, "retry", "{why}");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_refused_recipient_does_not_cost_the_connection() {
    let script = json!({ "RCPT": { "bob@example.org": "550 5.1.1 Unknown" } });
    let server = MailServer::start(&script, &[]);
    let target = plain(&server);
    let to_bob = Message { address: "bob@example.org".into(), ..message("m-1") };
    assert_eq!(told(target.deliver(&to_bob).await).0, "gone");
    assert_eq!(deliver(&target, "m-2").await, ACCEPTED);
    let steps: Vec<String> = server.said().into_iter().map(|(_, step)| step).collect();
    assert_eq!(steps, ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA"]);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_a_kept_connection_refuses_for_good_before_it_goes_is_not_asked_again() {
    for then in [json!({ "DATA": [null, "354 Go on"] }), json!({ "RCPT": [null, "drop"] })] {
        let mut script = then.clone();
        script["MAIL"] = json!([null, "552 5.3.4 Too big"]);
        let server = pipelining(script);
        let target = plain(&server);
        assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
        let (kind, why) = told(deliver(&target, "m-2").await);
        assert_eq!(kind, "refused", "{then}: {why}");
        assert_eq!((server.mails().len(), server.connections()), (1, 1), "{then}");
        assert_eq!(deliver(&target, "m-3").await, ACCEPTED, "on a connection of its own");
        assert_eq!(server.connections(), 2, "{then}");
    }
}

/// What the library of the test server does with several commands at once is what any server does: it reads lines.
fn pipelining(mut script: Value) -> MailServer {
    script["with"] = json!(["PIPELINING"]);
    MailServer::start(&script, &[])
}

#[tokio::test]
async fn several_commands_at_once_are_sent_where_the_server_takes_them() {
    let server = pipelining(json!({}));
    let target = plain(&server);
    for id in ["m-1", "m-2", "m-3"] {
        assert_eq!(deliver(&target, id).await, ACCEPTED);
    }
    assert_eq!((server.mails().len(), server.connections()), (3, 1));
    let at_once: Vec<_> = server.read_at_once().into_iter().filter(|read| read.len() > 1).collect();
    assert_eq!(at_once, vec![["MAIL", "RCPT", "DATA"]; 3], "one round trip before each message");
}

#[tokio::test]
async fn without_an_offer_each_command_waits_for_the_answer_to_the_one_before() {
    let server = MailServer::sound();
    assert_eq!(deliver(&plain(&server), "m-1").await, ACCEPTED);
    assert_eq!(server.read_at_once(), [["EHLO"], ["MAIL"], ["RCPT"], ["DATA"]]);
}

#[tokio::test]
async fn a_refusal_among_several_commands_is_that_of_its_own_step() {
    let cases = [
        (json!({ "MAIL": ["552 5.3.4 Too big"] }), "refused", 1),
        (json!({ "RCPT": ["550 5.1.1 Unknown"] }), "gone", 1),
        (json!({ "RCPT": ["450 4.2.1 Greylisted"] }), "retry", 1),
        (json!({ "DATA": ["451 4.3.0 Later"] }), "retry", 1),
        // It waits for a message that nobody is to get: the connection goes.
        (json!({ "RCPT": ["550 5.1.1 Unknown"], "DATA": ["354 Go on"] }), "gone", 2),
        (json!({ "MAIL": [null, "421 4.3.2 Bye"] }), "accepted", 2),
        (json!({ "RCPT": ["drop"] }), "retry", 2),
    ];
    for (script, wanted, connections) in cases {
        let server = pipelining(script.clone());
        let target = plain(&server);
        if wanted == "accepted" {
            assert_eq!(deliver(&target, "m-0").await, ACCEPTED, "{script}");
            assert_eq!(deliver(&target, "m-1").await, ACCEPTED, "{script}");
        } else {
            assert_eq!(told(deliver(&target, "m-1").await).0, wanted, "{script}");
        }
        assert_eq!(deliver(&target, "m-2").await, ACCEPTED, "what comes next: {script}");
        assert_eq!(server.connections(), connections, "{script}");
    }
}

#[tokio::test]
async fn what_was_refused_before_does_not_harm_what_comes_next() {
    for answer in ["502 5.5.1 What is RSET", "drop", "421 4.3.2 Bye"] {
        let server =
            MailServer::start(&json!({ "RCPT": ["550 5.1.1 Unknown"], "RSET": answer }), &[]);
        let target = plain(&server);
        assert_eq!(told(deliver(&target, "m-1").await).0, "gone");
        assert_eq!(deliver(&target, "m-2").await, ACCEPTED, "after {answer}");
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test]
async fn an_attempt_that_is_given_up_leaves_no_half_conversation_behind() {
    let server = MailServer::start(&json!({ "RCPT": ["hang"] }), &[]);
    let target = plain(&server);
    let short = Duration::from_millis(300);
    let given_up = tokio::time::timeout(short, deliver(&target, "m-1")).await;
    assert!(given_up.is_err(), "the server hangs");
    assert_eq!(deliver(&target, "m-2").await, ACCEPTED, "on a connection of its own");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn an_address_beyond_ascii_is_sent_where_the_server_takes_it() {
    let to_pele = Message { address: "pelé@münchen.example".into(), ..message("m-1") };
    let server = MailServer::sound();
    let target = plain(&server);
    assert_eq!(target.deliver(&to_pele).await, ACCEPTED);
    let mail = &server.mails()[0];
    assert_eq!(mail["to"], json!(["pelé@xn--mnchen-3ya.example"]));
    assert_eq!(mail["options"], json!(["SMTPUTF8", "BODY=8BITMIME"]));
    server.follow(&json!({ "without": ["SMTPUTF8"] }));
    target.rest().await;
    let (kind, why) = told(target.deliver(&to_pele).await);
    assert_eq!(kind, "refused", "{why}");
    assert!(why.contains("SMTPUTF8") && !why.contains("pel"), "{why}");
    assert_eq!(deliver(&target, "m-2").await, ACCEPTED, "others are not in its way");
}

#[tokio::test]
async fn the_name_of_this_machine_can_be_given() {
    let server = MailServer::sound();
    let keys = format!(
        "server = \"smtp://localhost:{}\"\ntls = \"none\"\nhelo = \"desk.example.org\"",
        server.port()
    );
    let target = target(&keys, None, untrusting(), Limits::DEFAULT).unwrap();
    assert_eq!(deliver(&target, "m-1").await, ACCEPTED);
    assert_eq!(server.mails()[0]["helo"], "desk.example.org");
}

#[tokio::test]
async fn a_title_of_two_lines_never_reaches_the_server() {
    let server = MailServer::sound();
    let target = plain(&server);
    let split = Message { title: "a\r\nBcc: eve@example.org".into(), ..message("m-1") };
    assert_eq!(told(target.deliver(&split).await).0, "refused");
    assert_eq!(server.connections(), 0);
}
