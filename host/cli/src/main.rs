//! The binary `agentloop`: parses, runs, and maps the result to an exit code. Nothing else decides one.

mod approval;
mod arguments;
mod ask;
mod audit;
mod catalog;
mod check;
mod config;
mod continued;
mod credentials;
mod ended;
mod exit;
mod fixtures;
mod folders;
mod history;
mod human;
mod install;
mod interrupt;
mod json_text;
mod ledger;
mod login;
mod model;
mod offer;
mod pausing;
mod policy;
mod problem;
mod replace;
mod replay;
mod report;
mod run;
mod script;
mod server;
mod sources;
mod state;
mod status;
mod terminal;
mod types;
mod units;
mod view;

use arguments::{Arguments, Command, McpCommand};
use clap::Parser as _;
use exit::{Complaint, Exit};
use std::panic;
use std::process::ExitCode;
use terminal::{Screen, Tone};

fn main() -> ExitCode {
    let screen = Screen::new();
    panic::set_hook(Box::new(move |info| {
        screen.say(Tone::Error, "error", &format!("agentloop {info}"));
        screen.say(Tone::Help, "help", "this is a fault of agentloop, not of the script; please report both");
    }));
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help, too, comes as an error. That nobody reads it is none.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.code().into() } else { Exit::Finished.code().into() };
        }
    };
    let result = panic::catch_unwind(|| match &arguments.command {
        Command::Run(arguments) => run::run(arguments, screen),
        Command::Resume(arguments) => pausing::resume(arguments, screen),
        Command::Runs(arguments) => pausing::list(arguments, screen),
        Command::Replay(arguments) => replay::replay(arguments, screen),
        Command::Diff(arguments) => replay::diff(arguments, screen),
        Command::Stats(arguments) => replay::stats(arguments),
        Command::Check(arguments) => check::check(arguments, screen),
        Command::Tools(arguments) => catalog::list(arguments, screen),
        Command::Audit(arguments) => audit::audit(arguments, screen),
        Command::Mcp(arguments) => match &arguments.command {
            None => server::serve(&arguments.serve, screen),
            Some(McpCommand::Install(arguments)) => install::install(arguments, screen),
            Some(McpCommand::Uninstall(arguments)) => install::uninstall(arguments, screen),
            Some(McpCommand::Login(arguments)) => login::login(arguments, screen),
            Some(McpCommand::Logout(arguments)) => login::logout(arguments, screen),
        },
        Command::Config(arguments) => config::check(&arguments.command, screen),
    });
    let exit = match result {
        Ok(Ok(exit)) => exit,
        Ok(Err(complaint)) => {
            complain(screen, &complaint);
            complaint.exit
        }
        // The hook has said why.
        Err(_) => Exit::Host,
    };
    exit.code().into()
}

fn complain(screen: Screen, complaint: &Complaint) {
    if complaint.message.is_empty() {
        return;
    }
    screen.say(Tone::Error, "error", &complaint.message);
    if let Some(help) = &complaint.help {
        screen.say(Tone::Help, "help", help);
    }
}
