//! Rows of the table, as Markdown and as raw numbers. Owns the wording; measures nothing.

use crate::peer;
use crate::series::{Series, Side, geometric_mean};
use serde::Serialize;
use std::fmt::Write as _;

/// What a row must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Nothing: the row informs.
    None,
    /// Our median, at most so much.
    AtMost(f64),
    /// Our median, at least so much.
    AtLeast(f64),
    /// Our part of the native cost, at most so much.
    RatioAtMost(f64),
}

/// One quantity, measured on our side and, where there is one, on the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// The unit of the samples.
    pub unit: &'static str,
    /// Ours.
    pub ours: Series,
    /// Native.
    pub native: Option<Series>,
    /// The peer's, if it was asked for and can be asked this.
    pub peer: Option<Series>,
    /// What the row must reach.
    pub goal: Goal,
}

impl Row {
    /// The median over the rounds of ours by native.
    pub fn ratio(&self) -> Option<f64> {
        self.native.as_ref().map(|native| self.ours.ratio(native).median())
    }

    /// The same of the peer.
    fn peer_ratio(&self) -> Option<f64> {
        Some(self.peer.as_ref()?.ratio(self.native.as_ref()?).median())
    }

    fn markdown(&self, has_peer: bool) -> String {
        let side = |series: &Series| {
            format!("{} ({}) {}", number(series.median()), number(series.min()), self.unit).trim_end().to_owned()
        };
        let native = self.native.as_ref().map_or_else(|| "–".to_owned(), side);
        let peer = peer_cell(has_peer, self.peer.as_ref().map(side));
        let ratio = self.ratio().map_or_else(|| "–".to_owned(), number);
        let goal = match self.goal {
            Goal::None => "–".to_owned(),
            Goal::AtMost(most) => goal(&format!("≤ {} {}", number(most), self.unit), self.ours.median() <= most),
            Goal::AtLeast(least) => {
                let words = format!("≥ {} {}", number(least), self.unit);
                goal(words.trim_end(), self.ours.median() >= least)
            }
            Goal::RatioAtMost(most) => {
                goal(&format!("ratio ≤ {most}"), self.ratio().is_some_and(|ratio| ratio <= most))
            }
        };
        format!("| {} | {} | {native} | {ratio} |{peer} {goal} |", self.what, side(&self.ours))
    }
}

/// The whole table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The rows that are no part of a mean.
    pub rows: Vec<Row>,
    /// The rows of which the last line is the geometric mean.
    pub compute: Vec<Row>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// What the compute scripts must reach together.
const COMPUTE_RATIO_MAX: f64 = 1.5;

impl Table {
    /// Medians, with minima in brackets.
    pub fn markdown(&self) -> String {
        let rows = self.rows.iter().chain(&self.compute);
        let has_peer = rows.clone().any(|row| row.peer.is_some());
        let (name, line) = (peer_cell(has_peer, Some(peer::NAME.to_owned())), if has_peer { " --- |" } else { "" });
        let mut text =
            format!("| what | ours | native | ratio |{name} goal |\n| --- | --- | --- | --- |{line} --- |\n");
        rows.for_each(|row| {
            text.push_str(&row.markdown(has_peer));
            text.push('\n');
        });
        let ratios: Vec<f64> = self.compute.iter().filter_map(Row::ratio).collect();
        if !ratios.is_empty() {
            let mean = geometric_mean(&ratios);
            let reached = goal(&format!("ratio ≤ {COMPUTE_RATIO_MAX}"), mean <= COMPUTE_RATIO_MAX);
            let peers: Vec<f64> = self.compute.iter().filter_map(Row::peer_ratio).collect();
            let peer = (!peers.is_empty()).then(|| format!("ratio {}", number(geometric_mean(&peers))));
            let peer = peer_cell(has_peer, peer);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| compute, geometric mean | – | – | {} |{peer} {reached} |", number(mean));
        }
        for note in &self.notes {
            let _ = writeln!(text, "\n{note}");
        }
        text
    }

    /// One JSON object per line and side: `{"what","unit","side","samples"}`.
    ///
    /// # Errors
    ///
    /// When a sample is no number.
    pub fn json_lines(&self) -> serde_json::Result<String> {
        let mut text = String::new();
        for row in self.rows.iter().chain(&self.compute) {
            let (native, peer) = (row.native.as_ref(), row.peer.as_ref());
            let sides = [(Side::Ours, Some(&row.ours)), (Side::Native, native), (Side::Peer, peer)];
            for (side, series) in sides {
                let Some(Series(samples)) = series else { continue };
                let samples = samples.iter().map(|sample| (sample * 1e3).round() / 1e3).collect();
                text.push_str(&serde_json::to_string(&Raw { what: &row.what, unit: row.unit, side, samples })?);
                text.push('\n');
            }
        }
        Ok(text)
    }
}

#[derive(Serialize)]
struct Raw<'a> {
    what: &'a str,
    unit: &'a str,
    side: Side,
    samples: Vec<f64>,
}

fn goal(words: &str, is_met: bool) -> String {
    format!("{words}: {}", if is_met { "met" } else { "missed" })
}

/// A cell of the peer's column, if there is one.
fn peer_cell(has_peer: bool, text: Option<String>) -> String {
    if has_peer { format!(" {} |", text.as_deref().unwrap_or("–")) } else { String::new() }
}

/// Three digits that mean something, and no more.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Row, Table};
    use crate::series::Series;

    fn row(what: &str, ours: &[f64], native: Option<&[f64]>, goal: Goal) -> Row {
        let native = native.map(|samples| Series(samples.to_vec()));
        Row { what: what.to_owned(), unit: "ms", ours: Series(ours.to_vec()), native, peer: None, goal }
    }

    #[test]
    fn the_table_says_which_goals_are_met() {
        let table = Table {
            rows: vec![
                row("a", &[30.0, 10.0, 20.0], Some(&[60.0, 40.0, 40.0]), Goal::RatioAtMost(0.5)),
                row("b", &[120.0], None, Goal::AtMost(100.0)),
                row("b2", &[2.0], None, Goal::AtLeast(1.8)),
            ],
            compute: vec![row("c", &[8.0], Some(&[2.0]), Goal::None), row("d", &[1.0], Some(&[1.0]), Goal::None)],
            notes: vec!["Left out: e.".to_owned()],
        };
        assert_eq!(
            table.markdown(),
            "| what | ours | native | ratio | goal |\n\
             | --- | --- | --- | --- | --- |\n\
             | a | 20.0 (10.0) ms | 40.0 (40.0) ms | 0.50 | ratio ≤ 0.5: met |\n\
             | b | 120 (120) ms | – | – | ≤ 100 ms: missed |\n\
             | b2 | 2.00 (2.00) ms | – | – | ≥ 1.80 ms: met |\n\
             | c | 8.00 (8.00) ms | 2.00 (2.00) ms | 4.00 | – |\n\
             | d | 1.00 (1.00) ms | 1.00 (1.00) ms | 1.00 | – |\n\
             | compute, geometric mean | – | – | 2.00 | ratio ≤ 1.5: missed |\n\
             \nLeft out: e.\n"
        );
        assert_eq!(
            table.json_lines().expect("all samples are numbers").lines().next(),
            Some(r#"{"what":"a","unit":"ms","side":"ours","samples":[30.0,10.0,20.0]}"#)
        );
    }

    #[test]
    fn a_peer_has_a_column_when_it_was_asked() {
        let peer = |samples: &[f64], row: Row| Row { peer: Some(Series(samples.to_vec())), ..row };
        let table = Table {
            rows: vec![peer(&[9.0, 7.0, 8.0], row("a", &[1.0], None, Goal::None)), row("b", &[1.0], None, Goal::None)],
            compute: vec![peer(&[6.0], row("c", &[4.0], Some(&[2.0]), Goal::None))],
            notes: Vec::new(),
        };
        assert_eq!(
            table.markdown(),
            "| what | ours | native | ratio | modebox 0.2 | goal |\n\
             | --- | --- | --- | --- | --- | --- |\n\
             | a | 1.00 (1.00) ms | – | – | 8.00 (7.00) ms | – |\n\
             | b | 1.00 (1.00) ms | – | – | – | – |\n\
             | c | 4.00 (4.00) ms | 2.00 (2.00) ms | 2.00 | 6.00 (6.00) ms | – |\n\
             | compute, geometric mean | – | – | 2.00 | ratio 3.00 | ratio ≤ 1.5: missed |\n"
        );
        let raw = r#"{"what":"a","unit":"ms","side":"peer","samples":[9.0,7.0,8.0]}"#;
        assert_eq!(table.json_lines().expect("all samples are numbers").lines().nth(1), Some(raw));
    }
}
