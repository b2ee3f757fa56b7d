//! The files of the browser page, which the program contains.
//!
//! Knows nothing of what they do; the headers here limit what they may do.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The path, content type and content of every file.
const FILES: [(&str, &str, &str); 10] = [
    ("/", HTML, include_str!("site/index.html")),
    ("/site/api.js", JAVASCRIPT, include_str!("site/api.js")),
    ("/site/clock.js", JAVASCRIPT, include_str!("site/clock.js")),
    ("/site/controls.js", JAVASCRIPT, include_str!("site/controls.js")),
    ("/site/dom.js", JAVASCRIPT, include_str!("site/dom.js")),
    ("/site/icon.svg", "image/svg+xml", include_str!("site/icon.svg")),
    ("/site/page.css", CSS, include_str!("site/page.css")),
    ("/site/page.js", JAVASCRIPT, include_str!("site/page.js")),
    ("/site/phones.js", JAVASCRIPT, include_str!("site/phones.js")),
    ("/site/requests.js", JAVASCRIPT, include_str!("site/requests.js")),
];

/// The page shows texts of strangers. A text that becomes markup by a defect still cannot load, run or send
/// anything, and no other page can frame this one.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.into_iter().fold(Router::new(), |router, (path, content_type, content)| {
        router.route(path, get(async move || file(content_type, content)))
    })
}

fn file(content_type: &'static str, content: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The next version may use the same address.
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, content)
}
