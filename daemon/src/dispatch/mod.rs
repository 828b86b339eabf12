//! From a committed row to what a person sees: the popup policy and the loop that carries it out.

pub mod admission;
