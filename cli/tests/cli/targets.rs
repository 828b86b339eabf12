use serde_json::json;
use tidings_api::{Record, SecretPlace, TargetSettings, TargetState, TargetStatus};

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::list::keys;
use crate::program::{on_terminal, run};

pub(crate) fn desktop() -> TargetStatus {
    TargetStatus { name: "desktop".into(), kind: "desktop".into(), ..TargetStatus::default() }
}

pub(crate) fn mail() -> TargetStatus {
    TargetStatus {
        name: "mail".into(),
        kind: "email".into(),
        state: TargetState::Paused,
        why: "535 \u{1b}[31mwrong password; set another".into(),
        since: Some(60_000),
        records: 2,
        waiting: 3,
        last_delivered_at: Some(0),
        routes: vec!["pager".into(), "route 2".into()],
    }
}

async fn with_mail(bus: &Bus) -> Daemon {
    let daemon = Daemon::start(bus).await;
    daemon.state().targets = vec![desktop(), mail()];
    daemon
}

#[tokio::test]
async fn targets_are_listed_for_programs_and_for_people() {
    let bus = Bus::start();
    let _daemon = with_mail(&bus).await;
    assert_eq!(
        run(&bus, &["targets"]).await.stdout,
        "desktop\tdesktop\tready\t0\t0\t\t\t\t\n\
         mail\temail\tpaused\t2\t3\t1970-01-01T00:00:00.000Z\tpager,route 2\
         \t1970-01-01T00:01:00.000Z\t535 wrong password; set another\n"
    );
    let listed = run(&bus, &["targets", "--json"]).await.json();
    let expected = [
        "name",
        "kind",
        "state",
        "why",
        "since",
        "records",
        "waiting",
        "last_delivered_at",
        "routes",
    ];
    assert_eq!(keys(&listed[0]), expected);
    assert_eq!((&listed[1]["state"], &listed[1]["routes"][0]), (&json!("paused"), &json!("pager")));
    let table = on_terminal(&bus, 140, "1", &["targets"]).await.stdout;
    assert!(table.contains("WAITING") && table.contains("pager, route 2"), "{table}");
    assert!(table.contains("535 wrong password; set another"), "why it is paused: {table}");
    assert!(on_terminal(&bus, 140, "", &["targets"]).await.stdout.contains("\u{1b}["));
}

#[tokio::test]
async fn kinds_are_listed_with_what_an_address_is() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    assert_eq!(
        run(&bus, &["targets", "kinds"]).await.stdout,
        "email\tE-mail address\tpassword\tE-mail\tMail over SMTP.\nbell\t\t\tBell\tThe one in the hall.\n"
    );
    let listed = run(&bus, &["targets", "kinds", "--json"]).await.json();
    assert_eq!(listed[0]["address"]["verified"], true);
    assert_eq!(listed[1]["address"], json!(null), "it has one recipient");
    let table = on_terminal(&bus, 100, "1", &["targets", "kinds"]).await.stdout;
    assert!(table.contains("WHAT IT IS") && table.contains("Bell. The one"), "{table}");
}

#[tokio::test]
async fn a_target_is_added_with_its_settings_and_the_next_steps_are_told() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let arguments = [
        "targets",
        "add",
        "mail",
        "--kind=email",
        "host=mail.example.org",
        "port=587",
        "--secret-in-keyring",
    ];
    assert_eq!(
        run(&bus, &arguments).await.stdout,
        "\"mail\" is added; now run `tidings secret set mail`, then `tidings records add mail ADDRESS`, \
         then `tidings test mail`, and lead a route there in config.toml\n"
    );
    let added = daemon.state().added_targets.pop().unwrap();
    assert_eq!((added.kind.as_str(), added.enabled), ("email", true));
    assert_eq!(added.secret, SecretPlace::Keyring);
    assert_eq!(json!(added.settings), json!({"host": "mail.example.org", "port": 587}));
    let hall = ["targets", "add", "hall", "loud=true", "--kind", "bell"];
    let told = run(&bus, &hall).await.stdout;
    assert!(!told.contains("secret") && !told.contains("records"), "neither is needed: {told}");
    let open = ["targets", "add", "open", "host=localhost", "--kind", "email"];
    let told = run(&bus, &open).await.stdout;
    assert!(told.contains("`tidings secret set open` (unless it needs none), then"), "{told}");
    assert_eq!(daemon.state().added_targets.pop().unwrap().secret, SecretPlace::None);
}

#[tokio::test]
async fn what_is_stored_of_a_target_is_printed_as_json() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let hall = ["targets", "add", "hall", "--kind=bell", "loud=true", "--json"];
    let stored = run(&bus, &hall).await.json();
    assert_eq!(keys(&stored[0]), ["name", "kind", "enabled", "settings", "secret"]);
    assert_eq!((&stored[0]["name"], &stored[0]["secret"]), (&json!("hall"), &json!("none")));
}

#[tokio::test]
async fn what_cannot_be_added_ends_with_1_or_2() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let taken = run(&bus, &["targets", "add", "taken", "--kind=email"]).await;
    assert_eq!(taken.code, Some(1), "{taken:?}");
    assert!(taken.stderr.contains("already"), "{taken:?}");
    for wrong in [
        &["targets", "add", "x", "--kind=pigeon"][..],
        &["targets", "add", "x"],
        &["targets", "add", "x", "--kind=email", "host"],
        &["targets", "--json", "add", "x", "--kind=email"],
    ] {
        assert_eq!(run(&bus, wrong).await.code, Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_target_is_switched_removed_and_resumed() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    for (command, words) in [
        ("enable", ""),
        ("disable", ""),
        ("remove", "\"mail\" is removed; 3 deliveries that waited are not sent.\n"),
    ] {
        let ended = run(&bus, &["targets", command, "mail"]).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), words), "{ended:?}");
        let unknown = run(&bus, &["targets", command, "fax"]).await;
        assert_eq!(unknown.code, Some(1));
        assert!(unknown.stderr.contains("\"fax\""), "{unknown:?}");
    }
    assert_eq!(
        daemon.state().calls,
        ["SetEnabled target mail true", "SetEnabled target mail false", "Remove target mail"]
    );
    let resumed = run(&bus, &["targets", "resume", "mail", "--json"]).await;
    assert_eq!((resumed.code, resumed.json()), (Some(0), json!([{"was_paused": true}])));
    let again = run(&bus, &["targets", "resume", "mail"]).await;
    assert_eq!((again.code, again.stdout.as_str()), (Some(1), ""), "the answer is no");
    assert!(again.stderr.contains("was not paused"), "{again:?}");
}

#[tokio::test]
async fn a_test_says_what_came_back_and_ends_with_1_when_it_was_refused() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    let ended = run(&bus, &["test", "mail", "ana@example.org"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "ana@example.org: 250 ok\n"));
    assert_eq!(run(&bus, &["targets", "test", "mail", "bad"]).await.code, Some(1));
    let all = run(&bus, &["targets", "test", "mail", "--json"]).await;
    assert_eq!(all.json()[0]["ok"], true);
    assert_eq!(
        daemon.state().calls,
        ["Test mail \"ana@example.org\"", "Test mail \"bad\"", "Test mail \"\""]
    );
    let shown = on_terminal(&bus, 100, "1", &["test", "mail", "a@b"]).await;
    assert_eq!((shown.code, shown.stdout.trim_end()), (Some(0), "a@b: 250 ok"));
}

#[tokio::test]
async fn the_desktop_is_steered_elsewhere_and_that_is_told() {
    let bus = Bus::start();
    let _daemon = with_mail(&bus).await;
    for (arguments, words) in [
        (&["targets", "enable", "desktop"][..], "[desktop] in config.toml"),
        (&["targets", "remove", "desktop"], "[desktop] in config.toml"),
        (&["targets", "resume", "desktop"], "tidings quiet"),
        (&["test", "desktop"], "tidings doctor --popup"),
        (&["records", "desktop"], "no records"),
        (&["records", "add", "desktop", "x"], "no addresses"),
    ] {
        let ended = run(&bus, arguments).await;
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{arguments:?}: {ended:?}");
    }
}

#[tokio::test]
async fn doctor_looks_at_each_target() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    {
        let mut state = daemon.state();
        state.popup_server = true;
        let sms = TargetStatus { name: "sms".into(), state: TargetState::Ready, ..mail() };
        state.targets.push(TargetStatus { records: 0, ..sms });
        let off = TargetStatus { name: "old".into(), state: TargetState::Disabled, ..mail() };
        state.targets.push(off);
        let record = Record { id: 7, target: "sms".into(), active: true, ..Record::default() };
        state.records.push(record);
    }
    let ended = run(&bus, &["doctor"]).await;
    assert_eq!(ended.code, Some(1), "a paused target is a failure: {ended:?}");
    for wanted in [
        "ok    target desktop: popups are switched on",
        "FAIL  target mail: paused since 1 Jan 1970, 3 waiting: 535 wrong password; set another\n",
        "-> Mend it, then `tidings targets resume mail`",
        "warn  target sms: none of its records receives (1 unverified)",
        "-> Enter the code that was sent there: `tidings records verify 7 CODE`",
        "warn  target old: switched off, though these lead there: route \"pager\", route 2",
        "-> Switch it on again: `tidings targets enable old`, or take it out of these routes",
    ] {
        assert!(ended.stdout.contains(wanted), "{wanted} is missing in\n{}", ended.stdout);
    }
    let json = run(&bus, &["doctor", "--json"]).await.json();
    let found = json.as_array().unwrap().iter().find(|found| found["check"] == "target mail");
    assert_eq!(found.unwrap()["status"], "fail");
}

#[tokio::test]
async fn a_secret_that_the_daemon_cannot_look_at_is_not_taken_for_a_good_one() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    {
        let mut state = daemon.state();
        state.targets.push(TargetStatus {
            name: "sms".into(),
            state: TargetState::Ready,
            ..mail()
        });
        let settings = TargetSettings {
            name: "sms".into(),
            kind: "email".into(),
            secret: SecretPlace::Keyring,
            ..TargetSettings::default()
        };
        state.added_targets.push(settings);
    }
    // This daemon does not know the call.
    let listed = run(&bus, &["targets", "--json"]).await.json();
    let why = listed[2]["why"].as_str().unwrap();
    assert!(why.starts_with("whether its secret can be read is not known"), "{why}");
    let doctor = run(&bus, &["doctor"]).await.stdout;
    assert!(doctor.contains("warn  target sms: whether its secret"), "{doctor}");
}

#[tokio::test]
async fn routes_are_told_in_words_and_as_they_are() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let none = run(&bus, &["routes"]).await;
    assert_eq!(none.stdout, "no route: everything goes to this desktop alone\n");
    assert_eq!(run(&bus, &["routes", "--json"]).await.json(), json!([]));
    let routes = json!([
        {"name": "pager", "source": ["orders"], "min_urgency": "high", "to": ["phone"], "only": true},
        {"topic": ["a\u{1b}[31mb"], "unread_for": "10m", "to": ["mail"]},
    ]);
    daemon.state().routes = routes.to_string();
    let told = "pager: when it is from orders and its urgency is high or above, then to phone, and nowhere else\n\
                route 2: when its topic is ab and it is still unread after 10m, then to mail\n";
    assert_eq!(run(&bus, &["routes"]).await.stdout, told);
    let shown = on_terminal(&bus, 100, "", &["routes"]).await.stdout.replace("\r\n", "\n");
    assert_eq!(shown, told, "sentences are for people");
    assert_eq!(run(&bus, &["routes", "--json"]).await.json(), routes);
}
