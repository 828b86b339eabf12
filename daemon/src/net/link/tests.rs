//! Links over a pipe in memory and in simulated time: what happens after minutes of silence is tested in milliseconds.

use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::net::dial::Duplex;

const POLICY: Policy =
    Policy { ping_after: Duration::from_secs(75), ping_timeout: Duration::from_secs(15) };
const DEADLINE: Duration = Duration::from_secs(90);

type Peer = WebSocketStream<DuplexStream>;

async fn pair(clock: &Clock) -> (Link, Peer) {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let ours: Box<dyn Duplex> = Box::new(ours);
    let socket = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
    let peer = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    (Link::new(socket, POLICY, clock.clone()), peer)
}

fn lost(received: &Received) -> &str {
    match received {
        Err(Ending::Lost(why)) => why,
        other => panic!("the link should be lost: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_frozen_peer_is_noticed_within_the_deadline() {
    let (mut link, _frozen) = pair(&Clock::steered(0)).await;
    let started = Instant::now();
    let received = link.next().await;
    assert!(lost(&received).contains("does not answer"), "{received:?}");
    let noticed = started.elapsed();
    assert!(noticed <= DEADLINE + Duration::from_secs(1), "{noticed:?}");
    assert!(noticed >= DEADLINE, "and not given up while it may still answer: {noticed:?}");
}

#[tokio::test(start_paused = true)]
async fn pings_of_the_server_are_signs_of_life_and_are_answered_with_what_they_carry() {
    let (mut link, mut peer) = pair(&Clock::steered(0)).await;
    for round in 0..20_u8 {
        tokio::time::sleep(Duration::from_secs(45)).await;
        peer.send(Message::Ping(vec![round; 8].into())).await.unwrap();
        assert_eq!(link.next().await, Ok(None), "a ping of the server proves that it lives");
        // The answer leaves when the link is polled on, as every session does.
        let answer = tokio::select! {
            answer = peer.next() => answer.unwrap().unwrap(),
            received = link.next() => panic!("nothing else was sent: {received:?}"),
        };
        assert_eq!(answer, Message::Pong(vec![round; 8].into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_our_pings_is_kept_for_ever() {
    let (mut link, mut peer) = pair(&Clock::steered(0)).await;
    let answering = async {
        // Reading is answering: the library queues the pong, the next read sends it.
        while let Some(Ok(_)) = peer.next().await {}
    };
    let listening = async {
        for _ in 0..50 {
            assert_eq!(link.next().await, Ok(None));
        }
    };
    tokio::select! {
        () = answering => panic!("the link was dropped"),
        () = listening => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_does_not_wait_for_the_silence() {
    let clock = Clock::steered(0);
    let (mut link, mut peer) = pair(&clock).await;
    peer.send(Message::text("before")).await.unwrap();
    assert_eq!(link.next().await, Ok(Some(b"before".to_vec())));
    clock.advance(8 * 3_600_000);
    assert_eq!(link.next().await, Err(Ending::Slept));
}

#[tokio::test(start_paused = true)]
async fn doubt_finds_a_dead_link_by_its_answer_time_alone() {
    let (mut link, _frozen) = pair(&Clock::steered(0)).await;
    link.doubt();
    let started = Instant::now();
    let received = link.next().await;
    assert!(lost(&received).contains("does not answer"));
    assert_eq!(started.elapsed(), POLICY.ping_timeout);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_drops_the_future_loses_no_message() {
    let (mut link, mut peer) = pair(&Clock::steered(0)).await;
    for n in 0..10 {
        let dropped = tokio::time::timeout(Duration::from_secs(1), link.next()).await;
        assert!(dropped.is_err(), "nothing was sent");
        peer.send(Message::text(n.to_string())).await.unwrap();
        let received = link.ready().expect("it is there already");
        assert_eq!(received, Ok(Some(n.to_string().into_bytes())));
    }
    assert!(link.ready().is_none());
}

#[tokio::test(start_paused = true)]
async fn every_way_to_end_is_an_end() {
    let (mut link, mut peer) = pair(&Clock::steered(0)).await;
    peer.close(None).await.unwrap();
    assert!(lost(&link.next().await).contains("closed the connection"));
    let (mut link, peer) = pair(&Clock::steered(0)).await;
    drop(peer);
    assert!(!lost(&link.next().await).is_empty(), "a stream that ends without a farewell");
}
