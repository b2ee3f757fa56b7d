//! Where codes come from: the operating system's generator, or a seed.

/// How many codes of 6 digits there are.
pub(super) const COUNT: u32 = 1_000_000;

/// A source of codes.
pub(super) enum Codes {
    /// Codes that nobody can foresee.
    System,
    /// The same codes in every run with the same seed.
    Seeded { seed: u64, state: u64 },
    /// 000001, 000002, …
    #[cfg(test)]
    Counted(u32),
    /// A source that has failed.
    #[cfg(test)]
    Broken,
}

impl Codes {
    /// Codes from a seed, or else from the system.
    pub(super) fn new(seed: Option<u64>) -> Codes {
        seed.map_or(Codes::System, |seed| Codes::Seeded { seed, state: seed })
    }

    /// Begins again, where that means anything.
    pub(super) fn rewind(&mut self) {
        if let Codes::Seeded { seed, state } = self {
            *state = *seed;
        }
    }

    /// The next code as a number; none when the source has failed.
    pub(super) fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(number) = fold(self.random()?) {
                return Some(number);
            }
        }
    }

    fn random(&mut self) -> Option<u32> {
        match self {
            Codes::System => getrandom::u32().ok(),
            Codes::Seeded { state, .. } => Some((split_mix(state) >> 32) as u32),
            #[cfg(test)]
            Codes::Counted(last) => {
                *last += 1;
                Some(*last)
            }
            #[cfg(test)]
            Codes::Broken => None,
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

/// A random number as a code. The last, incomplete run of `COUNT` numbers is thrown away: with it the
/// low codes would be more likely than the high ones.
fn fold(random: u32) -> Option<u32> {
    const COMPLETE: u32 = u32::MAX - u32::MAX % COUNT;
    (random < COMPLETE).then_some(random % COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_equally_likely() {
        // 4294 complete runs of a million fit into 32 bits; what is beyond them is drawn again.
        let cases = [
            (0, Some(0)),
            (999_999, Some(999_999)),
            (1_000_000, Some(0)),
            (4_293_999_999, Some(999_999)),
            (4_294_000_000, None),
            (u32::MAX, None),
        ];
        for (random, code) in cases {
            assert_eq!(fold(random), code, "{random}");
        }
    }

    #[test]
    fn the_system_gives_codes_that_differ() {
        let mut codes = Codes::new(None);
        let drawn: std::collections::HashSet<u32> =
            (0..100).map(|_| codes.next().expect("the system's generator works")).collect();
        assert!(drawn.iter().all(|&code| code < COUNT));
        assert!(drawn.len() > 90, "100 draws of a million gave only {} codes", drawn.len());
    }

    #[test]
    fn the_generator_of_seeded_codes_is_the_published_one() {
        let mut state = 1_234_567;
        let numbers = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([split_mix(&mut state), split_mix(&mut state)], numbers);
    }

    #[test]
    fn a_seed_gives_the_same_codes_whenever_it_begins() {
        let draw = |codes: &mut Codes| [codes.next(), codes.next(), codes.next()];
        let mut codes = Codes::new(Some(7));
        let first = draw(&mut codes);
        assert_ne!(draw(&mut codes), first);
        codes.rewind();
        assert_eq!(draw(&mut codes), first);
        assert_eq!(draw(&mut Codes::new(Some(7))), first);
        assert_ne!(draw(&mut Codes::new(Some(8))), first);
    }
}
