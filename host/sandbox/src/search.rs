//! Finding tools by words: which of them a query most likely means. The same tools and query give the same order.

use crate::Tool;
use serde_json::Value;
use std::collections::BTreeMap;

/// Bytes of a description, and names of arguments, that are looked at. More of them would bury the rest.
const DESCRIPTION_BYTES_MAX: usize = 1_000;
const ARGUMENTS_MAX: usize = 64;
/// Words of a query that count, and bytes of each.
const QUERY_WORDS_MAX: usize = 32;
const WORD_BYTES_MAX: usize = 64;
/// A shorter word says nothing: an article.
const WORD_BYTES_MIN: usize = 2;
/// A word of the query that is only the beginning of a word of a tool counts this much, if it is not shorter than this.
const PREFIX_SHARE: f64 = 0.5;
const PREFIX_BYTES_MIN: usize = 3;
/// What a word counts, by where it is.
const IN_NAME: f64 = 3.0;
const IN_DESCRIPTION: f64 = 1.0;
const IN_ARGUMENTS: f64 = 0.7;

/// For each word the tools that have it, by their place in the list, and how much it counts there.
#[derive(Debug)]
pub(crate) struct Index {
    tools: usize,
    words: BTreeMap<String, BTreeMap<usize, f64>>,
}

impl Index {
    pub(crate) fn new<'a>(tools: impl Iterator<Item = &'a Tool>) -> Self {
        let mut index = Self { tools: 0, words: BTreeMap::new() };
        for (place, tool) in tools.enumerate() {
            index.tools += 1;
            index.add(place, tool.name().as_str(), IN_NAME);
            let description = tool.description();
            let end = description.floor_char_boundary(DESCRIPTION_BYTES_MAX);
            index.add(place, &description[..end], IN_DESCRIPTION);
            if let Some(Value::Object(arguments)) = tool.input_schema().get("properties") {
                for name in arguments.keys().take(ARGUMENTS_MAX) {
                    index.add(place, name, IN_ARGUMENTS);
                }
            }
        }
        index
    }

    /// A word counts once for each tool, where it counts most.
    fn add(&mut self, place: usize, text: &str, weight: f64) {
        for word in words(text) {
            let counted = self.words.entry(word).or_default().entry(place).or_default();
            *counted = counted.max(weight);
        }
    }

    /// The places of the tools that a query means, the best first; what is equally good stays in the order of the list.
    pub(crate) fn search(&self, query: &str, limit: usize) -> Vec<usize> {
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for word in words(query).take(QUERY_WORDS_MAX) {
            for (place, weight) in self.matches(&word) {
                *scores.entry(place).or_default() += weight;
            }
        }
        let mut found: Vec<(usize, f64)> = scores.into_iter().collect();
        found.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        found.into_iter().take(limit).map(|(place, _)| place).collect()
    }

    /// How much one word of a query counts for each tool. A word that few tools have says more than one that most have.
    fn matches(&self, word: &str) -> BTreeMap<usize, f64> {
        let mut matches: BTreeMap<usize, f64> = BTreeMap::new();
        let longer = self.words.range(word.to_owned()..).take_while(|(known, _)| known.starts_with(word));
        for (known, places) in longer {
            let share = match () {
                () if known == word => 1.0,
                () if word.len() >= PREFIX_BYTES_MIN => PREFIX_SHARE,
                () => continue,
            };
            for (place, weight) in places {
                let counted = matches.entry(*place).or_default();
                *counted = counted.max(weight * share);
            }
        }
        let rarity = (1.0 + self.tools as f64 / (1.0 + matches.len() as f64)).ln();
        matches.values_mut().for_each(|weight| *weight *= rarity);
        matches
    }
}

/// The words of a text, lower case and without the `s` of a plural: `createIssues` and `create_issue` are the same two.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in text.chars() {
        let begins = !character.is_alphanumeric() || (character.is_uppercase() && before.is_lowercase());
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|word| character.is_alphanumeric() && word.len() < WORD_BYTES_MAX) {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.into_iter().filter(|word| word.len() >= WORD_BYTES_MIN).map(|word| {
        let is_plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
        if is_plural { word[..word.len() - 1].to_owned() } else { word }
    })
}

#[cfg(test)]
mod tests {
    use super::{Index, words};
    use crate::Tool;
    use serde_json::{Value, json};

    fn found(query: &str, limit: usize) -> Vec<&'static str> {
        let tool = |name: &str, description: &str, argument: &str| {
            let schema = json!({ "type": "object", "properties": { argument: {} } });
            Tool::untyped(name, description, schema, |_| async { Ok("null".to_owned()) }).expect("the tool is good")
        };
        const NAMES: [&str; 5] =
            ["github.createIssue", "github.list_pull_requests", "jira.create_ticket", "mail.send", "weather"];
        let tools = [
            tool(NAMES[0], "Opens an issue in a repository.", "title"),
            tool(NAMES[1], "Lists the pull requests of a repository.", "repository"),
            tool(NAMES[2], "Creates a ticket, which others call an issue.", "summary"),
            tool(NAMES[3], "Sends a message.", "recipient"),
            tool(NAMES[4], "Degrees in a city.", "city"),
        ];
        Index::new(tools.iter()).search(query, limit).into_iter().map(|place| NAMES[place]).collect()
    }

    #[test]
    fn the_best_comes_first() {
        assert_eq!(found("create an issue", 9)[..2], ["github.createIssue", "jira.create_ticket"]);
        assert_eq!(found("tickets", 9), ["jira.create_ticket"]);
        assert_eq!(found("recipient", 9), ["mail.send"]);
        assert_eq!(found("repo", 9), ["github.createIssue", "github.list_pull_requests"]);
        assert_eq!(found("github", 1), ["github.createIssue"]);
    }

    #[test]
    fn what_says_nothing_finds_nothing() {
        for query in ["", " .,", "zzz", "a", "gi"] {
            assert_eq!(found(query, 9), Vec::<&str>::new(), "{query:?}");
        }
    }

    #[test]
    fn a_long_query_is_cut() {
        let query = "xy ".repeat(100) + "weather";
        assert_eq!(found(&query, 9), Vec::<&str>::new());
        assert_eq!(found(&("xy ".repeat(30) + "weather"), 9), ["weather"]);
        assert_eq!(words(&"a".repeat(1_000)).map(|word| word.len()).collect::<Vec<_>>(), [64]);
    }

    #[test]
    fn words_are_what_people_take_for_words() {
        let split = |text| words(text).collect::<Vec<_>>();
        assert_eq!(
            split("list_pullRequests-of.HTTPServer glass"),
            ["list", "pull", "request", "of", "httpserver", "glass"]
        );
        assert_eq!(split("Größen"), ["größen"]);
        assert_eq!(Value::from(split("__proto__")), json!(["proto"]));
    }
}
