//! `agentloop mcp install` and `uninstall`: one entry in the configuration of a client, and its other servers behind it if that is
//! wanted.
//!
//! Everything is read and checked before the first byte is written. Servers are written where they go to before they are taken from
//! where they were, so that none is lost wherever it stops.

mod client;
mod document;
mod file;
mod flags;
mod json;
mod moved;
mod toml;

use crate::arguments::{Client, InstallArguments, TargetArguments, UninstallArguments};
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::folders::Folders;
use crate::policy;
use crate::run::{broken, complain, engine};
use crate::sources::Opened;
use crate::terminal::{Screen, Tone};
use agentloop_tools::mcp::Server;
use client::Place;
use document::{Document, Entry};
use file::Original;
use moved::{Moved, Taken};
use serde_json::Value;
use std::path::PathBuf;

/// The name of the entry.
const NAME: &str = "agentloop";

pub(crate) fn install(arguments: &InstallArguments, screen: Screen) -> Result<Exit, Complaint> {
    let place = place(&arguments.target)?;
    match place.client {
        Client::Codex => install_in::<toml::Toml>(arguments, &place, screen),
        Client::ClaudeCode | Client::Cursor | Client::VsCode => install_in::<json::Json>(arguments, &place, screen),
    }
}

pub(crate) fn uninstall(arguments: &UninstallArguments, screen: Screen) -> Result<Exit, Complaint> {
    let place = place(&arguments.target)?;
    match place.client {
        Client::Codex => uninstall_from::<toml::Toml>(&place, screen),
        Client::ClaudeCode | Client::Cursor | Client::VsCode => uninstall_from::<json::Json>(&place, screen),
    }
}

fn place(target: &TargetArguments) -> Result<Place, Complaint> {
    Place::find(target, &Folders::HERE)
}

fn install_in<D: Document>(arguments: &InstallArguments, place: &Place, screen: Screen) -> Result<Exit, Complaint> {
    let opened = checked(arguments, place)?;
    let list = place.client.list();
    let file = Original::read(&place.shown)?;
    let before: D = file.document(list)?;
    let mut moved = place.moved.as_deref().map(|path| Moved::<D>::open(path, place)).transpose()?;
    let mut taken = Taken::default();
    if arguments.move_servers {
        let moved = moved.as_mut().ok_or_else(|| {
            Complaint::new(Exit::Usage, "there is no folder to move servers to: no home is set", "set HOME")
        })?;
        taken = moved.take(&before, place, &opened)?;
    }
    // What was moved earlier stays behind it.
    let moved = moved.filter(|moved| !moved.document.names().is_empty());
    if let Some(moved) = &moved {
        moved.check(&opened)?;
    }
    let entry = entry(arguments, place, moved.as_ref(), &opened)?;
    let mut document: D = file.document(list)?;
    let replaces = before.server(NAME);
    document.put(NAME, &entry);
    let is_same = document.server(NAME) == replaces;
    if is_same {
        // Written in another way, perhaps, and as good.
        document = file.document(list)?;
    }
    for name in &taken.moved {
        document.remove(name);
    }
    let text = document.text();
    unharmed::<D>(&text, &before, &taken.moved, place)?;

    let report = Report { place, screen };
    let is_new = file.differs(&text);
    if is_new {
        let backup = file.backup()?;
        if let Some(moved) = moved.as_ref().filter(|moved| moved.file.differs(&moved.document.text())) {
            moved.file.replace(&moved.document.text())?;
        }
        file.replace(&text)?;
        report.installed(&entry);
        if replaces != Value::Null && !is_same {
            report.say("replaced", &format!("another `{NAME}` was there before"));
        }
        report.backup(backup);
    } else {
        report.say("installed", &format!("`{NAME}` is in `{}` already, as it would be now", place.shown.display()));
    }
    report.taken(&taken, moved.as_ref(), arguments);
    if is_new {
        report.restart();
    }
    Ok(Exit::Finished)
}

/// Everything that the flags name, opened. What is wrong is told now, not when the client starts the server.
fn checked(arguments: &InstallArguments, place: &Place) -> Result<Opened, Complaint> {
    let config = Config::of(&arguments.tools)?;
    let itself = |file: &str| {
        let message = format!("{file} has agentloop in it, which would start itself");
        Complaint::new(Exit::Usage, message, "use --move-servers, or give --mcp a file with the other servers only")
    };
    let named = config.mcp.iter().map(|at| config.resolve(&at.value)).chain(arguments.tools.mcp.iter().cloned());
    if let Some(path) = named.into_iter().find(|path| client::resolved(path) == place.path) {
        return Err(itself(&format!("`{}`", path.display())));
    }
    let opened = Opened::all(&arguments.tools, &config)?;
    policy::of(&arguments.tools, &config)?;
    let limits = arguments.limits.limits(&config.limits);
    engine()?.sandbox(opened.toolbox()?, limits).map_err(|error| complain(&error))?;
    let mut names: Vec<&str> = opened.servers().map(Server::name).collect();
    names.sort_unstable();
    if names.contains(&NAME) {
        return Err(itself("a file of --mcp or --config"));
    }
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(opened),
        Some(pair) => {
            let message = format!("there are two servers `{}` in the files of --mcp and --config", pair[0]);
            Err(Complaint::new(Exit::Usage, message, "leave one of them out, or give it another name"))
        }
    }
}

fn entry<D: Document>(
    arguments: &InstallArguments,
    place: &Place,
    moved: Option<&Moved<D>>,
    opened: &Opened,
) -> Result<Entry, Complaint> {
    let program = std::env::current_exe().map_err(|error| broken(format!("it cannot tell where it is: {error}")))?;
    let mut args = vec!["mcp".to_owned()];
    args.extend(flags::of(&arguments.tools, &arguments.limits)?);
    if let Some(moved) = moved {
        args.extend(["--mcp".to_owned(), flags::text(&moved.file.shown)?]);
    }
    let variables = moved.map(|moved| moved.variables(place, opened)).unwrap_or_default();
    let typed = place.client == Client::VsCode;
    Ok(Entry { command: flags::text(&program)?, args, typed, variables })
}

/// Reads what is about to be written: each server that is not to be touched is there as it was.
fn unharmed<D: Document>(text: &str, before: &D, gone: &[String], place: &Place) -> Result<(), Complaint> {
    let after = D::read(text, place.client.list());
    let stays = |name: &String| name != NAME && !gone.contains(name);
    let is_same = after.is_ok_and(|after| {
        let names: Vec<String> = before.names().into_iter().filter(stays).collect();
        let same = names.iter().all(|name| after.server(name) == before.server(name));
        same && gone.iter().all(|name| after.server(name) == Value::Null)
    });
    if is_same {
        return Ok(());
    }
    Err(broken(format!("`{}` has a form that cannot be edited; nothing was written", place.shown.display())))
}

fn uninstall_from<D: Document>(place: &Place, screen: Screen) -> Result<Exit, Complaint> {
    let list = place.client.list();
    let file = Original::read(&place.shown)?;
    let before: D = file.document(list)?;
    let moved = place.moved.as_deref().map(|path| Moved::<D>::open(path, place)).transpose()?;
    let moved = moved.filter(|moved| moved.file.exists());
    let report = Report { place, screen };
    let was_there = before.names().iter().any(|name| name == NAME);
    if !was_there && moved.is_none() {
        report.say("uninstalled", &format!("there is no `{NAME}` in `{}`; nothing was changed", place.shown.display()));
        return Ok(Exit::Finished);
    }
    let mut document: D = file.document(list)?;
    document.remove(NAME);
    let (mut back, mut kept): (Vec<String>, Vec<String>) = Default::default();
    if let Some(moved) = &moved {
        let is_other = |name: &String| {
            let there = before.server(name);
            there != Value::Null && there != moved.document.server(name)
        };
        (kept, back) = moved.document.names().into_iter().partition(is_other);
        let gone: Vec<String> = back.iter().filter(|name| before.server(name) == Value::Null).cloned().collect();
        document.copy(&gone, &moved.document);
    }
    let text = document.text();
    unharmed::<D>(&text, &before, &[], place)?;

    if file.differs(&text) && (file.exists() || !back.is_empty()) {
        file.replace(&text)?;
    }
    if let Some(mut moved) = moved {
        back.iter().for_each(|name| moved.document.remove(name));
        match kept.is_empty() {
            true => moved.file.remove()?,
            false => moved.file.replace(&moved.document.text())?,
        }
        report.put_back(&back, &kept, &moved.file);
    }
    if was_there {
        report.say("uninstalled", &format!("`{NAME}` is no longer in `{}`", place.shown.display()));
    }
    report.backup(file.existing_backup());
    report.restart();
    Ok(Exit::Finished)
}

/// What was done, in a few lines on standard error.
struct Report<'a> {
    place: &'a Place,
    screen: Screen,
}

impl Report<'_> {
    fn say(&self, label: &str, text: &str) {
        self.screen.say(Tone::Faint, label, text);
    }

    fn installed(&self, entry: &Entry) {
        let file = self.place.shown.display();
        let words = std::iter::once(&entry.command).chain(&entry.args).map(String::as_str).collect::<Vec<_>>();
        self.say("installed", &format!("`{NAME}` is in `{file}`: {}", words.join(" ")));
    }

    fn backup(&self, backup: Option<PathBuf>) {
        if let Some(backup) = backup {
            self.say("backup", &format!("the file as it was before agentloop is `{}`", backup.display()));
        }
    }

    fn taken<D: Document>(&self, taken: &Taken, moved: Option<&Moved<D>>, arguments: &InstallArguments) {
        if let Some(moved) = moved {
            let file = moved.file.shown.display();
            match taken.moved.is_empty() {
                true => self.say("moved", &format!("the servers in `{file}` are behind agentloop")),
                false => self.say("moved", &format!("{} behind agentloop, in `{file}`", listed(&taken.moved))),
            }
            // One with headers has its token there.
            let may_ask = |server: Value| server.get("url").is_some() && server.get("headers").is_none();
            for name in taken.moved.iter().filter(|name| may_ask(moved.document.server(name))) {
                self.say("note", &format!("if `{name}` wants you to sign in: agentloop mcp login {name} --mcp {file}"));
            }
        }
        for (name, reason) in &taken.left {
            self.screen.say(Tone::Warning, "warning", &format!("the server `{name}` stays where it is: {reason}"));
        }
        if arguments.move_servers && self.place.client == Client::ClaudeCode {
            self.say("note", "servers that Claude Code has for single projects were left alone");
        }
    }

    fn put_back(&self, back: &[String], kept: &[String], moved: &Original) {
        if !back.is_empty() {
            self.say("restored", &format!("{} in `{}` again", listed(back), self.place.shown.display()));
        }
        if !kept.is_empty() {
            let (file, moved) = (self.place.shown.display(), moved.shown.display());
            let text = format!("`{file}` has other servers of these names by now; {} still in `{moved}`", listed(kept));
            self.screen.say(Tone::Warning, "warning", &text);
        }
    }

    fn restart(&self) {
        self.say("next", &format!("restart {}", self.place.client.label()));
    }
}

/// `a` is, or `a`, `b` are.
fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} {}", quoted.join(", "), if names.len() == 1 { "is" } else { "are" })
}
