//! Spans reach a collector, by OTLP over HTTP.

use agentloop::{Agent, Scripted, Telemetry, Tool, Turn};
use axum::body::Bytes;
use axum::http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::SubscriberExt as _;

/// A collector that keeps what it is sent.
async fn collector() -> (String, Arc<Mutex<Vec<Span>>>) {
    let spans: Arc<Mutex<Vec<Span>>> = Arc::default();
    let kept = Arc::clone(&spans);
    let take = move |headers: HeaderMap, body: Bytes| async move {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        let request = ExportTraceServiceRequest::decode(body).expect("it is an export of spans");
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        kept.lock().expect("no panic").extend(scopes.flat_map(|scope| scope.spans));
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let router = axum::Router::new().route("/v1/traces", axum::routing::post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/v1/traces"), spans)
}

#[test]
fn a_turn_reaches_the_collector_and_its_contents_do_not() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (endpoint, spans) = runtime.block_on(collector());
    let telemetry = Telemetry::to(&endpoint).expect("the address is good");
    // A span of somebody else's is not sent.
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!(target: "somebody_else", "theirs", secret = "SECRET").in_scope(|| ());
        let pay = Tool::new("pay", "Pays.", |_: serde_json::Value| async { Err::<u32, _>("no") });
        let model = Scripted::new().script("await tools.pay({ to: 'SECRET' })").text("SECRET");
        let agent = Agent::builder(model).tool(pay.expect("the tool is good")).build().expect("the agent is good");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(agent.run(Turn::new("SECRET"))).expect("the turn is answered");
    });
    telemetry.shutdown().expect("the collector is there");

    let spans = spans.lock().expect("no panic");
    let mut names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["chat replies", "chat replies", "execute_tool pay", "execute_tool run_js", "invoke_agent"]);
    let named = |name: &str| spans.iter().find(|span| span.name == name).expect("it was sent");
    assert_eq!(named("execute_tool pay").parent_span_id, named("execute_tool run_js").span_id);
    assert_eq!(named("execute_tool run_js").parent_span_id, named("invoke_agent").span_id);
    let keys: Vec<&str> = named("chat replies").attributes.iter().map(|attribute| attribute.key.as_str()).collect();
    for key in ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.usage.input_tokens"] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
    assert!(!format!("{spans:?}").contains("SECRET"));
}

#[test]
fn an_address_that_is_none_is_a_mistake_of_configuration() {
    let error = Telemetry::to("no address").expect_err("it is no address");
    assert_eq!(error.kind(), "configuration");
    assert!(error.to_string().starts_with("no spans can be sent to the collector: "), "{error}");
}
