//! Which tools a rule speaks of.

/// A longer pattern is refused. No name of a tool is that long.
const PATTERN_BYTES_MAX: usize = 256;

/// A name of a tool in which `*` stands for any run of characters, dots included.
#[derive(Debug)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("its pattern is empty: `*` is every tool".to_owned());
        }
        if text.len() > PATTERN_BYTES_MAX {
            return Err(format!("its pattern is over {PATTERN_BYTES_MAX} bytes"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$-.*".contains(&byte)) {
            return Err("its pattern has characters that no name of a tool has, as in `github.*`".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes at most as many steps as the product of both lengths: where a star has begun to match is given up only for a later
    /// star.
    pub(super) fn is_match(&self, name: &str) -> bool {
        let (pattern, name) = (self.0.as_bytes(), name.as_bytes());
        let (mut at, mut next) = (0, 0);
        let mut star = None;
        while at < name.len() {
            match pattern.get(next) {
                Some(b'*') => {
                    star = Some((next, at));
                    next += 1;
                }
                Some(byte) if *byte == name[at] => {
                    at += 1;
                    next += 1;
                }
                _ => {
                    let Some((star_at, matched)) = star else { return false };
                    star = Some((star_at, matched + 1));
                    (next, at) = (star_at + 1, matched + 1);
                }
            }
        }
        pattern[next..].iter().all(|byte| *byte == b'*')
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let pattern = Pattern::parse(pattern).expect("it is a pattern");
        let wrong: Vec<_> = matching.iter().filter(|name| !pattern.is_match(name)).collect();
        assert_eq!(wrong, Vec::<&&str>::new(), "these should match {pattern:?}");
        let wrong: Vec<_> = others.iter().filter(|name| pattern.is_match(name)).collect();
        assert_eq!(wrong, Vec::<&&str>::new(), "these should not match {pattern:?}");
    }

    #[test]
    fn a_star_is_any_run_of_characters() {
        check("*", &["a", "a.b.c"], &[]);
        check("github.*", &["github.a", "github.a.b", "github."], &["github", "gitlab.a", "xgithub.a", "GitHub.a"]);
        check("*.read", &["files.read", "a.b.read"], &["read", "files.read_all", "files.reads"]);
        check("a*b*c", &["abc", "aXbYc", "abcbc", "aabbcc"], &["ab", "acb", "abcd"]);
        check("**", &["a"], &[]);
        check("files.read", &["files.read"], &["files.rea", "files.readx", "filesXread", "Files.read"]);
    }

    #[test]
    fn a_pattern_of_stars_does_not_take_for_ever() {
        let name = "a".repeat(128);
        check(&format!("{}b", "a*".repeat(127)), &[], &[&name]);
        check(&"*a".repeat(128), &[&name], &[]);
    }

    #[test]
    fn what_matches_no_tool_is_refused() {
        let why = |text: &str| Pattern::parse(text).expect_err("it is refused");
        assert_eq!(why(""), "its pattern is empty: `*` is every tool");
        assert_eq!(why(&"a".repeat(257)), "its pattern is over 256 bytes");
        for text in ["github/*", "a b", "a?", "é", "a\n"] {
            assert_eq!(why(text), "its pattern has characters that no name of a tool has, as in `github.*`");
        }
    }
}
