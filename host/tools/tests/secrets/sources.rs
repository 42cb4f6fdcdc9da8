//! Where secrets are taken from, and what is said when they cannot be had.

use agentloop_tools::secrets::{Resolved, Secrets, Source};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn resolve(source: Source) -> Result<Resolved, String> {
    let secrets = Secrets::new().add("key", source).keyring_program(keyring());
    secrets.resolve().map_err(|error| error.to_string())
}

fn keyring() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/secrets/keyring.sh")
}

fn value(source: Source) -> String {
    let resolved = resolve(source).expect("there is such a secret");
    resolved.get("key").expect("it has its name").to_owned()
}

fn why(source: Source) -> String {
    let prefix = format!("the secret `key` cannot be had from {source}: ");
    let error = resolve(source).expect_err("it is refused");
    error.strip_prefix(&prefix).unwrap_or_else(|| panic!("{error} should begin with {prefix}")).to_owned()
}

/// A file that only its owner may read.
fn file(folder: &TempDir, contents: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join("key");
    fs::write(&path, contents).expect("it is written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
    path
}

fn env(name: &str) -> Source {
    Source::Env(name.to_owned())
}

fn kept(account: &str) -> Source {
    Source::Keyring { service: "mail".to_owned(), account: account.to_owned() }
}

/// Cargo sets these for tests.
#[test]
fn a_variable() {
    assert_eq!(value(env("CARGO_PKG_NAME")), "agentloop-tools");
    assert_eq!(why(env("AGENTLOOP_NO_SUCH_VARIABLE")), "it is not set");
    assert_eq!(why(env("CARGO_PKG_VERSION")), "it is under 8 bytes, too short to be taken out of what tools say");
    assert_eq!(why(env("CARGO_PKG_LICENSE_FILE")), "it is empty");
}

#[test]
fn a_file_without_the_line_breaks_at_its_end() {
    let folder = TempDir::new().expect("there is room");
    let of = |contents: &str| value(Source::File(file(&folder, contents)));
    assert_eq!(of("12345678"), "12345678");
    assert_eq!(of("12345678\n"), "12345678");
    assert_eq!(of("12345678\r\n\n"), "12345678");
    assert_eq!(of(" 1234\n5678 \n"), " 1234\n5678 ");
    assert_eq!(of(&("x".repeat(64 << 10) + "\n")).len(), 64 << 10);
}

#[test]
fn a_file_that_cannot_be_used() {
    let folder = TempDir::new().expect("there is room");
    let of = |contents: &[u8]| why(Source::File(file(&folder, contents)));
    assert_eq!(of(b""), "it is empty");
    assert_eq!(of(b"1234567\n"), "it is under 8 bytes, too short to be taken out of what tools say");
    assert_eq!(of(&[b'x'; (64 << 10) + 1]), "it is over 65536 bytes");
    assert_eq!(of(&[b'x'; 1 << 20]), "it is over 65536 bytes");
    assert_eq!(of(b"1234567\xff8"), "it is not text in UTF-8");
    assert_eq!(why(Source::File(folder.path().to_owned())), "it is not a file");
    assert_eq!(why(Source::File("/dev/zero".into())), "it is not a file");
    assert_eq!(why(Source::File(folder.path().join("none"))), "No such file or directory (os error 2)");
}

#[test]
fn a_file_that_others_may_read_or_change_is_refused() {
    let folder = TempDir::new().expect("there is room");
    let path = file(&folder, "12345678");
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o601] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("it is ours");
        let shown = path.display();
        let expected = format!("others may read or change it (its mode is {mode:o}): run `chmod 600 {shown}`");
        assert_eq!(why(Source::File(path.clone())), expected);
    }
    for mode in [0o600, 0o400, 0o700] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("it is ours");
        assert_eq!(value(Source::File(path.clone())), "12345678");
    }
}

#[test]
fn the_keyring() {
    assert_eq!(value(kept("me")), "kept in the keyring");
    let store = if cfg!(target_os = "macos") {
        "security add-generic-password -s 'mail' -a 'you' -w"
    } else {
        "secret-tool store --label='mail' service 'mail' account 'you'"
    };
    assert_eq!(why(kept("you")), format!("it has none, or is locked: store it with `{store}`"));
    assert_eq!(why(kept("long")), "it is over 65536 bytes");
    assert_eq!(why(kept("bytes")), "it is not text in UTF-8");
    assert_eq!(why(kept("short")), "it is under 8 bytes, too short to be taken out of what tools say");
}

#[test]
fn a_keyring_without_its_program() {
    let of = |program: &str| {
        let secrets = Secrets::new().add("key", kept("me")).keyring_program(program);
        secrets.resolve().expect_err("there is no such program").to_string()
    };
    let missing = of("/no/such/program");
    let prefix = "the secret `key` cannot be had from the keyring, service `mail`, account `me`: there is no `/no/such/program`: ";
    assert!(missing.starts_with(prefix), "{missing}");
    assert!(missing.len() > prefix.len() + 10, "it says what to do: {missing}");
    let folder = of("/");
    assert!(folder.contains("`/` does not start: "), "{folder}");
}

#[test]
fn names_are_plain_and_there_once() {
    let why = |names: &[&str]| {
        let secrets = names.iter().fold(Secrets::new(), |secrets, name| secrets.add(*name, env("CARGO_PKG_NAME")));
        secrets.resolve().expect_err("it is refused").to_string()
    };
    let of = |name: &str| format!("the secret `{name}` cannot be had from the variable `CARGO_PKG_NAME`: ");
    let twice = "there is another secret of this name";
    assert_eq!(why(&["a", "b", "a"]), of("a") + twice);
    for name in ["", "a b", "a\"", "ä", &"a".repeat(65)] {
        assert_eq!(why(&[name]), of(name) + "its name must be 1 to 64 letters, digits, `_`, `-` and `.`");
    }
    let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(why(&many), of("100") + "there are over 100 secrets");
}

#[test]
fn too_much_in_all_is_refused() {
    let folder = TempDir::new().expect("there is room");
    let path = file(&folder, "x".repeat(50_000));
    let source = || Source::File(path.clone());
    let secrets = Secrets::new().add("a", source()).add("b", source());
    assert!(secrets.resolve().is_ok());
    let error = secrets.add("c", source()).resolve().expect_err("it is refused").to_string();
    assert!(error.ends_with("with it the secrets are over 131072 bytes all together"), "{error}");
}

#[test]
fn values_are_not_shown() {
    let resolved = resolve(env("CARGO_PKG_NAME")).expect("there is such a secret");
    assert_eq!(format!("{resolved:?}"), r#"Resolved(["key"])"#);
    assert_eq!(resolved.get("other"), None);
}
