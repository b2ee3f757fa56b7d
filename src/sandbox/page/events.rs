//! The control API's events: a snapshot of the recent messages, then the changes, as server-sent events.
//!
//! A slow client gets no backlog: the next event has all changes since the last one that it read.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};

use crate::sandbox::state::SharedState;

/// The shortest time between two events. A person does not notice it; it joins the changes of thousands of
/// requests.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

pub(crate) async fn events(
    State(state): State<Arc<SharedState>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = state.subscribe();
    let stream =
        stream::unfold((state, changes, None), |(state, mut changes, cursor)| async move {
            if cursor.is_some() {
                tokio::time::sleep(MIN_INTERVAL).await;
                changes.changed().await.ok()?;
            }
            let (data, cursor) = state.changes_since(cursor);
            let name = if data.is_snapshot() { "snapshot" } else { "changes" };
            let data = serde_json::to_string(&data).expect("numbers and strings always serialize");
            let event = Event::default().event(name).data(data);
            Some((Ok(event), (state, changes, Some(cursor))))
        });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
