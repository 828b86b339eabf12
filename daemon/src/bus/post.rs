//! `org.tidings.Tidings.Post1`.

use std::collections::HashMap;
use std::time::Instant;

use tidings_api::{Action, Dict, Error, Post, Result, limits};
use url::Url;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, interface};

use crate::bus::callers::Callers;
use crate::bus::failed;
use crate::clock::Clock;
use crate::dispatch::outbound::Dispatcher;
use crate::model::{Arrival, Incoming};
use crate::sources::text::one_line;
use crate::store::Store;

/// Schemes a click may open; `file` and the rest could run things.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Posts notifications from this machine.
pub(super) struct Post1 {
    store: Store,
    clock: Clock,
    callers: Callers,
    dispatcher: Dispatcher,
}

impl Post1 {
    pub(super) fn new(store: Store, clock: Clock, dispatcher: Dispatcher) -> Self {
        Self { store, clock, callers: Callers::default(), dispatcher }
    }

    /// What only the daemon knows: which targets there are, and which links may be opened.
    fn checked(&self, post: Post) -> Result<Post> {
        let post = on_one_line(post)?;
        check_links(&post)?;
        if let Some(named) = &post.targets {
            check_targets(named, &self.dispatcher.rules().names())?;
        }
        Ok(post)
    }

    async fn store_one(
        &self,
        connection: &Connection,
        header: &Header<'_>,
        post: Post,
    ) -> Result<i64> {
        let ids = self.store_posts(connection, header, vec![post]).await?;
        ids.first().copied().ok_or_else(|| Error::Storage("the post got no id".into()))
    }

    async fn store_posts(
        &self,
        connection: &Connection,
        header: &Header<'_>,
        posts: Vec<Post>,
    ) -> Result<Vec<i64>> {
        let arrived = Instant::now();
        let caller = header.sender();
        let posted_by = self.callers.admit(connection, caller, posts.len()).await?;
        let poster = caller.map_or_else(String::new, ToString::to_string);
        let received_at = self.clock.now();
        let incoming = posts
            .into_iter()
            .map(|post| Incoming {
                received_at,
                arrived: Some(arrived),
                posted_by: posted_by.clone(),
                poster: poster.clone(),
                ..incoming(post)
            })
            .collect();
        let ids = self.store.post(incoming).await.map_err(failed)?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    }
}

#[interface(name = "org.tidings.Tidings.Post1")]
impl Post1 {
    /// Stores a notification durably and returns its id; the popup follows.
    #[zbus(out_args("id"))]
    async fn post(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        title: String,
        body: String,
        options: Dict,
    ) -> Result<i64> {
        let post = self.checked(Post::from_options(title, body, options)?)?;
        self.store_one(connection, &header, post).await
    }

    /// The same for tools that cannot send variants: every option is a text.
    #[zbus(out_args("id"))]
    async fn post_text(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        title: String,
        body: String,
        options: HashMap<String, String>,
    ) -> Result<i64> {
        let post = self.checked(Post::from_texts(title, body, options)?)?;
        self.store_one(connection, &header, post).await
    }

    /// Stores up to 1,000 notifications in one transaction: all or none.
    #[zbus(out_args("ids"))]
    async fn post_many(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
        notifications: Vec<Dict>,
    ) -> Result<Vec<i64>> {
        if notifications.len() > limits::POST_MANY {
            return Err(Error::TooLarge(format!(
                "notifications: {} entries, the limit is {}",
                notifications.len(),
                limits::POST_MANY
            )));
        }
        let posts = notifications
            .into_iter()
            .enumerate()
            .map(|(index, entry)| {
                Post::from_dict(entry)
                    .and_then(|post| self.checked(post))
                    .map_err(|error| at_entry(index, &error))
            })
            .collect::<Result<Vec<Post>>>()?;
        self.store_posts(connection, &header, posts).await
    }

    /// Takes back what this machine posted under the key; returns how many rows that were.
    #[zbus(out_args("count"))]
    async fn withdraw(&self, key: &str) -> Result<u32> {
        if key.is_empty() {
            return Err(Error::InvalidArgs(
                "key: empty; only posts with a key can be withdrawn".into(),
            ));
        }
        self.store.withdraw(key).await.map_err(failed)
    }

    /// A button or the popup itself was chosen, or a reply typed. Sent to the poster alone.
    #[zbus(signal)]
    pub(super) async fn invoked(
        emitter: &SignalEmitter<'_>,
        id: i64,
        action: &str,
        details: Dict,
    ) -> zbus::Result<()>;

    /// The popup is gone: `expired`, `dismissed`, `closed` or `undefined`. Sent to the poster alone.
    #[zbus(signal)]
    pub(super) async fn closed(
        emitter: &SignalEmitter<'_>,
        id: i64,
        reason: &str,
    ) -> zbus::Result<()>;
}

/// A title with line breaks is posted by scripts that did not think of them: it is one line for every reader, and no reader
/// has to refuse it later. The key stays as it is, since what it names is found by it.
fn on_one_line(post: Post) -> Result<Post> {
    let actions = post.actions.into_iter();
    let post = Post {
        title: one_line(post.title),
        topic: one_line(post.topic),
        app: one_line(post.app),
        actor: one_line(post.actor),
        verb: one_line(post.verb),
        action_object: one_line(post.action_object),
        activity_target: one_line(post.activity_target),
        tags: post.tags.into_iter().map(one_line).collect(),
        actions: actions.map(|action| Action { label: one_line(action.label), ..action }).collect(),
        ..post
    };
    if post.title.trim().is_empty() && post.body.trim().is_empty() {
        return Err(Error::InvalidArgs(
            "title: there are only control characters in it; give a title or a body".into(),
        ));
    }
    Ok(post)
}

fn check_targets(named: &[String], known: &[String]) -> Result<()> {
    match named.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(Error::NotFound(format!(
            "targets: there is no target \"{unknown}\"; known: {}",
            known.join(", ")
        ))),
        None => Ok(()),
    }
}

fn check_links(post: &Post) -> Result<()> {
    let urls = post.actions.iter().map(|action| ("actions", action.url.as_str()));
    for (field, url) in [("url", post.url.as_str())].into_iter().chain(urls) {
        if !url.is_empty() && !allowed(url) {
            return Err(Error::InvalidArgs(format!(
                "{field}: \"{url}\" cannot be opened; give an http, https or mailto URL"
            )));
        }
    }
    Ok(())
}

fn allowed(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| SCHEMES.contains(&url.scheme()))
}

fn at_entry(index: usize, error: &Error) -> Error {
    let message = format!("notifications[{index}]: {}", error.message());
    match error {
        Error::TooLarge(_) => Error::TooLarge(message),
        Error::NotFound(_) => Error::NotFound(message),
        Error::InvalidArgs(_)
        | Error::Conflict(_)
        | Error::RateLimited(_)
        | Error::Storage(_)
        | Error::Unavailable(_) => Error::InvalidArgs(message),
    }
}

fn incoming(post: Post) -> Incoming {
    Incoming {
        arrival: Arrival::Live,
        key: post.key,
        mode: post.mode,
        topic: post.topic,
        app: post.app,
        title: post.title,
        body: post.body,
        urgency: post.urgency,
        url: post.url,
        icon: post.icon,
        actor: post.actor,
        verb: post.verb,
        action_object: post.action_object,
        activity_target: post.activity_target,
        tags: post.tags,
        actions: post.actions,
        progress: post.progress,
        transient: post.transient,
        data: post.data,
        expires_at: post.expires_at,
        deliver_at: post.deliver_at,
        targets: post.targets,
        ..Incoming::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_could_run_something_is_refused_with_the_way_out() {
        for url in ["file:///etc/passwd", "javascript:alert(1)", "not a url", "ssh://host"] {
            let post = Post { title: "x".into(), url: url.into(), ..Post::default() };
            let Err(Error::InvalidArgs(message)) = check_links(&post) else {
                panic!("{url} must be refused");
            };
            assert!(message.contains("http, https or mailto"), "{message}");
        }
    }

    #[test]
    fn a_title_with_line_breaks_is_one_line_and_the_body_keeps_its_own() {
        let post = Post {
            title: "Backup failed:\r\nBcc: eve@example.org".into(),
            body: "a\nb".into(),
            key: "k\n1".into(),
            tags: vec!["x\ny".into()],
            ..Post::default()
        };
        let post = on_one_line(post).unwrap();
        assert_eq!(post.title, "Backup failed: Bcc: eve@example.org");
        assert_eq!((post.body.as_str(), post.tags.as_slice()), ("a\nb", &["x y".to_owned()][..]));
        assert_eq!(post.key, "k\n1", "withdrawing it takes the very same key");
        let nothing = Post { title: "\u{1}\n".into(), ..Post::default() };
        assert!(on_one_line(nothing).is_err(), "nothing is left to show");
    }

    #[test]
    fn an_unknown_target_is_a_visible_error() {
        let known = ["desktop".to_owned(), "mail".to_owned()];
        assert_eq!(check_targets(&known, &known), Ok(()));
        let refused = check_targets(&["pigeon".to_owned()], &known);
        let Err(Error::NotFound(message)) = refused else {
            panic!("what nobody can deliver must not vanish");
        };
        assert!(message.contains("pigeon") && message.contains("mail"), "{message}");
    }
}
