//! Medians and their spread.

use serde::{Deserialize, Serialize};

/// A median with its spread.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Median {
    /// The value in the middle.
    pub value: f64,
    /// Half the distance between the quartiles, as a share of the median.
    pub spread: f64,
}

impl Median {
    /// The median of at least one value.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| -> f64 {
            let place = share * sorted.len().saturating_sub(1) as f64;
            let (low, high) = (sorted.get(place.floor() as usize), sorted.get(place.ceil() as usize));
            match (low, high) {
                (Some(low), Some(high)) => low + (high - low) * place.fract(),
                _ => f64::NAN,
            }
        };
        let value = at(0.5);
        Self { value, spread: (at(0.75) - at(0.25)) / 2.0 / value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_quartiles_are_interpolated() {
        let median = Median::of([5.0, 1.0, 3.0, 2.0, 4.0]);
        assert_eq!(median.value, 3.0);
        assert!((median.spread - 1.0 / 3.0).abs() < 1e-9, "{median:?}");
        assert_eq!(Median::of([7.0]), Median { value: 7.0, spread: 0.0 });
        assert_eq!(Median::of([1.0, 2.0]).value, 1.5);
    }
}
