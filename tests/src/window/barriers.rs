//! What would keep people from using the page, as axe-core finds it in the page itself.

use anyhow::{Context, Result, ensure};

use super::page::Window;
use crate::programs::workspace;

/// Answers each broken rule with the first element that breaks it, and why.
const CHECK: &str = "const done = arguments[arguments.length - 1];
    const worst = ({ id, nodes }) =>
        `${id}: ${nodes[0].html}: ${nodes[0].failureSummary} (${nodes.length} in all)`;
    window.axe.run(document, { preload: false, resultTypes: ['violations'] })
        .then(({ violations }) => done(violations.map(worst)), (error) => done([String(error)]));";

impl Window {
    /// The rules of accessible pages that the screen breaks as it is now.
    pub async fn barriers(&self) -> Result<Vec<String>> {
        self.wait_until_calm().await?;
        if self.run("return typeof window.axe === 'undefined'").await? == true {
            let file = workspace().join("ui/node_modules/axe-core/axe.min.js");
            let axe = std::fs::read_to_string(&file)
                .with_context(|| format!("{}; scripts/page.sh installs it", file.display()))?;
            // By the driver: the page itself loads nothing from elsewhere.
            self.client().execute(&axe, vec![]).await.context("loading axe-core")?;
        }
        let found = self.client().execute_async(CHECK, vec![]).await.context("running axe-core")?;
        serde_json::from_value(found).context("what axe-core found")
    }

    /// Fails with the barriers of the screen, which `view` names.
    pub async fn has_no_barriers(&self, view: &str) -> Result<()> {
        let barriers = self.barriers().await?;
        ensure!(barriers.is_empty(), "{view}: {}", barriers.join("\n"));
        Ok(())
    }

    /// Waits until nothing moves: what fades in has the wrong contrast for a moment.
    pub async fn wait_until_calm(&self) -> Result<()> {
        self.wait_for_script(
            "return document.getAnimations().every(({ playState }) => playState !== 'running')",
        )
        .await
    }
}
