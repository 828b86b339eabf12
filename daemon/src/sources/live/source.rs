use std::pin::Pin;
use std::sync::Arc;

use crate::sources::live::{self, Memory, Protocol};
use crate::sources::schedule::Peace;
use crate::sources::{Exit, Source, SourceContext, TestReport};

/// A [`Protocol`] as a source.
#[derive(Debug)]
pub struct Live<P> {
    protocol: Arc<P>,
    memory: Memory,
}

impl<P: Protocol> Live<P> {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(protocol: P) -> Self {
        Self { protocol: Arc::new(protocol), memory: Memory::default() }
    }
}

impl<P: Protocol> Source for Live<P> {
    fn run<'a>(
        &'a mut self,
        context: SourceContext,
    ) -> Pin<Box<dyn Future<Output = Exit> + Send + 'a>> {
        Box::pin(live::run(&self.protocol, &mut self.memory, context))
    }

    fn forget(&mut self) {
        self.protocol.forget();
        self.memory.peace = Peace::default();
    }

    fn test<'a>(&'a self) -> Pin<Box<dyn Future<Output = TestReport> + Send + 'a>> {
        Box::pin(self.protocol.test())
    }
}
