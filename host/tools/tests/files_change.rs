//! Changing a granted folder: what is written, and what is never written through.

mod calls;

use agentloop_sandbox::{Effect, Tool};
use agentloop_tools::{Files, FilesLimits};
use calls::Calls as _;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use tempfile::TempDir;

struct Kit {
    base: TempDir,
    tools: Vec<Tool>,
}

impl Kit {
    fn path(&self, path: &str) -> PathBuf {
        self.base.path().join("inside").join(path)
    }

    fn contents(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("it is read")
    }

    fn tool(&self, tool: &str) -> &Tool {
        let name = format!("files.{tool}");
        self.tools.iter().find(|tool| tool.name().as_str() == name).expect("there is such a tool")
    }

    async fn ok(&self, tool: &str, arguments: Value) -> Value {
        self.tool(tool).call(arguments).await.expect("it works")
    }

    async fn refused(&self, tool: &str, arguments: Value) -> String {
        self.tool(tool).call(arguments).await.expect_err("it is refused")
    }

    /// What is in the folder, leftovers included.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).expect("it is listed");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn kit() -> Kit {
    kit_with(100)
}

fn kit_with(entries_max: u64) -> Kit {
    let base = TempDir::new().expect("there is room");
    for folder in ["inside", "outside"] {
        fs::create_dir(base.path().join(folder)).expect("it is made");
    }
    fs::write(base.path().join("outside/file"), "outside").expect("it is written");
    let mut limits = FilesLimits::default();
    limits.write_bytes_max = 1000;
    limits.entries_max = entries_max;
    let files = Files::open(base.path().join("inside")).expect("it is opened").read_write().limits(limits);
    Kit { tools: files.tools().expect("there are tools"), base }
}

#[tokio::test]
async fn each_tool_says_what_it_may_do() {
    let effects: Vec<_> = kit().tools.iter().map(|tool| (tool.name().to_string(), tool.effect())).collect();
    let named = |name: &str, effect| (format!("files.{name}"), effect);
    assert_eq!(
        effects[5..],
        [
            named("write", Effect::Destructive),
            named("edit", Effect::Destructive),
            named("move", Effect::Destructive),
            named("remove", Effect::Destructive),
            named("make_folder", Effect::Additive),
        ]
    );
}

#[tokio::test]
async fn a_file_is_written_whole_and_nothing_is_left_beside_it() {
    let kit = kit();
    let answer = kit.ok("write", json!({ "path": "a", "content": "one" })).await;
    assert_eq!(answer, json!({ "path": "a", "size": 3, "created": true }));
    let answer = kit.ok("write", json!({ "path": "a", "content": "/w==", "encoding": "base64" })).await;
    assert_eq!(answer, json!({ "path": "a", "size": 1, "created": false }));
    assert_eq!(fs::read(kit.path("a")).expect("it is read"), [0xff]);
    kit.ok("write", json!({ "path": "b/c/d", "content": "two", "make_parents": true })).await;
    assert_eq!(kit.contents("b/c/d"), "two");
    kit.ok("write", json!({ "path": "e", "content": "", "create_only": true })).await;
    assert_eq!(kit.names(), ["a", "b", "e"]);
    let refused = async |arguments| kit.refused("write", arguments).await;
    assert_eq!(
        refused(json!({ "path": "a", "content": "", "create_only": true })).await,
        "`a` is there already: leave out `create_only` to replace it"
    );
    assert_eq!(
        refused(json!({ "path": "x/y/z", "content": "" })).await,
        "there is no folder `x`: pass `make_parents` to make it"
    );
    assert_eq!(refused(json!({ "path": "a/x", "content": "" })).await, "`a` is not a folder");
    assert_eq!(refused(json!({ "path": "b", "content": "" })).await, "`b` is a folder, not a file");
    assert_eq!(
        refused(json!({ "path": ".", "content": "" })).await,
        "`.` is the folder itself, which cannot be changed: name something in it"
    );
    assert_eq!(refused(json!({ "path": "f", "content": "x".repeat(1001) })).await, "`f` would be over 1000 bytes");
    let base64 = refused(json!({ "path": "f", "content": "?", "encoding": "base64" })).await;
    assert_eq!(base64, "`content` is not base64: Invalid symbol 63, offset 0.");
    assert_eq!(kit.names(), ["a", "b", "e"]);
}

#[tokio::test]
async fn permissions_of_a_file_are_kept_and_heeded() {
    let kit = kit();
    kit.ok("write", json!({ "path": "run", "content": "one" })).await;
    fs::set_permissions(kit.path("run"), fs::Permissions::from_mode(0o4750)).expect("it is set");
    kit.ok("write", json!({ "path": "run", "content": "two" })).await;
    let mode = fs::metadata(kit.path("run")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o750);
    fs::set_permissions(kit.path("run"), fs::Permissions::from_mode(0o444)).expect("it is set");
    let expected = "the permissions of `run` do not allow to change it";
    assert_eq!(kit.refused("write", json!({ "path": "run", "content": "three" })).await, expected);
    let edits = json!([{ "old": "two", "new": "three" }]);
    assert_eq!(kit.refused("edit", json!({ "path": "run", "edits": edits })).await, expected);
    assert_eq!(kit.contents("run"), "two");
}

#[tokio::test]
async fn nothing_is_changed_through_a_link() {
    let kit = kit();
    fs::create_dir(kit.path("real")).expect("it is made");
    fs::write(kit.path("real/file"), "inside").expect("it is written");
    symlink("../outside", kit.path("out")).expect("it is linked");
    symlink("../outside/file", kit.path("out-file")).expect("it is linked");
    symlink("../outside/new", kit.path("out-new")).expect("it is linked");
    symlink("real", kit.path("in")).expect("it is linked");
    let link = |path: &str| {
        format!("`{path}` is a link, and nothing is changed through links: use the path of what it leads to")
    };
    let write = |path: &str| json!({ "path": path, "content": "x", "make_parents": true });
    for (path, at) in [
        ("out/file", "out"),
        ("out/new", "out"),
        ("out-file", "out-file"),
        ("out-new", "out-new"),
        ("in/file", "in"),
        ("in/new/file", "in"),
    ] {
        assert_eq!(kit.refused("write", write(path)).await, link(at));
    }
    let edits = json!([{ "old": "side", "new": "x" }]);
    assert_eq!(kit.refused("edit", json!({ "path": "out-file", "edits": edits })).await, link("out-file"));
    assert_eq!(kit.refused("edit", json!({ "path": "in/file", "edits": edits })).await, link("in"));
    assert_eq!(kit.refused("remove", json!({ "path": "out/file" })).await, link("out"));
    assert_eq!(kit.refused("make_folder", json!({ "path": "out/new" })).await, link("out"));
    assert_eq!(kit.refused("move", json!({ "from": "out/file", "to": "x" })).await, link("out"));
    assert_eq!(kit.refused("move", json!({ "from": "real/file", "to": "out/x" })).await, link("out"));
    assert_eq!(kit.refused("move", json!({ "from": "real/file", "to": "out-new" })).await, link("out-new"));
    // A program that just writes there does get out.
    fs::write(kit.path("out-new"), "naive").expect("it is written");
    assert_eq!(fs::read_to_string(kit.base.path().join("outside/new")).expect("it is read"), "naive");
    assert_eq!(fs::read_to_string(kit.base.path().join("outside/file")).expect("it is read"), "outside");
    assert_eq!(kit.contents("real/file"), "inside");
}

#[tokio::test]
async fn a_link_is_removed_and_what_it_leads_to_stays() {
    let kit = kit();
    fs::create_dir_all(kit.path("tree/a/b")).expect("it is made");
    fs::write(kit.path("tree/a/file"), "x").expect("it is written");
    symlink("../../outside", kit.path("tree/out")).expect("it is linked");
    symlink("../outside", kit.path("out")).expect("it is linked");
    let whole = "the folder `tree` is not empty: pass `recursive` to remove it with all that is in it";
    assert_eq!(kit.refused("remove", json!({ "path": "tree" })).await, whole);
    let answer = kit.ok("remove", json!({ "path": "tree", "recursive": true })).await;
    assert_eq!(answer, json!({ "path": "tree", "removed": 5 }));
    let answer = kit.ok("remove", json!({ "path": "out", "recursive": true })).await;
    assert_eq!(answer, json!({ "path": "out", "removed": 1 }));
    assert!(kit.names().is_empty());
    assert_eq!(fs::read_to_string(kit.base.path().join("outside/file")).expect("it is read"), "outside");
    assert_eq!(kit.refused("remove", json!({ "path": "tree" })).await, "there is no `tree`");
    let itself = "`.` is the folder itself, which cannot be changed: name something in it";
    assert_eq!(kit.refused("remove", json!({ "path": "", "recursive": true })).await, itself);
}

#[tokio::test]
async fn a_folder_with_too_much_in_it_is_removed_in_several_calls() {
    let kit = kit_with(3);
    fs::create_dir_all(kit.path("tree/sub")).expect("it is made");
    for index in 0..4 {
        fs::write(kit.path(&format!("tree/sub/{index}")), "").expect("it is written");
    }
    let remove = json!({ "path": "tree", "recursive": true });
    let expected =
        "2 entries of `tree` were removed, then: there are more than one call removes: call again for the rest";
    assert_eq!(kit.refused("remove", remove.clone()).await, expected);
    assert_eq!(kit.ok("remove", remove).await, json!({ "path": "tree", "removed": 4 }));
    assert!(kit.names().is_empty());
}

#[tokio::test]
async fn another_name_of_the_same_file_is_not_written_through() {
    let kit = kit();
    fs::hard_link(kit.base.path().join("outside/file"), kit.path("file")).expect("it is linked");
    kit.ok("write", json!({ "path": "file", "content": "inside" })).await;
    assert_eq!(fs::read_to_string(kit.base.path().join("outside/file")).expect("it is read"), "outside");
    assert_eq!(fs::metadata(kit.path("file")).expect("it is there").nlink(), 1);
}

#[tokio::test]
async fn edits_are_made_together_or_not_at_all() {
    let kit = kit();
    fs::write(kit.path("a"), "one\ntwo\ntwo\naaa\n").expect("it is written");
    let edit = |edits: Value| json!({ "path": "a", "edits": edits });
    let answer =
        kit.ok("edit", edit(json!([{ "old": "one", "new": "1" }, { "old": "two", "new": "2", "all": true }]))).await;
    assert_eq!(answer, json!({ "path": "a", "size": 10, "replaced": 3 }));
    assert_eq!(kit.contents("a"), "1\n2\n2\naaa\n");
    let refused = async |edits: Value| kit.refused("edit", edit(edits)).await;
    let good = json!({ "old": "1", "new": "one" });
    assert_eq!(
        refused(json!([good, { "old": "3", "new": "x" }])).await,
        "edit 2 of 2: `3` is not in `a`: read the file again, and mind spaces and line breaks"
    );
    assert_eq!(
        refused(json!([{ "old": "2", "new": "x" }])).await,
        "edit 1 of 1: `2` is more than once in `a`, in lines 2, 3: give more of the text around it, or pass `all`"
    );
    assert_eq!(
        refused(json!([{ "old": "aa", "new": "x" }])).await,
        "edit 1 of 1: `aa` is more than once in `a`, in lines 4, 4: give more of the text around it, or pass `all`"
    );
    assert_eq!(
        refused(json!([{ "old": "", "new": "x" }])).await,
        "edit 1 of 1: `old` is empty: give the text to replace"
    );
    assert_eq!(refused(json!([{ "old": "1", "new": "1" }])).await, "edit 1 of 1: `old` and `new` are the same");
    assert_eq!(
        refused(json!([{ "old": "a", "new": "x".repeat(400), "all": true }])).await,
        "edit 1 of 1: `a` would be over 1000 bytes"
    );
    assert_eq!(refused(json!([])).await, "`edits` has 0 edits, expected 1 to 100");
    assert_eq!(refused(json!(vec![good.clone(); 101])).await, "`edits` has 101 edits, expected 1 to 100");
    assert_eq!(kit.contents("a"), "1\n2\n2\naaa\n");
    fs::write(kit.path("b"), b"\xff").expect("it is written");
    let binary = kit.refused("edit", json!({ "path": "b", "edits": [good] })).await;
    assert_eq!(binary, "`b` is not text, and cannot be edited");
    let missing = kit.refused("edit", json!({ "path": "c", "edits": [good] })).await;
    assert_eq!(missing, "there is no `c`");
}

#[tokio::test]
async fn edits_in_parallel_do_not_undo_each_other() {
    let kit = kit();
    let text: String = (0..50).map(|index| format!("<{index}>")).collect();
    fs::write(kit.path("a"), text).expect("it is written");
    let calls = (0..50).map(|index| {
        let edits = json!([{ "old": format!("<{index}>"), "new": "." }]);
        let tool = kit.tool("edit").clone();
        tokio::spawn(async move { tool.call(json!({ "path": "a", "edits": edits })).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("nothing panics").expect("it works");
    }
    assert_eq!(kit.contents("a"), ".".repeat(50));
}

#[tokio::test]
async fn a_move_replaces_only_when_told_to() {
    let kit = kit();
    for path in ["a", "b"] {
        fs::write(kit.path(path), path).expect("it is written");
    }
    fs::create_dir_all(kit.path("folder/sub")).expect("it is made");
    let refused = async |from: &str, to: &str| kit.refused("move", json!({ "from": from, "to": to })).await;
    assert_eq!(refused("a", "b").await, "`b` is there already: pass `replace` to replace it");
    assert_eq!(refused("a", "a").await, "`from` and `to` are both `a`");
    assert_eq!(refused("a", "x/y").await, "there is no `x`");
    assert_eq!(refused("x", "y").await, "there is no `x`");
    assert_eq!(refused("folder", "folder/sub/x").await, "`folder` cannot be moved into itself");
    assert_eq!(refused("a", "folder").await, "`folder` is a folder, not a file");
    assert_eq!(kit.contents("b"), "b");
    let answer = kit.ok("move", json!({ "from": "a", "to": "b", "replace": true })).await;
    assert_eq!(answer, json!({ "from": "a", "to": "b" }));
    assert_eq!(kit.contents("b"), "a");
    kit.ok("move", json!({ "from": "folder", "to": "other" })).await;
    assert_eq!(kit.names(), ["b", "other"]);
}

#[tokio::test]
async fn folders_are_made_with_those_above_them() {
    let kit = kit();
    let make = async |path: &str| kit.ok("make_folder", json!({ "path": path })).await;
    assert_eq!(make("a/b/c").await, json!({ "path": "a/b/c", "created": true }));
    assert_eq!(make("a/b/c").await, json!({ "path": "a/b/c", "created": false }));
    fs::write(kit.path("file"), "").expect("it is written");
    assert_eq!(kit.refused("make_folder", json!({ "path": "file" })).await, "`file` is not a folder");
}
