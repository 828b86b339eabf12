#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a setting is of the specified type or it counts as not given"
)]

use serde::Serialize;
use tidings_api::Dict;
use zbus::zvariant::Value;

/// The namespace of the portal's settings that these are.
pub const APPEARANCE: &str = "org.freedesktop.appearance";

/// How the desktop looks, as far as it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Appearance {
    /// Which colours it prefers.
    pub scheme: Option<Scheme>,
    /// Its accent colour, as `#rrggbb`.
    pub accent: Option<String>,
    /// Whether more contrast is asked for.
    pub high_contrast: bool,
    /// Whether less motion is asked for.
    pub reduced_motion: bool,
}

/// Which colours the desktop prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Appearance {
    /// Reads the settings of [`APPEARANCE`]; what is missing or strange counts as not given.
    #[must_use]
    pub fn from_portal(settings: &Dict) -> Self {
        let flag = |key: &str| settings.get(key).map(|value| number(value)) == Some(Some(1));
        Self {
            scheme: match settings.get("color-scheme").and_then(|value| number(value)) {
                Some(1) => Some(Scheme::Dark),
                Some(2) => Some(Scheme::Light),
                Some(_) | None => None,
            },
            accent: settings.get("accent-color").and_then(|value| colour(value)),
            high_contrast: flag("contrast"),
            reduced_motion: flag("reduced-motion"),
        }
    }
}

fn number(value: &Value<'_>) -> Option<u32> {
    match value {
        Value::U32(number) => Some(*number),
        Value::Value(inner) => number(inner),
        _ => None,
    }
}

/// Components outside of 0 to 1 mean "no accent colour" by the specification.
fn colour(value: &Value<'_>) -> Option<String> {
    let fields = match value {
        Value::Value(inner) => return colour(inner),
        Value::Structure(structure) => structure.fields(),
        _ => return None,
    };
    let [Value::F64(red), Value::F64(green), Value::F64(blue)] = fields else { return None };
    Some(format!("#{:02x}{:02x}{:02x}", byte(*red)?, byte(*green)?, byte(*blue)?))
}

fn byte(component: f64) -> Option<u8> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 255 by the check before it"
    )]
    (0.0..=1.0).contains(&component).then(|| (component * 255.0).round() as u8)
}

#[cfg(test)]
mod tests {
    use tidings_api::DictWriter;

    use super::*;

    #[test]
    fn the_settings_of_the_portal_are_read() {
        let mut writer = DictWriter::default();
        writer.put("color-scheme", 1_u32);
        writer.put("accent-color", (0.0, 0.5, 1.0));
        writer.put("contrast", 1_u32);
        writer.put("reduced-motion", 1_u32);
        let appearance = Appearance::from_portal(&writer.finish());
        assert_eq!(
            serde_json::to_string(&appearance).unwrap(),
            r##"{"scheme":"dark","accent":"#0080ff","high_contrast":true,"reduced_motion":true}"##
        );
    }

    #[test]
    fn without_a_portal_nothing_is_known() {
        let nothing = Appearance::from_portal(&Dict::new());
        assert_eq!(nothing, Appearance::default());
    }

    #[test]
    fn what_is_strange_counts_as_not_given() {
        for accent in [(-1.0, -1.0, -1.0), (0.0, f64::NAN, 0.0), (2.0, 0.0, 0.0)] {
            let mut writer = DictWriter::default();
            writer.put("color-scheme", "dark");
            writer.put("accent-color", accent);
            writer.put("contrast", 7_u32);
            assert_eq!(Appearance::from_portal(&writer.finish()), Appearance::default());
        }
    }
}
