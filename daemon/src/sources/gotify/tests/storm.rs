//! Whatever happens on the way, in the end the inbox is what the server has.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{Gotify, ids, online, start};
use crate::sources::live::testing::server::{BROKEN, BUSY, PAGE, Wire};
use crate::sources::live::testing::{DEADLINE, Scene};

#[derive(Clone, Debug)]
enum Step {
    Post,
    Lose,
    Repeat,
    Disorder,
    Delete(usize),
    Poison,
    Wire(Wire),
    List(&'static str),
    Reconnect,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let end =
        prop_oneof![Just(Wire::Close), Just(Wire::Reset), Just(Wire::End), Just(Wire::Garbage)];
    prop_oneof![
        4 => Just(Step::Post),
        3 => Just(Step::Lose),
        1 => Just(Step::Repeat),
        2 => Just(Step::Disorder),
        2 => (0_usize..50).prop_map(Step::Delete),
        1 => Just(Step::Poison),
        1 => end.prop_map(Step::Wire),
        1 => prop_oneof![Just(BROKEN), Just(PAGE), Just(BUSY)].prop_map(Step::List),
        2 => Just(Step::Reconnect),
        1 => Just(Step::Restart),
    ]
}

async fn play(server: &Gotify, mut scene: Scene, steps: Vec<Step>) -> Scene {
    for (n, step) in steps.into_iter().enumerate() {
        let text = format!("message {n}");
        match step {
            Step::Post => _ = server.post(&text),
            Step::Lose => _ = server.miss(&text),
            Step::Repeat => {
                let message = server.miss(&text);
                server.together(&[message.clone(), message]);
            }
            Step::Disorder => {
                let messages = [server.miss(&text), server.miss(&format!("{text}, then"))];
                server.together(&[messages[1].clone(), messages[0].clone()]);
            }
            Step::Delete(nth) => {
                let ids = server.state().script.ids();
                if let Some(id) = ids.get(nth % ids.len().max(1)) {
                    server.delete(*id);
                }
            }
            Step::Poison => server.say("{\"id\":null}"),
            Step::Wire(what) => server.wire(what),
            Step::List(answer) => server.state().fault = Some(("GET /message", 1, answer)),
            Step::Reconnect => _ = scene.supervisor.reconnect("home"),
            Step::Restart => scene = scene.restarted().await,
        }
        tokio::task::yield_now().await;
    }
    scene
}

/// Whether the rows that are not taken back are what the server has.
async fn agrees(server: &Gotify, scene: &Scene) -> bool {
    let rows = scene.all().await;
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for row in &rows {
        *times.entry(row.remote_id.as_deref().unwrap_or_default()).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "each is there once: {rows:#?}");
    let there: BTreeSet<u64> = server.state().script.ids().into_iter().collect();
    there == ids(&rows).into_iter().collect()
}

async fn run(steps: Vec<Step>) {
    let server = start().await;
    server.miss("history");
    let scene = online(&server, "reconcile_every = \"1s\"\nping_after = \"1s\"").await;
    let scene = play(&server, scene, steps).await;
    server.state().fault = None;
    let end = Instant::now() + DEADLINE;
    while !agrees(&server, &scene).await {
        let there = server.state().script.ids();
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
