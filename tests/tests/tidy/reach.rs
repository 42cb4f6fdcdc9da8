//! No file is dead: each one is compiled, embedded, or named by something that is.

use super::files::{ours, read, with_extension};
use super::root;
use cargo_metadata::{Metadata, MetadataCommand};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

pub(crate) fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked".to_owned(), "--offline".to_owned()])
        .exec()
        .expect("`cargo metadata` describes the workspace")
}

/// `a/b/../c` without going to the disk.
fn normal(path: &Path) -> PathBuf {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::CurDir => {}
            other => parts.push(other),
        }
    }
    parts.into_iter().collect()
}

/// The files that a Rust file pulls in with `mod`, `#[path]`, `include!` and its relatives.
fn pulled_in(file: &Path, text: &str) -> Vec<PathBuf> {
    let folder = file.parent().expect("a file is in a folder");
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_root =
        ["lib", "main", "mod", "build"].contains(&stem) || folder.ends_with("tests") || folder.ends_with("benches");
    let below = if is_root { folder.to_owned() } else { folder.join(stem) };
    let mut found = Vec::new();
    let mut path = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[path = \"") {
            path = rest.split('"').next();
        }
        let declaration = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        if let Some(name) = declaration.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
            match path.take() {
                Some(path) => found.push(folder.join(path)),
                None => found.extend([below.join(format!("{name}.rs")), below.join(name).join("mod.rs")]),
            }
        }
        for macro_name in ["include_str!(\"", "include_bytes!(\"", "include!(\""] {
            let arguments = line.split(macro_name).skip(1);
            found.extend(arguments.filter_map(|rest| rest.split('"').next()).map(|name| folder.join(name)));
        }
    }
    found.iter().map(|path| normal(path)).collect()
}

/// Everything that Cargo's targets lead to.
fn reached() -> BTreeSet<PathBuf> {
    let root = root().canonicalize().expect("the workspace is a folder");
    let metadata = metadata();
    let targets = metadata.workspace_packages().into_iter().flat_map(|package| &package.targets);
    let mut queue: Vec<PathBuf> = targets.map(|target| target.src_path.as_std_path().to_owned()).collect();
    // The fuzz targets are a workspace of their own.
    queue.extend(with_extension(&ours(), &["rs"]).filter(|file| file.starts_with("fuzz")).map(|file| root.join(file)));
    let mut reached = BTreeSet::new();
    while let Some(file) = queue.pop() {
        let path = file.strip_prefix(&root).expect("a target is in the workspace").to_owned();
        if file.is_file() && reached.insert(path.clone()) && path.extension().is_some_and(|extension| extension == "rs")
        {
            queue.extend(pulled_in(&file, &read(&path)));
        }
    }
    reached
}

#[test]
fn every_rust_file_is_compiled() {
    let reached = reached();
    let files = ours();
    let dead: Vec<&PathBuf> = with_extension(&files, &["rs"]).filter(|file| !reached.contains(*file)).collect();
    assert_eq!(dead, Vec::<&PathBuf>::new());
}

/// Files in `folder` with `extension` whose name does not stand in any of `sources`.
fn unnamed(folder: &str, extension: &str, sources: &[&str]) -> Vec<PathBuf> {
    let named: String = sources.iter().map(|source| read(Path::new(source))).collect();
    let files = ours();
    with_extension(&files, &[extension])
        .filter(|file| file.starts_with(folder))
        .filter(|file| !named.contains(&format!("\"{}\"", file.file_name().expect("a file has a name").display())))
        .cloned()
        .collect()
}

#[test]
fn every_file_of_the_shim_and_the_prelude_is_in_the_guest() {
    let none = Vec::<PathBuf>::new();
    assert_eq!(unnamed("guest-js/shim", "c", &["guest-js/build/compile.rs"]), none);
    assert_eq!(unnamed("guest-js/prelude", "js", &["guest-js/shim/prelude.c"]), none);
    let libraries = unnamed("guest-js/library", "js", &["guest-js/shim/prelude.c"]);
    // Those in folders are imported by the others, which the bundler checks.
    let parent = Path::new("guest-js/library");
    assert_eq!(libraries.into_iter().filter(|file| file.parent() == Some(parent)).collect::<Vec<_>>(), none);
}

#[test]
fn every_golden_and_every_list_of_the_suites_is_read() {
    let texts: String =
        with_extension(&ours(), &["rs"]).filter(|file| file.starts_with("tests")).map(|file| read(file)).collect();
    let unread: Vec<PathBuf> = ours()
        .into_iter()
        .filter(|file| file.starts_with("tests/golden") || file.starts_with("tests/realm"))
        .filter(|file| !texts.contains(&*file.file_name().expect("a file has a name").to_string_lossy()))
        .collect();
    assert_eq!(unread, Vec::<PathBuf>::new());
}

#[test]
fn modules_are_found_by_their_declarations() {
    let text = "mod a;\n#[path = \"x/y.rs\"]\nmod b;\npub(crate) mod c;\nconst D: &str = include_str!(\"d.js\");\n";
    let found = pulled_in(Path::new("s/m.rs"), text);
    let expected = ["s/m/a.rs", "s/m/a/mod.rs", "s/x/y.rs", "s/m/c.rs", "s/m/c/mod.rs", "s/d.js"];
    assert_eq!(found, expected.map(PathBuf::from));
}

/// What is in every binary is named with its version.
#[test]
fn every_library_of_the_realm_is_in_the_list_of_libraries() {
    let package: serde_json::Value =
        serde_json::from_str(&read(Path::new("guest-js/library/package.json"))).expect("it is JSON");
    let list = read(Path::new("docs/LIBRARIES.md"));
    let unnamed: Vec<String> = package["dependencies"]
        .as_object()
        .expect("it has dependencies")
        .iter()
        .map(|(name, version)| (name, version.as_str().unwrap_or_default()))
        .filter(|(name, version)| {
            !list
                .lines()
                .any(|line| line.starts_with(&format!("| {name} ")) && line.contains(&format!("| {version} |")))
        })
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    assert_eq!(unnamed, Vec::<String>::new());
}
