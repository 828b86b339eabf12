use super::*;
use crate::output;

fn healthy() -> Facts {
    Facts {
        running: true,
        activatable: true,
        stats: Some(Ok(Stats {
            version: "0.1.0".into(),
            api_version: names::API_VERSION,
            popup_server: Some("dunst".into()),
            popup_capabilities: vec!["actions".into(), "body".into()],
            ..Stats::default()
        })),
        sources: Some(Ok(Vec::new())),
        ..Facts::default()
    }
}

fn with_stats(change: impl FnOnce(&mut Stats)) -> Facts {
    let mut facts = healthy();
    if let Some(Ok(stats)) = &mut facts.stats {
        change(stats);
    }
    facts
}

fn with_source(state: SourceState) -> Facts {
    let row = SourceStatus { name: "orders".into(), state, ..SourceStatus::default() };
    Facts { sources: Some(Ok(vec![row])), ..healthy() }
}

fn find(facts: &Facts, check: &str) -> Finding {
    let findings = findings(facts, &output::now());
    findings.iter().find(|finding| finding.check == check).cloned().unwrap_or_else(|| {
        panic!("no finding about {check} among {findings:?}");
    })
}

#[test]
fn a_healthy_machine_has_only_good_findings() {
    let findings = findings(&healthy(), &output::now());
    assert!(findings.iter().all(|finding| finding.level == Level::Ok), "{findings:?}");
}

#[test]
fn without_a_bus_nothing_else_is_judged() {
    let facts = Facts { bus_error: Some("no such file".into()), ..Facts::default() };
    let findings = findings(&facts, &output::now());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].level, Level::Fail);
    assert!(findings[0].next_step.contains("dbus-run-session"));
}

#[test]
fn an_absent_daemon_is_a_failure_unless_the_bus_can_start_it() {
    let away = find(&Facts::default(), "daemon");
    assert_eq!(away.level, Level::Fail);
    assert!(away.next_step.contains("tidingsd"), "{}", away.next_step);
    let started = Facts { running: false, ..healthy() };
    assert_eq!(find(&started, "daemon").level, Level::Ok);
    let broken =
        Facts { stats: Some(Err("it crashed".into())), activatable: true, ..Facts::default() };
    assert_eq!(find(&broken, "daemon").level, Level::Fail);
}

#[test]
fn an_absent_popup_server_fails_and_a_poor_one_warns() {
    let absent = find(&with_stats(|stats| stats.popup_server = None), "popups");
    assert_eq!(absent.level, Level::Fail);
    let poor = find(&with_stats(|stats| stats.popup_capabilities = vec!["body".into()]), "popups");
    assert_eq!(poor.level, Level::Warn);
    assert!(poor.message.contains("buttons and clicks do nothing"), "{}", poor.message);
}

#[test]
fn an_error_of_the_configuration_names_the_file_to_edit() {
    let facts = with_stats(|stats| {
        stats.config_error = Some("line 3: unknown key".into());
        stats.config_path = "/tmp/config.toml".into();
    });
    let found = find(&facts, "configuration");
    assert_eq!(found.level, Level::Fail);
    assert!(found.message.contains("line 3") && found.next_step.contains("/tmp/config.toml"));
}

#[test]
fn an_older_daemon_is_to_be_restarted() {
    let found = find(&with_stats(|stats| stats.api_version = 0), "api");
    assert_eq!(found.level, Level::Warn);
    assert!(found.next_step.contains("restart"));
}

#[test]
fn every_state_of_a_source_is_judged_and_bad_ones_come_with_a_step() {
    for (state, level) in [
        (SourceState::Online, Level::Ok),
        (SourceState::Connecting, Level::Ok),
        (SourceState::Disabled, Level::Ok),
        (SourceState::Waiting, Level::Warn),
        (SourceState::Silent, Level::Warn),
        (SourceState::NeedsLogin, Level::Fail),
        (SourceState::Rejected, Level::Fail),
    ] {
        let found = find(&with_source(state), "source orders");
        assert_eq!(found.level, level, "{state:?}");
        assert!(level == Level::Ok || found.next_step.contains("orders"), "{state:?}: {found:?}");
    }
}

#[test]
fn a_source_that_is_connected_and_lacks_something_is_no_good_news() {
    let row = SourceStatus {
        name: "orders".into(),
        state: SourceState::Online,
        last_error: "no access to topic alerts (403)".to_owned(),
        ..SourceStatus::default()
    };
    let facts = Facts { sources: Some(Ok(vec![row])), ..healthy() };
    let found = find(&facts, "source orders");
    assert_eq!(found.level, Level::Warn);
    assert!(found.message.contains("no access to topic alerts"), "{found:?}");
    assert!(found.next_step.contains("tidings sources reconnect orders"), "{found:?}");
}

#[test]
fn a_test_popup_is_a_finding_only_when_asked_for() {
    assert!(findings(&healthy(), &output::now()).iter().all(|found| found.check != "popup test"));
    let refused = Facts { popup: Some(Err("no server".into())), ..healthy() };
    assert_eq!(find(&refused, "popup test").level, Level::Fail);
}
