//! From a post to a person who is not at this screen: routes, opt-outs, retries, kills, and the record of each delivery.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};
use tidings_api::{
    Delivery, DeliveryFilter, DeliveryStatus, Dict, DictWriter, Post, StateChange, TargetState,
    TargetStatus, Urgency,
};
use tidings_tests::receiver::Receiver;
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{LONG, until};

const HOOK: &str = "[security]\nallow_private_hosts = [\"127.0.0.1\"]\n\n[[target]]\nname = \"hook\"\nkind = \"webhook\"\n";
const EVERYTHING: &str = "\n[[route]]\nto = [\"hook\"]\n";

/// A session whose daemon sends to the receiver what the routes say.
struct Scene {
    session: Session,
    receiver: Receiver,
}

impl Scene {
    async fn new(configuration: &str) -> Result<(Self, Tidingsd)> {
        let scene = Self { session: Session::start().await?, receiver: Receiver::start().await? };
        scene.session.configure(configuration)?;
        let daemon = scene.session.daemon().await?;
        scene.add_record(&daemon).await?;
        Ok((scene, daemon))
    }

    async fn add_record(&self, daemon: &Tidingsd) -> Result<i64> {
        let targets = daemon.targets().await?;
        Ok(targets.add_record("hook", &self.receiver.url("/in"), Dict::new()).await?)
    }
}

async fn deliveries(daemon: &Tidingsd) -> Result<Vec<Delivery>> {
    let filter = DeliveryFilter { target: Some("hook".into()), ..DeliveryFilter::default() };
    let targets = daemon.targets().await?;
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let (page, next) = targets.deliveries(filter.to_dict(), &cursor, 500).await?;
        for row in page {
            rows.push(Delivery::from_dict(row)?);
        }
        if next.is_empty() {
            return Ok(rows);
        }
        cursor = next;
    }
}

async fn wait_for_status(daemon: &Tidingsd, wanted: DeliveryStatus) -> Result<Delivery> {
    until(&format!("a delivery that is {}", wanted.as_str()), LONG, async || {
        let rows = deliveries(daemon).await.ok()?;
        rows.into_iter().find(|row| row.status == wanted)
    })
    .await
}

async fn hook(daemon: &Tidingsd) -> Result<TargetStatus> {
    let rows = daemon.targets().await?.list().await?;
    let rows = rows.into_iter().map(TargetStatus::from_dict).collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().find(|row| row.name == "hook").context("the target is listed")
}

async fn post(daemon: &Tidingsd, post: &Post) -> Result<i64> {
    Ok(daemon.post1().await?.post(&post.title, &post.body, post.to_options()).await?)
}

#[tokio::test]
async fn a_post_goes_where_its_route_leads_and_explain_tells_so() -> Result<()> {
    let route = "\n[[route]]\nname = \"alarms\"\nmin_urgency = \"high\"\nto = [\"hook\"]\n";
    let (scene, daemon) = Scene::new(&format!("{HOOK}{route}")).await?;
    post(&daemon, &Post { title: "chatter".into(), ..Post::default() }).await?;
    let alarm = Post { title: "Disk full".into(), urgency: Urgency::High, ..Post::default() };
    let id = post(&daemon, &alarm).await?;
    let received = scene.receiver.wait_for(1).await?;
    assert_eq!(received[0].body["title"], "Disk full", "what is not urgent stays here");
    assert_eq!(received[0].body["id"], id);
    let row = wait_for_status(&daemon, DeliveryStatus::Delivered).await?;
    assert_eq!((row.route.as_str(), row.retry_attempts), ("alarms", 1));
    let told = daemon.inbox().await?.explain(id).await?;
    let of_hook = told.iter().find(|decision| {
        decision.get("target").is_some_and(|target| <&str>::try_from(target) == Ok("hook"))
    });
    let of_hook = of_hook.context("explain tells of every target")?;
    assert_eq!(<&str>::try_from(&of_hook["route"])?, "alarms");
    assert_eq!(<&str>::try_from(&of_hook["status"])?, "DELIVERED");
    scene.session.popups.wait_for_shown(2, LONG).await?;
    Ok(())
}

#[tokio::test]
async fn a_script_names_its_targets_and_a_wrong_name_is_an_error() -> Result<()> {
    let (scene, daemon) = Scene::new(HOOK).await?;
    let named = |name: &str| Post {
        title: "named".into(),
        targets: Some(vec![name.to_owned()]),
        ..Post::default()
    };
    let refused = post(&daemon, &named("pigeon")).await.expect_err("nobody can deliver that");
    assert!(refused.to_string().contains("known: desktop, hook"), "{refused}");
    post(&daemon, &named("hook")).await?;
    assert_eq!(scene.receiver.wait_for(1).await?[0].body["title"], "named");
    post(&daemon, &Post { title: "shown".into(), ..Post::default() }).await?;
    let shown = scene.session.popups.wait_for_shown(1, LONG).await?;
    assert_eq!(shown[0].summary, "shown", "the one that was named for the hook raised no popup");
    Ok(())
}

#[tokio::test]
async fn a_busy_provider_is_obeyed_and_the_message_is_the_same_again() -> Result<()> {
    let (scene, daemon) =
        Scene::new(&format!("{HOOK}retry_interval = \"1s\"\n{EVERYTHING}")).await?;
    scene.receiver.answers(503, Some(4));
    post(&daemon, &Post { title: "later".into(), ..Post::default() }).await?;
    let row = wait_for_status(&daemon, DeliveryStatus::Retry).await?;
    let wait = row.scheduled_delivery - row.attempted_delivery.context("it was attempted")?;
    assert!((4_000..10_000).contains(&wait), "Retry-After counts: {wait} ms");
    scene.receiver.answers(200, None);
    wait_for_status(&daemon, DeliveryStatus::Delivered).await?;
    let received = scene.receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].identity, received[1].identity, "the receiver can tell");
    assert!(!received[0].identity.is_empty());
    Ok(())
}

#[tokio::test]
async fn wrong_credentials_pause_the_target_visibly_until_it_is_resumed() -> Result<()> {
    let (scene, daemon) = Scene::new(&format!("{HOOK}{EVERYTHING}")).await?;
    scene.receiver.answers(401, None);
    post(&daemon, &Post { title: "a".into(), ..Post::default() }).await?;
    post(&daemon, &Post { title: "b".into(), ..Post::default() }).await?;
    let paused = until("the pause", LONG, async || {
        hook(&daemon).await.ok().filter(|hook| hook.state == TargetState::Paused)
    })
    .await?;
    assert!(paused.why.contains("401"), "it says why: {}", paused.why);
    let before = scene.receiver.received().len();
    scene.receiver.answers(200, None);
    assert!(daemon.targets().await?.resume("hook").await?);
    until("both delivered", LONG, async || {
        let rows = deliveries(&daemon).await.ok()?;
        rows.iter().all(|row| row.status == DeliveryStatus::Delivered).then_some(())
    })
    .await?;
    assert!(before <= 2, "a refused password is not hammered: {before} attempts");
    assert_eq!(hook(&daemon).await?.state, TargetState::Ready);
    Ok(())
}

#[tokio::test]
async fn nothing_is_sent_after_the_opt_out_has_returned() -> Result<()> {
    let many = HOOK.replace("kind = \"webhook\"\n", "kind = \"webhook\"\nburst = 10000\n");
    let (scene, daemon) = Scene::new(&format!("{many}{EVERYTHING}")).await?;
    let posts = (0..300).map(|n| Post { title: format!("{n}"), ..Post::default() }.to_dict());
    daemon.post1().await?.post_many(posts.collect()).await?;
    scene.receiver.wait_for(5).await?;
    daemon.preferences().await?.opt_out(Dict::new(), "hook", Dict::new()).await?;
    let at_return = scene.receiver.received().len();
    assert!(at_return < 300, "the opt-out came too late to test anything");
    let rows = until("the end of every delivery", LONG, async || {
        let rows = deliveries(&daemon).await.ok()?;
        let ended = |row: &Delivery| {
            matches!(row.status, DeliveryStatus::Delivered | DeliveryStatus::OptedOut)
        };
        rows.iter().all(ended).then_some(rows)
    })
    .await?;
    assert_eq!(scene.receiver.received().len(), at_return, "not one came after the call");
    let sent = rows.iter().filter(|row| row.status == DeliveryStatus::Delivered).count();
    assert_eq!((sent, rows.len()), (at_return, 300), "the record tells the truth");

    daemon.preferences().await?.opt_in(Dict::new(), "hook").await?;
    post(&daemon, &Post { title: "after".into(), ..Post::default() }).await?;
    scene.receiver.wait_for(at_return + 1).await?;
    let titles: Vec<_> =
        scene.receiver.received().into_iter().map(|r| r.body["title"].clone()).collect();
    assert_eq!(titles.last().context("one came")?, "after", "lifting floods nobody");
    Ok(())
}

#[tokio::test]
async fn what_is_on_its_way_at_a_kill_is_repeated_as_the_same_once_its_claim_is_over() -> Result<()>
{
    let (scene, daemon) = Scene::new(&format!("{HOOK}{EVERYTHING}")).await?;
    scene.receiver.open(false);
    post(&daemon, &Post { title: "in doubt".into(), ..Post::default() }).await?;
    scene.receiver.wait_for(1).await?;
    daemon.kill().await?;
    scene.receiver.open(true);
    let daemon = scene.session.daemon().await?;
    assert_eq!(
        wait_for_status(&daemon, DeliveryStatus::Sending).await?.retry_attempts,
        1,
        "another daemon may be at it: its claim stands"
    );
    daemon.terminate().await?;
    // As if the minutes of the claim had passed.
    let database = rusqlite::Connection::open(scene.session.database())?;
    database.execute("UPDATE delivery SET lease_until = 1 WHERE status = 'SENDING'", [])?;
    drop(database);
    let daemon = scene.session.daemon().await?;
    let row = wait_for_status(&daemon, DeliveryStatus::Delivered).await?;
    assert_eq!(row.retry_attempts, 2);
    let received = scene.receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].identity, received[1].identity, "the receiver recognises it");
    Ok(())
}

#[tokio::test]
async fn kills_at_random_points_lose_no_delivery_and_double_none_unrecognised() -> Result<()> {
    const ROUNDS: usize = 12;
    const EACH: usize = 20;
    let many = HOOK.replace("kind = \"webhook\"\n", "kind = \"webhook\"\nburst = 10000\n");
    let (scene, mut daemon) = Scene::new(&format!("{many}{EVERYTHING}")).await?;
    for round in 0..ROUNDS {
        let posts =
            (0..EACH).map(|n| Post { title: format!("{round}/{n}"), ..Post::default() }.to_dict());
        daemon.post1().await?.post_many(posts.collect()).await?;
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..60))).await;
        daemon.kill().await?;
        let database = rusqlite::Connection::open(scene.session.database())?;
        database.execute("UPDATE delivery SET lease_until = 1 WHERE status = 'SENDING'", [])?;
        drop(database);
        daemon = scene.session.daemon().await?;
    }
    until("every delivery", LONG, async || {
        let rows = deliveries(&daemon).await.ok()?;
        let all = rows.iter().all(|row| row.status == DeliveryStatus::Delivered);
        (all && rows.len() == ROUNDS * EACH).then_some(())
    })
    .await?;
    let received = scene.receiver.received();
    let titles: BTreeSet<_> = received.iter().map(|r| r.body["title"].to_string()).collect();
    assert_eq!(titles.len(), ROUNDS * EACH, "nothing is lost");
    let identities: BTreeSet<_> = received.iter().map(|r| r.identity.clone()).collect();
    assert_eq!(identities.len(), ROUNDS * EACH, "whoever looks at the key sees each once");
    Ok(())
}

#[tokio::test]
async fn two_daemons_on_one_database_send_each_delivery_once() -> Result<()> {
    let many = HOOK.replace("kind = \"webhook\"\n", "kind = \"webhook\"\nburst = 10000\n");
    let (scene, daemon) = Scene::new(&format!("{many}{EVERYTHING}")).await?;
    // The same file under another name, which the lock beside it does not cover.
    let other = Session::start().await?;
    other.configure(&format!("{many}{EVERYTHING}"))?;
    let linked = other.home().join("linked.db");
    std::os::unix::fs::symlink(scene.session.database(), &linked)?;
    let linked = linked.to_str().context("a path in UTF-8")?.to_owned();
    let second = other.daemon_with(&["--database", &linked]).await?;
    let posts = |from: usize| {
        let one = |n| Post { title: format!("{n}"), ..Post::default() }.to_dict();
        (from..from + 200).map(one).collect::<Vec<_>>()
    };
    let (one, two) = (daemon.post1().await?, second.post1().await?);
    let (first, second_posts) = tokio::join!(one.post_many(posts(0)), two.post_many(posts(200)));
    first?;
    second_posts?;
    until("400 deliveries", LONG, async || {
        let rows = deliveries(&daemon).await.ok()?;
        let all = rows.iter().all(|row| row.status == DeliveryStatus::Delivered);
        // The daemons hear of their own commits only; a new post is what wakes the other.
        (all && rows.len() == 400).then_some(())
    })
    .await?;
    let received = scene.receiver.received();
    let identities: BTreeSet<_> = received.iter().map(|r| r.identity.clone()).collect();
    assert_eq!((received.len(), identities.len()), (400, 400), "400 rows, two daemons, 400 sends");
    Ok(())
}

#[tokio::test]
async fn a_scheduled_post_is_sent_at_its_time_also_over_a_restart() -> Result<()> {
    let (scene, daemon) = Scene::new(&format!("{HOOK}{EVERYTHING}")).await?;
    let stats = daemon.control().await?.stats().await?;
    let at = i64::try_from(&stats["now"])? + 2_500;
    post(&daemon, &Post { title: "later".into(), deliver_at: Some(at), ..Post::default() }).await?;
    daemon.terminate().await?;
    assert!(scene.receiver.received().is_empty(), "not before its time");
    let daemon = scene.session.daemon().await?;
    let row = wait_for_status(&daemon, DeliveryStatus::Delivered).await?;
    assert!(row.attempted_delivery >= Some(at), "nor after a restart");
    assert_eq!(scene.receiver.received().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_file_that_cannot_be_read_at_the_start_costs_nothing_that_waits() -> Result<()> {
    let (scene, daemon) = Scene::new(&format!("{HOOK}{EVERYTHING}")).await?;
    let now = i64::try_from(&daemon.control().await?.stats().await?["now"])?;
    let at = now + 5_000;
    post(&daemon, &Post { title: "later".into(), deliver_at: Some(at), ..Post::default() }).await?;
    daemon.terminate().await?;
    let whole = std::fs::read_to_string(scene.session.config_file())?;
    scene.session.configure(&format!("{whole}\n[["))?;
    let daemon = scene.session.daemon().await?;
    scene.session.configure(&whole)?;
    daemon.control().await?.reload().await?;
    wait_for_status(&daemon, DeliveryStatus::Delivered).await?;
    assert_eq!(scene.receiver.received().len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_nobody_has_read_is_escalated_and_what_was_read_is_not() -> Result<()> {
    let route = "\n[[route]]\nunread_for = \"2s\"\nto = [\"hook\"]\n";
    let (scene, daemon) = Scene::new(&format!("{HOOK}{route}")).await?;
    let read = post(&daemon, &Post { title: "read".into(), ..Post::default() }).await?;
    let unread = post(&daemon, &Post { title: "unread".into(), ..Post::default() }).await?;
    daemon.inbox().await?.set_state(&[read], StateChange::READ.to_dict()).await?;
    let received = scene.receiver.wait_for(1).await?;
    assert_eq!(received[0].body["id"], unread);
    let spared = wait_for_status(&daemon, DeliveryStatus::Suppressed).await?;
    assert_eq!((spared.notification, spared.reason.as_str()), (read, "read"));
    Ok(())
}

#[tokio::test]
async fn a_target_is_set_up_over_the_bus_and_taken_out_again() -> Result<()> {
    let session = Session::start().await?;
    session.configure("# mine\n[security]\nallow_private_hosts = [\"127.0.0.1\"]\n")?;
    let receiver = Receiver::start().await?;
    let daemon = session.daemon().await?;
    let targets = daemon.targets().await?;
    let kinds = tidings_api::TargetKind::list_from_json(&targets.kinds().await?)?;
    assert!(kinds.iter().any(|kind| kind.kind == "webhook"));
    targets.add(r#"{"name":"hook","kind":"webhook"}"#).await?;
    let id = targets.add_record("hook", &receiver.url("/in"), Dict::new()).await?;
    let report = targets.test("hook", "").await?;
    assert!(bool::try_from(&report["ok"])?, "{report:?}");
    assert_eq!(receiver.wait_for(1).await?.len(), 1);
    targets.set_routes(r#"[{"to":["hook"],"min_urgency":"high"}]"#).await?;
    let file = std::fs::read_to_string(session.config_file())?;
    assert!(file.starts_with("# mine\n") && file.contains("min_urgency = \"high\""), "{file}");
    let refused = targets.remove("hook").await.expect_err("a route leads there");
    assert!(refused.to_string().contains("no target"), "{refused}");
    targets.set_routes("[]").await?;

    let mut change = DictWriter::default();
    change.put("active", false);
    targets.update_record(id, change.finish()).await?;
    let nobody = targets.test("hook", "").await.expect_err("no record receives");
    assert!(nobody.to_string().contains("record"), "{nobody}");
    targets.remove("hook").await?;
    assert!(targets.records("").await?.is_empty(), "its records go with it");
    let refused = targets
        .add(r#"{"name":"run","kind":"command","settings":{"run":["/bin/true"]}}"#)
        .await
        .expect_err("a program on the bus must not choose what the daemon runs");
    assert!(refused.to_string().contains("config.toml"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_key_file_is_named_by_the_owner_alone_and_stays_with_its_server() -> Result<()> {
    let session = Session::start().await?;
    session.configure(
        "[[target]]\nname = \"iphone\"\nkind = \"apns\"\nteam_id = \"TEAM123456\"\nkey_id = \"KEY1234567\"\ntopic = \"org.example.app\"\nkey_file = \"/x.p8\"\n",
    )?;
    let daemon = session.daemon().await?;
    let targets = daemon.targets().await?;
    let shown = targets.get("iphone").await?;
    assert!(shown.contains("\"elsewhere\"") && !shown.contains("x.p8"), "{shown}");
    let moved = r#"{"name":"iphone","kind":"apns","settings":{"url":"https://h.example"}}"#;
    let refused = targets.update(moved).await.expect_err("what the key signs is for Apple");
    assert!(refused.to_string().contains("another server"), "{refused}");
    let named = r#"{"name":"phone","kind":"fcm","settings":{"service_account_file":"/x.json"}}"#;
    let refused = targets.add(named).await.expect_err("a program chooses no file to be read");
    assert!(refused.to_string().contains("where the secret is"), "{refused}");
    let renamed = r#"{"name":"iphone","kind":"apns","settings":{"key_file":"/y.p8"}}"#;
    targets.update(renamed).await.expect_err("nor another one");
    let sound = r#"{"name":"iphone","kind":"apns","settings":{"sound":"chime"}}"#;
    targets.update(sound).await?;
    let file = std::fs::read_to_string(session.config_file())?;
    assert!(file.contains("key_file = \"/x.p8\"") && file.contains("chime"), "{file}");
    Ok(())
}
