//! Bytes that only the holder of a key can read or make: a suspended run on its way through other hands.
//!
//! XChaCha20-Poly1305 of the crate `chacha20poly1305` does the work. What a reader must see before it can decrypt (format, key, id,
//! expiry, nonce) is in the clear, and authenticated with the rest.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zeroize::Zeroize as _;

const MAGIC: &[u8; 8] = b"agtloop\0";
const FORMAT: u16 = 1;
const KEY_NAME_BYTES: usize = 8;
const ID_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
/// Magic, format, name of the key, id, expiry, nonce.
const HEAD_BYTES: usize = 8 + 2 + KEY_NAME_BYTES + ID_BYTES + 8 + NONCE_BYTES;
const TAG_BYTES: usize = 16;
/// Bytes of a tenant's name.
const TENANT_BYTES_MAX: usize = 255;

/// A key that suspended runs are sealed with: 32 bytes that nobody else knows. It is never shown, and wiped when it is
/// dropped.
///
/// ```
/// use agentloop_sandbox::Key;
///
/// let key = Key::random()?;
/// let same = Key::new(*key.bytes());
/// assert_eq!(format!("{same:?}"), "Key(…)");
/// # Ok::<(), agentloop_sandbox::Unsealable>(())
/// ```
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key(…)")
    }
}

impl Key {
    /// A key of these bytes. They must be random: a password is no key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new key.
    ///
    /// # Errors
    ///
    /// [`Unsealable::NoRandomness`] if the system gives no random numbers.
    pub fn random() -> Result<Self, Unsealable> {
        Ok(Self(random()?))
    }

    /// The bytes, to be kept where nobody else reads them.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Tells keys apart, and says nothing about them.
    fn name(&self) -> [u8; KEY_NAME_BYTES] {
        let hash = Sha256::new().chain_update(b"agentloop key\0").chain_update(self.0).finalize();
        std::array::from_fn(|index| hash[index])
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

/// For whom a run is sealed, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who may open it. At most 255 bytes; nobody without the key can read it.
    pub tenant: String,
    /// Until when, to the second. Whoever has the bytes can read it.
    pub expires: SystemTime,
}

/// Why bytes are not taken, or none are made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unsealable {
    /// They are something else.
    #[error("these bytes are not a suspended run of agentloop")]
    Foreign,
    /// They are of a version that this one does not know.
    #[error(
        "the suspended run has format {format}, this version of agentloop reads format {FORMAT}: use the one that sealed it"
    )]
    Format {
        /// The version of the format.
        format: u16,
    },
    /// There are too few of them.
    #[error("the suspended run is cut off: only a part of it has come")]
    Truncated,
    /// The key is another one than they were sealed with.
    #[error("the suspended run was sealed with another key")]
    OtherKey,
    /// They are not as they were sealed.
    #[error("the suspended run was changed after it was sealed")]
    Tampered,
    /// They were sealed for somebody else.
    #[error("the suspended run belongs to another tenant")]
    OtherTenant,
    /// Their time is over.
    #[error("the suspended run expired {} s ago: run the script anew", ago.as_secs())]
    Expired {
        /// Since when.
        ago: Duration,
    },
    /// The tenant has too long a name.
    #[error("a tenant's name has {bytes} bytes, at most {TENANT_BYTES_MAX} are allowed")]
    Tenant {
        /// Its length.
        bytes: usize,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
}

/// Knows which suspended runs were resumed. What it knows must outlive the process, where several could resume the same.
pub trait Once: Send + Sync {
    /// Takes the run of this id, if nobody has before: of all who ask, now or later, exactly one is told `true`. After `expires` the
    /// id may be forgotten.
    ///
    /// # Errors
    ///
    /// When it cannot be told: then the run is not resumed.
    fn take(&self, id: &[u8; 16], expires: SystemTime) -> io::Result<bool>;
}

/// For one process: what it takes is forgotten with it.
#[derive(Debug, Default)]
pub struct OnceInMemory(Mutex<BTreeMap<[u8; 16], SystemTime>>);

impl Once for OnceInMemory {
    fn take(&self, id: &[u8; 16], expires: SystemTime) -> io::Result<bool> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemTime::now();
        taken.retain(|_, expires| *expires > now);
        Ok(taken.insert(*id, expires).is_none())
    }
}

/// What was sealed.
pub(crate) struct Opened {
    pub(crate) id: [u8; ID_BYTES],
    pub(crate) expires: SystemTime,
    pub(crate) content: Vec<u8>,
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], Unsealable> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(Unsealable::NoRandomness)?;
    Ok(bytes)
}

pub(crate) fn seal(key: &Key, terms: &Terms, content: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let bytes = terms.tenant.len();
    let length = u8::try_from(bytes).map_err(|_| Unsealable::Tenant { bytes })?;
    let expires = terms.expires.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let nonce: [u8; NONCE_BYTES] = random()?;
    let id: [u8; ID_BYTES] = random()?;
    let head = [&MAGIC[..], &FORMAT.to_le_bytes(), &key.name(), &id, &expires.to_le_bytes(), &nonce].concat();
    let plain = [&[length][..], terms.tenant.as_bytes(), content].concat();
    let payload = Payload { msg: &plain, aad: &head };
    // Fails only for more than 256 GiB.
    let sealed = key.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| Unsealable::Truncated)?;
    Ok([head, sealed].concat())
}

pub(crate) fn open(key: &Key, tenant: &str, now: SystemTime, bytes: &[u8]) -> Result<Opened, Unsealable> {
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(Unsealable::Foreign);
    }
    let (head, sealed) = bytes.split_at_checked(HEAD_BYTES).ok_or(Unsealable::Truncated)?;
    let mut rest = &head[MAGIC.len()..];
    let format = u16::from_le_bytes(part(&mut rest)?);
    if format != FORMAT {
        return Err(Unsealable::Format { format });
    }
    if part::<KEY_NAME_BYTES>(&mut rest)? != key.name() {
        return Err(Unsealable::OtherKey);
    }
    let id = part(&mut rest)?;
    let expires = UNIX_EPOCH.checked_add(Duration::from_secs(u64::from_le_bytes(part(&mut rest)?)));
    let nonce: [u8; NONCE_BYTES] = part(&mut rest)?;
    if sealed.len() <= TAG_BYTES {
        return Err(Unsealable::Truncated);
    }
    let payload = Payload { msg: sealed, aad: head };
    let plain = key.cipher().decrypt(&XNonce::from(nonce), payload).map_err(|_| Unsealable::Tampered)?;
    let (length, rest) = plain.split_first().ok_or(Unsealable::Tampered)?;
    let (owner, content) = rest.split_at_checked(usize::from(*length)).ok_or(Unsealable::Tampered)?;
    if owner != tenant.as_bytes() {
        return Err(Unsealable::OtherTenant);
    }
    // A time that cannot be told never comes.
    let expires = expires.unwrap_or(now + Duration::from_secs(1));
    match now.duration_since(expires) {
        Ok(ago) => Err(Unsealable::Expired { ago }),
        Err(_) => Ok(Opened { id, expires, content: content.to_vec() }),
    }
}

fn part<const BYTES: usize>(rest: &mut &[u8]) -> Result<[u8; BYTES], Unsealable> {
    let (part, after) = rest.split_first_chunk().ok_or(Unsealable::Truncated)?;
    *rest = after;
    Ok(*part)
}

#[cfg(test)]
mod tests {
    use super::{HEAD_BYTES, Key, Once as _, OnceInMemory, Terms, Unsealable, open, seal};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    const NOON: u64 = 1_800_000_000;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn key() -> Key {
        Key::new([7; 32])
    }

    fn sealed() -> Vec<u8> {
        let terms = Terms { tenant: "acme".to_owned(), expires: at(NOON) };
        seal(&key(), &terms, b"what nobody may read").expect("it is sealed")
    }

    #[track_caller]
    fn refused(bytes: &[u8]) -> Unsealable {
        open(&key(), "acme", at(NOON - 1), bytes).err().expect("it is refused")
    }

    #[test]
    fn what_was_sealed_is_opened_by_its_tenant_in_time() {
        let bytes = sealed();
        let opened = open(&key(), "acme", at(NOON - 1), &bytes).expect("it is opened");
        assert_eq!((opened.content.as_slice(), opened.expires), (&b"what nobody may read"[..], at(NOON)));
        assert!(matches!(open(&key(), "acne", at(NOON - 1), &bytes), Err(Unsealable::OtherTenant)));
        assert!(matches!(open(&key(), "acme", at(NOON), &bytes), Err(Unsealable::Expired { .. })));
        assert!(matches!(open(&Key::new([8; 32]), "acme", at(NOON - 1), &bytes), Err(Unsealable::OtherKey)));
        let found = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(found(b"agtloop") && !found(b"acme") && !found(b"nobody"));
    }

    #[test]
    fn each_byte_counts() {
        let bytes = sealed();
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[place] ^= 1 << bit;
                let refusal = refused(&bytes);
                let is_expected = match place {
                    0..8 => matches!(refusal, Unsealable::Foreign),
                    8..10 => matches!(refusal, Unsealable::Format { .. }),
                    10..18 => matches!(refusal, Unsealable::OtherKey),
                    _ => matches!(refusal, Unsealable::Tampered),
                };
                assert!(is_expected, "bit {bit} of byte {place}: {refusal:?}");
            }
        }
    }

    #[test]
    fn each_beginning_is_too_little() {
        let bytes = sealed();
        for end in 0..bytes.len() {
            let refusal = refused(&bytes[..end]);
            let is_expected = match end {
                ..=HEAD_BYTES => matches!(refusal, Unsealable::Truncated),
                _ => matches!(refusal, Unsealable::Truncated | Unsealable::Tampered),
            };
            assert!(is_expected, "cut at {end}: {refusal:?}");
        }
        assert!(matches!(refused(b"#!/bin/sh"), Unsealable::Foreign));
    }

    #[test]
    fn no_two_seals_are_alike() {
        let opened = |bytes: &[u8]| open(&key(), "acme", at(0), bytes).expect("it is opened").id;
        let (first, second) = (sealed(), sealed());
        assert_ne!(first, second);
        assert_ne!(opened(&first), opened(&second));
        let terms = Terms { tenant: "x".repeat(256), expires: at(NOON) };
        assert!(matches!(seal(&key(), &terms, b""), Err(Unsealable::Tenant { bytes: 256 })));
    }

    #[test]
    fn only_the_first_takes() {
        let (store, later) = (OnceInMemory::default(), SystemTime::now() + Duration::from_secs(3_600));
        assert!(store.take(&[1; 16], later).unwrap());
        assert!(!store.take(&[1; 16], later).unwrap());
        assert!(store.take(&[2; 16], later).unwrap());
    }
}
