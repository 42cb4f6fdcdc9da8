//! Sizes, durations and fuel as people write them, in both directions. Pure text: it knows no flag and no limit.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Longer than any run is worth; it keeps the arithmetic of deadlines far from its end.
const DURATION_MAX: Duration = Duration::from_secs(30 * 24 * 3_600);

/// `65536`, `64KiB`, `64MB`, `1G`. A bare `K`, `M` or `G` is binary, as in `ulimit` and `docker`.
pub(crate) fn parse_bytes(text: &str) -> Result<usize, String> {
    let usage = || format!("`{text}` is not a size; write bytes or a unit, as in 65536, 64MiB or 64MB");
    let (number, unit) = split(text);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return Err(usage()),
    };
    let bytes = parse_integer(number).ok_or_else(usage)?.checked_mul(factor);
    match bytes.and_then(|bytes| usize::try_from(bytes).ok()) {
        None => Err(format!("`{text}` is more than this machine can count; give less")),
        Some(0) => Err("zero would let no script run; give some, as in 64MiB".to_owned()),
        Some(bytes) => Ok(bytes),
    }
}

/// `127.0.0.1:8000`, `localhost:8000`, `[::1]:8000`, or a port of this machine.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").unwrap_or(text).parse().map(|port| (Ipv4Addr::LOCALHOST, port).into());
    let address = port.or_else(|_| text.parse());
    address.map_err(|_| format!("`{text}` is not an address; write one with its port, as in 127.0.0.1:8000"))
}

/// `500ms`, `1.5s`, `5m`, `1h`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let usage = || format!("`{text}` is not a duration; write a number and a unit, as in 500ms, 10s or 5m");
    let (number, unit) = split(text);
    let factor_s = match unit.to_ascii_lowercase().as_str() {
        "ms" => 0.001,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err(usage()),
    };
    if !number.starts_with(|character: char| character.is_ascii_digit()) {
        return Err(usage());
    }
    let number: f64 = number.replace('_', "").parse().map_err(|_| usage())?;
    let seconds = number * factor_s;
    if seconds > DURATION_MAX.as_secs_f64() {
        return Err(format!("`{text}` is more than 720h, the longest there is; give less"));
    }
    // Milliseconds are the unit of the limits and of every report.
    match Duration::from_secs_f64((seconds * 1_000.0).round() / 1_000.0) {
        Duration::ZERO => Err("zero would let no script run; give some, as in 10s".to_owned()),
        duration => Ok(duration),
    }
}

/// `50000000`, `50_000_000`, `50M`. Suffixes are decimal.
pub(crate) fn parse_fuel(text: &str) -> Result<u64, String> {
    let usage = || format!("`{text}` is not an amount of fuel; write units, as in 50000000, 50_000_000 or 50M");
    match parse_scaled(text).ok_or_else(usage)? {
        None => Err(format!("`{text}` is more than {} units, the most there is; give less", grouped(u64::MAX))),
        Some(0) => Err("zero would let no script run; give some, as in 50M".to_owned()),
        Some(units) => Ok(units),
    }
}

/// `50000`, `50_000`, `50k`. Suffixes are decimal.
pub(crate) fn parse_tokens(text: &str) -> Result<u64, String> {
    let usage = || format!("`{text}` is not a number of tokens; write them, as in 50000, 100k or 1M");
    match parse_scaled(text).ok_or_else(usage)? {
        None => Err(format!("`{text}` is more than {} tokens, the most there is; give less", grouped(u64::MAX))),
        Some(0) => Err("zero would let no model answer; give some, as in 100k".to_owned()),
        Some(tokens) => Ok(tokens),
    }
}

/// A number of replies.
pub(crate) fn parse_iterations(text: &str) -> Result<u32, String> {
    match parse_count(text)? {
        0 => Err("zero would let no model answer; give some, as in 10".to_owned()),
        count => Ok(count),
    }
}

/// A whole number, perhaps with a suffix `k`, `M` or `G`. `None`: it is not one. `Some(None)`: it is too large.
fn parse_scaled(text: &str) -> Option<Option<u64>> {
    let (number, unit) = split(text);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1_000,
        "m" => 1_000_000,
        "g" => 1_000_000_000,
        _ => return None,
    };
    Some(parse_integer(number)?.checked_mul(factor))
}

/// A whole number for a flag that counts.
pub(crate) fn parse_count<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().replace('_', "").parse().map_err(|_| {
        let bits = 8 * size_of::<T>();
        format!("`{text}` is not a whole number from 0 to 2^{bits} - 1")
    })
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|character: char| !(character.is_ascii_digit() || "._".contains(character)));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    (number, unit.trim_start())
}

fn parse_integer(text: &str) -> Option<u64> {
    if !text.starts_with(|character: char| character.is_ascii_digit()) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1536` as `1.5 KiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let mut rest = bytes;
    let mut remainder = 0;
    let mut units = ["B", "KiB", "MiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    while rest >= 1_024 {
        let Some(next) = units.next() else { break };
        remainder = rest % 1_024;
        rest /= 1_024;
        unit = next;
    }
    match remainder * 10 / 1_024 {
        0 => format!("{} {unit}", grouped(rest)),
        tenth => format!("{}.{tenth} {unit}", grouped(rest)),
    }
}

/// Milliseconds with one decimal below ten seconds, seconds above.
pub(crate) fn duration(duration: Duration) -> String {
    if duration < Duration::from_secs(10) {
        format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// The same for those who watch: `120 ms`, `1.2 s`, `2 min 5 s`.
pub(crate) fn span(duration: Duration) -> String {
    match duration.as_millis() {
        milliseconds @ ..1_000 => format!("{milliseconds} ms"),
        // Cut, not rounded: 59.99 is not 60.
        milliseconds @ ..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

/// `ID=FILE`.
pub(crate) fn parse_literal(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((id, path)) if !id.is_empty() && !path.is_empty() => Ok((id.to_owned(), path.into())),
        _ => Err("give an id and a file, as in --literal report=report.md".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        bytes, duration, grouped, parse_bytes, parse_count, parse_duration, parse_fuel, parse_iterations, parse_tokens,
        span,
    };
    use std::time::Duration;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        for (text, expected) in [
            ("65536", 65_536),
            ("64MiB", 64 << 20),
            ("64mib", 64 << 20),
            ("64 MiB", 64 << 20),
            ("64M", 64 << 20),
            ("64MB", 64_000_000),
            ("1_000kB", 1_000_000),
            ("1G", 1 << 30),
        ] {
            assert_eq!(parse_bytes(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        for (text, milliseconds) in
            [("500ms", 500), ("1.5s", 1_500), ("10s", 10_000), ("5m", 300_000), ("1h", 3_600_000)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        let message = "`10` is not a duration; write a number and a unit, as in 500ms, 10s or 5m";
        assert_eq!(parse_duration("10"), Err(message.to_owned()));
    }

    #[test]
    fn fuel_is_an_integer_with_a_decimal_suffix() {
        for (text, units) in
            [("1", 1), ("50_000_000", 50_000_000), ("10k", 10_000), ("50M", 50_000_000), ("2G", 2_000_000_000)]
        {
            assert_eq!(parse_fuel(text), Ok(units), "{text}");
        }
        let message = "`1.5G` is not an amount of fuel; write units, as in 50000000, 50_000_000 or 50M";
        assert_eq!(parse_fuel("1.5G"), Err(message.to_owned()));
    }

    #[test]
    fn nonsense_zero_and_overflow_are_refused_with_a_way_out() {
        for text in ["", "-1", "1e9", "MiB", "_", "1.5MiB", "64 parsecs", "0x10", "∞"] {
            let message = format!("`{text}` is not a size; write bytes or a unit, as in 65536, 64MiB or 64MB");
            assert_eq!(parse_bytes(text), Err(message));
        }
        for text in ["", "s", "-1s", "1.2.3s", "_s", ".s", "NaNs", "infs"] {
            let message = format!("`{text}` is not a duration; write a number and a unit, as in 500ms, 10s or 5m");
            assert_eq!(parse_duration(text), Err(message));
        }
        assert_eq!(parse_fuel("0"), Err("zero would let no script run; give some, as in 50M".to_owned()));
        assert_eq!(parse_bytes("0MiB"), Err("zero would let no script run; give some, as in 64MiB".to_owned()));
        assert_eq!(parse_duration("0.1ms"), Err("zero would let no script run; give some, as in 10s".to_owned()));
        assert_eq!(parse_duration("721h"), Err("`721h` is more than 720h, the longest there is; give less".to_owned()));
        assert_eq!(
            parse_bytes("18446744073709551615G"),
            Err("`18446744073709551615G` is more than this machine can count; give less".to_owned())
        );
        assert_eq!(
            parse_fuel("20000000000G"),
            Err("`20000000000G` is more than 18,446,744,073,709,551,615 units, the most there is; give less".to_owned())
        );
    }

    #[test]
    fn counts_are_whole_numbers_that_fit() {
        assert_eq!(parse_count("1_000"), Ok(1_000_u32));
        for text in ["-1", "1.5", "4294967296", ""] {
            let message = format!("`{text}` is not a whole number from 0 to 2^32 - 1");
            assert_eq!(parse_count::<u32>(text), Err(message));
        }
    }

    #[test]
    fn tokens_and_replies_are_at_least_one() {
        assert_eq!([parse_tokens("50_000"), parse_tokens("100k")], [Ok(50_000), Ok(100_000)]);
        assert_eq!(parse_tokens("0k"), Err("zero would let no model answer; give some, as in 100k".to_owned()));
        let message = "`1.5M` is not a number of tokens; write them, as in 50000, 100k or 1M";
        assert_eq!(parse_tokens("1.5M"), Err(message.to_owned()));
        assert_eq!(parse_iterations("3"), Ok(3));
        assert_eq!(parse_iterations("0"), Err("zero would let no model answer; give some, as in 10".to_owned()));
        assert_eq!(parse_iterations("-1"), Err("`-1` is not a whole number from 0 to 2^32 - 1".to_owned()));
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0, 1_023, 1_024, 1_536, 64 << 20, 3 << 40].map(bytes),
            ["0 B", "1,023 B", "1 KiB", "1.5 KiB", "64 MiB", "3,145,728 MiB"]
        );
        assert_eq!(
            [999, 1_000, 59_999, 60_000, 125_000].map(|ms| span(Duration::from_millis(ms))),
            ["999 ms", "1.0 s", "59.9 s", "1 min 0 s", "2 min 5 s"]
        );
        assert_eq!(duration(Duration::from_micros(1_250)), "1.2 ms");
        assert_eq!(duration(Duration::from_secs(90)), "90.0 s");
    }
}
