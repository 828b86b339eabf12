//! The types of the page, generated from ours and checked in: `ui/src/generated/types/`.
//!
//! `UPDATE_TYPES=1 cargo test -p tidings-app --lib --features typescript` writes them anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tidings_api::{
    DeliveryFilter, Filter, Notification, OptOut, Record, Route, SourceKind, SourceSettings,
    SourceStatus, StateChange, Statistics, TargetKind, TargetSettings, TargetStatus, Topic,
};
use ts_rs::{Config, TS};

use super::{DeliveryPage, Failure, Happening, Page, Quiet, Report, Triage, Versions};

/// Everything that crosses; what these are made of comes along.
fn generate(folder: &Path) {
    // Ids, times and revisions are far below what a number of JavaScript holds exactly.
    let config = Config::new().with_large_int("number").with_out_dir(folder);
    let all = [
        Notification::export_all,
        Filter::export_all,
        StateChange::export_all,
        Topic::export_all,
        Statistics::export_all,
        SourceStatus::export_all,
        SourceKind::export_all,
        SourceSettings::export_all,
        TargetStatus::export_all,
        TargetKind::export_all,
        TargetSettings::export_all,
        Record::export_all,
        DeliveryFilter::export_all,
        DeliveryPage::export_all,
        Route::export_all,
        OptOut::export_all,
        Page::export_all,
        Triage::export_all,
        Report::export_all,
        Quiet::export_all,
        Versions::export_all,
        Failure::export_all,
        Happening::export_all,
    ];
    for export in all {
        export(&config).unwrap();
    }
}

fn read(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().into(), std::fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn the_types_of_the_page_are_ours() {
    let checked_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/generated/types");
    if std::env::var_os("UPDATE_TYPES").is_some() {
        // None before the first time.
        let _ = std::fs::remove_dir_all(&checked_in);
        generate(&checked_in);
    }
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path());
    let (ours, theirs) = (read(folder.path()), read(&checked_in));
    let stale: Vec<_> = ours
        .keys()
        .chain(theirs.keys())
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .collect();
    assert!(stale.is_empty(), "stale: {stale:?}; UPDATE_TYPES=1 writes them anew");
}
