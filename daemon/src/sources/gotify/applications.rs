use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::sources::gotify::message::number;
use crate::sources::text;

/// The applications of a server, by their ids. Since version 3 the server tells no tokens, and none is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Applications(BTreeMap<u64, Application>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Application {
    name: String,
    /// Where its image is on the server.
    image: Option<String>,
    /// Where its image is here; empty = nowhere.
    icon: String,
}

impl Applications {
    /// Reads the answer of `GET /application`. What has no id or no name is left out.
    pub(super) fn read(answer: &Value) -> Self {
        let applications = answer.as_array().into_iter().flatten();
        Self(applications.filter_map(application).collect())
    }

    pub(super) fn know(&self, application: u64) -> bool {
        self.0.contains_key(&application)
    }

    /// What an application is called, at least by its number.
    pub(super) fn name(&self, application: u64) -> String {
        let known = self.0.get(&application).map(|known| known.name.clone());
        known.unwrap_or_else(|| format!("application {application}"))
    }

    /// The file of its image; empty = there is none.
    pub(super) fn icon(&self, application: u64) -> String {
        self.0.get(&application).map(|known| known.icon.clone()).unwrap_or_default()
    }

    /// Keeps the files of images that are the same as before and `usable`, and says which are to be fetched, and for whom.
    pub(super) fn keep_icons(
        &mut self,
        before: &Self,
        usable: impl Fn(&Path) -> bool,
    ) -> Vec<(u64, String)> {
        let mut missing = Vec::new();
        for (id, application) in &mut self.0 {
            let Some(image) = &application.image else { continue };
            match before.0.get(id).filter(|before| before.image.as_ref() == Some(image)) {
                Some(before) if usable(Path::new(&before.icon)) => {
                    application.icon.clone_from(&before.icon);
                }
                Some(_) | None => missing.push((*id, image.clone())),
            }
        }
        missing
    }

    pub(super) fn set_icon(&mut self, application: u64, icon: String) {
        if let Some(known) = self.0.get_mut(&application) {
            known.icon = icon;
        }
    }
}

fn application(value: &Value) -> Option<(u64, Application)> {
    let id = number(value.get("id")?)?;
    let name = text::line(value.get("name")?.as_str()?);
    let image = value.get("image").and_then(Value::as_str).and_then(uploaded);
    let application = Application { name, image, icon: String::new() };
    Some(application).filter(|one| !one.name.is_empty()).map(|application| (id, application))
}

/// The path of an image that somebody has given to the application: the server names those itself, in one folder. Everything
/// else is either the same picture for all of them (`static/defaultapp.png`) or leads elsewhere.
fn uploaded(path: &str) -> Option<String> {
    let path = path.trim_start_matches('/');
    let name = path.strip_prefix("image/")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_name = name.bytes().all(plain) && !name.starts_with('.') && !name.is_empty();
    is_name.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("image/Zx81.png", Some("image/Zx81.png"))]
    #[case("/image/Zx81.png", Some("image/Zx81.png"))]
    #[case("static/defaultapp.png", None)]
    #[case("image/", None)]
    #[case("image/..", None)]
    #[case("image/../message", None)]
    #[case("image/a.png?x=1", None)]
    #[case("https://elsewhere.example/image/a.png", None)]
    #[case("//elsewhere.example/a.png", None)]
    fn only_an_uploaded_image_of_the_server_itself_is_fetched(
        #[case] path: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(uploaded(path).as_deref(), expected);
    }

    #[test]
    fn an_image_is_fetched_again_when_it_is_another_or_its_file_is_gone() {
        let read =
            |image: &str| Applications::read(&json!([{"id": 1, "name": "a", "image": image}]));
        let file = tempfile::NamedTempFile::new().unwrap();
        let icon = file.path().display().to_string();
        let mut before = read("image/a.png");
        assert_eq!(
            before.keep_icons(&Applications::default(), Path::is_file),
            [(1, "image/a.png".to_owned())]
        );
        before.set_icon(1, icon.clone());

        let mut same = read("image/a.png");
        assert_eq!(same.keep_icons(&before, Path::is_file), []);
        assert_eq!(same.icon(1), icon);
        assert_eq!(
            read("image/b.png").keep_icons(&before, Path::is_file).len(),
            1,
            "it is another image"
        );
        drop(file);
        assert_eq!(
            read("image/a.png").keep_icons(&before, Path::is_file).len(),
            1,
            "its file is gone"
        );
    }
}
