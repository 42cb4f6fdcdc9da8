//! A folder is swapped with a link to another one, over and over, while calls go through its name. A program that checks and then
//! opens is caught; these tools are not.

mod calls;

use agentloop_sandbox::Tool;
use agentloop_tools::Files;
use calls::Calls as _;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// So many calls go through the name, of each kind.
const CALLS: u32 = 1_000;

/// The program that is to be caught gives up after this.
const CONTROL_TIME_MAX: Duration = Duration::from_secs(60);

/// `inside/door` and `inside/link` are one thing and another by turns: a folder and a link to `outside`, unless said otherwise.
struct Arena {
    base: TempDir,
    stop: Arc<AtomicBool>,
    swapping: Option<JoinHandle<()>>,
}

impl Arena {
    fn new() -> Self {
        let base = TempDir::new().expect("there is room");
        for folder in ["inside/door", "inside/aside", "outside/sub"] {
            fs::create_dir_all(base.path().join(folder)).expect("it is made");
        }
        fs::write(base.path().join("inside/door/file"), "inside").expect("it is written");
        fs::write(base.path().join("outside/file"), "outside").expect("it is written");
        symlink("../outside", base.path().join("inside/link")).expect("it is linked");
        Self::swapping(base)
    }

    fn swapping(base: TempDir) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let swapping = {
            let (stop, inside) = (Arc::clone(&stop), base.path().join("inside"));
            thread::spawn(move || swap(&inside, &stop))
        };
        Self { base, stop, swapping: Some(swapping) }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.base.path().join(path)
    }

    /// What is outside, which nothing may change.
    fn outside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("outside")).expect("it is listed");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(swapping) = self.swapping.take() {
            let _ = swapping.join();
        }
    }
}

/// Swaps the two names in one step, so that there always is a `door`.
fn swap(inside: &Path, stop: &AtomicBool) {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    while !stop.load(Ordering::Relaxed) {
        let (door, link) = (inside.join("door"), inside.join("link"));
        renameat_with(CWD, &door, CWD, &link, RenameFlags::EXCHANGE).expect("they are swapped");
        thread::yield_now();
    }
}

fn tools(arena: &Arena) -> Vec<Tool> {
    let files = Files::open(arena.path("inside")).expect("it is opened").read_write();
    files.tools().expect("there are tools")
}

async fn call(tools: &[Tool], name: &str, arguments: Value) -> Result<Value, String> {
    let name = format!("files.{name}");
    tools.iter().find(|tool| tool.name().as_str() == name).expect("there is such a tool").call(arguments).await
}

/// Whether a program is caught that makes sure that a path is no link, and then uses it.
fn is_caught(arena: &Arena, attempt: &dyn Fn(&Path) -> bool) -> bool {
    let start = Instant::now();
    let door = arena.path("inside/door");
    while start.elapsed() < CONTROL_TIME_MAX {
        let is_link = fs::symlink_metadata(&door).expect("there always is one").is_symlink();
        if !is_link && attempt(&door) {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_swapped_folder_is_never_read_through() {
    let arena = Arena::new();
    let tools = tools(&arena);
    assert!(is_caught(&arena, &|door| fs::read_to_string(door.join("file")).is_ok_and(|text| text == "outside")));
    let mut read = 0;
    for _ in 0..CALLS {
        match call(&tools, "read", json!({ "path": "door/file" })).await {
            Ok(answer) => {
                assert_eq!(answer["content"], "inside");
                read += 1;
            }
            Err(why) => assert_eq!(why, "`door/file` leads out of the folder, through a link"),
        }
        if let Ok(answer) = call(&tools, "list", json!({ "recursive": true })).await {
            assert!(!answer.to_string().contains("sub"), "{answer}");
        }
        let found = call(&tools, "search", json!({ "pattern": "outside" })).await.expect("it works");
        assert_eq!(found["matches"], json!([]));
    }
    assert!(read > 0, "no call met the folder");
}

#[tokio::test]
async fn a_swapped_folder_is_never_written_through() {
    let arena = Arena::new();
    let tools = tools(&arena);
    assert!(is_caught(&arena, &|door| {
        let _ = fs::write(door.join("naive"), "naive");
        fs::exists(arena.path("outside/naive")).is_ok_and(|exists| exists)
    }));
    fs::remove_file(arena.path("outside/naive")).expect("it is removed");
    let mut written = 0;
    for index in 0..CALLS {
        let path = format!("door/new-{}", index % 10);
        let write = json!({ "path": path, "content": "new", "make_parents": true });
        written += u32::from(call(&tools, "write", write).await.is_ok());
        let _ = call(&tools, "edit", json!({ "path": "door/file", "edits": [{ "old": "outside", "new": "x" }] })).await;
        let _ = call(&tools, "make_folder", json!({ "path": "door/made" })).await;
        let _ = call(&tools, "move", json!({ "from": path, "to": "door/moved", "replace": true })).await;
        assert_eq!(arena.outside(), ["file", "sub"]);
    }
    assert!(written > 0, "no call met the folder");
    assert_eq!(fs::read_to_string(arena.path("outside/file")).expect("it is read"), "outside");
}

#[tokio::test]
async fn a_swapped_folder_is_never_emptied_through() {
    let arena = Arena::new();
    let tools = tools(&arena);
    assert!(is_caught(&arena, &|door| {
        let _ = fs::write(arena.path("outside/bait"), "");
        let _ = fs::remove_file(door.join("bait"));
        !fs::exists(arena.path("outside/bait")).is_ok_and(|exists| exists)
    }));
    let _ = fs::remove_file(arena.path("outside/bait"));
    for _ in 0..CALLS {
        let _ = call(&tools, "remove", json!({ "path": "door/file" })).await;
        let _ = call(&tools, "remove", json!({ "path": "door/sub", "recursive": true })).await;
        let _ = call(&tools, "write", json!({ "path": "door/file", "content": "inside" })).await;
        assert_eq!(arena.outside(), ["file", "sub"]);
    }
    assert_eq!(fs::read_to_string(arena.path("outside/file")).expect("it is read"), "outside");
}

#[tokio::test]
async fn a_pipe_that_is_swapped_in_does_not_block() {
    let base = TempDir::new().expect("there is room");
    fs::create_dir(base.path().join("inside")).expect("it is made");
    fs::write(base.path().join("inside/door"), "inside").expect("it is written");
    let pipe = base.path().join("inside/link");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("made");
    // A program that just opens the pipe waits until somebody comes to its other end.
    let (send, receive) = mpsc::channel();
    let waiting = {
        let pipe = pipe.clone();
        thread::spawn(move || send.send(fs::File::open(pipe).is_ok()))
    };
    assert_eq!(receive.recv_timeout(Duration::from_millis(200)), Err(mpsc::RecvTimeoutError::Timeout));
    drop(fs::OpenOptions::new().write(true).open(&pipe).expect("it is opened"));
    assert_eq!(receive.recv(), Ok(true));
    waiting.join().expect("it ends").expect("somebody listens");
    let arena = Arena::swapping(base);
    let tools = tools(&arena);
    let is_pipe = "`door` is not a file but a pipe, a socket or a device, which no tool opens";
    let (mut read, mut refused) = (0, 0);
    for _ in 0..CALLS {
        match call(&tools, "read", json!({ "path": "door" })).await {
            Ok(answer) => {
                assert_eq!(answer["content"], "inside");
                read += 1;
            }
            Err(why) => {
                assert_eq!(why, is_pipe);
                refused += 1;
            }
        }
        let found = call(&tools, "search", json!({ "pattern": "absent" })).await.expect("it works");
        assert_eq!(found["matches"], json!([]));
    }
    assert!(read > 0 && refused > 0, "{read} calls met the file, and {refused} the pipe");
}
