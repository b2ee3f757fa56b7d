//! A sliding window: how many events there were in the last seconds.

use super::limits::Rate;

/// An event counts for at least 16 buckets and at most 17, so that no time of the window's length sees more
/// than its limit allows.
const PARTS: u64 = 16;
pub(super) const BUCKETS: usize = PARTS as usize + 1;

/// The events of a subject that one limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The number of the newest bucket: the time divided by the width of a bucket, modulo 2^32.
    pub(super) newest: u32,
    /// Changes when the window is cleared.
    pub(super) epoch: u32,
    /// The length of the window in seconds, which the width of its buckets comes from. 0: it was never used.
    pub(super) seconds: u32,
    /// The events in each bucket, the newest first.
    pub(super) counts: [u32; BUCKETS],
}

/// The width of a bucket in milliseconds.
pub(super) fn width(rate: Rate) -> u64 {
    (u64::from(rate.seconds) * 1000).div_ceil(PARTS)
}

impl Window {
    /// A window without events. What an earlier window with the same key counted has another epoch.
    pub(super) fn new(now: u64) -> Window {
        Window { newest: 0, epoch: now as u32, seconds: 0, counts: [0; BUCKETS] }
    }

    /// Moves to the present. Returns whether it had to be corrected: a newest bucket in the future, after a
    /// clock was set back, is taken for the present one; and a program with another length of this limit, which
    /// uses the same store, has other buckets.
    pub(super) fn advance(&mut self, now: u64, rate: Rate) -> bool {
        let is_new = self.seconds == 0;
        let is_other = self.seconds != rate.seconds;
        if is_new {
            self.seconds = rate.seconds;
        } else if is_other {
            self.convert(now, rate);
        }
        let newest = (now / width(rate)) as u32;
        let passed = newest.wrapping_sub(self.newest) as i32;
        let age = usize::try_from(passed).unwrap_or(0);
        if age >= BUCKETS {
            self.counts = [0; BUCKETS];
        } else if age > 0 {
            self.counts.copy_within(..BUCKETS - age, age);
            self.counts[..age].fill(0);
        }
        self.newest = newest;
        !is_new && (is_other || passed < 0)
    }

    /// Puts the events into buckets of another width: each to the end of the bucket that it was in.
    fn convert(&mut self, now: u64, rate: Rate) {
        let old = Rate { seconds: self.seconds, ..rate };
        let counts = std::mem::replace(&mut self.counts, [0; BUCKETS]);
        let (old_width, new_width) = (width(old), width(rate));
        let passed = ((now / old_width) as u32).wrapping_sub(self.newest) as i32;
        let newest = (now / old_width).saturating_sub(u64::try_from(passed).unwrap_or(0));
        for (age, count) in (0..).zip(counts) {
            let end = ((newest + 1).saturating_sub(age) * old_width).saturating_sub(1).min(now);
            let new_age = usize::try_from(now / new_width - end / new_width).unwrap_or(BUCKETS);
            if let Some(sum) = self.counts.get_mut(new_age) {
                *sum = sum.saturating_add(count);
            }
        }
        (self.newest, self.seconds) = ((now / new_width) as u32, rate.seconds);
    }

    /// The events that count. The window must be at the present.
    pub(super) fn total(&self) -> u32 {
        self.counts.iter().fold(0, |total, &count| total.saturating_add(count))
    }

    /// How many more events are allowed. The window must be at the present.
    pub(super) fn left(&self, rate: Rate) -> u32 {
        rate.most.saturating_sub(self.total())
    }

    /// The milliseconds until one more event is allowed. The window must be at the present.
    pub(super) fn wait(&self, now: u64, rate: Rate) -> u64 {
        if self.left(rate) > 0 {
            return 0;
        }
        let (excess, width) = (self.total() - rate.most, width(rate));
        let mut gone = 0u32;
        let age = self.counts.iter().rposition(|&count| {
            gone = gone.saturating_add(count);
            gone > excess
        });
        (now / width + (BUCKETS - age.unwrap_or(0)) as u64) * width - now
    }

    /// Counts an event. The window must be at the present.
    pub(super) fn add(&mut self) {
        self.counts[0] = self.counts[0].saturating_add(1);
    }

    /// Takes back an event that was counted at `time`. The window must be at the present, `now`.
    pub(super) fn take_back(&mut self, time: u64, now: u64, rate: Rate) {
        let age = match (now / width(rate)).checked_sub(time / width(rate)) {
            Some(age) => usize::try_from(age).unwrap_or(BUCKETS),
            // The clock was set back in between: the newest event is the nearest.
            None => self.counts.iter().position(|&count| count > 0).unwrap_or(BUCKETS),
        };
        if let Some(count) = self.counts.get_mut(age) {
            *count = count.saturating_sub(1);
        }
    }

    /// Forgets all events.
    pub(super) fn clear(&mut self) {
        self.counts = [0; BUCKETS];
        self.epoch = self.epoch.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { most: 3, seconds: 16 };

    fn window(times: &[u64]) -> Window {
        let mut window = Window::new(0);
        for &time in times {
            window.advance(time, RATE);
            window.add();
        }
        window
    }

    #[test]
    fn a_full_window_waits_until_its_oldest_event_has_left() {
        let mut window = window(&[100_500, 100_900, 105_000]);
        window.advance(105_000, RATE);
        // The bucket of 100,000 to 101,000 counts until 117,000.
        assert_eq!(window.wait(105_000, RATE), 12_000);
        window.advance(116_999, RATE);
        assert_eq!((window.total(), window.wait(116_999, RATE)), (3, 1));
        window.advance(117_000, RATE);
        assert_eq!((window.total(), window.wait(117_000, RATE)), (1, 0));
    }

    #[test]
    fn an_event_in_the_future_is_taken_for_the_present() {
        let mut window = window(&[900_000, 900_000, 900_000]);
        window.advance(1000, RATE);
        assert_eq!(window.total(), 3);
        assert_eq!(window.wait(1000, RATE), 17_000);
        window.take_back(900_000, 1000, RATE);
        assert_eq!(window.total(), 2);
    }

    #[test]
    fn events_survive_a_program_with_a_window_of_another_length_and_do_not_stay_young() {
        const LONG: Rate = Rate { most: 3, seconds: 3600 };
        let mut window = window(&[100_000, 100_000]);
        // A bucket of the longer window ends at 225,000; the events may be as young as that.
        for now in (101_000..=240_000).step_by(1000) {
            for rate in [LONG, RATE] {
                assert!(window.advance(now, rate));
                assert_eq!(window.total(), 2);
            }
        }
        window.advance(241_000, RATE);
        assert_eq!(window.total(), 0);
    }

    #[test]
    fn an_event_is_taken_back_from_its_own_bucket() {
        let mut window = window(&[1000, 9000]);
        window.take_back(1000, 9000, RATE);
        assert_eq!((window.counts[0], window.total()), (1, 1));
        // It has left already.
        window.advance(60_000, RATE);
        window.take_back(9000, 60_000, RATE);
        assert_eq!(window.total(), 0);
    }

    #[test]
    fn a_limit_that_was_lowered_waits_for_all_that_is_too_much() {
        let mut window = window(&[1000, 1000, 2000]);
        window.advance(2000, RATE);
        assert_eq!(window.wait(2000, Rate { most: 1, ..RATE }), 17_000);
        assert_eq!(window.wait(2000, Rate { most: 2, ..RATE }), 16_000);
    }
}
