//! Spans, under the names of OpenTelemetry's conventions for generative AI.

use agentloop::{Agent, Scripted, Tool, Turn};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Seen>>>);

#[derive(Clone, Default)]
struct Seen {
    id: u64,
    name: String,
    parent: String,
    fields: BTreeMap<String, String>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent()).map(|parent| parent.name().to_owned());
        let name = attributes.metadata().name().to_owned();
        let mut seen = Seen { id: id.into_u64(), name, parent: parent.unwrap_or_default(), ..Seen::default() };
        attributes.record(&mut seen);
        self.0.lock().expect("no panic").push(seen);
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().expect("no panic");
        if let Some(seen) = spans.iter_mut().rev().find(|seen| seen.id == id.into_u64()) {
            record.record(seen);
        }
    }
}

fn spans(with_contents: bool) -> Vec<Seen> {
    let spans = Spans::default();
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    let pay = Tool::new("pay", "Pays.", |_: Value| async { Ok::<_, String>(1) }).expect("the tool is good");
    let fail = Tool::new("fail", "Fails.", |_: Value| async { Err::<Value, _>("no") }).expect("the tool is good");
    let script = "await tools.pay({ to: 'Ann' }); await tools.fail({}).catch(() => 0)";
    let model = Scripted::new().script(script).text("Paid SECRET.");
    let agent =
        Agent::builder(model).tools([pay, fail]).trace_contents(with_contents).build().expect("the agent is good");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(agent.run(Turn::new("Pay SECRET"))).expect("the turn is answered");
    });
    let spans = spans.0.lock().expect("no panic");
    spans.clone()
}

/// One test, alone in its process: which spans are looked at is remembered for all threads.
#[test]
fn spans_are_nested_and_named_and_have_contents_on_request_only() {
    shape();
    contents();
}

fn shape() {
    let spans = spans(false);
    let shape: Vec<(&str, &str)> = spans.iter().map(|span| (span.name.as_str(), span.parent.as_str())).collect();
    let expected = [
        ("invoke_agent", ""),
        ("chat", "invoke_agent"),
        ("execute_tool", "invoke_agent"),
        ("execute_tool", "execute_tool"),
        ("execute_tool", "execute_tool"),
        ("chat", "invoke_agent"),
    ];
    assert_eq!(shape, expected);
    let field = |index: usize, name: &str| spans[index].fields.get(name).map_or("", String::as_str);
    assert_eq!(field(0, "gen_ai.provider.name"), "scripted");
    assert_eq!(field(1, "gen_ai.request.model"), "replies");
    assert_eq!(field(1, "gen_ai.response.finish_reasons"), "tool_calls");
    assert_eq!(field(2, "gen_ai.tool.name"), "run_js");
    assert_eq!((field(3, "gen_ai.tool.name"), field(3, "error.type")), ("pay", ""));
    assert_eq!((field(4, "gen_ai.tool.name"), field(4, "error.type")), ("fail", "failed"));
}

fn contents() {
    let all = |spans: &[Seen]| spans.iter().map(|span| format!("{:?}", span.fields)).collect::<String>();
    let without = all(&spans(false));
    assert!(!without.contains("SECRET") && !without.contains("Ann"), "{without}");
    let with = all(&spans(true));
    assert!(with.contains("Pay SECRET") && with.contains("Paid SECRET") && with.contains("Ann"), "{with}");
}
