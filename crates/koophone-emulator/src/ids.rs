//! Ids that look random and depend on the seed alone.

/// What an id is for. Every kind has its own stream, so that one more request of one kind does not change the ids of another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdKind {
    Task,
    Job,
    Token,
    DeviceToken,
    ServerRequest,
    Shuffle,
}

const KINDS: usize = 6;
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The generator (splitmix64): small, good enough for ids, no secrets depend on it.
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

/// The id of the phone with this number: 32 letters and digits.
pub(crate) fn instance_id(seed: u64, number: usize) -> String {
    Generator::new(seed, 1000 + number as u64).letters(32)
}

/// A 32-digit id that belongs to a name for good (projects, devices, users).
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
    use std::collections::HashSet;

    #[test]
    fn ids_depend_on_the_seed_and_differ_from_each_other() {
        let all: HashSet<String> = (0..10_000).map(|number| instance_id(7, number)).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        assert_eq!(instance_id(7, 3), instance_id(7, 3));
        assert_ne!(instance_id(7, 3), instance_id(8, 3));
    }

    #[test]
    fn one_kind_does_not_disturb_another() {
        let (mut first, mut second) = (Ids::new(1), Ids::new(1));
        first.hex32(IdKind::Token);
        assert_eq!(first.hex32(IdKind::Task), second.hex32(IdKind::Task));
    }
}
