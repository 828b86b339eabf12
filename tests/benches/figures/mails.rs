//! Mails through the daemon beside a plain loop of the mail library, both over one kept connection to the same sink.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use lettre::message::MultiPart;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tidings_api::{Dict, DictWriter, Millis, Post};
use tidings_daemon::clock::Clock;
use tidings_tests::session::Session;
use tidings_tests::wait::{LONG, until};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::report::Report;

const MAILS: usize = 5_000;
/// What one call of `PostMany` may hold.
const AT_ONCE: usize = 1_000;
/// Until all are due, so that storing them is over when the first one leaves.
const DUE_AFTER: Millis = 15_000;
const TITLE: &str = "Backup finished";
const BODY: &str = "42 GiB in 7 minutes, nothing was skipped.";

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let (mut ours, mut plain) = (0.0_f64, 0.0_f64);
    // The best of three each: what else the machine does only ever slows down.
    for _ in 0..3 {
        plain = plain.max(plain_loop().await?);
        ours = ours.max(through_the_daemon().await?);
    }
    let ratio = ours / plain;
    report.row(
        "mails over one kept connection",
        format!("{ours:.0} a second, each claimed before and recorded after"),
        format!("a plain loop of the mail library: {plain:.0} a second; ratio {ratio:.2}"),
        "at least 0.90 of the loop",
        ratio >= 0.9,
    );
    Ok(())
}

async fn through_the_daemon() -> Result<f64> {
    let sink = Sink::start().await?;
    let session = Session::without_popup_server().await?;
    session.configure(&format!(
        "[desktop]\npopups = false\n\n\
         [[target]]\nname = \"mail\"\nkind = \"email\"\nserver = \"smtp://127.0.0.1:{}\"\ntls = \"none\"\n\
         from = \"Tidings <tidings@desk.example.org>\"\nhelo = \"desk.example.org\"\nburst = 1000000\n\n\
         [[route]]\nto = [\"mail\"]\n",
        sink.port
    ))?;
    let daemon = session.daemon().await?;
    let mut trusted = DictWriter::default();
    trusted.put("trusted", true);
    daemon.targets().await?.add_record("mail", "ana@example.org", trusted.finish()).await?;
    let post1 = daemon.post1().await?;
    let due = Clock::System.now() + DUE_AFTER;
    let post =
        Post { title: TITLE.into(), body: BODY.into(), deliver_at: Some(due), ..Post::default() };
    for _ in 0..MAILS / AT_ONCE {
        post1.post_many(vec![whole(&post); AT_ONCE]).await?;
    }
    anyhow::ensure!(Clock::System.now() < due, "the posts took longer than {DUE_AFTER} ms");
    sink.rate().await
}

/// A post as `PostMany` takes it.
fn whole(post: &Post) -> Dict {
    let mut dict = post.to_options();
    let mut texts = DictWriter::default();
    texts.put("title", post.title.clone());
    texts.put("body", post.body.clone());
    dict.extend(texts.finish());
    dict
}

async fn plain_loop() -> Result<f64> {
    let sink = Sink::start().await?;
    let stream = TcpStream::connect(("127.0.0.1", sink.port)).await?;
    // As the library dials by itself every message would wait for a delayed acknowledgement.
    stream.set_nodelay(true)?;
    let hello = ClientId::Domain("desk.example.org".into());
    let mut connection =
        AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await?;
    for number in 0..MAILS {
        let html =
            format!("<!DOCTYPE html>\r\n<html><body>\r\n<p>{BODY}</p>\r\n</body></html>\r\n");
        let mail = lettre::Message::builder()
            .from("Tidings <tidings@desk.example.org>".parse()?)
            .to("ana@example.org".parse()?)
            .subject(TITLE)
            .message_id(Some(format!("<{number}@desk.example.org>")))
            .multipart(MultiPart::alternative_plain_html(format!("{BODY}\r\n"), html))?;
        connection.send(mail.envelope(), &mail.formatted()).await?;
    }
    sink.rate().await
}

/// A mail server that takes everything and keeps nothing. It runs in a thread of its own: sharing the loop's would spare the
/// loop what the daemon cannot be spared, to be woken by each reply.
struct Sink {
    port: u16,
    taken: Arc<Taken>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Taken {
    mails: AtomicUsize,
    times: Mutex<Option<(Instant, Instant)>>,
}

impl Sink {
    async fn start() -> Result<Self> {
        let (told, port) = oneshot::channel();
        let (taken, stop) = (Arc::new(Taken::default()), CancellationToken::new());
        let (shared, stopped) = (Arc::clone(&taken), stop.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(stopped.run_until_cancelled(serve(told, shared)));
        });
        Ok(Self { port: port.await.context("the sink does not listen")?, taken, stop })
    }

    /// Waits for all mails; answers how many came a second, from the first to the last.
    async fn rate(&self) -> Result<f64> {
        until("all mails", 4 * LONG, async || {
            (self.taken.mails.load(Ordering::SeqCst) >= MAILS).then_some(())
        })
        .await?;
        let times = *self.taken.times.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, last) = times.context("there were mails")?;
        #[expect(clippy::cast_precision_loss, reason = "five thousand is exact")]
        let mails = (MAILS - 1) as f64;
        Ok(mails / last.duration_since(first).max(Duration::from_micros(1)).as_secs_f64())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Taken {
    fn count(&self) {
        let now = Instant::now();
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let first = times.map_or(now, |(first, _)| first);
        *times = Some((first, now));
        self.mails.fetch_add(1, Ordering::SeqCst);
    }
}

async fn serve(told: oneshot::Sender<u16>, taken: Arc<Taken>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    // Whoever asked has stopped waiting; then nobody connects.
    let _gone = told.send(listener.local_addr()?.port());
    loop {
        let (stream, _) = listener.accept().await?;
        let taken = Arc::clone(&taken);
        tokio::spawn(async move {
            // A client that is gone has nothing more to say.
            let _gone = converse(stream, &taken).await;
        });
    }
}

async fn converse(stream: TcpStream, taken: &Taken) -> Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    write.write_all(b"220 sink.example.org\r\n").await?;
    let (mut line, mut in_content) = (String::new(), false);
    let mut replies = Vec::new();
    loop {
        line.clear();
        if lines.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let reply: &[u8] = match line.trim_end() {
            "." if in_content => {
                in_content = false;
                taken.count();
                b"250 2.0.0 taken\r\n"
            }
            _ if in_content => continue,
            "DATA" => {
                in_content = true;
                b"354 go on\r\n"
            }
            hello if hello.starts_with("EHLO") => b"250-sink.example.org\r\n250 PIPELINING\r\n",
            _ => b"250 ok\r\n",
        };
        replies.extend_from_slice(reply);
        // What was asked together is answered together, as real servers do (RFC 2920 section 3.2).
        if lines.buffer().is_empty() {
            write.write_all(&replies).await?;
            replies.clear();
        }
    }
}
