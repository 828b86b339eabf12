//! Whatever happens on the way, in the end the inbox is what the server has.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{Home, online, shown, start};
use crate::sources::live::testing::server::Wire;
use crate::sources::live::testing::{DEADLINE, Scene};

const KEYS: [&str; 4] = ["door", "window", "update", "battery"];

#[derive(Clone, Debug)]
enum Step {
    Create(usize),
    Lose(usize),
    Disorder(usize),
    Dismiss(usize),
    LoseDismissal(usize),
    Poison,
    Wire(Wire),
    Reconnect,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let end =
        prop_oneof![Just(Wire::Close), Just(Wire::Reset), Just(Wire::End), Just(Wire::Garbage)];
    let key = 0..KEYS.len();
    prop_oneof![
        4 => key.clone().prop_map(Step::Create),
        2 => key.clone().prop_map(Step::Lose),
        2 => key.clone().prop_map(Step::Disorder),
        2 => key.clone().prop_map(Step::Dismiss),
        2 => key.prop_map(Step::LoseDismissal),
        1 => Just(Step::Poison),
        1 => end.prop_map(Step::Wire),
        2 => Just(Step::Reconnect),
        1 => Just(Step::Restart),
    ]
}

async fn play(server: &Home, mut scene: Scene, steps: Vec<Step>) -> Scene {
    for (n, step) in steps.into_iter().enumerate() {
        let text = format!("text {n}");
        match step {
            Step::Create(key) => server.create(KEYS[key], &text),
            Step::Lose(key) => _ = server.miss(KEYS[key], &text),
            Step::Disorder(key) => {
                let first = server.miss(KEYS[key], &text);
                let second = server.miss(KEYS[key], &format!("{text}, then"));
                server.wire(Wire::Together(vec![second, first]));
            }
            Step::Dismiss(key) => server.dismiss(KEYS[key]),
            Step::LoseDismissal(key) => _ = server.state().script.dismiss(KEYS[key]),
            Step::Poison => server.say("{\"type\":\"event\",\"event\":[]}"),
            Step::Wire(what) => server.wire(what),
            Step::Reconnect => _ = scene.supervisor.reconnect("home"),
            Step::Restart => scene = scene.restarted().await,
        }
        tokio::task::yield_now().await;
    }
    scene
}

async fn agrees(server: &Home, scene: &Scene) -> bool {
    let rows = scene.all().await;
    let keys: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys.len(), rows.len(), "each is there once: {rows:#?}");
    let there = server.state().script.shown();
    let there: Vec<_> = there.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    shown(&rows) == there
}

async fn run(steps: Vec<Step>) {
    let server = start().await;
    server.miss("history", "history");
    let scene = online(&server, "").await;
    let scene = play(&server, scene, steps).await;
    let end = Instant::now() + DEADLINE;
    while !agrees(&server, &scene).await {
        let there = server.state().script.shown();
        let rows = scene.all().await;
        assert!(Instant::now() < end, "{there:?} is not what is here: {rows:#?}");
        _ = scene.supervisor.reconnect("home");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let popups = scene.popups();
    assert!(popups.values().all(|times| *times == 1), "nothing pops up twice: {popups:?}");
    assert!(!popups.keys().any(|(_, text)| text.contains("history")), "{popups:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 32, ..ProptestConfig::default() })]

    #[test]
    fn inbox_ends_as_what_the_server_has(steps in proptest::collection::vec(step(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}
