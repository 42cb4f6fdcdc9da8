//! Connections that do not come about.

use crate::conversation::{KEY, ask, hello};
use crate::faults::{error, kinds};
use crate::server::{Answer, Server};
use agentloop::{Model, ProviderErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server with a certificate that nobody vouches for.
struct SelfSigned {
    address: SocketAddr,
    certificate: Vec<u8>,
    /// How many clients wrote something after the handshake.
    readers: Arc<AtomicUsize>,
    /// How many clients came.
    callers: Arc<AtomicUsize>,
}

async fn self_signed() -> SelfSigned {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the port is known");
    let (readers, callers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (read, called) = (readers.clone(), callers.clone());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            called.fetch_add(1, Ordering::SeqCst);
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            let mut bytes = [0; 1024];
            if stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {
                read.fetch_add(1, Ordering::SeqCst);
                let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).await.expect("the client reads");
                stream.shutdown().await.expect("the client reads");
            }
        }
    });
    SelfSigned { address, certificate: certificate.to_vec(), readers, callers }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let server = self_signed().await;
    let origin = format!("https://{}", server.address);
    for case in kinds() {
        let builder = Model::builder(case.model).base_url(format!("{origin}/v1")).api_key(KEY);
        let model = builder.build_with(&|_| None).expect("the model can be built");
        let failed = ask(&model, &hello()).await.0.expect_err("the server is not trusted");
        let begin = format!("`{}` cannot be reached at {origin}: ", case.model);
        assert_eq!((failed.kind, failed.message.starts_with(&begin)), (ProviderErrorKind::Network, true), "{failed}");
        assert!(failed.message.contains("certificate"), "{failed}");
    }
    assert_eq!(server.callers.load(Ordering::SeqCst), 2, "one try each");
    assert_eq!(server.readers.load(Ordering::SeqCst), 0, "nothing was sent");
    let certificate = reqwest::Certificate::from_der(&server.certificate).expect("a certificate");
    let trusting = reqwest::Client::builder().tls_certs_only([certificate]).no_proxy().build().expect("a client");
    let answer = trusting.get(&origin).send().await.expect("who trusts the certificate gets an answer");
    assert_eq!((answer.status().as_u16(), server.readers.load(Ordering::SeqCst)), (204, 1));
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the port is known");
    drop(listener);
    for case in kinds() {
        let builder = Model::builder(case.model).base_url(format!("http://{address}/v1")).api_key(KEY);
        let model = builder.build_with(&|_| None).expect("the model can be built");
        let rest = format!(
            "cannot be reached at http://{address}: client error (Connect): tcp connect error: \
             Connection refused (os error 111)"
        );
        let expected = error(ProviderErrorKind::Network, case.model, &rest);
        assert_eq!(ask(&model, &hello()).await.0, Err(expected));
        let server = Server::start(case.rules, [Answer::Stream(case.greeting)]).await;
        let there = Model::builder(case.model).base_url(server.base_url()).api_key(KEY);
        let there = there.build_with(&|_| None).expect("the model can be built");
        assert_eq!(ask(&there, &hello()).await.0, Ok(case.greeted), "where somebody listens, there is a reply");
    }
}
