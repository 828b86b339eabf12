//! Connections, and who answers on them.

use std::sync::Arc;

use anyhow::Result;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Shared, rest, socket};
use crate::http::{read, write};

/// Accepts until the task is aborted; connections end with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one connection until the client leaves or becomes a WebSocket.
async fn connection(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        shared.lock().record.requests.push(format!("{} {}", request.method, request.target));
        if let Some(key) = request.header("sec-websocket-key") {
            return match socket::refusal(&request, &shared) {
                Some(refusal) => write(&mut stream, &refusal).await,
                None => socket::serve(stream.into_inner(), key, &shared).await,
            };
        }
        let answer = rest::answer(&request, &shared);
        write(&mut stream, &answer).await?;
    }
    Ok(())
}
