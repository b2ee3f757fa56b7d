//! Just enough HTTP for a test server: responses as bytes, and the fields of a recorded request.

/// A response with its length.
pub(crate) fn response(status: u16, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// A 200 with the service's JSON.
pub(crate) fn ok(json: &str) -> Vec<u8> {
    response(200, &["Content-Type: application/json"], json.as_bytes())
}

/// The head and the body of a request.
pub(crate) fn split(request: &[u8]) -> (&str, &[u8]) {
    let end = find(request, b"\r\n\r\n").expect("a whole head") + 4;
    (std::str::from_utf8(&request[..end]).expect("a head in ASCII"), &request[end..])
}

/// Whether a request is complete.
pub(crate) fn is_whole(request: &[u8]) -> bool {
    find(request, b"\r\n\r\n").is_some() && {
        let (head, body) = split(request);
        body.len() >= length(head)
    }
}

/// The Content-Length of a request.
pub(crate) fn length(head: &str) -> usize {
    let length = header(head, "content-length").expect("a request has a length");
    length.parse().expect("a length is a number")
}

/// The value of a header, whatever the case of its name.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// The fields of a form-data request in the order of the wire (RFC 7578).
pub(crate) fn fields(request: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (head, body) = split(request);
    let content_type = header(head, "content-type").expect("a content type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("form-data");
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The first boundary has no line break before it.
    let mut rest = &[b"\r\n", body].concat()[..];
    let mut fields = Vec::new();
    let first = find(rest, &delimiter).expect("a first boundary");
    rest = &rest[first + delimiter.len()..];
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = find(part, &delimiter).expect("a boundary after the part");
        let value = find(&part[..end], b"\r\n\r\n").expect("a blank line in the part");
        let head = std::str::from_utf8(&part[..value]).expect("a part's head in ASCII");
        let name = head
            .strip_prefix("Content-Disposition: form-data; name=\"")
            .and_then(|rest| rest.strip_suffix('"'))
            .expect("a part's only header names its field");
        fields.push((name.to_owned(), part[value + 4..end].to_vec()));
        rest = &part[end + delimiter.len()..];
    }
    assert_eq!(rest, b"--\r\n", "what follows the last part");
    fields
}

/// The value of a request's field.
pub(crate) fn field(request: &[u8], name: &str) -> Option<String> {
    let (_, value) = fields(request).into_iter().find(|(field, _)| field == name)?;
    Some(String::from_utf8(value).expect("UTF-8"))
}

/// Whether a request is a Check.
pub(crate) fn is_check(request: &[u8]) -> bool {
    field(request, "code").is_some()
}

/// Where `sought` begins in `bytes`.
pub(crate) fn find(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    bytes.windows(sought.len()).position(|window| window == sought)
}
