//! Servers on loopback, and names for them.

use crate::calls::Calls as _;
use agentloop_tools::{Http, Resolver};
use axum::Router;
use futures_util::future::{BoxFuture, FutureExt};
use serde_json::Value;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Serves on an address of loopback, and gives the port.
pub(crate) async fn serve_at(address: Ipv4Addr, port: u16, app: Router) -> u16 {
    let listener = TcpListener::bind((address, port)).await.expect("it is bound");
    let port = listener.local_addr().expect("it has an address").port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    port
}

pub(crate) async fn serve(app: Router) -> u16 {
    serve_at(Ipv4Addr::LOCALHOST, 0, app).await
}

/// Answers each question with the next of these, and the last one again and again. Counts the questions.
#[derive(Clone)]
pub(crate) struct Names {
    answers: Arc<Mutex<VecDeque<Ipv4Addr>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    pub(crate) fn new(answers: &[Ipv4Addr]) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.iter().copied().collect())), asked: Arc::default() }
    }

    pub(crate) fn next(&self, host: &str) -> Ipv4Addr {
        self.asked.lock().expect("nobody panicked").push(host.to_owned());
        let mut answers = self.answers.lock().expect("nobody panicked");
        if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() }.expect("there is an answer")
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panicked").clone()
    }
}

impl Resolver for Names {
    fn resolve(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        std::future::ready(Ok(vec![IpAddr::V4(self.next(host))])).boxed()
    }
}

/// `a.test` and `b.test` at loopback, both allowed and both allowed to be there.
pub(crate) fn local(port: u16) -> Http {
    let hosts = [format!("http://a.test:{port}"), format!("http://b.test:{port}")];
    let http = Http::allow(hosts).expect("they are hosts").resolver(Names::new(&[Ipv4Addr::LOCALHOST]));
    http.allow_private("a.test").and_then(|http| http.allow_private("b.test")).expect("they are hosts")
}

pub(crate) async fn ask(http: Http, arguments: Value) -> Result<Value, String> {
    http.tools().expect("there is a tool")[0].call(arguments).await
}
