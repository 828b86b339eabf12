//! The store as its callers see it, on real databases.

mod fixture;
mod posting;
