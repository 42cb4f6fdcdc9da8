//! Where a provider is, and the key for it: read from what the caller says, then from the environment.

use super::names::{Entry, Key, list};
use super::secret::Secret;
use super::wire::Wire;
use crate::provider::{ProviderError, ProviderErrorKind};
use reqwest::Url;

/// Where to find the value of an environment variable.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The port on which Ollama listens.
const OLLAMA_PORT: &str = "11434";

/// The base URL of a provider, with a slash at its end.
pub(super) fn base_url(entry: &Entry, said: Option<&str>, lookup: Lookup<'_>) -> Result<Url, ProviderError> {
    let variable = entry.base_variable.and_then(|name| Some((name, value(lookup, name)?)));
    let (text, origin) = match (said, variable, entry.base_url) {
        (Some(said), ..) => (said.to_owned(), "the base URL".to_owned()),
        (None, Some((name, value)), _) if entry.wire == Wire::Ollama => (ollama_host(&value), format!("`{name}`")),
        (None, Some((name, value)), _) => (value, format!("`{name}`")),
        (None, None, Some(default)) => (default.to_owned(), "the base URL".to_owned()),
        (None, None, None) => return Err(missing_base_url(entry)),
    };
    parse_base_url(&text, entry.base_path).map_err(|why| {
        let message = format!("{origin} of `{}` is not usable: {why}", entry.name);
        ProviderError::new(ProviderErrorKind::InvalidRequest, message)
    })
}

/// The key of a provider.
pub(super) fn key(entry: &Entry, said: Option<&str>, lookup: Lookup<'_>) -> Result<Secret, ProviderError> {
    let auth = |message: String| Err(ProviderError::new(ProviderErrorKind::Auth, message));
    let from_environment = || entry.key_variables.iter().find_map(|name| value(lookup, name));
    // A key that was read from a file ends with a line break more often than not.
    let key = said.map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).or_else(from_environment);
    match key {
        Some(key) if key.chars().all(|letter| letter.is_ascii_graphic()) => Ok(Secret::new(Some(key))),
        Some(_) => auth(format!("the key for `{}` has characters that no key has, such as spaces", entry.name)),
        None if entry.key == Key::Optional => Ok(Secret::new(None)),
        None => auth(format!(
            "there is no key for `{}`: set the environment variable `{}`, as in `export {}=…`",
            entry.name,
            entry.key_variables.join("` or `"),
            entry.key_variables.first().unwrap_or(&"KEY"),
        )),
    }
}

/// The value of a variable. One that is set to nothing is not set.
fn value(lookup: Lookup<'_>, name: &str) -> Option<String> {
    lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn missing_base_url(entry: &Entry) -> ProviderError {
    let variable = entry.base_variable.unwrap_or_default();
    let message = format!(
        "`{}` needs a base URL: set the environment variable `{variable}`, as in `export {variable}=https://…` \
         (other providers, which need none: {})",
        entry.name,
        list()
    );
    ProviderError::new(ProviderErrorKind::InvalidRequest, message)
}

/// Reads a base URL. The reason why not never repeats it: it may hold a password.
fn parse_base_url(text: &str, path: &str) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|error| format!("{error}, expected `https://…`"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(format!("`{}` is not the scheme of a web address, expected `https://…`", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user or a password in it, which would end up in logs".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a `?` or a `#` in it, and paths are added at its end".to_owned());
    }
    let said = url.path().trim_end_matches('/');
    let joined = if ends_with_version(said) { format!("{said}/") } else { format!("{said}/{path}") };
    url.set_path(&joined);
    Ok(url)
}

/// Whether the last part of a path is a version, such as `v1` or `v1beta`.
fn ends_with_version(path: &str) -> bool {
    let last = path.rsplit('/').next().and_then(|part| part.strip_prefix('v'));
    last.is_some_and(|number| number.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// What `OLLAMA_HOST` means: it is written for the server, which may listen everywhere, and often without a scheme.
fn ollama_host(value: &str) -> String {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let rest = rest.trim_end_matches('/');
    let rest = match rest.strip_prefix("0.0.0.0") {
        Some(port) => format!("127.0.0.1{port}"),
        None => rest.to_owned(),
    };
    let has_port = rest.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    if has_port || value.contains("://") {
        format!("{scheme}://{rest}")
    } else {
        format!("{scheme}://{rest}:{OLLAMA_PORT}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names::parse;

    fn base(model: &str, said: Option<&str>, variable: Option<&str>) -> String {
        let (entry, _) = parse(model).expect("the model is known");
        let result = base_url(entry, said, &|_| variable.map(str::to_owned));
        result.map(String::from).unwrap_or_else(|error| error.message)
    }

    #[test]
    fn what_is_said_goes_before_the_environment() {
        assert_eq!(base("openai/x", None, None), "https://api.openai.com/v1/");
        assert_eq!(base("openai/x", None, Some("https://proxy.example/v1")), "https://proxy.example/v1/");
        assert_eq!(base("openai/x", Some("http://host/a"), Some("https://proxy.example/v1")), "http://host/a/");
        assert_eq!(base("openai/x", None, Some(" ")), "https://api.openai.com/v1/");
    }

    #[test]
    fn a_base_url_without_a_version_gets_one_where_the_provider_has_it() {
        assert_eq!(base("anthropic/x", None, Some("https://proxy.example/claude")), "https://proxy.example/claude/v1/");
        assert_eq!(base("groq/x", Some("https://proxy.example/groq"), None), "https://proxy.example/groq/");
        assert_eq!(base("perplexity/x", None, None), "https://api.perplexity.ai/");
        assert_eq!(base("anthropic/x", None, Some("https://proxy.example")), "https://proxy.example/v1/");
        assert_eq!(base("anthropic/x", None, Some("https://proxy.example/v1")), "https://proxy.example/v1/");
        assert_eq!(
            base("azure/x", None, Some("https://me.openai.azure.com/")),
            "https://me.openai.azure.com/openai/v1/"
        );
        assert_eq!(base("gemini/x", Some("https://proxy.example"), None), "https://proxy.example/v1beta/");
    }

    #[test]
    fn ollama_host_is_read_as_ollama_reads_it() {
        assert_eq!(base("ollama/x", None, None), "http://127.0.0.1:11434/");
        assert_eq!(base("ollama/x", None, Some("0.0.0.0")), "http://127.0.0.1:11434/");
        assert_eq!(base("ollama/x", None, Some("box:1234")), "http://box:1234/");
        assert_eq!(base("ollama/x", None, Some("https://box/")), "https://box/");
    }

    #[test]
    fn an_unusable_base_url_says_why() {
        let why = |url| base("openai/x", Some(url), None);
        let begin = "the base URL of `openai` is not usable: ";
        assert_eq!(why("host"), format!("{begin}relative URL without a base, expected `https://…`"));
        assert_eq!(
            why("file:///etc"),
            format!("{begin}`file` is not the scheme of a web address, expected `https://…`")
        );
        assert_eq!(
            why("https://me:secret@host/"),
            format!("{begin}it has a user or a password in it, which would end up in logs")
        );
        assert_eq!(
            why("https://host/?a=b"),
            format!("{begin}it has a `?` or a `#` in it, and paths are added at its end")
        );
    }
}
