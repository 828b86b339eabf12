use tidings_api::Notification;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::run;

const HOSTILE: &str = "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}b\r\nc\u{1}d"; // a NUL cannot cross the bus

fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c)
}

#[tokio::test]
async fn nothing_a_server_sends_reaches_the_terminal_unescaped() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let text = || HOSTILE.to_owned();
    let row = Notification {
        title: text(),
        body: text(),
        topic: text(),
        url: text(),
        actor: text(),
        tags: vec![text()],
        remote_id: Some(text()),
        ..Notification::default()
    };
    let id = daemon.receive(row).await;
    for arguments in [&["list"][..], &["show", "1"], &["list", "--json"], &["watch", "-n", "1"]] {
        let printed = if arguments[0] == "watch" {
            crate::program::Running::start(&bus, arguments).line().await
        } else {
            run(&bus, arguments).await.stdout
        };
        assert!(!printed.chars().any(is_dangerous), "{arguments:?}: {printed:?}");
        assert!(printed.contains('b'), "the harmless part stays: {printed:?}");
    }
    let json = run(&bus, &["show", &id.to_string(), "--json"]).await.json();
    assert_eq!(json[0]["title"], HOSTILE, "a program gets every character");
}
