use tidings_api::{ApplicationProxy, Place, platform_data};
use zbus::Error;
use zbus::proxy::CacheProperties;

use crate::arguments::OpenArguments;
use crate::command::invoke::{invoke, token};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};

/// Does what a click on the notification would; without one, opens the window.
pub(crate) async fn run(arguments: &OpenArguments) -> Result<Outcome, Failure> {
    match arguments.id {
        Some(id) => invoke(id, "default").await,
        None if arguments.settings => window(&Place::Settings(None)).await,
        None => window(&Place::Inbox).await,
    }
}

/// Has the app show a place; the bus starts it where it is installed.
async fn window(place: &Place) -> Result<Outcome, Failure> {
    let connection = Daemon::connect().await?.connection;
    let builder = ApplicationProxy::builder(&connection).cache_properties(CacheProperties::No);
    let app = builder.build().await?;
    match app.open(&[&place.to_uri()], platform_data(token().as_deref())).await {
        Ok(()) => Ok(Outcome::Done),
        Err(Error::MethodError(name, _, _))
            if name.as_str() == "org.freedesktop.DBus.Error.ServiceUnknown" =>
        {
            Err(Failure::NoApp)
        }
        Err(error) => Err(Failure::failed(format!("the window did not open: {error}"))),
    }
}
