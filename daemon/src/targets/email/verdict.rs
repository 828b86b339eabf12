//! What a reply of a mail server means for the message, the address and the target. Pure.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::Error;

use crate::sources::text;
use crate::targets::Outcome;

/// Most of a server's words that are told, in characters.
const WORDS: usize = 160;

/// Where in the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The greeting and EHLO.
    Greeting,
    /// AUTH.
    Login,
    /// MAIL, with RSET before it.
    Sender,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// The message, after its final dot.
    Content,
}

/// Something went wrong on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What it means for the message.
    pub(super) outcome: Outcome,
    /// Whether the connection is of no more use.
    pub(super) lost: bool,
}

impl Trouble {
    /// The connection failed before the server can have taken the message.
    pub(super) const fn lost(why: String) -> Self {
        Self { outcome: Outcome::Retry { why, after: None }, lost: true }
    }

    /// From the library's error. Without a reply the connection is lost, before the message was.
    pub(super) fn new(server: &str, step: Step, error: &Error) -> Self {
        match error.status() {
            Some(code) => Self::reply(server, step, u16::from(code), &source(error)),
            None => Self::lost(no_reply(server, step, error)),
        }
    }

    /// From a reply that says no.
    pub(super) fn reply(server: &str, step: Step, code: u16, text: &str) -> Self {
        // 421 closes the connection, whatever was asked (RFC 5321 section 3.8).
        Self { outcome: outcome(server, step, code, text), lost: code == 421 }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "at the greeting",
            Self::Login => "at AUTH",
            Self::Sender => "at MAIL",
            Self::Recipient => "at RCPT",
            Self::Data => "at DATA",
            Self::Content => "after the message",
        })
    }
}

/// Why there is no reply.
pub(super) fn no_reply(server: &str, step: Step, error: &Error) -> String {
    if error.is_response() {
        format!("{server}: the server closed the connection {step}, or does not speak SMTP")
    } else {
        format!("{server}: the connection failed {step}: {}", source(error))
    }
}

/// That nothing came in time.
pub(super) fn silence(server: &str, step: impl fmt::Display, limit: Duration) -> String {
    format!("{server}: no answer {step} within {} s", limit.as_secs())
}

/// The server's words, or the system's.
fn source(error: &Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Retry,
    Gone,
    Refused,
    NoLogin,
    WrongSender,
}

fn outcome(server: &str, step: Step, code: u16, text: &str) -> Outcome {
    let status = enhanced(code, text);
    let why = told(server, step, code, status, text);
    match meaning(step, code, status) {
        Meaning::Retry => Outcome::Retry { why, after: None },
        Meaning::Gone => Outcome::Gone { why },
        Meaning::Refused => Outcome::Refused { why },
        Meaning::NoLogin => Outcome::Misconfigured {
            why: format!("{why}; check `username`, the password and `auth`"),
        },
        Meaning::WrongSender => Outcome::Misconfigured { why: format!("{why}; check `from`") },
    }
}

/// By RFC 5321 section 4.2 and the enhanced codes of RFC 3463, 4954 and 7505.
const fn meaning(step: Step, code: u16, status: Option<[u16; 3]>) -> Meaning {
    if code < 500 || matches!(step, Step::Greeting) {
        return Meaning::Retry;
    }
    if matches!(step, Step::Login)
        || matches!((code, status), (530 | 534 | 535 | 538, _) | (_, Some([_, 7, 8])))
    {
        return Meaning::NoLogin;
    }
    let of_recipient = matches!(step, Step::Recipient | Step::Data | Step::Content);
    match (status, code) {
        // The mailbox, its system or their spelling: bad, unknown, moved without a trace, refusing mail at all, disabled.
        (Some([_, 1, 1 | 2 | 6 | 10] | [_, 2, 1]), _) if of_recipient => Meaning::Gone,
        // The sender's mailbox or system.
        (Some([_, 1, 7 | 8]), _) => Meaning::WrongSender,
        // Full, and its owner can make room; or too much for now, which some tell with a code that says for ever.
        (Some([_, 2, 2] | [_, 4, 5]), _) | (None, 552) => Meaning::Retry,
        (None, 550 | 551 | 553) if matches!(step, Step::Recipient) => Meaning::Gone,
        // Also policy and spam (x.7.z): they judge the message or its way, not the address.
        (Some(_) | None, _) => Meaning::Refused,
    }
}

/// The enhanced code that a reply begins with, if it fits the reply (RFC 2034 section 4).
fn enhanced(code: u16, text: &str) -> Option<[u16; 3]> {
    let word = text.split_whitespace().next()?;
    let mut numbers = word.split('.').map(|part| {
        let plain = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u16>().ok().filter(|_| plain)
    });
    let status = [numbers.next()??, numbers.next()??, numbers.next()??];
    (numbers.next().is_none() && status[0] == code / 100).then_some(status)
}

/// A reply for a person. The server's words stand in it where they cannot repeat a secret, and without addresses.
fn told(server: &str, step: Step, code: u16, status: Option<[u16; 3]>, text: &str) -> String {
    let mut told = format!("{server} answered {code}");
    let mut words = text;
    if let Some([class, subject, detail]) = status {
        told.push_str(&format!(" {class}.{subject}.{detail}"));
        words = text.trim_start().split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
    }
    told.push_str(&format!(" {step}"));
    // A server that has lost the thread may repeat what it took for a command: half a login.
    let words = if step == Step::Login { String::new() } else { harmless(words) };
    if words.is_empty() { told } else { format!("{told}: {words}") }
}

fn harmless(words: &str) -> String {
    let clean = text::line(words);
    let masked: Vec<&str> =
        clean.split(' ').map(|word| if word.contains('@') { "…" } else { word }).collect();
    let masked = masked.join(" ");
    match masked.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", &masked[..end]),
        None => masked,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const STEPS: [Step; 6] =
        [Step::Greeting, Step::Login, Step::Sender, Step::Recipient, Step::Data, Step::Content];

    fn means(step: Step, code: u16, text: &str) -> Meaning {
        meaning(step, code, enhanced(code, text))
    }

    #[rstest]
    #[case(Step::Recipient, 550, "5.1.1 User unknown", Meaning::Gone)]
    #[case(Step::Recipient, 550, "5.1.2 Bad destination system", Meaning::Gone)]
    #[case(Step::Recipient, 551, "5.1.6 Moved, no forwarding address", Meaning::Gone)]
    #[case(Step::Recipient, 556, "5.1.10 Domain does not accept mail", Meaning::Gone)]
    #[case(Step::Recipient, 550, "5.2.1 Mailbox disabled", Meaning::Gone)]
    #[case(Step::Content, 550, "5.1.1 User unknown", Meaning::Gone)]
    #[case(Step::Data, 554, "5.1.1 No valid recipients", Meaning::Gone)]
    #[case(Step::Recipient, 550, "No such user here", Meaning::Gone)]
    #[case(Step::Recipient, 551, "User not local", Meaning::Gone)]
    #[case(Step::Recipient, 553, "Mailbox name not allowed", Meaning::Gone)]
    #[case(Step::Recipient, 554, "Transaction failed", Meaning::Refused)]
    #[case(Step::Recipient, 501, "Syntax error", Meaning::Refused)]
    #[case(Step::Sender, 550, "5.1.1 User unknown", Meaning::Refused)]
    #[case(Step::Sender, 550, "Rejected", Meaning::Refused)]
    #[case(Step::Sender, 550, "5.1.8 Bad sender's system address", Meaning::WrongSender)]
    #[case(Step::Recipient, 553, "5.1.7 Bad sender's mailbox address syntax", Meaning::WrongSender)]
    #[case(Step::Content, 550, "Rejected", Meaning::Refused)]
    #[case(Step::Recipient, 552, "5.2.2 Mailbox full", Meaning::Retry)]
    #[case(Step::Recipient, 552, "Mailbox full", Meaning::Retry)]
    #[case(Step::Content, 550, "5.4.5 Daily user sending quota exceeded", Meaning::Retry)]
    #[case(Step::Content, 552, "5.3.4 Message too big", Meaning::Refused)]
    #[case(Step::Content, 554, "5.6.0 Bad content", Meaning::Refused)]
    #[case(Step::Recipient, 550, "5.7.1 Relaying denied", Meaning::Refused)]
    #[case(Step::Recipient, 550, "5.7.26 Not authenticated by DMARC", Meaning::Refused)]
    #[case(Step::Content, 554, "5.7.1 Looks like spam", Meaning::Refused)]
    #[case(Step::Sender, 530, "5.7.0 Authentication required", Meaning::NoLogin)]
    #[case(Step::Sender, 530, "Authentication required", Meaning::NoLogin)]
    #[case(Step::Recipient, 550, "5.7.8 Authentication credentials invalid", Meaning::NoLogin)]
    #[case(Step::Login, 535, "5.7.8 Authentication credentials invalid", Meaning::NoLogin)]
    #[case(Step::Login, 534, "5.7.9 Mechanism too weak", Meaning::NoLogin)]
    #[case(Step::Login, 504, "5.5.4 Unrecognized authentication type", Meaning::NoLogin)]
    #[case(Step::Login, 454, "4.7.0 Temporary authentication failure", Meaning::Retry)]
    #[case(Step::Greeting, 554, "5.3.2 No service here", Meaning::Retry)]
    #[case(Step::Greeting, 421, "4.3.2 Shutting down", Meaning::Retry)]
    #[case(Step::Recipient, 450, "4.2.0 Greylisted", Meaning::Retry)]
    #[case(Step::Recipient, 451, "4.7.1 Greylisted", Meaning::Retry)]
    #[case(Step::Content, 452, "4.3.1 Insufficient storage", Meaning::Retry)]
    fn a_reply_means(
        #[case] step: Step,
        #[case] code: u16,
        #[case] text: &str,
        #[case] expected: Meaning,
    ) {
        assert_eq!(means(step, code, text), expected);
    }

    #[test]
    fn an_enhanced_code_counts_only_where_it_fits_the_reply() {
        assert_eq!(enhanced(550, "5.1.1 No"), Some([5, 1, 1]));
        assert_eq!(enhanced(550, "5.1.10"), Some([5, 1, 10]));
        for text in [
            "",
            "No 5.1.1",
            "4.1.1 No",
            "5.1 No",
            "5.1.1.1 No",
            "5.1.x No",
            "5.1.1000 No",
            "5.+1.1 No",
        ] {
            assert_eq!(enhanced(550, text), None, "{text}");
        }
    }

    #[test]
    fn the_connection_is_given_up_after_421_alone() {
        for step in STEPS {
            assert!(Trouble::reply("h:25", step, 421, "4.3.2 Bye").lost);
            assert!(!Trouble::reply("h:25", step, 550, "5.1.1 No").lost);
        }
    }

    #[test]
    fn the_words_name_the_server_and_the_step_and_no_address() {
        let trouble = Trouble::reply(
            "mail.example.org:587",
            Step::Recipient,
            550,
            "5.1.1 <ana@example.org>: Recipient address\u{1b}[31m rejected",
        );
        let why =
            "mail.example.org:587 answered 550 5.1.1 at RCPT: … Recipient address[31m rejected";
        assert_eq!(trouble.outcome, Outcome::Gone { why: why.to_owned() });
    }

    #[test]
    fn a_reply_to_a_login_is_told_without_its_words() {
        let echo = "5.5.2 unrecognized command aHVudGVyMg==";
        let Outcome::Misconfigured { why } = Trouble::reply("h:25", Step::Login, 500, echo).outcome
        else {
            panic!("a refused login is a matter of the configuration");
        };
        assert!(!why.contains("aHVudGVyMg=="), "{why}");
        assert!(why.contains("500 5.5.2") && why.contains("username"), "{why}");
    }

    proptest! {
        #[test]
        fn every_reply_has_a_meaning_and_policy_never_kills_an_address(step in 0..STEPS.len(), code in 400_u16..=599, text in "(5\\.7\\.[0-9]{1,3} )?\\PC{0,300}") {
            let Trouble { outcome, .. } = Trouble::reply("h:25", STEPS[step], code, &text);
            if text.starts_with("5.7.") && code >= 500 {
                prop_assert!(!matches!(outcome, Outcome::Gone { .. }), "{outcome:?}");
            }
            let certain = !matches!(outcome, Outcome::Accepted { .. } | Outcome::Unknown { .. });
            prop_assert!(certain, "{outcome:?}");
        }

        #[test]
        fn what_is_told_is_short_and_clean(text in "(.|\\n){0,2000}") {
            let told = told("h:25", Step::Content, 554, enhanced(554, &text), &text);
            prop_assert!(told.chars().count() < WORDS + 60, "{}", told);
            prop_assert!(!told.contains('@') && !told.chars().any(char::is_control), "{told:?}");
        }
    }
}
