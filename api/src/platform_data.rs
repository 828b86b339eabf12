use crate::{Dict, DictWriter, Fields};

const TOKEN: &str = "activation-token";
/// The older name, which X11 desktops use.
const STARTUP_ID: &str = "desktop-startup-id";

/// The platform data of `org.freedesktop.Application` that lets the window come to the front.
#[must_use]
pub fn platform_data(activation_token: Option<&str>) -> Dict {
    let mut writer = DictWriter::default();
    for key in [TOKEN, STARTUP_ID] {
        writer.text(key, activation_token.unwrap_or_default());
    }
    writer.finish()
}

/// The activation token of the platform data that a caller gave; one of an unexpected type counts as none.
#[must_use]
pub fn activation_token(platform_data: Dict) -> Option<String> {
    let mut fields = Fields::new("platform_data", platform_data);
    let mut text = |key| fields.text(key).ok().flatten().filter(|text| !text.is_empty());
    text(TOKEN).or_else(|| text(STARTUP_ID))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_travels_and_its_absence_too() {
        assert_eq!(activation_token(platform_data(Some("t1"))).as_deref(), Some("t1"));
        assert!(platform_data(None).is_empty(), "an empty token would be an invalid one");
        assert_eq!(activation_token(Dict::new()), None);
    }
}
