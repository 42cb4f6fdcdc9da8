//! `agentloop mcp login` and `logout`: signing in to an MCP server in a browser, and forgetting about it.

use crate::arguments::{LoginArguments, ToolArguments};
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::run::runtime;
use crate::sources::Opened;
use crate::terminal::{Screen, Tone};
use agentloop_tools::mcp::{Error, ErrorKind, Server};
use std::process::{Command, Stdio};

pub(crate) fn login(arguments: &LoginArguments, screen: Screen) -> Result<Exit, Complaint> {
    let server = server(arguments)?;
    let open = |page: &str| {
        let name = &arguments.server;
        screen.print(Tone::Plain, &format!("sign in to `{name}` on this page, within 5 minutes:\n{page}"));
        if screen.is_live() {
            browse(page);
        }
    };
    runtime()?.block_on(server.sign_in(open)).map_err(|error| complaint(&error))?;
    screen.print(Tone::Plain, &format!("signed in to `{}`", arguments.server));
    Ok(Exit::Finished)
}

pub(crate) fn logout(arguments: &LoginArguments, screen: Screen) -> Result<Exit, Complaint> {
    let server = server(arguments)?;
    runtime()?.block_on(server.sign_out()).map_err(|error| complaint(&error))?;
    screen.print(Tone::Plain, &format!("the token for `{}` is forgotten", arguments.server));
    Ok(Exit::Finished)
}

/// The server that is meant.
fn server(arguments: &LoginArguments) -> Result<Server, Complaint> {
    let tools =
        ToolArguments { config: arguments.config.clone(), mcp: arguments.mcp.clone(), ..ToolArguments::default() };
    let opened = Opened::all(&tools, &Config::of(&tools)?)?;
    let mut names = Vec::new();
    for server in opened.servers() {
        if server.name() == arguments.server {
            return Ok(server.clone());
        }
        names.push(format!("`{}`", server.name()));
    }
    let help = match names.as_slice() {
        [] => "name the file that configures it: --mcp FILE or --config FILE".to_owned(),
        names => format!("there are {}", names.join(", ")),
    };
    Err(Complaint::new(Exit::Usage, format!("there is no server `{}`", arguments.server), help))
}

fn complaint(error: &Error) -> Complaint {
    let exit = match error.kind() {
        ErrorKind::Refused => Exit::Usage,
        _ => Exit::NotSignedIn,
    };
    Complaint::new(exit, error.to_string(), "see \"Signing in\" in docs/CONFIG.md")
}

/// Opens a page in the user's browser, if there is one. Its address is one of `https`, or of this machine.
fn browse(page: &str) {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else if cfg!(target_os = "macos") {
        Command::new("open")
    } else {
        Command::new("xdg-open")
    };
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The address is on the screen: whoever has no browser here opens it elsewhere.
    let _ = command.spawn();
}
