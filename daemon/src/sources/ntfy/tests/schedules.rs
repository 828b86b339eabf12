//! Whatever is published, in whatever order, through whatever faults: in the end the inbox is what the server holds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Publish(usize, usize),
    Clear(usize, usize),
    Delete(usize, usize),
    Schedule(usize),
    Deliver,
    /// From now on the sockets hear nothing, or hear again.
    Deaf(bool),
    /// From now on what is published is not written down, or all of it is.
    Batching(bool),
    /// The next ones are held back and then sent the other way round.
    Reverse,
    Release,
    /// The newest again.
    Twice,
    BreakOff,
    Close,
    Reset,
    Reconnect,
}

const THREADS: [&str; 4] = ["", "disk", "door", "mail"];
const NAMES: [&str; 2] = ["a", "b"];

fn step() -> impl Strategy<Value = Step> {
    let place = (0..NAMES.len(), 0..THREADS.len());
    let thread = (0..NAMES.len(), 1..THREADS.len());
    prop_oneof![
        8 => place.prop_map(|(topic, thread)| Step::Publish(topic, thread)),
        2 => thread.clone().prop_map(|(topic, thread)| Step::Clear(topic, thread)),
        1 => thread.prop_map(|(topic, thread)| Step::Delete(topic, thread)),
        1 => (0..NAMES.len()).prop_map(Step::Schedule),
        1 => Just(Step::Deliver),
        2 => any::<bool>().prop_map(Step::Deaf),
        2 => any::<bool>().prop_map(Step::Batching),
        1 => Just(Step::Reverse),
        2 => Just(Step::Release),
        1 => Just(Step::Twice),
        1 => Just(Step::BreakOff),
        1 => Just(Step::Close),
        1 => Just(Step::Reset),
        2 => Just(Step::Reconnect),
    ]
}

async fn play(server: &Server, scene: &Scene, steps: &[Step]) {
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Publish(topic, thread) => {
                let text = format!("text {number}");
                server.state().publish(NAMES[topic], THREADS[thread], &text);
            }
            Step::Clear(topic, thread) => {
                server.state().end(NAMES[topic], THREADS[thread], "message_clear");
            }
            Step::Delete(topic, thread) => {
                server.state().end(NAMES[topic], THREADS[thread], "message_delete");
            }
            Step::Schedule(topic) => {
                server.state().schedule(NAMES[topic], &format!("text {number}"));
            }
            Step::Deliver => server.state().deliver(),
            Step::Deaf(deaf) => server.state().deaf = deaf,
            Step::Batching(batching) => {
                let mut state = server.state();
                state.batching = batching;
                if !batching {
                    state.write_down();
                }
            }
            Step::Reverse => server.state().reversing = true,
            Step::Release => server.state().release(),
            Step::Twice => {
                let newest = server.state().rows.iter().rfind(|row| row.published).cloned();
                if let Some(row) = newest {
                    server.order(&Order::Text(row.message.to_string()));
                }
            }
            Step::BreakOff => server.state().break_after = Some(number / 3),
            Step::Close => server.order(&Order::Close),
            Step::Reset => server.order(&Order::Reset),
            Step::Reconnect => again(scene, server).await,
        }
        tokio::task::yield_now().await;
    }
}

/// What each thread is in the end: its newest text, whether it ended after that, and whether it was taken back.
fn held(server: &Server) -> BTreeMap<String, (String, bool, bool)> {
    let mut threads = BTreeMap::new();
    let mut state = server.state();
    state.rows.sort_by_key(|row| row.time);
    for row in state.rows.iter().filter(|row| row.published) {
        let word = |key: &str| row.message[key].as_str().unwrap_or_default().to_owned();
        let key = format!("{}/{}", row.topic, word("sequence_id"));
        match word("event").as_str() {
            "message" => drop(threads.insert(key, (word("message"), false, false))),
            event => {
                if let Some((_, ended, taken_back)) = threads.get_mut(&key) {
                    *ended = true;
                    *taken_back |= event == "message_delete";
                }
            }
        }
    }
    threads
}

fn found(rows: &[Notification]) -> BTreeMap<String, (String, bool, bool)> {
    let state = |row: &Notification| (row.body.clone(), row.read, row.retracted_at.is_some());
    rows.iter().map(|row| (row.key.clone(), state(row))).collect()
}

async fn check(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let server = Server::start().await;
    let scene = online(&server).await;
    play(&server, &scene, &steps).await;
    {
        let mut state = server.state();
        (state.batching, state.deaf, state.break_after) = (false, false, None);
        state.write_down();
        state.release();
    }
    again(&scene, &server).await;
    let expected = held(&server);
    let rows = scene.rows(|rows| found(rows) == expected).await;
    prop_assert_eq!(rows.len(), expected.len(), "each thread is one row");
    let times: Vec<_> = rows.iter().map(|row| row.last_at).collect();
    prop_assert!(times.is_sorted_by(|newer, older| newer >= older), "the newest come first");
    told(&scene, &server).await;
    prop_assert_eq!(server.state().client_data, 0);
    Ok(())
}

proptest! {
    // Without shrinking: each look at a failure takes as long as the whole deadline.
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn the_inbox_becomes_what_the_server_holds(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(steps))?;
    }
}
