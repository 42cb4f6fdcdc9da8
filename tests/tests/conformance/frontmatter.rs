//! What a test of test262 says of itself: the YAML between `/*---` and `---*/`, of which tests use a small part.

/// What decides how a test is run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontmatter {
    pub(crate) includes: Vec<String>,
    pub(crate) flags: Vec<String>,
    pub(crate) features: Vec<String>,
    /// The test must fail: in which phase, and with what.
    pub(crate) negative: Option<(String, String)>,
}

impl Frontmatter {
    pub(crate) fn of(test: &str) -> Self {
        let text = test.split_once("/*---").and_then(|(_, rest)| rest.split_once("---*/")).map_or("", |(text, _)| text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let indent = |line: &&str| line.len() - line.trim_start().len();
        let outer = lines.iter().map(indent).min().unwrap_or(0);
        let mut found = Self::default();
        let mut key = "";
        let mut negative = (None, None);
        for line in lines {
            let is_inner = indent(&line) > outer;
            let line = line.trim();
            match line.split_once(':') {
                Some((name, rest)) if !is_inner => {
                    key = name;
                    found.add(key, rest.trim());
                }
                Some(("phase", phase)) if key == "negative" => negative.0 = Some(phase.trim().to_owned()),
                Some(("type", kind)) if key == "negative" => negative.1 = Some(kind.trim().to_owned()),
                _ => found.add(key, line),
            }
        }
        found.negative = negative.0.zip(negative.1);
        found
    }

    /// `[a, b]`, a part of it on a line of its own, or `- a`.
    fn add(&mut self, key: &str, items: &str) {
        let list = match key {
            "includes" => &mut self.includes,
            "flags" => &mut self.flags,
            "features" => &mut self.features,
            _ => return,
        };
        let items = items.trim_start_matches("- ").trim_matches(['[', ']']);
        list.extend(
            items
                .split(',')
                .map(|item| item.trim().trim_matches(['[', ']']))
                .filter(|item| !item.is_empty())
                .map(str::to_owned),
        );
    }
}

#[test]
fn the_parts_of_yaml_that_tests_use_are_read() {
    let test = "// c\n/*---\n  description: >\n    a: b\n  includes: [a.js,\n    b.js]\r\n  features:\n    - x\n    - y\n  flags: [async]\n  negative:\n    phase: parse\n    type: SyntaxError\n---*/\n";
    let expected = Frontmatter {
        includes: vec!["a.js".to_owned(), "b.js".to_owned()],
        flags: vec!["async".to_owned()],
        features: vec!["x".to_owned(), "y".to_owned()],
        negative: Some(("parse".to_owned(), "SyntaxError".to_owned())),
    };
    assert_eq!(Frontmatter::of(test), expected);
    assert_eq!(Frontmatter::of("no comment"), Frontmatter::default());
}
