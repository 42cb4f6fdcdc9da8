//! Reading a granted folder, and the ways out of it that there are not.

mod calls;

use agentloop_sandbox::{Effect, Tool};
use agentloop_tools::{Files, FilesLimits};
use calls::Calls as _;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A granted folder with another one beside it, in which there is a secret.
struct Kit {
    base: TempDir,
    tools: Vec<Tool>,
}

impl Kit {
    fn new(limits: FilesLimits) -> Self {
        let base = TempDir::new().expect("there is room");
        for folder in ["inside", "outside"] {
            fs::create_dir(base.path().join(folder)).expect("it is made");
        }
        fs::write(base.path().join("outside/secret"), "the secret").expect("it is written");
        let files = Files::open(base.path().join("inside")).expect("it is opened").limits(limits);
        Self { tools: files.tools().expect("there are tools"), base }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.base.path().join("inside").join(path)
    }

    fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("it is made");
        fs::write(path, contents).expect("it is written");
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<Value, String> {
        let name = format!("files.{tool}");
        let found = self.tools.iter().find(|tool| tool.name().as_str() == name);
        found.expect("there is such a tool").call(arguments).await
    }

    async fn ok(&self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments).await.expect("it works")
    }

    async fn refused(&self, tool: &str, arguments: Value) -> String {
        self.call(tool, arguments).await.expect_err("it is refused")
    }

    async fn paths(&self, tool: &str, arguments: Value) -> Vec<String> {
        let answer = self.ok(tool, arguments).await;
        let entries = answer["entries"].as_array().expect("there are entries").clone();
        entries.iter().map(|entry| entry["path"].as_str().expect("it has a path").to_owned()).collect()
    }
}

fn kit() -> Kit {
    Kit::new(FilesLimits::default())
}

#[tokio::test]
async fn a_read_only_folder_has_no_tool_that_changes_it() {
    let names: Vec<String> = kit().tools.iter().map(|tool| tool.name().to_string()).collect();
    assert_eq!(names, ["files.read", "files.list", "files.glob", "files.search", "files.stat"]);
    let kit = kit();
    assert!(kit.tools.iter().all(|tool| tool.effect() == Effect::ReadOnly));
    for tool in &kit.tools {
        assert_eq!(tool.input_schema()["additionalProperties"], json!(false), "{tool:?}");
        assert_eq!(tool.result_schema().map(|schema| &schema["type"]), Some(&json!("object")), "{tool:?}");
    }
}

#[tokio::test]
async fn a_text_is_read_in_pieces_of_whole_characters() {
    let kit = kit();
    kit.write("a/text", "añb€");
    let read = async |arguments| kit.ok("read", arguments).await;
    let whole = json!({ "content": "añb€", "encoding": "utf8", "size": 7, "offset": 0 });
    assert_eq!(read(json!({ "path": "a/text" })).await, whole);
    let first = json!({ "content": "añb", "encoding": "utf8", "size": 7, "offset": 0, "next_offset": 4 });
    assert_eq!(read(json!({ "path": "a/text", "limit": 5 })).await, first);
    let second = json!({ "content": "€", "encoding": "utf8", "size": 7, "offset": 4 });
    assert_eq!(read(json!({ "path": "./a//text", "limit": 5, "offset": 4 })).await, second);
    let base64 = json!({ "content": "sQ==", "encoding": "base64", "size": 7, "offset": 2, "next_offset": 3 });
    assert_eq!(read(json!({ "path": "a/text", "offset": 2, "limit": 1, "encoding": "base64" })).await, base64);
    let refused = async |arguments| kit.refused("read", arguments).await;
    assert_eq!(
        refused(json!({ "path": "a/text", "offset": 2 })).await,
        "byte 2 of `a/text` is in the middle of a character: begin at the `next_offset` of the answer before, or read with \
         encoding `base64`"
    );
    assert_eq!(
        refused(json!({ "path": "a/text", "offset": 8 })).await,
        "`a/text` has 7 bytes, and 8 is beyond its end"
    );
    assert_eq!(refused(json!({ "path": "a/text", "limit": 3 })).await, "`limit` is under 4 bytes");
    assert_eq!(
        refused(json!({ "path": "a/text", "limit": 1048577 })).await,
        "`limit` is over 1048576 bytes: read the file in pieces, with `offset`"
    );
    assert_eq!(refused(json!({ "path": "a" })).await, "`a` is a folder, not a file: list it instead");
    assert_eq!(refused(json!({ "path": "b" })).await, "there is no `b`");
    assert_eq!(kit.refused("list", json!({ "path": "a/text" })).await, "`a/text` is not a folder");
    assert_eq!(refused(json!({ "path": "a/text/b" })).await, "a part of `a/text/b` is not a folder");
}

#[tokio::test]
async fn what_is_not_text_is_read_in_base64_only() {
    let kit = kit();
    kit.write("binary", b"ab\xffcd");
    kit.write("zero", b"ab\0cd");
    kit.write("cut", b"ab\xe2\x82");
    for (path, at) in [("binary", 2), ("zero", 2), ("cut", 2)] {
        assert_eq!(
            kit.refused("read", json!({ "path": path })).await,
            format!("`{path}` is not text (byte {at} is part of no character): read it with encoding `base64`")
        );
    }
    let answer = kit.ok("read", json!({ "path": "binary", "encoding": "base64" })).await;
    assert_eq!(answer["content"], "YWL/Y2Q=");
}

#[tokio::test]
async fn a_huge_file_is_read_piece_by_piece() {
    let kit = kit();
    let size = 64_u64 << 30;
    fs::File::create(kit.path("huge")).and_then(|file| file.set_len(size)).expect("it is made");
    let arguments = json!({ "path": "huge", "offset": size - 3, "encoding": "base64" });
    let end = json!({ "content": "AAAA", "encoding": "base64", "size": size, "offset": size - 3 });
    assert_eq!(kit.ok("read", arguments).await, end);
    let start = kit.ok("read", json!({ "path": "huge", "encoding": "base64" })).await;
    assert_eq!(start["next_offset"], json!(1 << 20));
    let found = kit.ok("search", json!({ "pattern": "a" })).await;
    assert_eq!(found["skipped"]["large_files"], json!(1));
}

#[tokio::test]
async fn no_path_leads_out() {
    let kit = kit();
    fs::create_dir(kit.path("folder")).expect("it is made");
    symlink("../outside", kit.path("folder-link")).expect("it is linked");
    symlink("../outside/secret", kit.path("file-link")).expect("it is linked");
    symlink(kit.base.path().join("outside"), kit.path("absolute-link")).expect("it is linked");
    symlink("/etc", kit.path("etc")).expect("it is linked");
    symlink("folder-link", kit.path("second-link")).expect("it is linked");
    // The same paths do lead out for a program that just opens them.
    for path in ["folder-link/secret", "file-link", "absolute-link/secret", "second-link/secret", "../outside/secret"] {
        assert_eq!(fs::read_to_string(kit.path(path)).expect("it is read"), "the secret");
    }
    for path in ["folder-link/secret", "file-link", "absolute-link/secret", "second-link/secret", "etc/passwd"] {
        let leads_out = format!("`{path}` leads out of the folder, through a link");
        assert_eq!(kit.refused("read", json!({ "path": path })).await, leads_out);
        assert_eq!(kit.refused("search", json!({ "pattern": "x", "path": path })).await, leads_out);
    }
    for path in ["folder-link", "absolute-link", "second-link", "etc"] {
        let leads_out = format!("`{path}` leads out of the folder, through a link");
        assert_eq!(kit.refused("list", json!({ "path": path })).await, leads_out);
        assert_eq!(kit.refused("glob", json!({ "path": path, "pattern": "**" })).await, leads_out);
        let stat = kit.ok("stat", json!({ "path": path })).await;
        assert_eq!((&stat["kind"], stat.get("leads_to")), (&json!("link"), None));
    }
    for (path, reason) in [
        ("../outside/secret", "it may not have `..` in it"),
        ("folder/../../outside/secret", "it may not have `..` in it"),
        ("/etc/passwd", "paths are relative to the folder, as in `notes/today.md`"),
        ("folder\0/x", "it has a NUL character in it"),
    ] {
        let expected = format!("`{path}` is not a path in this folder: {reason}");
        for tool in ["read", "list", "stat"] {
            assert_eq!(kit.refused(tool, json!({ "path": path })).await, expected);
        }
    }
}

#[tokio::test]
async fn a_link_that_stays_inside_is_followed_for_reading() {
    let kit = kit();
    kit.write("real/text", "hello");
    symlink("real", kit.path("link")).expect("it is linked");
    symlink("loop-b", kit.path("loop-a")).expect("it is linked");
    symlink("loop-a", kit.path("loop-b")).expect("it is linked");
    symlink(".", kit.path("real/self")).expect("it is linked");
    assert_eq!(kit.ok("read", json!({ "path": "link/text" })).await["content"], "hello");
    assert_eq!(kit.ok("stat", json!({ "path": "link" })).await["leads_to"], "folder");
    assert_eq!(kit.paths("list", json!({ "path": "link" })).await, ["link/self", "link/text"]);
    let everything = ["link", "loop-a", "loop-b", "real", "real/self", "real/text"];
    assert_eq!(kit.paths("list", json!({ "recursive": true })).await, everything);
    assert_eq!(
        kit.refused("read", json!({ "path": "loop-a" })).await,
        "`loop-a` cannot be used: filesystem loop or indirection limit (e.g. symlink loop)"
    );
    let found = kit.ok("search", json!({ "pattern": "hello" })).await;
    assert_eq!(found["matches"], json!([{ "path": "real/text", "line": 1, "text": "hello" }]));
}

#[tokio::test]
async fn pipes_and_sockets_are_refused_at_once() {
    let kit = kit();
    let mode = rustix::fs::Mode::RWXU;
    rustix::fs::mknodat(rustix::fs::CWD, kit.path("pipe"), rustix::fs::FileType::Fifo, mode, 0).expect("it is made");
    let _socket = UnixListener::bind(kit.path("socket")).expect("it is bound");
    symlink("pipe", kit.path("link")).expect("it is linked");
    for path in ["pipe", "socket", "link"] {
        assert_eq!(
            kit.refused("read", json!({ "path": path })).await,
            format!("`{path}` is not a file but a pipe, a socket or a device, which no tool opens")
        );
    }
    assert_eq!(kit.ok("stat", json!({ "path": "pipe" })).await["kind"], "special");
    assert_eq!(kit.ok("search", json!({ "pattern": "x" })).await["files_searched"], 0);
}

#[tokio::test]
async fn names_that_are_not_text_are_counted() {
    let kit = kit();
    kit.write("good", "x");
    fs::write(kit.base.path().join("inside").join(OsStr::from_bytes(b"b\xffd")), "x").expect("it is written");
    let answer = kit.ok("list", json!({})).await;
    assert_eq!((answer["entries"].as_array().map(Vec::len), &answer["unnamed"]), (Some(1), &json!(1)));
    assert_eq!(kit.ok("search", json!({ "pattern": "x" })).await["skipped"]["unnamed"], 1);
}

#[tokio::test]
async fn ten_thousand_files_are_listed_up_to_the_limit() {
    let kit = kit();
    for index in 0..10_000 {
        fs::write(kit.path(&format!("file-{index:05}")), "needle\n").expect("it is written");
    }
    let answer = kit.ok("list", json!({})).await;
    assert_eq!(answer["entries"].as_array().map(Vec::len), Some(1000));
    assert_eq!(answer["entries"][999]["path"], "file-00999");
    assert_eq!(answer["cut"], "there are more than the limit of 1000");
    let answer = kit.ok("list", json!({ "limit": 10_000 })).await;
    assert_eq!((answer["entries"].as_array().map(Vec::len), answer.get("cut")), (Some(10_000), None));
    assert_eq!(kit.refused("list", json!({ "limit": 10_001 })).await, "`limit` is over 10000");
    assert_eq!(kit.refused("list", json!({ "limit": 0 })).await, "`limit` is 0: leave it out, or pass at least 1");
    let found = kit.ok("search", json!({ "pattern": "needle", "limit": 7 })).await;
    assert_eq!(found["matches"].as_array().map(Vec::len), Some(7));
    assert_eq!(found["cut"], "there are more than the limit of 7");
    let all = kit.ok("search", json!({ "pattern": "absent" })).await;
    assert_eq!((&all["files_searched"], all.get("cut")), (&json!(10_000), None));
}

#[tokio::test]
async fn limits_of_the_host_hold() {
    let mut limits = FilesLimits::default();
    limits.entries_max = 3;
    limits.search_bytes_max = 10;
    let kit = Kit::new(limits);
    for path in ["a/1", "a/2", "b/1", "b/2"] {
        kit.write(path, "123456");
    }
    let answer = kit.ok("list", json!({ "recursive": true })).await;
    assert_eq!(answer["cut"], "there are more than 3 files and folders to look at");
    assert_eq!(kit.paths("list", json!({ "recursive": true })).await.len(), 3);
    let found = kit.ok("search", json!({ "pattern": "1", "path": "a" })).await;
    assert_eq!(
        (&found["files_searched"], &found["cut"]),
        (&json!(1), &json!("there are more than 10 bytes to search"))
    );
}

#[tokio::test]
async fn folders_are_gone_into_so_deep_and_no_deeper() {
    let kit = kit();
    let deep = vec!["d"; 70].join("/");
    fs::create_dir_all(kit.path(&deep)).expect("it is made");
    let answer = kit.ok("list", json!({ "recursive": true })).await;
    assert_eq!(answer["entries"].as_array().map(Vec::len), Some(64));
    assert_eq!(answer["cut"], "folders over 64 deep were left out");
    let expected = format!("`{deep}` is not a path in this folder: it is over 64 folders deep");
    assert_eq!(kit.refused("list", json!({ "path": deep })).await, expected);
}

#[tokio::test]
async fn patterns_of_paths_find_what_they_say() {
    let kit = kit();
    for path in ["a.md", "b.txt", ".hidden/c.md", "d/e.md", "d/f/g.md"] {
        kit.write(path, "x");
    }
    let glob = async |pattern: &str| kit.paths("glob", json!({ "pattern": pattern })).await;
    assert_eq!(glob("*.md").await, ["a.md"]);
    assert_eq!(glob("**/*.md").await, [".hidden/c.md", "a.md", "d/e.md", "d/f/g.md"]);
    assert_eq!(glob("./{a,b}.*").await, ["a.md", "b.txt"]);
    assert_eq!(kit.paths("glob", json!({ "pattern": "*.md", "path": "d" })).await, ["d/e.md"]);
    let refused = async |pattern: &str| kit.refused("glob", json!({ "pattern": pattern })).await;
    let relative = "it is matched with paths below the folder, as in `**/*.md`";
    for pattern in ["/etc/*", "../*", "d/../*"] {
        assert_eq!(refused(pattern).await, format!("`{pattern}` is not a pattern of paths: {relative}"));
    }
    assert_eq!(
        refused("{a,{b").await,
        "`{a,{b` is not a pattern of paths: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)"
    );
    let nested = "{".repeat(9);
    let expected = format!("`{nested}` is not a pattern of paths: it has over 8 braces inside of each other");
    assert_eq!(refused(&nested).await, expected);
    let long = "a".repeat(1001);
    let expected = format!("`{}…` is not a pattern of paths: it is over 1000 bytes", "a".repeat(200));
    assert_eq!(refused(&long).await, expected);
}

#[tokio::test]
async fn a_search_says_what_it_found_and_what_it_skipped() {
    let kit = kit();
    kit.write("a.rs", "one\r\ntwo\nthree\n\nfour");
    kit.write("b.rs", format!("{}\ntwo", "x".repeat(70_000)));
    kit.write("c.bin", b"two\0");
    let answer = kit.ok("search", json!({ "pattern": "^t(wo|hree)$", "context": 1 })).await;
    assert_eq!(
        answer["matches"],
        json!([
            { "path": "a.rs", "line": 2, "text": "two", "before": ["one"], "after": ["three"] },
            { "path": "a.rs", "line": 3, "text": "three", "before": ["two"], "after": [""] },
            { "path": "b.rs", "line": 2, "text": "two", "before": [format!("{}…", "x".repeat(500))] },
        ])
    );
    assert_eq!(
        answer["skipped"],
        json!({ "binary_files": 1, "large_files": 0, "unreadable": 0, "long_lines": 1, "unnamed": 0 })
    );
    let one = kit.ok("search", json!({ "pattern": "(?i)TWO", "path": "a.rs" })).await;
    assert_eq!(one["matches"], json!([{ "path": "a.rs", "line": 2, "text": "two" }]));
    let refused = async |arguments| kit.refused("search", arguments).await;
    let glob = refused(json!({ "pattern": "two", "path": "a.rs", "glob": "*" })).await;
    assert_eq!(glob, "`a.rs` is one file: leave out `glob`");
    assert_eq!(refused(json!({ "pattern": "two", "context": 11 })).await, "`context` is over 10");
    assert_eq!(refused(json!({ "pattern": "two", "limit": 1001 })).await, "`limit` is over 1000");
    assert_eq!(refused(json!({ "pattern": "two", "path": "missing" })).await, "there is no `missing`");
    let by_glob = kit.ok("search", json!({ "pattern": "two", "glob": "b*" })).await;
    assert_eq!(by_glob["files_searched"], 1);
}

#[tokio::test]
async fn a_regular_expression_is_bounded() {
    let kit = kit();
    kit.write("a", format!("{}!\n", "a".repeat(16_000)));
    let refused = async |pattern: &str| kit.refused("search", json!({ "pattern": pattern })).await;
    assert_eq!(refused("(").await, "`(` is not a regular expression: unclosed group");
    assert_eq!(refused("").await, "`pattern` is empty, and would match every line");
    assert_eq!(refused(&"a".repeat(1001)).await, "`pattern` is over 1000 bytes");
    let large = "(a{100}){100}{100}";
    assert_eq!(refused(large).await, format!("`{large}` is too large when compiled: ask for fewer repetitions"));
    let nested = format!("{}a{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(
        refused(&nested).await,
        format!(
            "`{nested}` is not a regular expression: exceed the maximum number of nested parentheses/brackets (32)"
        )
    );
    // An engine that tries one way after the other never comes to an end of this one.
    let answer = kit.ok("search", json!({ "pattern": "^(a+)+$" })).await;
    let seen = (&answer["matches"], &answer["files_searched"], &answer["skipped"]["long_lines"]);
    assert_eq!(seen, (&json!([]), &json!(1), &json!(0)));
}
