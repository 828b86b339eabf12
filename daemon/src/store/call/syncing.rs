//! What a source asks about its rows, and the marks on their way to its server.

use std::collections::BTreeMap;

use tidings_api::Millis;

use crate::model::SourceId;
use crate::store::writer::Durability;
use crate::store::{KnownRow, PendingMark, Present, Provisional, Store, StoreError, WantedMarks};

impl Store {
    /// The rows that these remote ids name in the source's present epoch.
    pub async fn known(
        &self,
        source: SourceId,
        remote_ids: Vec<String>,
    ) -> Result<BTreeMap<String, KnownRow>, StoreError> {
        self.read(move |reader| reader.known(source, remote_ids)).await
    }

    /// Provisional rows, oldest first.
    pub async fn provisionals(&self, source: SourceId) -> Result<Vec<Provisional>, StoreError> {
        self.read(move |reader| reader.provisionals(source)).await
    }

    /// Remote ids of this epoch that are unread here (and not deleted), oldest first.
    pub async fn unread_remote_ids(&self, source: SourceId) -> Result<Vec<String>, StoreError> {
        self.read(move |reader| reader.unread_remote_ids(source)).await
    }

    /// Remote ids of this epoch that the server should still show: what was sent since then, and neither deleted here,
    /// nor taken back, nor marked there.
    pub async fn present(
        &self,
        source: SourceId,
        since: Millis,
    ) -> Result<Vec<Present>, StoreError> {
        self.read(move |reader| reader.present(source, since)).await
    }

    /// Marks that can be sent, oldest first.
    pub async fn pending_marks(
        &self,
        source: SourceId,
        wanted: WantedMarks,
        limit: u32,
    ) -> Result<Vec<PendingMark>, StoreError> {
        self.read(move |reader| reader.pending_marks(source, wanted, limit)).await
    }

    /// How many marks wait, those of provisional rows included.
    pub async fn pending_mark_count(&self, source: SourceId) -> Result<u32, StoreError> {
        self.read(move |reader| reader.pending_mark_count(source)).await
    }

    /// The newest thing that this version did not understand, shortened; empty = nothing.
    pub async fn unknown_event(&self, source: SourceId) -> Result<String, StoreError> {
        self.read(move |reader| reader.unknown_event(source)).await
    }

    /// The server has them: they leave the queue, unless the user has changed their mind meanwhile.
    pub async fn marks_confirmed(
        &self,
        source: SourceId,
        marks: Vec<PendingMark>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.marks_confirmed(source, &marks)).await
    }

    /// Sent, yet the server does not show it: one attempt more.
    pub async fn marks_attempted(
        &self,
        source: SourceId,
        marks: Vec<PendingMark>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.marks_attempted(source, &marks)).await
    }
}
