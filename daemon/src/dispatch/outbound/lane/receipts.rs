//! Asking a provider what became of what it has accepted.

use tracing::debug;

use super::ATTEMPT;
use crate::store::{Store, StoreError};
use crate::targets::{Confirmation, Target};

/// Messages that one question to a provider may be about.
const QUESTION: u32 = 300;

/// What came of asking a provider about its messages.
#[derive(Clone, Debug)]
pub(super) enum Answered {
    /// What it said is recorded.
    Told,
    /// It is recorded that the target is not set up right.
    Paused { why: String },
}

/// One round of questions; the answers are recorded before it ends.
pub(super) async fn confirm(
    store: &Store,
    target: &dyn Target,
    name: &str,
) -> Result<Answered, StoreError> {
    let asked = store.unconfirmed(name.to_owned(), QUESTION).await?;
    if asked.is_empty() {
        return Ok(Answered::Told);
    }
    let receipts: Vec<String> = asked.iter().map(|asked| asked.receipt.clone()).collect();
    let answers = tokio::time::timeout(ATTEMPT, target.confirm(&receipts))
        .await
        .unwrap_or_else(|_| Err("no answer in time".to_owned()))
        .unwrap_or_else(|why| {
            debug!(target_name = name, %why, "the provider could not be asked about its messages");
            // Nothing is learned, so each is asked about again, later and later, and for a day at most.
            vec![Confirmation::Pending; receipts.len()]
        });
    let refused = answers.iter().find_map(|answer| {
        let Confirmation::Misconfigured { why } = answer else { return None };
        Some(Answered::Paused { why: why.clone() })
    });
    let answers = asked.into_iter().zip(answers).collect();
    store.confirm_outbound(name.to_owned(), answers).await?;
    Ok(refused.unwrap_or(Answered::Told))
}
