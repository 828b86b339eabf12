use tokio::sync::oneshot;

use super::unit::Unit;
use crate::store::error::StoreError;

/// What a power cut may take back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Durability {
    /// The last transactions: what they held is replayed, sent again or decided again.
    #[default]
    Normal,
    /// Nothing that was answered.
    Full,
}

impl Durability {
    pub(super) const fn pragma(self) -> &'static str {
        match self {
            Self::Normal => "PRAGMA synchronous = NORMAL",
            Self::Full => "PRAGMA synchronous = FULL",
        }
    }
}

/// One caller's wish, to be done within a transaction that it shares with others.
pub(in crate::store) trait Request: Send {
    /// What it needs of the transaction.
    fn durability(&self) -> Durability;
    /// Does it; the answer is kept until the commit. Run again when the transaction had to be rolled back.
    fn run(&mut self, unit: &mut Unit<'_>) -> Result<(), StoreError>;
    /// It failed alone.
    fn refuse(&mut self, error: StoreError);
    /// Tells the caller, after the commit; `refused` = the whole transaction failed.
    fn answer(self: Box<Self>, refused: Option<StoreError>);
}

/// A request made of a closure, which may be run again after a rollback.
pub(in crate::store) struct Call<T, F> {
    durability: Durability,
    work: F,
    answer: Result<T, StoreError>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Call<T, F>
where
    T: Send,
    F: FnMut(&mut Unit<'_>) -> Result<T, StoreError> + Send,
{
    pub(in crate::store) fn new(
        durability: Durability,
        caller: oneshot::Sender<Result<T, StoreError>>,
        work: F,
    ) -> Self {
        Self { durability, work, answer: Err(StoreError::Closed), caller }
    }
}

impl<T, F> Request for Call<T, F>
where
    T: Send,
    F: FnMut(&mut Unit<'_>) -> Result<T, StoreError> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn run(&mut self, unit: &mut Unit<'_>) -> Result<(), StoreError> {
        self.answer = Ok((self.work)(unit)?);
        Ok(())
    }

    fn refuse(&mut self, error: StoreError) {
        self.answer = Err(error);
    }

    fn answer(self: Box<Self>, refused: Option<StoreError>) {
        let answer = match refused {
            Some(error) => Err(error),
            None => self.answer,
        };
        // A caller that has gone away does not take its committed work back.
        let _ = self.caller.send(answer);
    }
}
