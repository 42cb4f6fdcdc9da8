//! Sends spans to an OpenTelemetry collector.

use crate::AgentError;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Sends the spans of turns, requests, scripts and calls to a collector, by OTLP over HTTP. With the feature `otel` only.
///
/// ```no_run
/// use agentloop::Telemetry;
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use tracing_subscriber::util::SubscriberInitExt as _;
///
/// let telemetry = Telemetry::from_env()?;
/// tracing_subscriber::registry().with(telemetry.layer()).init();
/// // … run turns …
/// telemetry.shutdown()?;
/// # Ok::<(), agentloop::AgentError>(())
/// ```
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends to where the environment says: `OTEL_EXPORTER_OTLP_ENDPOINT` (default `http://localhost:4318`), with
    /// `OTEL_EXPORTER_OTLP_HEADERS`; the service is `OTEL_SERVICE_NAME`, or `agentloop`.
    ///
    /// # Errors
    ///
    /// [`AgentError::Configuration`] for an endpoint that is none.
    pub fn from_env() -> Result<Self, AgentError> {
        Self::of(SpanExporter::builder().with_http().build())
    }

    /// Sends to this address: `http://localhost:4318/v1/traces`.
    ///
    /// # Errors
    ///
    /// As [`Telemetry::from_env`].
    pub fn to(endpoint: &str) -> Result<Self, AgentError> {
        Self::of(SpanExporter::builder().with_http().with_endpoint(endpoint).build())
    }

    fn of(exporter: Result<SpanExporter, ExporterBuildError>) -> Result<Self, AgentError> {
        let exporter = exporter
            .map_err(|error| AgentError::Configuration(format!("no spans can be sent to the collector: {error}")))?;
        let mut resource = Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("agentloop");
        }
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
        Ok(Self { provider })
    }

    /// What takes the spans of agentloop, and no others, for a [`tracing_subscriber::Registry`].
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let tracer = self.provider.tracer("agentloop");
        let is_ours = filter_fn(|metadata| metadata.target().starts_with("agentloop"));
        tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false).with_filter(is_ours)
    }

    /// Sends what has not been sent. What is not shut down may lose its last spans.
    ///
    /// # Errors
    ///
    /// [`AgentError::Configuration`] if the collector does not take them.
    pub fn shutdown(&self) -> Result<(), AgentError> {
        self.provider
            .shutdown()
            .map_err(|error| AgentError::Configuration(format!("the last spans did not reach the collector: {error}")))
    }
}
