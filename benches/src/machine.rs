//! Where and when a result was taken. Reads `/proc`; says `unknown` where there is none.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The processor, as it calls itself.
    pub processor: String,
    /// Processors that this process may use.
    pub cores: usize,
    /// Operating system and its version.
    pub system: String,
    /// Runnable tasks on average over the last minute: above zero at the start, others were at work.
    pub load: String,
}

impl Machine {
    /// This one, now.
    pub fn here() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let model =
            cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map(|(_, name)| name);
        let first_word = |text: String| text.split_whitespace().next().unwrap_or("unknown").to_owned();
        Self {
            processor: model.unwrap_or("unknown processor").trim().to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, first_word(read("/proc/sys/kernel/osrelease"))),
            load: first_word(read("/proc/loadavg")),
        }
    }

    /// For a file name: `intel-r-xeon-r-processor-2`.
    pub fn slug(&self) -> String {
        let text = format!("{} {}", self.processor, self.cores).to_lowercase();
        text.split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("-")
    }
}

/// The date in UTC, `2026-11-23`.
pub fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    date(since.as_secs() / 86_400)
}

/// Days since 1970-01-01 as a date of the Gregorian calendar. Counts years from March, so that a leap day comes last.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::{Machine, date};

    #[track_caller]
    fn check(days: u64, expected: &str) {
        assert_eq!(date(days), expected);
    }

    #[test]
    fn days_become_dates() {
        check(0, "1970-01-01");
        check(11_016, "2000-02-29");
        check(11_017, "2000-03-01");
        check(20_780, "2026-11-23");
    }

    #[test]
    fn a_machine_can_be_part_of_a_file_name() {
        let processor = "Intel(R) Xeon(R) CPU @ 2.20GHz".to_owned();
        let machine = Machine { processor, cores: 2, system: String::new(), load: String::new() };
        assert_eq!(machine.slug(), "intel-r-xeon-r-cpu-2-20ghz-2");
    }
}
