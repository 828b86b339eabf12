//! `org.freedesktop.portal.Settings`, as far as it is about the looks.

use std::collections::HashMap;

use zbus::fdo;
use zbus::interface;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};

use super::Scheme;

/// The namespace of the settings.
pub(super) const APPEARANCE: &str = "org.freedesktop.appearance";

/// The object.
pub(super) struct Settings {
    pub(super) scheme: Scheme,
}

#[interface(name = "org.freedesktop.portal.Settings")]
impl Settings {
    async fn read_all(
        &self,
        namespaces: Vec<String>,
    ) -> HashMap<String, HashMap<String, OwnedValue>> {
        let asked = namespaces.is_empty() || namespaces.iter().any(|one| one == APPEARANCE);
        let appearance = self.appearance().unwrap_or_default();
        asked.then(|| (APPEARANCE.to_owned(), appearance)).into_iter().collect()
    }

    async fn read_one(&self, namespace: &str, key: &str) -> fdo::Result<OwnedValue> {
        let known = (namespace, key) == (APPEARANCE, "color-scheme");
        let mut appearance = if known { self.appearance()? } else { HashMap::new() };
        appearance.remove(key).ok_or_else(|| fdo::Error::Failed(format!("no setting {key}")))
    }

    /// A setting has another value.
    #[zbus(signal)]
    pub(super) async fn setting_changed(
        emitter: &SignalEmitter<'_>,
        namespace: &str,
        key: &str,
        value: &Value<'_>,
    ) -> zbus::Result<()>;

    /// Of the interface.
    #[zbus(property(emits_changed_signal = "const"), name = "version")]
    async fn version(&self) -> u32 {
        2
    }
}

impl Settings {
    fn appearance(&self) -> fdo::Result<HashMap<String, OwnedValue>> {
        let value = value(self.scheme).try_into().map_err(zbus::Error::from)?;
        Ok(HashMap::from([("color-scheme".to_owned(), value)]))
    }
}

pub(super) fn value(scheme: Scheme) -> Value<'static> {
    Value::U32(scheme as u32)
}
