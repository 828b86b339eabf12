use proptest::prelude::*;
use rstest::rstest;
use tidings_api::Urgency;

use super::*;
use crate::targets::email::settings;

fn spec(more: &str) -> Spec {
    let keys =
        "server = \"smtps://mail.example.org\"\nfrom = \"Tidings <tidings@desk.example.org>\"\n";
    settings::read(&format!("{keys}{more}").parse().unwrap()).unwrap()
}

fn message() -> Message {
    Message {
        address: "ana@example.org".into(),
        identity: "m-17-1".into(),
        title: "Order 17".into(),
        body: "2 cups\n38.00 EUR".into(),
        url: "https://shop.example.org/orders/17?a=1&b=2".into(),
        source: "shop".into(),
        now: 1_795_780_800_000,
        count: 1,
        ..Message::default()
    }
}

fn written(message: &Message) -> String {
    String::from_utf8(compose(&spec(""), message).unwrap().content).unwrap()
}

/// The headers, unfolded, with their names.
fn headers(mail: &str) -> Vec<(String, String)> {
    let head = mail.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let pairs = head.split("\r\n").map(|line| line.split_once(": ").unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn header(mail: &str, name: &str) -> Option<String> {
    headers(mail).into_iter().find(|(has, _)| has == name).map(|(_, value)| value)
}

#[test]
fn a_mail_has_the_headers_of_an_automatic_message() {
    let mail = written(&message());
    let expected = [
        ("Date", "Fri, 27 Nov 2026 12:00:00 +0000"),
        ("From", "Tidings <tidings@desk.example.org>"),
        ("Subject", "Order 17"),
        ("Message-ID", "<m-17-1@desk.example.org>"),
        ("Auto-Submitted", "auto-generated"),
        ("To", "ana@example.org"),
        ("MIME-Version", "1.0"),
    ];
    for (name, value) in expected {
        assert_eq!(header(&mail, name).as_deref(), Some(value), "{name} in {mail}");
    }
    let kind = header(&mail, "Content-Type").unwrap();
    assert!(kind.starts_with("multipart/alternative; boundary="), "{kind}");
    assert_eq!(headers(&mail).len(), expected.len() + 1, "and no other: {mail}");
}

#[test]
fn a_mail_says_the_same_in_text_and_in_html_and_the_link_is_in_both() {
    let mail = written(&message());
    let text = "2 cups\r\n38.00 EUR\r\n\r\nhttps://shop.example.org/orders/17?a=1&b=2\r\n";
    assert!(mail.contains(text), "{mail}");
    assert!(mail.contains("2 cups<br>\r\n38.00 EUR"), "{mail}");
    let (_, html) = body::parts(&message());
    let link = "<a href=\"https://shop.example.org/orders/17?a=1&amp;b=2\" rel=\"noreferrer\">";
    assert!(html.contains(link), "{html}");
}

#[test]
fn every_attempt_at_a_message_has_the_same_id_and_the_time_of_the_attempt() {
    let first = written(&message());
    let second = written(&Message { now: message().now + 300_000, ..message() });
    assert_eq!(header(&first, "Message-ID"), header(&second, "Message-ID"));
    assert_ne!(header(&first, "Date"), header(&second, "Date"));
}

#[test]
fn an_evolving_notification_is_one_thread() {
    let of = |source: &str, key: &str, identity: &str| {
        let message = Message {
            source: source.into(),
            key: key.into(),
            identity: identity.into(),
            ..message()
        };
        let mail = written(&message);
        (header(&mail, "References"), header(&mail, "In-Reply-To"), header(&mail, "Message-ID"))
    };
    let (thread, reply, first) = of("ci", "build/7", "a");
    let (later_thread, _, second) = of("ci", "build/7", "b");
    assert_eq!(thread, later_thread);
    assert_eq!(thread, reply);
    assert_ne!(first, second);
    let expected = "<thread-5411b444e1915699ed781c5296854cdf@desk.example.org>";
    assert_eq!(thread.as_deref(), Some(expected), "the same on every machine and after any update");
    assert_ne!(of("ci", "build/8", "c").0, thread);
    assert_ne!(of("cd", "build/7", "d").0, thread, "a key is the sender's own");
    assert_eq!(of("ci", "", "e").0, None);
}

#[rstest]
#[case(Urgency::Low, Some("low"), Some("5 (Lowest)"))]
#[case(Urgency::Normal, None, None)]
#[case(Urgency::High, Some("high"), Some("2 (High)"))]
#[case(Urgency::Critical, Some("high"), Some("1 (Highest)"))]
fn urgency_is_told(
    #[case] urgency: Urgency,
    #[case] importance: Option<&str>,
    #[case] priority: Option<&str>,
) {
    let mail = written(&Message { urgency, ..message() });
    assert_eq!(header(&mail, "Importance").as_deref(), importance);
    assert_eq!(header(&mail, "X-Priority").as_deref(), priority);
}

#[test]
fn who_can_unsubscribe_is_told_how() {
    let spec = spec("unsubscribe = \"mailto:me@example.org?subject=stop\"");
    let mail = String::from_utf8(compose(&spec, &message()).unwrap().content).unwrap();
    let link = header(&mail, "List-Unsubscribe");
    assert_eq!(link.as_deref(), Some("<mailto:me@example.org?subject=stop>"));
}

#[rstest]
#[case("", "\n  \n first line \nsecond", "first line")]
#[case("  ", "only", "only")]
#[case("", "", "Notification")]
#[case("two  spaces\tand a tab", "", "two spaces and a tab")]
fn a_subject_is_the_title_or_the_first_line(
    #[case] title: &str,
    #[case] body: &str,
    #[case] subject: &str,
) {
    let mail = written(&Message { title: title.into(), body: body.into(), ..message() });
    assert_eq!(header(&mail, "Subject").as_deref(), Some(subject));
}

#[test]
fn a_message_of_a_title_alone_has_it_as_its_text() {
    let message = Message { body: String::new(), url: String::new(), ..message() };
    assert_eq!(body::parts(&message).0, "Order 17\r\n");
}

#[rstest]
#[case("Größe überschritten")]
#[case("=?utf-8?q?=0ABcc:_eve@example.org?=")]
#[case("✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉✉")]
fn a_title_that_is_not_plain_is_encoded_whole(#[case] title: &str) {
    let mail = written(&Message { title: title.into(), ..message() });
    let subject = header(&mail, "Subject").unwrap();
    let words: Vec<u8> = subject
        .split(' ')
        .flat_map(|word| {
            let word = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
            let word = word.unwrap_or_else(|| panic!("not encoded: {subject}"));
            base64::Engine::decode(&base64::prelude::BASE64_STANDARD, word).unwrap()
        })
        .collect();
    assert_eq!(String::from_utf8(words).unwrap(), title);
}

#[rstest]
#[case("a\nBcc: eve@example.org")]
#[case("a\r\n\r\nbody")]
#[case("a\rb")]
#[case("a\0b")]
#[case("a\u{1b}[31m")]
fn a_title_with_line_breaks_is_refused_and_not_repaired(#[case] title: &str) {
    let why = compose(&spec(""), &Message { title: title.into(), ..message() }).unwrap_err();
    assert!(why.contains("title") && !why.contains("eve@"), "{why}");
}

#[rstest]
#[case("javascript:alert(1)", false, false)]
#[case("http://h.example/\"onclick=\"x", true, true)]
#[case("mailto:bob@example.org", true, false)]
#[case("file:///etc/passwd", false, false)]
fn only_pages_become_links(#[case] url: &str, #[case] told: bool, #[case] link: bool) {
    let (text, html) = body::parts(&Message { url: url.into(), ..message() });
    let scheme = url.split(':').next().unwrap();
    assert_eq!(text.contains(&format!("{scheme}:")), told, "{text}");
    assert_eq!(html.contains("<a href="), link, "{html}");
    assert!(!html.contains("onclick=\""), "a quote would end the attribute: {html}");
}

#[test]
fn markup_of_others_is_text() {
    let body = "<script>alert('x')</script> & <img src=\"https://evil.example/pixel\">\n  indented";
    let (text, html) = body::parts(&Message { body: body.into(), ..message() });
    assert!(text.contains("<script>"), "plain text is as it is: {text}");
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("&lt;img src=&quot;") && html.contains("&nbsp;&nbsp;indented"), "{html}");
}

#[test]
fn a_body_at_its_limit_is_a_mail_with_short_lines() {
    for body in ["x".repeat(64 * 1024), "\n.".repeat(32 * 1024), "ñ".repeat(32 * 1024)] {
        let mail = written(&Message { body, ..message() });
        assert!(mail.split("\r\n").all(|line| line.len() <= 998), "lines are limited by RFC 5322");
    }
}

const HEADERS: [&str; 11] = [
    "Date",
    "From",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "In-Reply-To",
    "References",
    "Importance",
    "X-Priority",
    "To",
    "MIME-Version",
];

fn hostile() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\0".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{85}".to_owned()),
        Just("\r\nBcc: eve@example.org\r\n".to_owned()),
        Just("\r\n.\r\nMAIL FROM:<eve@example.org>\r\n".to_owned()),
        Just("=?utf-8?q?=0D=0ABcc:eve?=".to_owned()),
        Just(" ".repeat(1_200)),
        Just("x".repeat(1_200)),
        Just("@example.org".to_owned()),
        "\\PC{0,20}",
    ];
    proptest::collection::vec(parts, 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn nothing_in_a_message_becomes_a_header(
        title in hostile(), body in hostile(), address in hostile(), identity in hostile(),
        key in hostile(), source in hostile(), url in hostile(), now: i64,
    ) {
        let sound = Message { title: title.clone(), body, identity, key, source, url, now, ..message() };
        let hostile = Message { address, ..sound.clone() };
        for message in [sound, hostile] {
            let Ok(letter) = compose(&spec(""), &message) else { continue };
            let mail = String::from_utf8(letter.content).unwrap();
            prop_assert!(!mail.replace("\r\n", "").contains(['\r', '\n', '\0']), "a bare line end: {mail:?}");
            prop_assert!(mail.split("\r\n").all(|line| line.len() <= 998), "a line too long: {mail}");
            let mut names: Vec<_> = headers(&mail).into_iter().map(|(name, _)| name).collect();
            names.retain(|name| name != "Content-Type");
            prop_assert!(names.iter().all(|name| HEADERS.contains(&name.as_str())), "{names:?}");
            let count = names.len();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), count, "a header twice");
            prop_assert!(!title.contains(['\r', '\n', '\0']), "a title that is no line was sent: {:?}", title);
            prop_assert!(!letter.to.to_string().contains(['\r', '\n', '\0', '>', ' ']));
        }
    }
}
