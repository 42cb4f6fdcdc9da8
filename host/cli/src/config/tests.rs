use super::{Config, Mistake, parse};
use std::time::Duration;

fn mistakes(text: &str) -> Vec<(usize, String)> {
    let mistakes = parse(text.to_owned()).err().unwrap_or_default();
    mistakes.into_iter().map(|Mistake { line, message }| (line, message)).collect()
}

#[test]
fn everything_that_can_stand_in_it_is_read() {
    let text = r#"
mcp = [".mcp.json"]
[limits]
fuel = "1G"
memory = 67108864
timeout = "500ms"
[files.notes]
folder = "notes"
write = true
[http.api]
hosts = ["api.example.com"]
headers = [{ host = "api.example.com", name = "authorization", prefix = "Bearer ", secret = "key" }]
[secrets]
key = { env = "KEY" }
other = { keyring = { service = "a", account = "b" } }
[mcp_servers.x]
command = "x"
[[policy]]
tools = "files.*"
decision = "allow"
price = "1M"
[[policy.when]]
argument = "/path"
be_below = "notes"
[[policy]]
tools = "*"
decision = "ask"
when = [{ argument = "/n", be_between = { min = 1.0 } }]
"#;
    let Config { limits, files, http, mcp, secrets, policy, has_servers, .. } =
        parse(text.to_owned()).expect("it is good");
    assert_eq!((limits.fuel, limits.memory), (Some(1_000_000_000), Some(64 << 20)));
    assert_eq!(limits.timeout, Some(Duration::from_millis(500)));
    assert_eq!((files[0].line, files[0].value.0.as_str(), files[0].value.1.write), (7, "notes", true));
    assert_eq!((http[0].line, http[0].value.1.headers[0].prefix.as_str()), (10, "Bearer "));
    assert_eq!((mcp.len(), secrets.len(), has_servers), (1, 2, true));
    assert_eq!((policy[0].line, policy[0].value.price, policy[0].value.when.len()), (18, Some(1_000_000), 1));
    assert_eq!(policy[1].value.when[0].argument, "/n");
}

#[test]
fn an_empty_file_is_good() {
    assert_eq!(mistakes(""), []);
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let text = r#"[limits]
fule = "1G"
timeout = "ten"
memory = true
[files.notes]
path = "x"
[htpt]
[[policy]]
tools = "*"
decision = "maybe"
[[policy]]
tools = "*"
decision = "allow"
when = [{ argument = "/a" }]
"#;
    let found = mistakes(text);
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4, 6, 7, 10, 14], "{found:#?}");
    let says = |index: usize, text: &str| assert!(found[index].1.contains(text), "{found:#?}");
    says(0, "unknown field `fule`, expected one of `fuel`");
    says(1, "as in 500ms");
    says(3, "unknown field `path`");
    says(4, "there is no section `htpt`; there are `limits`");
    says(5, "unknown variant `maybe`");
}

#[test]
fn a_missing_key_is_told_where_its_table_is() {
    let found = mistakes("[files.notes]\nwrite = true\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0 <= 2 && found[0].1.contains("missing field `folder`"), "{found:?}");
}

#[test]
fn what_is_no_toml_is_told_with_its_lines() {
    let found = mistakes("[limits\nfuel = 1\n[files]\nx = = 2\n");
    assert!(found.len() >= 2 && found[0].0 == 1 && found.iter().any(|(line, _)| *line == 4), "{found:?}");
}
