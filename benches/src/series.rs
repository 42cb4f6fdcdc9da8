//! Samples of one quantity, and what is said of them.

use serde::Serialize;

/// Whose numbers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// agentloop's.
    Ours,
    /// Those of native QuickJS-NG.
    Native,
    /// Those of the [peer](crate::peer).
    Peer,
}

/// One sample per round, in the order they were taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series(pub Vec<f64>);

impl Series {
    /// The middle sample. Zero of none.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let half = sorted.len() / 2;
        match (sorted.get(half), sorted.len() % 2) {
            (None, _) => 0.0,
            (Some(&upper), 0) => f64::midpoint(sorted.get(half - 1).copied().unwrap_or(upper), upper),
            (Some(&middle), _) => middle,
        }
    }

    /// The smallest sample. Zero of none.
    pub fn min(&self) -> f64 {
        self.0.iter().copied().min_by(f64::total_cmp).unwrap_or_default()
    }

    /// Sample by sample: what was taken in the same round is compared.
    pub fn ratio(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours / theirs).collect())
    }
}

/// The mean of ratios.
pub fn geometric_mean(ratios: &[f64]) -> f64 {
    let count = ratios.iter().map(|_| 1.0).sum::<f64>();
    (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / count).exp()
}

#[cfg(test)]
mod tests {
    use super::{Series, geometric_mean};

    #[track_caller]
    fn check(samples: &[f64], median: f64, min: f64) {
        let series = Series(samples.to_vec());
        assert_eq!((series.median().to_bits(), series.min().to_bits()), (median.to_bits(), min.to_bits()));
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        check(&[], 0.0, 0.0);
        check(&[3.0], 3.0, 3.0);
        check(&[9.0, 1.0, 2.0], 2.0, 1.0);
        check(&[9.0, 1.0, 2.0, 4.0], 3.0, 1.0);
    }

    #[test]
    fn a_geometric_mean_treats_twice_and_half_alike() {
        assert!((geometric_mean(&[2.0, 0.5]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ratios_pair_samples_of_the_same_round() {
        assert_eq!(Series(vec![2.0, 9.0]).ratio(&Series(vec![4.0, 3.0])), Series(vec![0.5, 3.0]));
    }
}
