//! Secrets that tools give away, in every form, by every way out: results, errors, progress.

use agentloop_sandbox::{Call, CallChange, CallStatus, Engine, Limits, Tool, ToolFailure, Toolbox};
use agentloop_tools::secrets::{Resolved, Secrets, Source};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, LazyLock, Mutex};
use tempfile::TempDir;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().expect("it starts"));

/// Everything that is escaped somewhere.
const CANARY: &str = "Ca/na+ry~?<\"q\\uo\"> é😀\n=&%42'(*)";

/// May be a number.
const DIGITS: &str = "90210421337";

fn resolved() -> Resolved {
    let folder = TempDir::new().expect("there is room");
    let secrets =
        [("canary", CANARY), ("digits", DIGITS)].into_iter().fold(Secrets::new(), |secrets, (name, value)| {
            let path = folder.path().join(name);
            fs::write(&path, value).expect("it is written");
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
            secrets.add(name, Source::File(path))
        });
    secrets.resolve().expect("they are good")
}

/// What a script, those who watch the run, and its report get to see of a call.
#[derive(Debug)]
struct Seen {
    script: Value,
    report: String,
    progress: Vec<String>,
}

impl Seen {
    fn all(&self) -> String {
        format!("{}\n{}\n{}", self.script, self.report, self.progress.join("\n"))
    }
}

/// Calls a tool that answers with a JSON text, or fails with a text, after it has told the same as its progress.
async fn call(answer: Result<String, String>, secrets: Option<&Resolved>) -> Seen {
    let handler = move |call: Call| {
        let answer = answer.clone();
        async move {
            call.progress.report(None, answer.as_ref().unwrap_or_else(|message| message));
            answer.map_err(ToolFailure)
        }
    };
    let mut tool = Tool::untyped("tell", "Tells too much.", json!({}), handler).expect("the tool is good");
    if let Some(secrets) = secrets {
        tool = tool.filtered(secrets.scrub());
    }
    let toolbox = Toolbox::new([tool]).expect("one tool fits itself");
    let sandbox = ENGINE.sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
    let progress = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&progress);
    let script = "await tools.tell({}).catch((error) => [error.message, String(error.stack)])";
    let run = sandbox.prepare(script).on_call(move |event| {
        if let CallChange::Progress { message, .. } = &event.change {
            told.lock().expect("nobody panicked").push((*message).to_owned());
        }
    });
    let outcome = run.finish().await.expect("the host is well");
    let report = match &outcome.calls[0].status {
        CallStatus::Succeeded(Some(json)) => json.get().to_owned(),
        CallStatus::Failed(error) => error.message.clone(),
        other => panic!("it should have ended: {other:?}"),
    };
    let script = outcome.value::<Value>().expect("it finished").expect("it is JSON");
    let progress = progress.lock().expect("nobody panicked").clone();
    Seen { script, report, progress }
}

/// A text with the canary in it in some form, as programs write it, and the part of it that must not be seen.
fn forms() -> Vec<(String, String)> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = CANARY.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let url = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect::<String>();
    let json = json!(CANARY).to_string();
    let plain = [CANARY.to_owned(), hex.to_uppercase(), hex, percent, url, json[1..json.len() - 1].to_owned()];
    let mut forms: Vec<(String, String)> = plain.into_iter().map(|form| (format!("<{form}>"), form)).collect();
    for (before, after) in (0..3).flat_map(|before| (0..3).map(move |after| (before, after))) {
        let text = format!("{}{CANARY}{}", "<".repeat(before), ">".repeat(after));
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text);
            // What comes of the canary alone.
            let (start, end) = ((8 * before).div_ceil(6), 8 * (before + CANARY.len()) / 6);
            let secret = encoded[start..end].to_owned();
            forms.push((encoded, secret));
        }
    }
    forms
}

#[tokio::test]
async fn a_canary_is_taken_out_in_every_form_and_by_every_way() {
    let secrets = resolved();
    for (text, secret) in forms() {
        let nested = json!({ "x": json!([text]).to_string() }).to_string();
        let answers = [Ok(json!([text, { (text.clone()): 1 }]).to_string()), Ok(nested), Err(text.clone())];
        for answer in answers {
            let open = call(answer.clone(), None).await;
            let seen = call(answer, Some(&secrets)).await;
            let shown = |seen: &Seen| {
                // As it is, and as it is in JSON, once and twice over.
                let once = json!(secret).to_string();
                let twice = json!(once).to_string();
                [secret.as_str(), &once[1..once.len() - 1], &twice[3..twice.len() - 3]]
                    .map(|form| seen.all().contains(form))
            };
            assert!(shown(&open).contains(&true), "without the filter it is seen: {open:?}");
            assert_eq!(shown(&seen), [false; 3], "{seen:?}");
            for place in [seen.script.to_string(), seen.report.clone(), seen.progress[0].clone()] {
                assert!(place.contains("[secret canary]"), "{place}");
            }
        }
    }
}

#[tokio::test]
async fn a_secret_that_is_a_number_leaves_json_behind() {
    let secrets = resolved();
    let answer = || Ok(format!("{{\"balance\": {DIGITS}, \"of\": [-{DIGITS}.5, 1], \"{DIGITS}\": true}}"));
    let open = call(answer(), None).await;
    assert_eq!(open.script["balance"], json!(90_210_421_337_u64));
    let seen = call(answer(), Some(&secrets)).await;
    let expected = json!({ "balance": "[secret digits]", "of": ["-[secret digits].5", 1], "[secret digits]": true });
    assert_eq!(seen.script, expected);
}

#[tokio::test]
async fn escapes_in_json_hide_nothing() {
    let secrets = resolved();
    let escaped: String = CANARY.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
    let answer = || Ok(format!("[\"{escaped}\", \"\\ud800{escaped}\"]"));
    let open = call(answer(), None).await;
    assert_eq!(open.script[0], json!(CANARY));
    let seen = call(answer(), Some(&secrets)).await;
    assert_eq!(seen.script, json!(["[secret canary]", "\u{fffd}[secret canary]"]));
}

#[tokio::test]
async fn what_has_no_secret_in_it_is_left_as_it_is() {
    let secrets = resolved();
    let answers =
        ["{\"a\": \"\\u0041\\n\\\"\", \"b\" :[1.50, 1e3]}", "\"Ca/na+ry\"", "[9021042133]", "\"[secret canary]\""];
    for answer in answers {
        assert_eq!(call(Ok(answer.to_owned()), Some(&secrets)).await.report, answer);
    }
}
