//! Ids that look random and depend only on the seed.

use std::collections::HashSet;

/// The purpose of an id. Every kind has its own stream, so that requests of one kind do not change the ids of another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdKind {
    Task,
    Job,
    Token,
    DeviceToken,
    ServerRequest,
    Shuffle,
    Phone,
    Order,
    Stream,
}

const KINDS: usize = 9;

/// The phones in the examples of the service's documents.
const DOCUMENTED_PHONES: [&str; 2] = ["a44uhlf7", "efjy72gs"];
const LETTERS_AND_DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The generator (splitmix64): small, and good enough for ids; no secrets depend on it.
#[derive(Clone, Debug)]
pub(crate) struct Generator(u64);

impl Generator {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = Self(seed ^ stream.wrapping_mul(0xA076_1D64_78BD_642F));
        generator.next();
        generator
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit` (0 for 0).
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }

    pub(crate) fn hex32(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }

    /// A letter and seven letters or digits.
    pub(crate) fn phone(&mut self) -> String {
        let small = &LETTERS_AND_DIGITS[..];
        let first = char::from(small[self.below(26)]);
        std::iter::once(first).chain((0..7).map(|_| char::from(small[self.below(small.len())]))).collect()
    }

    pub(crate) fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).collect()
    }
}

/// One stream for each kind of id.
#[derive(Debug)]
pub(crate) struct Ids {
    streams: [Generator; KINDS],
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { streams: std::array::from_fn(|kind| Generator::new(seed, kind as u64 + 1)) }
    }

    pub(crate) fn stream(&mut self, kind: IdKind) -> &mut Generator {
        &mut self.streams[kind as usize]
    }

    pub(crate) fn hex32(&mut self, kind: IdKind) -> String {
        self.stream(kind).hex32()
    }
}

/// The ids of the phones: first the two in the service's documents, whose examples then work, then similar ones.
pub(crate) fn instance_ids(seed: u64, count: usize) -> Vec<String> {
    let mut generator = Generator::new(seed, 1000);
    let mut ids: Vec<String> = DOCUMENTED_PHONES.iter().take(count).map(|id| (*id).to_owned()).collect();
    let mut seen: HashSet<String> = ids.iter().cloned().collect();
    while ids.len() < count {
        let id = generator.phone();
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    ids
}

/// A 32-digit id that always belongs to the same name (projects, devices, users).
pub(crate) fn fixed_hex32(seed: u64, name: &str) -> String {
    // FNV-1a: spreads the name over the 64 bits the generator starts from.
    let hash = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    Generator::new(seed, hash | 1 << 63).hex32()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_the_seed_and_differ_from_each_other() {
        let ids = instance_ids(7, 10_000);
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        assert_eq!(ids[..2], ["a44uhlf7", "efjy72gs"]);
        assert_eq!(instance_ids(7, 5), ids[..5], "more phones do not change the first ones");
        assert_ne!(instance_ids(8, 5)[2..], ids[2..5]);
        assert_eq!(instance_ids(7, 1).len(), 1);
    }

    #[test]
    fn one_kind_does_not_disturb_another() {
        let (mut first, mut second) = (Ids::new(1), Ids::new(1));
        first.hex32(IdKind::Token);
        assert_eq!(first.hex32(IdKind::Task), second.hex32(IdKind::Task));
    }
}
