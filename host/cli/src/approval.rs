//! Asking on the terminal whether a call may be made.

use crate::terminal::{self, Screen, Tone};
use agentloop_tools::policy::{Answer, Ask, Nobody, Question};
use futures_util::future::{BoxFuture, FutureExt as _};
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use tokio::sync::{Mutex, oneshot};

/// Characters of the arguments that are shown.
const ARGUMENTS_CHARACTERS_MAX: usize = 600;

const GONE: &str = "whoever was asked has gone";

/// Who is asked: whoever sits at the terminal, or nobody.
pub(crate) fn asker(screen: Screen) -> Arc<dyn Ask> {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        Arc::new(Person { screen, turn: Arc::default() })
    } else {
        Arc::new(Nobody)
    }
}

struct Person {
    screen: Screen,
    /// One question at a time; and whether the input has ended, after which nobody answers any more.
    turn: Arc<Mutex<bool>>,
}

impl Ask for Person {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let (screen, turn) = (self.screen, Arc::clone(&self.turn));
        async move {
            let mut has_gone = turn.lock().await;
            if *has_gone {
                return Answer::Refuse(GONE.to_owned());
            }
            let arguments = question.arguments.to_string();
            let shown: String = arguments.chars().take(ARGUMENTS_CHARACTERS_MAX).collect();
            let more = if shown.len() < arguments.len() { "… (cut)" } else { "" };
            screen.say(Tone::Warning, "ask", &format!("{}; may it be called?", question.why));
            screen.write(&format!("  tools.{}({}{more})\n", question.tool, terminal::harmless(&shown)));
            loop {
                screen.write("  [y]es, [n]o, or the reason why not: ");
                match line().await.as_deref().map(str::trim) {
                    None => {
                        *has_gone = true;
                        return Answer::Refuse(GONE.to_owned());
                    }
                    Some("") => {}
                    Some("y" | "Y" | "yes") => return Answer::Allow,
                    Some("n" | "N" | "no") => return Answer::Refuse("whoever was asked said no".to_owned()),
                    Some(reason) => return Answer::Refuse(reason.to_owned()),
                }
            }
        }
        .boxed()
    }
}

/// A line of standard input. On a thread of its own: nothing can stop it from waiting, and nobody waits for it when the run ends.
async fn line() -> Option<String> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        // Whoever asked may have gone.
        let _ = sender.send(read.ok().filter(|bytes| *bytes > 0).map(|_| line));
    });
    receiver.await.ok().flatten()
}
