//! The providers there are: one table, and how `provider/model` is read against it.

use super::wire::Wire;
use crate::provider::{ProviderError, ProviderErrorKind, ReplyStyle};

/// One provider, as the table has it.
#[derive(Debug)]
pub(super) struct Entry {
    /// What stands before the slash.
    pub(super) name: &'static str,
    /// How it takes requests, and writes its replies.
    pub(super) wire: Wire,
    /// Where it is, unless something else is said. `None` if that differs for everyone.
    pub(super) base_url: Option<&'static str>,
    /// The environment variable that says where it is.
    pub(super) base_variable: Option<&'static str>,
    /// What follows a base URL that does not end with a version.
    pub(super) base_path: &'static str,
    /// The environment variables for its key, the first one that is set wins.
    pub(super) key_variables: &'static [&'static str],
    /// Whether it answers without a key.
    pub(super) key: Key,
    /// How its models give their scripts best.
    pub(super) style: ReplyStyle,
    /// How a chat completion is asked for what it cost, and for how long it may be.
    pub(super) dialect: Dialect,
}

/// Whether there must be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Needed,
    Optional,
}

/// What differs between those who are compatible with OpenAI's chat completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Knows `max_completion_tokens`, and for its newer models nothing else, and `stream_options`.
    OpenAi,
    /// Knows `max_tokens` and `stream_options`.
    Common,
    /// Knows `max_tokens`, says what a reply cost without being asked, and may refuse to be asked.
    Plain,
    /// As the one above, with a word of its own for the seed.
    Mistral,
}

impl Dialect {
    /// What the tokens of one reply are called.
    pub(super) fn length(self) -> &'static str {
        match self {
            Self::OpenAi => "max_completion_tokens",
            Self::Common | Self::Plain | Self::Mistral => "max_tokens",
        }
    }

    /// What the seed is called.
    pub(super) fn seed(self) -> &'static str {
        match self {
            Self::OpenAi | Self::Common | Self::Plain => "seed",
            Self::Mistral => "random_seed",
        }
    }

    /// Whether what a reply cost is to be asked for.
    pub(super) fn is_asked_for_usage(self) -> bool {
        match self {
            Self::OpenAi | Self::Common => true,
            Self::Plain | Self::Mistral => false,
        }
    }
}

/// An entry of those who are compatible with OpenAI's chat completions.
const fn chat(name: &'static str, base_url: &'static str, key_variables: &'static [&'static str]) -> Entry {
    Entry {
        name,
        wire: Wire::Chat,
        base_url: Some(base_url),
        base_variable: None,
        base_path: "",
        key_variables,
        key: Key::Needed,
        style: ReplyStyle::NativeTool,
        dialect: Dialect::Common,
    }
}

/// All providers.
pub(super) const PROVIDERS: &[Entry] = &[
    Entry {
        base_variable: Some("OPENAI_BASE_URL"),
        dialect: Dialect::OpenAi,
        ..chat("openai", "https://api.openai.com/v1/", &["OPENAI_API_KEY"])
    },
    Entry {
        wire: Wire::Responses,
        base_variable: Some("OPENAI_BASE_URL"),
        ..chat("openai-responses", "https://api.openai.com/v1/", &["OPENAI_API_KEY"])
    },
    Entry {
        wire: Wire::Anthropic,
        base_variable: Some("ANTHROPIC_BASE_URL"),
        base_path: "v1/",
        ..chat("anthropic", "https://api.anthropic.com/v1/", &["ANTHROPIC_API_KEY"])
    },
    Entry {
        wire: Wire::Gemini,
        base_path: "v1beta/",
        ..chat("gemini", "https://generativelanguage.googleapis.com/v1beta/", &["GEMINI_API_KEY", "GOOGLE_API_KEY"])
    },
    Entry { dialect: Dialect::Mistral, ..chat("mistral", "https://api.mistral.ai/v1/", &["MISTRAL_API_KEY"]) },
    chat("groq", "https://api.groq.com/openai/v1/", &["GROQ_API_KEY"]),
    chat("deepseek", "https://api.deepseek.com/v1/", &["DEEPSEEK_API_KEY"]),
    chat("xai", "https://api.x.ai/v1/", &["XAI_API_KEY"]),
    chat("openrouter", "https://openrouter.ai/api/v1/", &["OPENROUTER_API_KEY"]),
    chat("together", "https://api.together.xyz/v1/", &["TOGETHER_API_KEY"]),
    chat("fireworks", "https://api.fireworks.ai/inference/v1/", &["FIREWORKS_API_KEY"]),
    Entry {
        // This is its compatible format, which refuses `stream_options`.
        dialect: Dialect::Plain,
        ..chat("cohere", "https://api.cohere.ai/compatibility/v1/", &["COHERE_API_KEY", "CO_API_KEY"])
    },
    Entry {
        style: ReplyStyle::FencedCode,
        dialect: Dialect::Plain,
        ..chat("perplexity", "https://api.perplexity.ai/", &["PERPLEXITY_API_KEY"])
    },
    Entry {
        base_url: None,
        base_variable: Some("AZURE_OPENAI_ENDPOINT"),
        base_path: "openai/v1/",
        dialect: Dialect::OpenAi,
        ..chat("azure", "", &["AZURE_OPENAI_API_KEY"])
    },
    Entry {
        wire: Wire::Ollama,
        base_variable: Some("OLLAMA_HOST"),
        key: Key::Optional,
        style: ReplyStyle::FencedCode,
        ..chat("ollama", "http://127.0.0.1:11434/", &["OLLAMA_API_KEY"])
    },
    Entry {
        base_url: None,
        base_variable: Some("AGENTLOOP_BASE_URL"),
        key: Key::Optional,
        style: ReplyStyle::FencedCode,
        ..chat("compatible", "", &["AGENTLOOP_API_KEY"])
    },
];

/// What people call a provider that is listed under another name.
const NICKNAMES: &[(&str, &str)] =
    &[("google", "gemini"), ("claude", "anthropic"), ("gpt", "openai"), ("chatgpt", "openai"), ("grok", "xai")];

/// How the models of a provider begin, to guess it where it is missing.
const BEGINNINGS: &[(&str, &str)] = &[
    ("claude", "anthropic"),
    ("gpt", "openai"),
    ("chatgpt", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("gemini", "gemini"),
    ("mistral", "mistral"),
    ("ministral", "mistral"),
    ("magistral", "mistral"),
    ("codestral", "mistral"),
    ("devstral", "mistral"),
    ("grok", "xai"),
    ("deepseek", "deepseek"),
    ("command", "cohere"),
    ("sonar", "perplexity"),
];

/// At most so many letters may be wrong for a name to be meant.
const TYPO_LETTERS_MAX: usize = 2;

/// Reads `provider/model`. The model may have slashes of its own.
pub(super) fn parse(full: &str) -> Result<(&'static Entry, &str), ProviderError> {
    let Some((provider, model)) = full.split_once('/') else {
        return Err(invalid(bare_message(full)));
    };
    let Some(entry) = PROVIDERS.iter().find(|entry| entry.name == provider) else {
        return Err(invalid(unknown_message(provider, model)));
    };
    if model.is_empty() {
        return Err(invalid(format!("`{full}` names no model: expected `{provider}/` and the name of a model")));
    }
    if model.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err(invalid(format!("`{}` is no name of a model: no spaces", full.escape_debug())));
    }
    Ok((entry, model))
}

/// The names of all providers, for a message.
pub(super) fn list() -> String {
    PROVIDERS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

fn invalid(message: String) -> ProviderError {
    ProviderError::new(ProviderErrorKind::InvalidRequest, message)
}

fn bare_message(name: &str) -> String {
    let name = name.escape_debug();
    let lower = name.to_string().to_lowercase();
    let expected = "expected `provider/model`, such as `anthropic/claude-sonnet-4-5`";
    if PROVIDERS.iter().any(|entry| entry.name == lower) {
        return format!("`{name}` names a provider, and no model: {expected}");
    }
    match BEGINNINGS.iter().find(|(beginning, _)| lower.starts_with(beginning)) {
        Some((_, provider)) => format!("`{name}` names no provider: did you mean `{provider}/{name}`?"),
        None => format!("`{name}` names no provider: {expected} (providers: {})", list()),
    }
}

fn unknown_message(provider: &str, model: &str) -> String {
    let lower = provider.to_lowercase();
    let nickname = NICKNAMES.iter().find(|(nickname, _)| *nickname == lower).map(|(_, name)| *name);
    let guess = nickname.or_else(|| closest(&lower));
    let hint = guess.map_or_else(String::new, |name| format!(": did you mean `{name}/{}`?", model.escape_debug()));
    format!("there is no provider `{}`{hint} (providers: {})", provider.escape_debug(), list())
}

fn closest(name: &str) -> Option<&'static str> {
    let distances = PROVIDERS.iter().map(|entry| (distance(name, entry.name), entry.name));
    distances.filter(|(distance, _)| *distance <= TYPO_LETTERS_MAX).min().map(|(_, name)| name)
}

/// How many letters must be put in, taken out or changed to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, counterpart) in other.iter().enumerate() {
            let change = diagonal + usize::from(letter != *counterpart);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str) -> String {
        parse(name).map(|(entry, model)| format!("{} {model}", entry.name)).unwrap_or_else(|error| error.message)
    }

    #[test]
    fn a_model_may_have_slashes_of_its_own() {
        assert_eq!(message("openrouter/openai/gpt-4.1"), "openrouter openai/gpt-4.1");
        assert_eq!(message("openai/a::b"), "openai a::b");
    }

    #[test]
    fn a_typo_is_guessed() {
        let rest = format!("(providers: {})", list());
        assert_eq!(
            message("antropic/claude-x"),
            format!("there is no provider `antropic`: did you mean `anthropic/claude-x`? {rest}")
        );
        assert_eq!(
            message("google/gemini-x"),
            format!("there is no provider `google`: did you mean `gemini/gemini-x`? {rest}")
        );
        assert_eq!(message("nobody/x"), format!("there is no provider `nobody` {rest}"));
    }

    #[test]
    fn a_bare_model_is_told_the_form() {
        assert_eq!(message("claude-x"), "`claude-x` names no provider: did you mean `anthropic/claude-x`?");
        assert_eq!(message("gpt-5"), "`gpt-5` names no provider: did you mean `openai/gpt-5`?");
        assert_eq!(
            message("foo"),
            format!(
                "`foo` names no provider: expected `provider/model`, such as `anthropic/claude-sonnet-4-5` \
                 (providers: {})",
                list()
            )
        );
        assert_eq!(
            message("anthropic"),
            "`anthropic` names a provider, and no model: \
             expected `provider/model`, such as `anthropic/claude-sonnet-4-5`"
        );
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        assert_eq!(message("openai/"), "`openai/` names no model: expected `openai/` and the name of a model");
        assert_eq!(message("openai/a\nb"), "`openai/a\\nb` is no name of a model: no spaces");
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("kitten", "sitting")), (3, 0, 3));
    }
}
