//! Which heads and chunks are unambiguous, and which are defective.

use super::*;

fn head(fields: &str) -> Head {
    let text = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    let (length, head) = Head::parse(text.as_bytes()).expect(fields).expect(fields);
    assert_eq!(length, text.len());
    head
}

#[test]
fn a_body_ends_in_one_way() {
    for (fields, framing) in [
        ("", Framing::UntilClose),
        ("Content-Length: 5\r\n", Framing::Length(5)),
        ("content-length:\t5 \r\n", Framing::Length(5)),
        ("Content-Length:\r\n 5\r\n", Framing::Length(5)),
        ("Transfer-Encoding: Chunked\r\n", Framing::Chunked),
        ("Content-Length: 005\r\n", Framing::Length(5)),
    ] {
        let head = head(fields);
        assert_eq!((head.framing, head.defect), (framing, None), "{fields:?}");
    }
}

#[test]
fn an_interim_answer_is_followed_by_another() {
    let parsed = |status| {
        let text = format!("HTTP/1.1 {status} Some\r\n\r\n");
        Head::parse(text.as_bytes()).expect("a head").expect("all of it").1
    };
    for (status, is_interim) in
        [(100, true), (101, false), (102, true), (103, true), (199, true), (200, false)]
    {
        assert_eq!(parsed(status).is_interim(), is_interim, "{status}");
    }
    for status in [100, 150, 199, 204, 304] {
        assert_eq!(parsed(status).framing, Framing::None, "{status}");
    }
    for status in [200, 205, 300, 303, 305, 500] {
        assert_eq!(parsed(status).framing, Framing::UntilClose, "{status}");
    }
    assert!(Head::parse(b"HTTP/1.1 099 Some\r\n\r\n").is_err());
}

#[test]
fn what_contradicts_itself_is_a_flaw() {
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 12\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5\r\n 5\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \r\n",
        "Content-Encoding: gzip\r\nContent-Length: 5\r\n",
        "Content-Encoding: identity\r\nContent-Length: 5\r\n",
        "Content-Range: bytes 0-12/40\r\nContent-Length: 13\r\n",
    ] {
        let head = head(fields);
        assert!(head.defect.is_some(), "{fields:?}");
        assert_eq!(head.max_idle, None, "{fields:?}");
    }
}

#[test]
fn a_connection_is_kept_as_long_as_the_server_says() {
    let seconds = |fields| head(fields).max_idle.map(|max_idle| max_idle.as_secs());
    for (fields, max_idle) in [
        ("Content-Length: 0\r\n", Some(60)),
        ("Content-Length: 0\r\nKeep-Alive: timeout=5\r\n", Some(4)),
        ("Content-Length: 0\r\nKeep-Alive: max=100, Timeout = 20\r\n", Some(19)),
        ("Content-Length: 0\r\nKeep-Alive: timeout=300\r\n", Some(60)),
        ("Content-Length: 0\r\nKeep-Alive: timeout=1\r\n", None),
        ("Content-Length: 0\r\nKeep-Alive: timeout=0\r\n", None),
        ("Content-Length: 0\r\nConnection: keep-alive, Close\r\n", None),
        ("", None),
    ] {
        assert_eq!(seconds(fields), max_idle, "{fields:?}");
    }
    let old = |fields: &str| {
        let text = format!("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n{fields}\r\n");
        Head::parse(text.as_bytes()).unwrap().unwrap().1.max_idle.is_some()
    };
    assert!(!old(""));
    assert!(old("Connection: Keep-Alive\r\n"));
}

#[test]
fn what_is_no_head_is_noticed_at_once() {
    assert!(Head::parse(b"SSH-2.0").is_err());
    assert!(Head::parse(b"HTTP/2").is_err());
    assert!(Head::parse(b"HTTP/1.1 200 OK\r\nName : value\r\n\r\n").is_err());
    assert!(Head::parse(b"HTTP/1.1 200 OK\r\nName: a\0b\r\n\r\n").is_err());
    assert!(Head::parse(b"HTTP/1.1 200 OK\r\nName: va").unwrap().is_none());
    assert!(Head::parse(b"").unwrap().is_none());
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(MAX_FIELDS + 1));
    assert!(Head::parse(many.as_bytes()).is_err());
    let fits = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(150));
    assert!(Head::parse(fits.as_bytes()).unwrap().is_some());
}

/// The body of a chunked answer, which comes in so many bytes at a time.
fn body(input: &str, step: usize) -> Result<(String, usize), &'static str> {
    let (mut chunks, mut body, mut read, mut come) = (Chunks::default(), String::new(), 0, 0);
    loop {
        match chunks.next(&input.as_bytes()[read..come])? {
            Piece::Skip(count) => read += count,
            Piece::Data(count) => {
                body.push_str(&input[read..read + count]);
                read += count;
            }
            Piece::More if come == input.len() => return Err("cut"),
            Piece::More => come = input.len().min(come + step),
            Piece::End => return Ok((body, read)),
        }
    }
}

#[test]
fn chunks_are_taken_apart_however_they_come() {
    for (input, expected) in [
        ("3\r\nabc\r\n0\r\n\r\n", "abc"),
        ("1\r\na\r\n2;x=\"y\"\r\nbc\r\n0\r\nExpires: never\r\n\r\n", "abc"),
        ("00003 \r\nabc\r\n00\r\n\r\n", "abc"),
        ("0\r\n\r\n", ""),
    ] {
        for step in 1..=input.len() {
            assert_eq!(body(input, step), Ok((expected.to_owned(), input.len())), "{input:?}");
        }
    }
}

#[test]
fn a_line_between_chunks_has_an_end_somewhere() {
    let long = vec![b'a'; MAX_CHUNK_LINE + 1];
    assert_eq!(line(&long[1..]), Ok(None));
    assert!(line(&long).is_err());
}

#[test]
fn trailers_are_bounded_together() {
    let trailer = "Expires: never\r\n";
    let bounded = MAX_CHUNK_LINE / trailer.len() - 1;
    for (count, is_read) in [(bounded, true), (bounded + 2, false)] {
        let input = format!("0\r\n{}\r\n", trailer.repeat(count));
        assert_eq!(body(&input, input.len()).is_ok(), is_read, "{count}");
    }
}

#[test]
fn chunks_that_leave_a_doubt_are_none() {
    for input in [
        "3\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "3\x0c\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "100000003\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n0\r\n\n",
        "3\r\nabc\r\n0\r\n",
        "3\r\rx\r\nabc\r\n0\r\n\r\n",
        "3;a\rb\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n",
    ] {
        assert!(body(input, input.len()).is_err(), "{input:?}");
    }
}
