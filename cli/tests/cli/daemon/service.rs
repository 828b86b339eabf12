use std::io::{Read, Write};
use std::os::fd::OwnedFd as StdFd;
use std::sync::{Arc, Mutex};

use tidings_api::{
    Dict, DictWriter, Error, Millis, Notification, QuietReason, SourceKind, SourceSettings,
    SourceStatus, names,
};
use zbus::interface;
use zbus::zvariant::OwnedFd;

use super::State;

pub(super) struct Sources(pub(super) Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Sources1")]
impl Sources {
    fn list(&self) -> Vec<Dict> {
        self.0.lock().unwrap().sources.iter().map(SourceStatus::to_dict).collect()
    }

    fn test(&self, source: String) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("ok", source == "good");
        writer.put("steps", vec![format!("dialled {source}"), "403 \u{1b}[31mForbidden".into()]);
        writer.finish()
    }

    fn reconnect(&self, source: String) {
        self.0.lock().unwrap().calls.push(format!("Reconnect {source}"));
    }

    fn kinds(&self) -> String {
        let kind = SourceKind {
            kind: "json".into(),
            preset: "shop".into(),
            title: "Shop".into(),
            description: "A \u{1b}[31mshop.".into(),
            ..SourceKind::default()
        };
        serde_json::to_string(&[kind]).unwrap()
    }

    fn get(&self, source: String) -> Result<String, Error> {
        let state = self.0.lock().unwrap();
        let added = state.added.iter().find(|added| added.name == source);
        let added = added.ok_or_else(|| Error::NotFound(format!("no source \"{source}\"")))?;
        Ok(serde_json::to_string(added).unwrap())
    }

    fn add(&self, settings: String) -> Result<(), Error> {
        let settings = SourceSettings::from_json(&settings)?;
        if settings.name == "taken" {
            return Err(Error::Conflict("name: there is a source \"taken\" already".into()));
        }
        self.0.lock().unwrap().added.push(settings);
        Ok(())
    }

    fn remove(&self, source: String) {
        self.0.lock().unwrap().calls.push(format!("Remove {source}"));
    }

    fn set_enabled(&self, source: String, enabled: bool) {
        self.0.lock().unwrap().calls.push(format!("SetEnabled {source} {enabled}"));
    }
}

pub(super) struct Quiet(pub(super) Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Quiet1")]
impl Quiet {
    #[zbus(property)]
    fn reasons(&self) -> Vec<Dict> {
        self.0.lock().unwrap().quiet.iter().map(QuietReason::to_dict).collect()
    }

    #[zbus(property)]
    fn until(&self) -> Millis {
        if self.0.lock().unwrap().quiet.is_empty() { 0 } else { -1 }
    }
}

pub(super) struct Control(pub(super) Arc<Mutex<State>>);

#[interface(name = "org.tidings.Tidings.Control1")]
impl Control {
    fn stats(&self) -> Dict {
        let state = self.0.lock().unwrap();
        let mut writer = DictWriter::default();
        writer.put("version", "9.8.7");
        writer.put("api_version", names::API_VERSION);
        writer.put("notifications", u64::try_from(state.rows.len()).unwrap());
        writer.put("unread", 4_u32);
        writer.put("database_path", "/somewhere/inbox.db");
        writer.put("config_path", "/somewhere/config.toml");
        if state.popup_server {
            writer.put("popup_server", "dunst");
            writer.put("popup_capabilities", vec!["actions".to_owned(), "body".to_owned()]);
        }
        for (key, value) in &state.stats {
            writer.put(key, value.clone());
        }
        writer.finish()
    }

    fn test_popup(&self) -> Result<(), Error> {
        if self.0.lock().unwrap().popup_server {
            return Ok(());
        }
        Err(Error::Unavailable("no popup server is running".into()))
    }

    async fn export(&self, output: OwnedFd) -> Result<u64, Error> {
        let rows = self.0.lock().unwrap().rows.clone();
        if rows.iter().any(|row| row.title == "disk full") {
            return Err(Error::Storage("the inbox could not be read".into()));
        }
        tokio::task::spawn_blocking(move || {
            let mut file = std::fs::File::from(StdFd::from(output));
            for row in &rows {
                writeln!(file, "{}", serde_json::to_string(row).unwrap()).unwrap();
            }
            u64::try_from(rows.len()).unwrap()
        })
        .await
        .map_err(|error| Error::Storage(error.to_string()))
    }

    async fn import(&self, input: OwnedFd) -> Result<u64, Error> {
        let text = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            std::fs::File::from(StdFd::from(input)).read_to_string(&mut text).map(|_| text)
        });
        let text = text.await.unwrap().map_err(|error| Error::Storage(error.to_string()))?;
        let mut state = self.0.lock().unwrap();
        let mut added = 0;
        for line in text.lines() {
            let row: Notification = serde_json::from_str(line)
                .map_err(|error| Error::InvalidArgs(format!("input: {error}")))?;
            state.add(row);
            added += 1;
        }
        Ok(added)
    }
}
