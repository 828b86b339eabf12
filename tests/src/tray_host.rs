//! A fake `org.kde.StatusNotifierWatcher` that does what a panel does with the item that registers: reads it,
//! decodes its picture, clicks it, and chooses from its menu.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use zbus::fdo::{PropertiesProxy, RequestNameFlags};
use zbus::message::Header;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, interface, proxy};

use crate::wait::{DEADLINE, until};

const NAME: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const ITEM_PATH: &str = "/StatusNotifierItem";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU_PATH: &str = "/MenuBar";

/// The panel. Its name leaves the bus with [`TrayHost::stop`].
#[derive(Debug)]
pub struct TrayHost {
    connection: Connection,
    registered: Registered,
}

/// The unique names of what registered, in order.
type Registered = Arc<Mutex<Vec<String>>>;

/// A decoded picture of the item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height.
    pub size: i32,
    /// Alpha, red, green and blue of each pixel.
    pub pixels: Vec<[u8; 4]>,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What a choice is told by.
    pub id: i32,
    /// What it says; empty for a separator.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// What it opens.
    pub lines: Vec<Line>,
}

struct Watcher {
    registered: Registered,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        _service: &str,
        #[zbus(header)] header: Header<'_>,
    ) {
        let sender = header.sender().map_or_else(String::new, ToString::to_string);
        self.registered.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
    }

    #[zbus(property)]
    async fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

#[proxy(interface = "org.kde.StatusNotifierItem", default_path = "/StatusNotifierItem")]
trait Item {
    fn activate(&self, x: i32, y: i32) -> zbus::Result<()>;
    fn secondary_activate(&self, x: i32, y: i32) -> zbus::Result<()>;
    fn provide_xdg_activation_token(&self, token: &str) -> zbus::Result<()>;
}

#[proxy(interface = "com.canonical.dbusmenu", default_path = "/MenuBar")]
trait Menu {
    fn get_layout(
        &self,
        parent: i32,
        depth: i32,
        properties: &[&str],
    ) -> zbus::Result<(u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>))>;
    fn event(&self, id: i32, event: &str, data: Value<'_>, timestamp: u32) -> zbus::Result<()>;
}

impl TrayHost {
    /// A panel that is there from the start.
    pub async fn start(connection: Connection) -> Result<Self> {
        let host = Self::prepare(connection).await?;
        host.own_name().await?;
        Ok(host)
    }

    /// A panel that comes with [`Self::own_name`].
    pub async fn prepare(connection: Connection) -> Result<Self> {
        let registered = Registered::default();
        let watcher = Watcher { registered: Arc::clone(&registered) };
        connection.object_server().at(WATCHER_PATH, watcher).await?;
        Ok(Self { connection, registered })
    }

    /// Appears on the bus.
    pub async fn own_name(&self) -> Result<()> {
        let flags = RequestNameFlags::DoNotQueue.into();
        self.connection.request_name_with_flags(NAME, flags).await?;
        Ok(())
    }

    /// Leaves the bus, and forgets who registered.
    pub async fn stop(&self) -> Result<()> {
        self.connection.release_name(NAME).await?;
        self.registered.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// Waits for the item to register.
    pub async fn item(&self) -> Result<TrayItem> {
        let owner =
            until("the tray item to register", DEADLINE, async || self.registered().pop()).await?;
        Ok(TrayItem { connection: self.connection.clone(), owner })
    }

    /// Who registered so far.
    #[must_use]
    pub fn registered(&self) -> Vec<String> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The item as a panel sees it.
#[derive(Clone, Debug)]
pub struct TrayItem {
    connection: Connection,
    /// Its unique bus name.
    pub owner: String,
}

impl TrayItem {
    /// A property of the item.
    pub async fn property(&self, name: &str) -> Result<OwnedValue> {
        let properties = PropertiesProxy::builder(&self.connection)
            .destination(self.owner.clone())?
            .path(ITEM_PATH)?
            .build()
            .await?;
        Ok(properties.get(ITEM.try_into()?, name).await?)
    }

    /// `Active`, `Passive` or `NeedsAttention`.
    pub async fn status(&self) -> Result<String> {
        Ok(self.property("Status").await?.try_into()?)
    }

    /// Every size of the picture, smallest first.
    pub async fn pictures(&self) -> Result<Vec<Picture>> {
        let pixmaps: Vec<(i32, i32, Vec<u8>)> = self.property("IconPixmap").await?.try_into()?;
        let mut pictures = Vec::new();
        for (width, height, bytes) in pixmaps {
            ensure!(width == height, "a panel would stretch {width}x{height}");
            let pixels: Vec<[u8; 4]> = bytes
                .chunks_exact(4)
                .map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]])
                .collect();
            let wanted = usize::try_from(width * height)?;
            ensure!(pixels.len() == wanted, "{} pixels for {width}x{height}", pixels.len());
            pictures.push(Picture { size: width, pixels });
        }
        pictures.sort_by_key(|picture| picture.size);
        Ok(pictures)
    }

    /// Title and text of the tooltip.
    pub async fn tooltip(&self) -> Result<(String, String)> {
        type Tooltip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let (_, _, title, text): Tooltip = self.property("ToolTip").await?.try_into()?;
        Ok((title, text))
    }

    /// Waits until the tooltip's title is this.
    pub async fn wait_for_title(&self, wanted: &str) -> Result<()> {
        let mut last = None;
        let found = until("the tooltip", DEADLINE, async || {
            last = self.tooltip().await.ok();
            last.as_ref().is_some_and(|(title, _)| title == wanted).then_some(())
        });
        found.await.with_context(|| format!("wanted \"{wanted}\", last {last:?}"))
    }

    /// Waits until the text of the tooltip contains this.
    pub async fn wait_for_text(&self, wanted: &str) -> Result<()> {
        let mut last = None;
        let found = until("the tooltip", DEADLINE, async || {
            last = self.tooltip().await.ok();
            last.as_ref().is_some_and(|(_, text)| text.contains(wanted)).then_some(())
        });
        found.await.with_context(|| format!("wanted \"{wanted}\", last {last:?}"))
    }

    /// A left click, with the token that the compositor gave for it.
    pub async fn activate(&self, token: &str) -> Result<()> {
        let item =
            ItemProxy::builder(&self.connection).destination(self.owner.clone())?.build().await?;
        item.provide_xdg_activation_token(token).await?;
        Ok(item.activate(0, 0).await?)
    }

    /// A middle click.
    pub async fn secondary_activate(&self) -> Result<()> {
        let item =
            ItemProxy::builder(&self.connection).destination(self.owner.clone())?.build().await?;
        Ok(item.secondary_activate(0, 0).await?)
    }

    /// The menu from top to bottom.
    pub async fn menu(&self) -> Result<Vec<Line>> {
        let (_, root) = self.menu_proxy().await?.get_layout(0, -1, &[]).await?;
        root.2.into_iter().map(line).collect()
    }

    /// The line that says this, wherever it is.
    pub async fn line(&self, label: &str) -> Result<Line> {
        let menu = self.menu().await?;
        find(&menu, label).cloned().with_context(|| format!("no \"{label}\" in {menu:?}"))
    }

    /// Waits until there is such a line.
    pub async fn wait_for_line(&self, label: &str) -> Result<Line> {
        let found =
            until("a line of the menu", DEADLINE, async || self.line(label).await.ok()).await;
        match found {
            Ok(line) => Ok(line),
            Err(error) => Err(self.line(label).await.err().unwrap_or(error)),
        }
    }

    /// Chooses the line that says this.
    pub async fn choose(&self, label: &str) -> Result<()> {
        let line = self.wait_for_line(label).await?;
        ensure!(line.enabled, "\"{label}\" cannot be chosen");
        let chosen =
            self.menu_proxy().await?.event(line.id, "clicked", Value::from(0_i32), 0).await;
        match chosen {
            // Whoever quits may be gone before it answers.
            Err(zbus::Error::MethodError(name, _, _)) if name.as_str().ends_with("NoReply") => {
                Ok(())
            }
            other => Ok(other?),
        }
    }

    async fn menu_proxy(&self) -> Result<MenuProxy<'static>> {
        let builder = MenuProxy::builder(&self.connection).destination(self.owner.clone())?;
        Ok(builder.path(MENU_PATH)?.build().await?)
    }
}

impl Picture {
    /// How many pixels have exactly this colour and are not transparent at all.
    #[must_use]
    pub fn count(&self, red: u8, green: u8, blue: u8) -> usize {
        self.pixels.iter().filter(|pixel| **pixel == [255, red, green, blue]).count()
    }

    /// The strongest pixel: how faint the whole picture is.
    #[must_use]
    pub fn strongest(&self) -> u8 {
        self.pixels.iter().map(|pixel| pixel[0]).max().unwrap_or(0)
    }
}

fn find<'a>(lines: &'a [Line], label: &str) -> Option<&'a Line> {
    lines
        .iter()
        .find_map(|line| if line.label == label { Some(line) } else { find(&line.lines, label) })
}

fn line(value: OwnedValue) -> Result<Line> {
    let (id, properties, children): (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>) =
        value.try_into()?;
    let label = properties.get("label").and_then(|label| label.downcast_ref::<&str>().ok());
    // What a remote title brings to keep its direction to itself is not what a test looks for.
    let plain = |c: &char| !matches!(c, '\u{2068}' | '\u{2069}');
    Ok(Line {
        id,
        label: label.unwrap_or_default().chars().filter(plain).collect(),
        enabled: properties
            .get("enabled")
            .is_none_or(|value| value.downcast_ref::<bool>() == Ok(true)),
        lines: children.into_iter().map(line).collect::<Result<_>>()?,
    })
}
