//! The names under which Tidings is found on the session bus.

/// Well-known bus name of the daemon. It lies under the application id so that a sandboxed app may talk to it.
pub const BUS_NAME: &str = "org.tidings.Tidings.Daemon1";
/// Object path of every interface of the daemon.
pub const OBJECT_PATH: &str = "/org/tidings/Tidings/Daemon1";
/// Application id: the name of the `.desktop` file and of the icons.
pub const APPLICATION_ID: &str = "org.tidings.Tidings";
/// Object path of the app, as `org.freedesktop.Application` derives it from the id.
pub const APPLICATION_PATH: &str = "/org/tidings/Tidings";
/// Bus name of the window while it is there; the tray hands it what it is asked to open.
pub const WINDOW_NAME: &str = "org.tidings.Tidings.Window";
/// Version of the whole contract. Grows when members are added; a changed signature gets a new interface instead.
pub const API_VERSION: u32 = 1;

/// Interface for posting notifications from this machine.
pub const POST: &str = "org.tidings.Tidings.Post1";
/// Interface for reading and triaging the inbox.
pub const INBOX: &str = "org.tidings.Tidings.Inbox1";
/// Interface for watching and steering the remote sources.
pub const SOURCES: &str = "org.tidings.Tidings.Sources1";
/// Interface for the ways out beside the desktop.
pub const TARGETS: &str = "org.tidings.Tidings.Targets1";
/// Interface for opt-outs and settings.
pub const PREFERENCES: &str = "org.tidings.Tidings.Preferences1";
/// Interface for do-not-disturb.
pub const QUIET: &str = "org.tidings.Tidings.Quiet1";
/// Interface for the daemon itself.
pub const CONTROL: &str = "org.tidings.Tidings.Control1";

/// Every interface of the daemon, in the order of the documentation.
pub const INTERFACES: [&str; 7] = [POST, INBOX, SOURCES, TARGETS, PREFERENCES, QUIET, CONTROL];

/// The name of the source that stands for posts from this machine.
pub const LOCAL_SOURCE: &str = "local";
/// The name of the target that raises popups on this desktop.
pub const DESKTOP_TARGET: &str = "desktop";
