//! Requests to named hosts.
//!
//! This module owns everything that a script's request goes through. Nothing here connects to an address that was not checked,
//! and no secret is shown to a script.

mod exchange;
mod header;
mod request;
mod resolver;
mod rule;
mod secret;

pub use resolver::Resolver;

use crate::Error;
use agentloop_sandbox::{Effect, Tool};
use exchange::Gate;
use request::{Answer, Arguments};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use resolver::{Checked, System};
use rule::Rule;
use secret::{Secret, Secrets};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::Semaphore;

/// A connection that takes longer to come about is given up.
const CONNECT_MS_MAX: u64 = 10_000;

/// An answer with more headers is refused.
const HEADERS_MAX: usize = 100;

/// The sandbox gives up a call so much later than this module does, whose message is better.
const TIME_MARGIN_MS: u64 = 5_000;

/// What requests may take at most.
///
/// ```
/// use agentloop_tools::HttpLimits;
/// use std::time::Duration;
///
/// let mut limits = HttpLimits::default();
/// assert_eq!(limits.time_max, Duration::from_secs(30));
/// limits.redirects_max = 0;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpLimits {
    /// Bytes of a request's body. Default 1 MiB.
    pub request_bytes_max: u64,
    /// Bytes of an answer's body. Default 4 MiB. Scripts get up to 1 MiB of it unless they ask for more; an answer that is larger
    /// than what was asked for is an error.
    pub response_bytes_max: u64,
    /// The time from the call to the last byte of the answer, redirects and waiting for a place included. Default 30 s.
    pub time_max: Duration,
    /// Redirects of one call. Default 5.
    pub redirects_max: u32,
    /// Calls for as long as the tool lives. Default 1,000.
    pub calls_max: u64,
    /// Requests that are under way at once; more wait. Default 8.
    pub parallel_max: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            request_bytes_max: 1 << 20,
            response_bytes_max: 4 << 20,
            time_max: Duration::from_secs(30),
            redirects_max: 5,
            calls_max: 1_000,
            parallel_max: 8,
        }
    }
}

/// A tool for requests to the hosts that are named, and to no other.
///
/// The tool is `http.request`. Its effect is [`Effect::ReadOnly`] as long as only `GET`, `HEAD` and `OPTIONS` are
/// allowed, and [`Effect::Destructive`] otherwise.
///
/// Every request is checked, and every redirect as well: its host, its method, its scheme (never from `https` to `http`) and
/// the address that is connected to. Addresses of this machine, of private networks and other special ones are refused in every
/// spelling, also as the answer of a resolver, unless [`Http::allow_private`] names the host. The address that was checked is
/// the one that is connected to. On a redirect to another origin, headers of the script stay behind, but for harmless ones such
/// as `accept`.
///
/// No proxy of the environment is used, no cookies are kept, and nothing is decompressed.
///
/// ```
/// use agentloop_sandbox::Effect;
/// use agentloop_tools::Http;
///
/// let tools = Http::allow(["api.example.com", "*.example.org"])?
///     .secret_header("api.example.com", "authorization", "Bearer 0123456789")?
///     .tools()?;
/// assert_eq!(tools[0].name().as_str(), "http.request");
/// assert_eq!(tools[0].effect(), Effect::ReadOnly);
/// # Ok::<(), agentloop_tools::Error>(())
/// ```
pub struct Http {
    rules: Vec<Rule>,
    methods: Vec<Method>,
    secrets: Vec<Secret>,
    private_hosts: BTreeSet<String>,
    resolver: Arc<dyn Resolver>,
    limits: HttpLimits,
    name: String,
}

impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Http")
            .field("rules", &self.rules)
            .field("methods", &self.methods)
            .field("private_hosts", &self.private_hosts)
            .field("limits", &self.limits)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// Names the hosts that may be asked: `api.example.com`, or `*.example.com` for every host below (but not `example.com`
    /// itself). That is `https` on its usual port. Another port is said as in `api.example.com:8443`, and plain HTTP as in
    /// `http://localhost:3000`.
    ///
    /// # Errors
    ///
    /// [`Error::Host`] for an entry that names no host, [`Error::Setting`] if there is no entry.
    ///
    /// ```
    /// use agentloop_tools::Http;
    ///
    /// assert!(Http::allow(["api.example.com", "http://intranet.example:8080"]).is_ok());
    /// assert!(Http::allow(["*"]).is_err());
    /// ```
    pub fn allow<I>(hosts: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let rules = hosts.into_iter().map(|host| Rule::parse(host.as_ref())).collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            return Err(Error::Setting("no host is allowed: name at least one, as in `api.example.com`".to_owned()));
        }
        Ok(Self {
            rules,
            methods: vec![Method::GET, Method::HEAD],
            secrets: Vec::new(),
            private_hosts: BTreeSet::new(),
            resolver: Arc::new(System),
            limits: HttpLimits::default(),
            name: "http".to_owned(),
        })
    }

    /// The methods that may be used. Default `GET` and `HEAD`. Redirects are held to them as well: one that turns a `POST` into a
    /// `GET` fails unless `GET` is among them.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if there is no method, or one that is none, or `CONNECT` or `TRACE`, which are never sent.
    ///
    /// ```
    /// use agentloop_sandbox::Effect;
    /// use agentloop_tools::Http;
    ///
    /// let tools = Http::allow(["api.example.com"])?.methods(["GET", "POST"])?.tools()?;
    /// assert_eq!(tools[0].effect(), Effect::Destructive);
    /// # Ok::<(), agentloop_tools::Error>(())
    /// ```
    pub fn methods<I>(mut self, methods: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.methods = methods.into_iter().map(|method| parse_method(method.as_ref())).collect::<Result<_, _>>()?;
        if self.methods.is_empty() {
            return Err(Error::Setting("no method is allowed: name at least one, as in `GET`".to_owned()));
        }
        Ok(self)
    }

    /// Adds a header with a secret to every request to a host, which is given as to [`Http::allow`]. It is not sent anywhere else,
    /// redirects included. A script can neither see nor replace it: if the server sends it back, `[secret]` is put in its place,
    /// whether it is plain or in base64, hex, percent-encoding or JSON. A server that sends it back in pieces gets past that, so
    /// give secrets only to hosts that are trusted with them.
    ///
    /// # Errors
    ///
    /// [`Error::Host`] as for [`Http::allow`]. [`Error::Setting`] for a header that there cannot be, and for a value (without a
    /// word before it, such as `Bearer`) that is under 8 bytes, over 4096, or has characters other than visible ASCII and spaces.
    ///
    /// ```
    /// use agentloop_tools::Http;
    ///
    /// let http = Http::allow(["api.example.com"])?.secret_header("api.example.com", "x-api-key", "0123456789")?;
    /// assert!(!format!("{http:?}").contains("0123456789"));
    /// # Ok::<(), agentloop_tools::Error>(())
    /// ```
    pub fn secret_header(mut self, host: &str, name: &str, value: &str) -> Result<Self, Error> {
        self.secrets.push(Secret::parse(host, name, value)?);
        Ok(self)
    }

    /// Lets one host, given without a port, be at an address of this machine or of a private network, for services that are
    /// there. It must be allowed as well. Special addresses such as those of a cloud's metadata service stay refused.
    ///
    /// # Errors
    ///
    /// [`Error::Host`] for what is not one host.
    ///
    /// ```
    /// use agentloop_tools::Http;
    ///
    /// let http = Http::allow(["http://localhost:3000"])?.allow_private("localhost")?;
    /// # Ok::<(), agentloop_tools::Error>(())
    /// ```
    pub fn allow_private(mut self, host: &str) -> Result<Self, Error> {
        self.private_hosts.insert(rule::parse_host(host)?);
        Ok(self)
    }

    /// What finds the addresses of hosts. Default: the system.
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolver) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// What requests may take at most.
    #[must_use]
    pub fn limits(mut self, limits: HttpLimits) -> Self {
        self.limits = limits;
        self
    }

    /// What the name of the tool begins with, before a dot. Default `http`.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The tool, marked with what calling it may do.
    ///
    /// # Errors
    ///
    /// [`Error::Client`] if nothing can connect, for instance because the system has no certificates. [`Error::Tool`] if no tool
    /// may have the [name](Http::name). [`Error::Setting`] if there are more secrets than can be looked for.
    ///
    /// ```
    /// use agentloop_tools::Http;
    ///
    /// let tools = Http::allow(["api.example.com"])?.name("api").tools()?;
    /// assert_eq!(tools[0].name().as_str(), "api.request");
    /// # Ok::<(), agentloop_tools::Error>(())
    /// ```
    pub fn tools(self) -> Result<Vec<Tool>, Error> {
        let is_read_only = self.methods.iter().all(Method::is_safe);
        let effect = if is_read_only { Effect::ReadOnly } else { Effect::Destructive };
        let name = format!("{}.request", self.name);
        let time_max = self.limits.time_max.saturating_add(Duration::from_millis(TIME_MARGIN_MS));
        let description = description(&self);
        let gate = Arc::new(self.gate()?);
        let tool = Tool::new(&name, &description, move |arguments: Arguments| {
            let gate = Arc::clone(&gate);
            async move { gate.call(arguments).await }
        })?;
        Ok(vec![tool.time_max(time_max).returns::<Answer>().marked(effect)])
    }

    fn gate(self) -> Result<Gate, Error> {
        let checked = Checked::new(self.resolver, self.private_hosts);
        let client = client(&self.rules, checked.clone())?;
        Ok(Gate {
            client,
            rules: self.rules,
            methods: self.methods,
            secrets: Secrets::new(self.secrets)?,
            checked,
            places: Semaphore::new(self.limits.parallel_max.clamp(1, Semaphore::MAX_PERMITS)),
            limits: self.limits,
            calls: AtomicU64::new(0),
        })
    }
}

fn parse_method(text: &str) -> Result<Method, Error> {
    let method = Method::from_bytes(text.to_ascii_uppercase().as_bytes());
    match method {
        Ok(Method::CONNECT | Method::TRACE) => Err(Error::Setting(format!("`{text}` requests are never sent"))),
        Ok(method) => Ok(method),
        Err(_) => Err(Error::Setting(format!("`{text}` is not a method"))),
    }
}

/// What connects. It follows nothing, keeps nothing, unpacks nothing, and asks no proxy.
fn client(rules: &[Rule], checked: Checked) -> Result<Client, Error> {
    let mut builder = Client::builder()
        .user_agent(concat!("agentloop/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_millis(CONNECT_MS_MAX))
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .no_hickory_dns()
        .dns_resolver(checked)
        .http1_only()
        .http1_max_headers(HEADERS_MAX)
        // Another crate of the same program may have brought what unpacks these.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    if !rules.iter().any(Rule::is_https) {
        // Plain HTTP needs no certificates, and works where there are none.
        builder = builder.tls_certs_only(std::iter::empty());
    }
    builder.build().map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        Error::Client(cause)
    })
}

fn description(http: &Http) -> String {
    let hosts: Vec<String> = http.rules.iter().map(ToString::to_string).collect();
    let methods: Vec<&str> = http.methods.iter().map(Method::as_str).collect();
    format!(
        "Sends an HTTP request and gives the answer: `status`, `headers`, and the body as `json` if it is JSON, otherwise as \
         `body` if it is text, or as `body_base64`. Only these may be asked: {}. Methods: {}. Keys that a host needs are added \
         by the application. Redirects are followed where they lead to what may be asked.",
        hosts.join(", "),
        methods.join(", ")
    )
}
