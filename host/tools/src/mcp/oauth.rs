//! Signing in to servers behind addresses, by OAuth as the protocol asks for it: what the user grants in a browser is
//! kept as a token, sent with each request, and renewed when it expires.
//!
//! What a server and its authorization server say is not trusted: their addresses must be of `https` and public, unless
//! the server itself is on this machine; no redirect leaves its origin; what they answer is bounded. Tokens are in no
//! error, in no `Debug`, and are taken out of whatever servers send.

mod access;
mod callback;
mod outside;
mod registration;
mod sign_in;
mod store;

pub use self::store::Credentials;

pub(super) use self::access::{Access, Token};
pub(super) use self::registration::Registration;
