//! The keyring of the operating system, through its own program.

use super::{VALUE_BYTES_MAX, read_bounded};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The user may have to unlock the keyring first.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Between two looks at whether the program has ended.
const POLL: Duration = Duration::from_millis(5);

/// The program of this system, and what to do where it is not installed. Nothing where none is known.
const PROGRAM: Option<(&str, &str)> = if cfg!(target_os = "linux") {
    Some(("secret-tool", "install the package `libsecret-tools` (Debian, Ubuntu) or `libsecret` (others)"))
} else if cfg!(target_os = "macos") {
    Some(("security", "it is part of macOS: see that `/usr/bin` is on the PATH"))
} else {
    None
};

/// What the keyring holds, as the program prints it.
pub(super) fn look_up(program: Option<&Path>, service: &str, account: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let Some((usual, missing)) = PROGRAM else {
        return Err("no program is known for the keyring of this system: use a file or a variable".to_owned());
    };
    let program = program.unwrap_or(Path::new(usual));
    let mut command = Command::new(program);
    let store = if cfg!(target_os = "macos") {
        command.args(["find-generic-password", "-s", service, "-a", account, "-w"]);
        format!("security add-generic-password -s '{service}' -a '{account}' -w")
    } else {
        command.args(["lookup", "service", service, "account", account]);
        format!("secret-tool store --label='{service}' service '{service}' account '{account}'")
    };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("there is no `{}`: {missing}", program.display()),
        _ => format!("`{}` does not start: {error}", program.display()),
    })?;
    let printed = wait_for(child).map_err(|why| format!("`{}` {why}", program.display()))?;
    printed.ok_or_else(|| format!("it has none, or is locked: store it with `{store}`"))
}

/// What a program prints, or nothing if it fails.
fn wait_for(mut child: Child) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
    let deadline = Instant::now() + TIME_MAX;
    let (sender, receiver) = mpsc::sync_channel(1);
    let reader = child.stdout.take().map(|output| {
        thread::Builder::new().spawn(move || {
            let _ = sender.send(read_bounded(output));
        })
    });
    let printed = match reader {
        Some(Ok(_)) => receiver.recv_timeout(TIME_MAX).ok(),
        Some(Err(_)) | None => None,
    };
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if printed.is_some() && Instant::now() < deadline => thread::sleep(POLL),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
        }
    };
    match (printed, status) {
        // It was stopped in the middle, and is refused for its length.
        (Some(Ok(printed)), _) if printed.len() > VALUE_BYTES_MAX => Ok(Some(printed)),
        (Some(Ok(printed)), Some(status)) => Ok(status.success().then_some(printed)),
        (Some(Err(error)), _) => Err(format!("cannot be listened to: {error}")),
        _ => Err(format!("did not answer within {} s", TIME_MAX.as_secs())),
    }
}
