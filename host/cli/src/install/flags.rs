//! Flags as they are written down for a client: the same that were given, with every path from the root.

use super::client::absolute;
use crate::arguments::{LimitArguments, ToolArguments};
use crate::exit::{Complaint, Exit};
use std::path::Path;
use std::time::Duration;

/// The flags that mean these arguments.
pub(super) fn of(tools: &ToolArguments, limits: &LimitArguments) -> Result<Vec<String>, Complaint> {
    let ToolArguments { config, fixtures, files, files_write, http_host, http_method, mcp, allow, ask, deny } = tools;
    let LimitArguments { fuel, step_fuel, memory, timeout, wall_timeout, tool_timeout, max_tool_calls, .. } = limits;
    let LimitArguments { max_bytes_in, max_bytes_out, max_wait, .. } = limits;
    let mut flags = Flags::default();
    flags.paths("config", config)?;
    flags.paths("fixtures", fixtures)?;
    flags.paths("files", files)?;
    flags.paths("files-write", files_write)?;
    flags.all("http-host", http_host);
    flags.all("http-method", http_method);
    flags.paths("mcp", mcp)?;
    flags.all("allow", allow);
    flags.all("ask", ask);
    flags.all("deny", deny);
    flags.all("fuel", fuel);
    flags.all("step-fuel", step_fuel);
    flags.all("memory", memory);
    flags.all("timeout", timeout.map(time).as_slice());
    flags.all("wall-timeout", wall_timeout.map(time).as_slice());
    flags.all("tool-timeout", tool_timeout.map(time).as_slice());
    flags.all("max-tool-calls", max_tool_calls);
    flags.all("max-bytes-in", max_bytes_in);
    flags.all("max-bytes-out", max_bytes_out);
    flags.all("max-wait", max_wait.map(time).as_slice());
    Ok(flags.words)
}

#[derive(Default)]
struct Flags {
    words: Vec<String>,
}

impl Flags {
    fn all<'a, T: ToString + 'a>(&mut self, flag: &str, values: impl IntoIterator<Item = &'a T>) {
        for value in values {
            let value = value.to_string();
            if value.starts_with('-') {
                self.words.push(format!("--{flag}={value}"));
            } else {
                self.words.extend([format!("--{flag}"), value]);
            }
        }
    }

    fn paths<'a, P: AsRef<Path> + 'a>(
        &mut self,
        flag: &str,
        paths: impl IntoIterator<Item = &'a P>,
    ) -> Result<(), Complaint> {
        for path in paths {
            let path = text(&absolute(path.as_ref())?)?;
            self.all(flag, [&path]);
        }
        Ok(())
    }
}

/// A path that can stand in a configuration.
pub(super) fn text(path: &Path) -> Result<String, Complaint> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let message = format!("the path `{}` is not UTF-8 text, as a configuration is", path.display());
        Complaint::new(Exit::Usage, message, "give it another name")
    })
}

/// Times are read in whole milliseconds.
fn time(time: Duration) -> String {
    match time.as_millis() {
        milliseconds if milliseconds % 1_000 == 0 => format!("{}s", milliseconds / 1_000),
        milliseconds => format!("{milliseconds}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::arguments::{LimitArguments, ToolArguments};
    use clap::{Args as _, Command, Parser};
    use std::path::PathBuf;
    use std::time::Duration;

    #[derive(Debug, PartialEq, Parser)]
    struct Both {
        #[command(flatten)]
        tools: ToolArguments,
        #[command(flatten)]
        limits: LimitArguments,
    }

    /// Everything that can be given at once.
    fn example(files: Option<PathBuf>, files_write: Option<PathBuf>) -> Both {
        let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        let path = |path: &str| std::path::absolute(path).expect("it is a path");
        Both {
            tools: ToolArguments {
                config: Some(path("/a b/agentloop.toml")),
                fixtures: Some(path("/f.json")),
                files,
                files_write,
                http_host: texts(["a.example", "b.example"]),
                http_method: texts(["GET", "POST"]),
                mcp: vec![path("/m.json"), path("/n.json")],
                allow: texts(["a.*", "--odd"]),
                ask: texts(["c.*", "d"]),
                deny: texts(["*", "e"]),
            },
            limits: LimitArguments {
                fuel: Some(1_000_000_007),
                step_fuel: Some(5),
                memory: Some((64 << 20) + 1),
                timeout: Some(Duration::from_millis(1_500)),
                wall_timeout: Some(Duration::from_secs(300)),
                tool_timeout: Some(Duration::from_millis(1)),
                max_tool_calls: Some(0),
                max_bytes_in: Some(1 << 20),
                max_bytes_out: Some(7),
                max_wait: Some(Duration::from_secs(60)),
            },
        }
    }

    #[test]
    fn flags_mean_what_was_given() {
        let folder = Some(std::path::absolute("/folder").expect("it is a path"));
        let mut words = Vec::new();
        for example in [example(folder.clone(), None), example(None, folder.clone())] {
            let flags = of(&example.tools, &example.limits).expect("they are text");
            let command = std::iter::once("agentloop").chain(flags.iter().map(String::as_str));
            assert_eq!(Both::try_parse_from(command).expect("they are flags"), example);
            words.extend(flags);
        }
        // None is forgotten.
        let command = LimitArguments::augment_args(ToolArguments::augment_args(Command::new("agentloop")));
        for argument in command.get_arguments() {
            let flag = format!("--{}", argument.get_long().expect("all of them are flags"));
            assert!(words.contains(&flag), "{flag} is in no example");
        }
    }

    #[test]
    fn paths_are_meant_from_where_they_were_given() {
        let tools = ToolArguments { files: Some("notes".into()), mcp: vec!["../m.json".into()], ..Default::default() };
        let limits = Both::try_parse_from(["agentloop"]).expect("nothing is needed").limits;
        let here = std::env::current_dir().expect("there is one").display().to_string();
        let expected = ["--files".to_owned(), format!("{here}/notes"), "--mcp".to_owned(), format!("{here}/../m.json")];
        assert_eq!(of(&tools, &limits).expect("they are text"), expected);
    }
}
