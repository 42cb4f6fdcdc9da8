//! Sizes, forbidden words, links.

use super::functions::long_functions;
use super::root;
use std::path::{Path, PathBuf};
use std::{fs, iter};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

/// Files that are a table or a story rather than a program: path and reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Folders that hold what was built or fetched, not what was written.
const NOT_OURS: &[&str] = &["target", ".git", ".tools", "node_modules"];

/// Every file that was written for this repository, as a path from its root, sorted.
pub(crate) fn ours() -> Vec<PathBuf> {
    let root = root();
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository can be read") {
            let entry = entry.expect("an entry can be read");
            let is_folder = entry.file_type().expect("its kind is known").is_dir();
            if is_folder && !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
                folders.push(entry.path());
            } else if !is_folder {
                files.push(entry.path().strip_prefix(&root).expect("it is below the root").to_owned());
            }
        }
    }
    files.sort();
    files
}

pub(crate) fn with_extension<'a>(files: &'a [PathBuf], extensions: &'a [&str]) -> impl Iterator<Item = &'a PathBuf> {
    files
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known)))
}

pub(crate) fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()))
}

const PROGRAMS: &[&str] = &["rs", "c", "h", "js"];

#[test]
fn files_are_short() {
    let files = ours();
    let long: Vec<String> = with_extension(&files, PROGRAMS)
        .filter(|file| !LONG_FILES.iter().any(|(path, _)| file.as_path() == Path::new(path)))
        .map(|file| (file, read(file).lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(file, lines)| format!("{}: {lines} lines, {FILE_LINES_MAX} are allowed", file.display()))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn functions_are_short() {
    let files = ours();
    let long: Vec<String> = with_extension(&files, &["rs", "c"])
        .flat_map(|file| long_functions(&read(file), FUNCTION_LINES_MAX).into_iter().map(move |found| (file, found)))
        .map(|(file, found)| {
            format!("{}:{}: {} lines, {FUNCTION_LINES_MAX} are allowed", file.display(), found.line, found.lines)
        })
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not hold what it forbids.
    let forbidden = [["TO", "DO"], ["FIX", "ME"], ["dbg", "!("], ["XX", "X:"]].map(|halves| halves.concat());
    let files = ours();
    let mut found = Vec::new();
    for file in with_extension(&files, &["rs", "c", "h", "js", "wit", "md", "toml", "sh"]) {
        for (number, line) in read(file).lines().enumerate() {
            if forbidden.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// `[text](target)`: the targets that are paths of this repository.
fn links(markdown: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut targets = Vec::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        }
        let mut rest = if in_block { "" } else { line };
        while let Some((_, behind)) = rest.split_once("](") {
            let (target, after) = behind.split_once(')').unwrap_or((behind, ""));
            let path = target.split(['#', ' ']).next().unwrap_or_default();
            let is_elsewhere = path.contains("://") || path.starts_with("mailto:");
            targets.extend(iter::once(path).filter(|path| !path.is_empty() && !is_elsewhere));
            rest = after;
        }
    }
    targets
}

#[test]
fn links_of_the_documentation_lead_somewhere() {
    let files = ours();
    let mut broken = Vec::new();
    for file in with_extension(&files, &["md"]) {
        let folder = root().join(file).parent().expect("a file is in a folder").to_owned();
        let text = read(file);
        broken.extend(
            links(&text)
                .into_iter()
                .filter(|link| !folder.join(link).exists())
                .map(|link| format!("{}: {link}", file.display())),
        );
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn links_are_found_outside_code_only() {
    let text = "[a](b.md) and [c](d/e.md#f), [g](https://h)\n```\n[i](j)\n```\n[k](l \"m\")";
    assert_eq!(links(text), ["b.md", "d/e.md", "l"]);
}
