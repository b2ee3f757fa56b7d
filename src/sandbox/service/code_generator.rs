//! Random codes: from the operating system, or from a seed.
//!
//! Knows nothing of who gets a code or how long it is valid.

/// How many codes of 6 digits there are.
const CODE_COUNT: u32 = 1_000_000;

/// A generator of codes.
pub(crate) enum CodeGenerator {
    /// Unpredictable.
    System,
    /// The same codes in every run with the same seed.
    Seeded { seed: u64, state: u64 },
    /// 000001, 000002, …
    #[cfg(test)]
    Counting(u32),
    /// Never gives a code.
    #[cfg(test)]
    Failing,
}

impl CodeGenerator {
    /// Uses the seed, or else the operating system.
    pub(crate) fn new(seed: Option<u64>) -> CodeGenerator {
        seed.map_or(CodeGenerator::System, |seed| CodeGenerator::Seeded { seed, state: seed })
    }

    /// Starts a seeded sequence again.
    pub(crate) fn rewind(&mut self) {
        if let CodeGenerator::Seeded { seed, state } = self {
            *state = *seed;
        }
    }

    /// The next code as a number; none if the operating system has no random numbers.
    pub(crate) fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(number) = to_code(self.random()?) {
                return Some(number);
            }
        }
    }

    fn random(&mut self) -> Option<u32> {
        match self {
            CodeGenerator::System => getrandom::u32().ok(),
            CodeGenerator::Seeded { state, .. } => Some((split_mix(state) >> 32) as u32),
            #[cfg(test)]
            CodeGenerator::Counting(last) => {
                *last += 1;
                Some(*last)
            }
            #[cfg(test)]
            CodeGenerator::Failing => None,
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Maps a random number to a code. Rejects the numbers beyond the last multiple of `CODE_COUNT`: they would
/// make low codes more likely than high ones.
fn to_code(random: u32) -> Option<u32> {
    const LIMIT: u32 = u32::MAX - u32::MAX % CODE_COUNT;
    (random < LIMIT).then_some(random % CODE_COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_equally_likely() {
        // 32 bits hold 4294 times a million numbers; what is beyond is drawn again.
        let cases = [
            (0, Some(0)),
            (999_999, Some(999_999)),
            (1_000_000, Some(0)),
            (4_293_999_999, Some(999_999)),
            (4_294_000_000, None),
            (u32::MAX, None),
        ];
        for (random, code) in cases {
            assert_eq!(to_code(random), code, "{random}");
        }
    }

    #[test]
    fn the_operating_system_gives_codes_that_differ() {
        let mut codes = CodeGenerator::new(None);
        let drawn: std::collections::HashSet<u32> = (0..100)
            .map(|_| codes.next().expect("the operating system has random numbers"))
            .collect();
        assert!(drawn.iter().all(|&code| code < CODE_COUNT));
        assert!(drawn.len() > 90, "100 draws of a million gave only {} codes", drawn.len());
    }

    #[test]
    fn the_generator_of_seeded_codes_is_the_published_one() {
        let mut state = 1_234_567;
        let numbers = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([split_mix(&mut state), split_mix(&mut state)], numbers);
    }

    #[test]
    fn a_seed_gives_the_same_codes_from_every_start() {
        let draw = |codes: &mut CodeGenerator| [codes.next(), codes.next(), codes.next()];
        let mut codes = CodeGenerator::new(Some(7));
        let first = draw(&mut codes);
        assert_ne!(draw(&mut codes), first);
        codes.rewind();
        assert_eq!(draw(&mut codes), first);
        assert_eq!(draw(&mut CodeGenerator::new(Some(7))), first);
        assert_ne!(draw(&mut CodeGenerator::new(Some(8))), first);
    }
}
