//! Reading and triaging the inbox over D-Bus.

use anyhow::Result;
use futures_util::StreamExt;
use tidings_api::{Dict, DictWriter, Error, Filter, Post, StateChange, Urgency, View, names};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

async fn post(daemon: &Tidingsd, post: Post) -> Result<i64> {
    let options = post.to_options();
    Ok(daemon.post1().await?.post(&post.title, &post.body, options).await?)
}

fn titled(title: &str) -> Post {
    Post { title: title.into(), ..Post::default() }
}

fn view(view: View) -> Filter {
    Filter { view, ..Filter::default() }
}

fn dict(key: &str, value: &str) -> Dict {
    let mut writer = DictWriter::default();
    writer.put(key, value.to_owned());
    writer.finish()
}

#[tokio::test]
async fn what_is_posted_is_listed_with_every_field() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let sent = Post {
        title: "Backup done".into(),
        body: "42 GiB\nno errors".into(),
        topic: "backups".into(),
        app: "restic".into(),
        urgency: Urgency::High,
        key: "nightly".into(),
        url: "https://backup.example.org/runs/42".into(),
        actor: "restic".into(),
        verb: "finished".into(),
        action_object: "run 42".into(),
        activity_target: "nas".into(),
        tags: vec!["backup".into(), "nas".into()],
        progress: Some(100),
        data: r#"{"run":42}"#.into(),
        ..Post::default()
    };
    let id = post(&daemon, sent.clone()).await?;
    let row = daemon.get(id).await?;
    assert_eq!(
        (row.source.as_str(), row.title, row.body, row.topic, row.app, row.urgency, row.key),
        (names::LOCAL_SOURCE, sent.title, sent.body, sent.topic, sent.app, sent.urgency, sent.key)
    );
    assert_eq!(
        (row.url, row.actor, row.verb, row.action_object, row.activity_target, row.tags),
        (sent.url, sent.actor, sent.verb, sent.action_object, sent.activity_target, sent.tags)
    );
    assert_eq!((row.progress, row.data, row.occurrences), (sent.progress, sent.data, 1));
    assert!(!row.read && row.seen_at.is_none(), "nobody has looked at it");
    assert!(
        row.posted_by.contains(&std::process::id().to_string()),
        "posted by us: {}",
        row.posted_by
    );
    Ok(())
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let posts: Vec<Dict> = (0..250).map(|n| titled(&format!("row {n}")).to_dict()).collect();
    let mut ids = daemon.post1().await?.post_many(posts).await?;
    ids.reverse();

    let inbox = daemon.inbox().await?;
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let (page, next, _) = inbox.list(Dict::new(), &cursor, 40).await?;
        assert!(page.len() <= 40, "a page is as long as asked for");
        listed.extend(page.into_iter().map(|row| row.0.id));
        if next.is_empty() {
            break;
        }
        cursor = next;
        // What arrives meanwhile is newer than the cursor.
        daemon.post("in between").await?;
    }
    assert_eq!(listed, ids, "newest first, each once");
    Ok(())
}

#[tokio::test]
async fn search_finds_words_and_beginnings_of_words() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let disk =
        post(&daemon, Post { body: "The disk of nas-2 is full".into(), ..titled("Disk") }).await?;
    post(&daemon, titled("Backup done")).await?;
    let cafe = post(&daemon, titled("Café à 9 h")).await?;
    let found = async |text: &str| -> Result<Vec<i64>> {
        let filter = Filter { text: Some(text.into()), ..Filter::default() };
        Ok(daemon.list(&filter).await?.iter().map(|row| row.id).collect())
    };
    assert_eq!(found("disk full").await?, [disk], "every word must be there");
    assert_eq!(found("ful").await?, [disk], "the last word may be a beginning");
    assert_eq!(found("cafe").await?, [cafe], "accents do not matter");
    assert_eq!(found("absent").await?, [0_i64; 0]);
    for hostile in ["\"", "disk AND (", "*", "NEAR/", "title:disk", "-disk", "disk OR"] {
        found(hostile).await.map_err(|error| error.context(format!("search for {hostile:?}")))?;
    }
    Ok(())
}

#[tokio::test]
async fn filters_select() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let high = Post { urgency: Urgency::High, topic: "ci".into(), ..titled("broken") };
    let high = post(&daemon, high).await?;
    let tagged = post(&daemon, Post { tags: vec!["nas".into()], ..titled("tagged") }).await?;
    let keyed = post(&daemon, Post { key: "k".into(), ..titled("keyed") }).await?;
    let found = async |filter: Filter| -> Result<Vec<i64>> {
        Ok(daemon.list(&filter).await?.iter().map(|row| row.id).collect())
    };
    let all = Filter::default;
    assert_eq!(found(Filter { min_urgency: Some(Urgency::High), ..all() }).await?, [high]);
    assert_eq!(found(Filter { topic: Some("ci".into()), ..all() }).await?, [high]);
    assert_eq!(found(Filter { tag: Some("nas".into()), ..all() }).await?, [tagged]);
    assert_eq!(found(Filter { key: Some("k".into()), ..all() }).await?, [keyed]);
    assert_eq!(found(Filter { source: Some("elsewhere".into()), ..all() }).await?, [0_i64; 0]);
    let now = daemon.get(keyed).await?.last_at;
    assert_eq!(
        found(Filter { until: Some(now + 1), ..all() }).await?.len(),
        3,
        "before a moment from now"
    );
    assert_eq!(found(Filter { since: Some(now + 1), ..all() }).await?.len(), 0, "after the newest");
    let counts = daemon.inbox().await?;
    let filters = vec![Dict::new(), Filter { tag: Some("nas".into()), ..all() }.to_dict()];
    assert_eq!(counts.count(filters).await?, [3, 1], "counts agree with lists");
    Ok(())
}

#[tokio::test]
async fn marking_is_idempotent_and_undone_without_loss() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let inbox = daemon.inbox().await?;
    let (a, b) = (daemon.post("a").await?, daemon.post("b").await?);
    assert_eq!((inbox.unread_count().await?, inbox.unseen_count().await?), (2, 2));

    let (changed, first) = inbox.set_state(&[a], StateChange::READ.to_dict()).await?;
    assert_eq!(changed, [a]);
    let read_at = daemon.get(a).await?.read_at;
    assert!(daemon.get(a).await?.seen_at.is_some(), "what is read has been seen");
    let (changed, token) = inbox.set_state(&[a], StateChange::READ.to_dict()).await?;
    assert_eq!((changed.len(), token), (0, 0), "marking twice changes nothing");
    assert_eq!(daemon.get(a).await?.read_at, read_at, "the first time wins");

    let (changed, second) = inbox.set_state(&[a, b], StateChange::READ.to_dict()).await?;
    assert_eq!(changed, [b], "only what really changed");
    assert_eq!(inbox.unread_count().await?, 0);
    assert_eq!(inbox.undo(second).await?, 1, "only b comes back");
    assert_eq!(inbox.undo(first).await?, 1, "and now a");
    assert_eq!((inbox.unread_count().await?, inbox.unseen_count().await?), (2, 2));
    assert_eq!(inbox.undo(first).await.unwrap_or(0), 0, "an undo is taken back once");
    Ok(())
}

#[tokio::test]
async fn marking_all_stops_at_what_the_caller_has_seen() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let inbox = daemon.inbox().await?;
    let mut seen = 0;
    for n in 0..5 {
        seen = daemon.post(&format!("seen {n}")).await?;
    }
    let unseen = daemon.post("arrived meanwhile").await?;
    let unread = view(View::Unread).to_dict();
    let (count, token) = inbox.set_state_where(unread, seen, StateChange::READ.to_dict()).await?;
    assert_eq!(count, 5, "the number that changed");
    assert!(!daemon.get(unseen).await?.read, "what nobody has seen stays unread");
    assert_eq!(inbox.undo(token).await?, 5, "a mass change is undone as one");
    assert_eq!(inbox.unread_count().await?, 6);
    Ok(())
}

#[tokio::test]
async fn deleted_rows_are_gone_and_can_be_brought_back() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let inbox = daemon.inbox().await?;
    let (a, b) = (daemon.post("a").await?, daemon.post("b").await?);
    let (count, token) = inbox.delete(&[a]).await?;
    assert_eq!(count, 1);
    let listed: Vec<i64> = daemon.list(&view(View::All)).await?.iter().map(|row| row.id).collect();
    assert_eq!(listed, [b]);
    assert_eq!(inbox.unread_count().await?, 1);
    assert_eq!(inbox.undo(token).await?, 1);
    assert_eq!(daemon.list(&view(View::All)).await?.len(), 2);

    let later = daemon.post("later").await?;
    let (count, _) = inbox.delete_where(view(View::All).to_dict(), b).await?;
    assert_eq!(count, 2, "up to what the caller has seen");
    assert_eq!(daemon.list(&view(View::All)).await?[0].id, later);
    Ok(())
}

#[tokio::test]
async fn done_leaves_the_inbox_until_the_next_occurrence() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let inbox = daemon.inbox().await?;
    let keyed = || Post { key: "disk".into(), ..titled("Disk full") };
    let id = post(&daemon, keyed()).await?;
    inbox
        .set_state(&[id], StateChange { done: Some(true), ..StateChange::default() }.to_dict())
        .await?;
    assert!(daemon.list(&view(View::Inbox)).await?.is_empty());
    assert_eq!(daemon.list(&view(View::Done)).await?.len(), 1);

    assert_eq!(post(&daemon, keyed()).await?, id, "the same key is the same row");
    let row = daemon.get(id).await?;
    assert_eq!((row.occurrences, row.done_at, row.read), (2, None, false), "it is back, unread");
    Ok(())
}

#[tokio::test]
async fn a_withdrawn_key_takes_its_popup_away() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = post(&daemon, Post { key: "door".into(), ..titled("Door open") }).await?;
    let popup = session.popups.wait_for_shown(1, DEADLINE).await?[0].id;
    assert_eq!(daemon.post1().await?.withdraw("door").await?, 1);
    assert!(daemon.get(id).await?.retracted_at.is_some(), "kept, marked as taken back");
    until("the popup to go", DEADLINE, async || {
        session.popups.closed().contains(&popup).then_some(())
    })
    .await?;
    assert_eq!(daemon.post1().await?.withdraw("nothing").await.unwrap_or(0), 0);
    Ok(())
}

#[tokio::test]
async fn explain_tells_how_it_arrived_and_what_became_of_the_popup() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let shown = daemon.post("shown").await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    let excluded = post(&daemon, Post { targets: Some(vec![]), ..titled("stored only") }).await?;
    let words = async |id: i64| -> Result<String> {
        Ok(format!("{:?}", daemon.inbox().await?.explain(id).await?))
    };
    until("the delivery to be recorded", DEADLINE, async || {
        words(shown).await.ok()?.to_lowercase().contains("delivered").then_some(())
    })
    .await?;
    let text = words(excluded).await?;
    assert!(text.contains("not-targeted"), "the reason is told: {text}");
    let error = daemon.inbox().await?.explain(999_999).await.map_err(Error::from).unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "an unknown id is an error: {error:?}");
    Ok(())
}

#[tokio::test]
async fn wrong_calls_are_refused_by_name() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let post1 = daemon.post1().await?;
    let refused = async |title: &str, body: &str, options: Dict| {
        post1.post(title, body, options).await.map_err(Error::from).unwrap_err()
    };
    let error = refused("t", "", dict("urgancy", "high")).await;
    assert!(matches!(&error, Error::InvalidArgs(m) if m.contains("urgancy")), "{error:?}");
    let error = refused("t", "", dict("urgency", "urgent")).await;
    assert!(matches!(&error, Error::InvalidArgs(m) if m.contains("critical")), "{error:?}");
    let error = refused(&"x".repeat(513), "", Dict::new()).await;
    assert!(matches!(&error, Error::TooLarge(m) if m.contains("512")), "{error:?}");
    let error = refused("", "", Dict::new()).await;
    assert!(matches!(&error, Error::InvalidArgs(_)), "nothing to say: {error:?}");
    let inbox = daemon.inbox().await?;
    let error = inbox.list(dict("viev", "all"), "", 10).await.map_err(Error::from).unwrap_err();
    assert!(matches!(&error, Error::InvalidArgs(m) if m.contains("viev")), "{error:?}");
    let error = inbox.list(Dict::new(), "no cursor", 10).await.map_err(Error::from).unwrap_err();
    assert!(matches!(&error, Error::InvalidArgs(_)), "{error:?}");
    let error = inbox.set_state(&[1], Dict::new()).await.map_err(Error::from).unwrap_err();
    assert!(matches!(&error, Error::InvalidArgs(_)), "nothing to change: {error:?}");
    let many = vec![titled("x").to_dict(); 1_001];
    let error = post1.post_many(many).await.map_err(Error::from).unwrap_err();
    assert!(matches!(&error, Error::TooLarge(m) if m.contains("1000")), "{error:?}");
    let error = inbox.count(vec![Dict::new(); 101]).await.map_err(Error::from).unwrap_err();
    assert!(matches!(&error, Error::TooLarge(m) if m.contains("100")), "{error:?}");
    assert!(daemon.list(&view(View::All)).await?.is_empty(), "nothing of it was stored");
    Ok(())
}

#[tokio::test]
async fn one_bad_entry_refuses_the_whole_batch() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let batch = vec![titled("good").to_dict(), dict("titel", "bad")];
    daemon.post1().await?.post_many(batch).await.unwrap_err();
    assert!(daemon.list(&view(View::All)).await?.is_empty(), "all or none");
    Ok(())
}

#[tokio::test]
async fn the_signal_names_what_changed_and_comes_at_most_ten_times_a_second() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let inbox = daemon.inbox().await?;
    let mut signals = inbox.receive_changed().await?;
    let started = std::time::Instant::now();
    let mut posted = Vec::new();
    for n in 0..300 {
        posted.push(daemon.post(&format!("n {n}")).await?);
    }
    let (mut added, mut count, mut revision) = (Vec::new(), 0_u32, 0);
    while added.len() < posted.len() {
        let signal = tokio::time::timeout(DEADLINE, signals.next()).await?.expect("the bus lives");
        let arguments = signal.args()?;
        added.extend(arguments.added.iter().copied());
        assert!(arguments.revision > revision, "the revision grows");
        revision = arguments.revision;
        count += 1;
    }
    added.sort_unstable();
    assert_eq!(added, posted, "each id is named once");
    let allowed = started.elapsed().as_secs_f64() * 10.0 + 2.0;
    assert!(f64::from(count) <= allowed, "{count} signals, at most {allowed:.0} are allowed");
    Ok(())
}
