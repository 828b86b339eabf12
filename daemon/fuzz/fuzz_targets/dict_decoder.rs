//! Any bytes as the `a{sv}` of a call: reading them never panics, and what is accepted means the same after it
//! was written and read again.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use tidings_api::{Dict, Filter, Post, Result, Row, SourceStatus, StateChange};
use zbus::zvariant::serialized::{Context, Data};
use zbus::zvariant::{LE, to_bytes};

fuzz_target!(|bytes: &[u8]| {
    survives(bytes, Post::from_dict, Post::to_dict);
    survives(bytes, Filter::from_dict, Filter::to_dict);
    survives(bytes, StateChange::from_dict, |change| change.to_dict());
    row_survives(bytes);
    survives(bytes, SourceStatus::from_dict, SourceStatus::to_dict);
});

fn survives<T: PartialEq + Debug>(
    bytes: &[u8],
    read: impl Fn(Dict) -> Result<T>,
    write: impl Fn(&T) -> Dict,
) {
    // A dictionary cannot be cloned when it holds file descriptors, so each reader decodes its own.
    let Some(dict) = decode(bytes) else { return };
    let Ok(accepted) = read(dict) else { return };
    let again = read(write(&accepted));
    assert_eq!(
        again.as_ref(),
        Ok(&accepted),
        "an accepted value must survive the way over the bus"
    );
}

fn row_survives(bytes: &[u8]) {
    let data = Data::new(bytes, Context::new_dbus(LE, 0));
    let Ok((row, _)) = data.deserialize::<Row>() else { return };
    let written = to_bytes(Context::new_dbus(LE, 0), &row).map_err(|error| error.to_string());
    let again = written
        .and_then(|data| data.deserialize::<Row>().map(|(row, _)| row).map_err(|e| e.to_string()));
    assert_eq!(again.as_ref(), Ok(&row), "a row must survive the way over the bus");
}

fn decode(bytes: &[u8]) -> Option<Dict> {
    let data = Data::new(bytes, Context::new_dbus(LE, 0));
    data.deserialize::<Dict>().ok().map(|(dict, _)| dict)
}
