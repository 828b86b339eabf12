//! The words of the tray, in every language that it speaks.
//!
//! The window has a catalogue of its own; the tray stays too small for a catalogue that is read at run time.

mod english;
mod spanish;
mod words;

pub use self::words::{Words, filled};

/// A language that the tray speaks in full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// The language of whoever speaks none of the others.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// The words of the tray.
    #[must_use]
    pub const fn words(self) -> &'static Words {
        match self {
            Self::English => &english::WORDS,
            Self::Spanish => &spanish::WORDS,
        }
    }

    /// The language of a tag like `es` or of a locale like `es_MX.UTF-8`, if it is one of these.
    #[must_use]
    pub fn of(locale: &str) -> Option<Self> {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Self::English),
            "es" => Some(Self::Spanish),
            _ => None,
        }
    }

    /// The language of the environment, in the order of gettext.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        let Some(locale) = locale else { return Self::default() };
        // By gettext's rule a list of languages does not count where the locale is the plain one.
        let preferred = set("LANGUAGE").filter(|_| !locale.starts_with('C'));
        let preferred = preferred.iter().flat_map(|list| list.split(':')).find_map(Self::of);
        preferred.or_else(|| Self::of(&locale)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Language {
        Language::of_environment(|name| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_says_which_language_as_it_does_to_other_programs() {
        assert_eq!(of(&[]), Language::English);
        assert_eq!(of(&[("LANG", "es_MX.UTF-8")]), Language::Spanish);
        assert_eq!(of(&[("LANG", "es_ES"), ("LC_ALL", "C.UTF-8")]), Language::English);
        assert_eq!(of(&[("LANG", "de_DE"), ("LANGUAGE", "fr:es:en")]), Language::Spanish);
        assert_eq!(of(&[("LANG", "C"), ("LANGUAGE", "es")]), Language::English, "gettext's rule");
        assert_eq!(of(&[("LANG", "eo"), ("LC_MESSAGES", "")]), Language::English);
    }

    #[test]
    fn every_language_says_everything_and_fills_the_same_gaps() {
        let english = Language::English.words().all();
        for language in Language::ALL {
            let words = language.words().all();
            for ((name, text), (_, original)) in words.iter().zip(&english) {
                assert!(!text.trim().is_empty(), "{language:?} has no words for {name}");
                assert_eq!(gaps(text), gaps(original), "{language:?} fills {name} differently");
            }
        }
        let same = Language::Spanish.words().all();
        let same = same.iter().zip(&english).filter(|(a, b)| a.1 == b.1).count();
        assert!(same < 4, "{same} texts were not translated");
    }

    fn gaps(text: &str) -> Vec<&str> {
        let mut gaps: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        gaps.sort_unstable();
        gaps
    }
}
