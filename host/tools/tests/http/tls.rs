//! Encrypted connections.

use crate::attacks::child;
use crate::support::{Names, ask};
use agentloop_tools::Http;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Set for the run of a test in which its certificate is one of the system's.
const CERTIFICATES: &str = "SSL_CERT_FILE";

/// A server that has a certificate for `a.test`.
struct Server {
    port: u16,
    certificate: String,
    /// What came after the handshake.
    seen: Arc<Mutex<Vec<String>>>,
}

/// `/down` redirects to the same host without encryption; all else answers `here`.
async fn serve() -> Server {
    let made = rcgen::generate_simple_self_signed(["a.test".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("it is bound");
    let port = listener.local_addr().expect("it has an address").port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let add = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.expect("it is read");
            let request = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let answer = if request.starts_with("GET /down ") {
                format!("HTTP/1.1 302 Found\r\nlocation: http://a.test:{port}/\r\ncontent-length: 0\r\n")
            } else {
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n".to_owned()
            };
            add.lock().expect("nobody panicked").push(request);
            let answer = format!("{answer}connection: close\r\n\r\nhere");
            stream.write_all(answer.as_bytes()).await.expect("it is sent");
            stream.shutdown().await.expect("it is sent");
        }
    });
    Server { port, certificate: made.cert.pem(), seen }
}

async fn get(port: u16, host: &str, path: &str) -> Result<Value, String> {
    let hosts = ["https://a.test", "https://b.test", "http://a.test"].map(|host| format!("{host}:{port}"));
    let http = Http::allow(hosts).and_then(|http| http.allow_private("a.test")).expect("they are hosts");
    let http = http.allow_private("b.test").expect("it is a host").resolver(Names::new(&[Ipv4Addr::LOCALHOST]));
    let http = http.secret_header(&format!("a.test:{port}"), "x-key", "0123456789").expect("it is a secret");
    ask(http, json!({ "url": format!("https://{host}:{port}{path}") })).await
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let server = serve().await;
    let expected =
        format!("`https://a.test:{}` cannot be connected to: invalid peer certificate: UnknownIssuer", server.port);
    assert_eq!(get(server.port, "a.test", "/").await, Err(expected));
    assert!(server.seen.lock().expect("nobody panicked").is_empty());
}

#[tokio::test]
async fn an_encrypted_request_stays_encrypted() {
    let name = "tls::an_encrypted_request_stays_encrypted";
    let folder = tempfile::TempDir::new().expect("there is room");
    let file = folder.path().join("certificates.pem");
    let Some(file) = child(name, CERTIFICATES, file.as_os_str()).await else { return };
    let server = serve().await;
    std::fs::write(file, &server.certificate).expect("it is written");
    assert_eq!(get(server.port, "a.test", "/").await.expect("it answers")["body"], "here");
    let down =
        format!("`https://a.test:{}` redirects to what is not allowed: it goes from `https` to `http`", server.port);
    assert_eq!(get(server.port, "a.test", "/down").await, Err(down));
    {
        let seen = server.seen.lock().expect("nobody panicked");
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().all(|request| request.contains("\r\nx-key: 0123456789\r\n")), "{seen:?}");
    }
    // The certificate is for another name.
    let why = get(server.port, "b.test", "/").await.expect_err("it is refused");
    let expected = format!(
        "`https://b.test:{}` cannot be connected to: invalid peer certificate: certificate not valid for name \"b.test\"; \
         certificate is only valid for DnsName(\"a.test\")",
        server.port
    );
    assert_eq!(why, expected);
    assert_eq!(server.seen.lock().expect("nobody panicked").len(), 2);
}
