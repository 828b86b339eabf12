use std::sync::{Arc, Mutex};

use tidings_api::{Dict, Error, Notification};
use zbus::interface;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

use super::State;

pub(super) struct Post(pub(super) Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Post1")]
impl Post {
    async fn post(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        title: String,
        body: String,
        options: Dict,
    ) -> Result<i64, Error> {
        if self.0.lock().unwrap().hangs {
            std::future::pending::<()>().await;
        }
        let copy = options.iter().map(|(k, v)| (k.clone(), v.try_clone().unwrap())).collect();
        let post = tidings_api::Post::from_options(title.clone(), body.clone(), copy)?;
        let (id, fast_click) = {
            let mut state = self.0.lock().unwrap();
            state.poster = header.sender().map(ToString::to_string);
            state.posts.push((title, body, options));
            (state.add(row_of(post)), state.fast_click)
        };
        if let Some(action) = fast_click {
            let poster = header.sender().unwrap().to_owned();
            let emitter = emitter.set_destination(poster.into());
            Self::invoked(&emitter, id, action, Dict::new()).await.unwrap();
        }
        Ok(id)
    }

    fn post_many(&self, notifications: Vec<Dict>) -> Result<Vec<i64>, Error> {
        let mut state = self.0.lock().unwrap();
        if state.rate_limited > 0 {
            state.rate_limited -= 1;
            return Err(Error::RateLimited("come back in a second".into()));
        }
        let mut ids = Vec::new();
        for dict in &notifications {
            let copy = dict.iter().map(|(k, v)| (k.clone(), v.try_clone().unwrap())).collect();
            ids.push(state.add(row_of(tidings_api::Post::from_dict(copy)?)));
        }
        state.batches.push(notifications);
        Ok(ids)
    }

    fn withdraw(&self, key: String) -> u32 {
        let mut state = self.0.lock().unwrap();
        let before = state.rows.len();
        state.rows.retain(|row| row.key != key);
        u32::try_from(before - state.rows.len()).unwrap()
    }

    #[zbus(signal)]
    pub(super) async fn invoked(
        emitter: &SignalEmitter<'_>,
        id: i64,
        action: &str,
        details: Dict,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub(super) async fn closed(
        emitter: &SignalEmitter<'_>,
        id: i64,
        reason: &str,
    ) -> zbus::Result<()>;
}

fn row_of(post: tidings_api::Post) -> Notification {
    Notification {
        title: post.title,
        body: post.body,
        topic: post.topic,
        key: post.key,
        urgency: post.urgency,
        tags: post.tags,
        ..Notification::default()
    }
}
