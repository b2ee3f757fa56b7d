//! Where codes come from: the operating system's generator.

/// A source of numbers below [`COUNT`]; `None` when it has failed.
pub(super) type Codes = Box<dyn FnMut() -> Option<u32> + Send>;

/// How many codes of 6 digits there are.
pub(super) const COUNT: u32 = 1_000_000;

/// Codes that nobody can foresee.
pub(super) fn from_system() -> Codes {
    Box::new(|| {
        loop {
            if let Some(number) = fold(getrandom::u32().ok()?) {
                return Some(number);
            }
        }
    })
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
        let mut codes = from_system();
        let drawn: std::collections::HashSet<u32> =
            (0..100).map(|_| codes().expect("the system's generator works")).collect();
        assert!(drawn.iter().all(|&code| code < COUNT));
        assert!(drawn.len() > 90, "100 draws of a million gave only {} codes", drawn.len());
    }
}
