//! The Redis serialization protocol, version 2: commands are written, replies are read.
//!
//! Knows nothing of sockets. No input makes it panic, and a reply takes no more memory than a multiple of
//! the bytes that have come.

use crate::memory::Wiped;

/// The longest reply, in bytes.
pub(super) const MAX_REPLY: usize = 64 * 1024;
/// How deep arrays may be in one another. The replies that are asked for have two levels.
const MAX_DEPTH: usize = 4;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Text(Vec<u8>),
    Error(Vec<u8>),
    Integer(i64),
    Array(Vec<Reply>),
    Null,
}

/// What came is no reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Writes commands. Each is its name and its arguments.
pub(super) fn write(commands: &[&[&[u8]]]) -> Wiped {
    /// The longest head of a part: a letter, the digits of a length, and two line ends.
    const HEAD: usize = 1 + 20 + 4;
    let parts = commands.iter().copied().flatten();
    let size = commands.len() * HEAD + parts.map(|part| part.len() + HEAD).sum::<usize>();
    // A vector that grows would leave a copy of a password behind.
    let mut output = Wiped(Vec::with_capacity(size));
    let bytes = &mut output.0;
    for command in commands {
        bytes.extend_from_slice(format!("*{}\r\n", command.len()).as_bytes());
        for part in *command {
            bytes.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
            bytes.extend_from_slice(part);
            bytes.extend_from_slice(b"\r\n");
        }
    }
    output
}

/// Reads the reply that `input` begins with. Returns it and its length; None if it has not come whole.
pub(super) fn read(input: &[u8]) -> Result<Option<(Reply, usize)>, Malformed> {
    let mut reader = Reader { input, at: 0 };
    match reader.reply(MAX_DEPTH) {
        Ok(reply) => Ok(Some((reply, reader.at))),
        Err(Stop::Incomplete) if input.len() < MAX_REPLY => Ok(None),
        Err(_) => Err(Malformed),
    }
}

enum Stop {
    Incomplete,
    Malformed,
}

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn reply(&mut self, depth: usize) -> Result<Reply, Stop> {
        let (kind, line) = self.line()?;
        match kind {
            b'+' => Ok(Reply::Text(line.to_vec())),
            b'-' => Ok(Reply::Error(line.to_vec())),
            b':' => number(line).map(Reply::Integer),
            b'$' => match length(line)? {
                None => Ok(Reply::Null),
                Some(length) => self.text(length),
            },
            b'*' => match length(line)? {
                None => Ok(Reply::Null),
                Some(_) if depth == 0 => Err(Stop::Malformed),
                Some(length) => (0..length)
                    .map(|_| self.reply(depth - 1))
                    .collect::<Result<_, _>>()
                    .map(Reply::Array),
            },
            _ => Err(Stop::Malformed),
        }
    }

    /// The first byte of the next line, and the others.
    fn line(&mut self) -> Result<(u8, &'a [u8]), Stop> {
        let rest = &self.input[self.at..];
        let end = rest.iter().position(|&byte| byte == b'\r').ok_or(Stop::Incomplete)?;
        match rest.get(end + 1) {
            None => return Err(Stop::Incomplete),
            Some(b'\n') => {}
            Some(_) => return Err(Stop::Malformed),
        }
        self.at += end + 2;
        rest[..end].split_first().map(|(&kind, line)| (kind, line)).ok_or(Stop::Malformed)
    }

    fn text(&mut self, length: usize) -> Result<Reply, Stop> {
        let rest = &self.input[self.at..];
        let end = rest.get(length..length + 2).ok_or(Stop::Incomplete)?;
        if end != b"\r\n" {
            return Err(Stop::Malformed);
        }
        self.at += length + 2;
        Ok(Reply::Text(rest[..length].to_vec()))
    }
}

fn number(line: &[u8]) -> Result<i64, Stop> {
    // The parser of numbers would accept a plus sign.
    let text = std::str::from_utf8(line).ok().filter(|text| !text.starts_with('+'));
    text.and_then(|text| text.parse().ok()).ok_or(Stop::Malformed)
}

/// The length in the head of a text or an array. None: it is null.
fn length(line: &[u8]) -> Result<Option<usize>, Stop> {
    match number(line)? {
        -1 => Ok(None),
        length => match usize::try_from(length) {
            Ok(length) if length <= MAX_REPLY => Ok(Some(length)),
            _ => Err(Stop::Malformed),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Reply {
        Reply::Text(text.into())
    }

    #[test]
    fn commands_are_written_as_arrays_of_texts() {
        let commands: [&[&[u8]]; 2] = [&[b"AUTH", b"p\r\n"], &[b"GET", b""]];
        let written = b"*2\r\n$4\r\nAUTH\r\n$3\r\np\r\n\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n";
        let output = write(&commands);
        assert_eq!(output.0, written);
        assert!(output.0.capacity() >= written.len());
    }

    #[test]
    fn each_kind_of_reply_is_read() {
        for (input, reply) in [
            ("+OK\r\n", text("OK")),
            ("-ERR no\r\n", Reply::Error("ERR no".into())),
            (":-7\r\n", Reply::Integer(-7)),
            ("$0\r\n\r\n", text("")),
            ("$4\r\na\r\nb\r\n", text("a\r\nb")),
            ("$-1\r\n", Reply::Null),
            ("*-1\r\n", Reply::Null),
            ("*0\r\n", Reply::Array(vec![])),
            (
                "*2\r\n*1\r\n:1\r\n$1\r\nx\r\n",
                Reply::Array(vec![Reply::Array(vec![Reply::Integer(1)]), text("x")]),
            ),
        ] {
            let followed = [input, "+next"].concat();
            assert_eq!(read(followed.as_bytes()), Ok(Some((reply, input.len()))), "{input:?}");
            for end in 0..input.len() {
                assert_eq!(read(&input.as_bytes()[..end]), Ok(None), "{:?}", &input[..end]);
            }
        }
    }

    #[test]
    fn what_is_no_reply_is_malformed() {
        for input in [
            "\r\n",
            "x\r\n",
            "HTTP/1.1 400 Bad Request\r\n",
            ":\r\n",
            ":+1\r\n",
            ":1x\r\n",
            ":99999999999999999999\r\n",
            "$-2\r\n",
            "$65537\r\n",
            "*65537\r\n",
            "$1\r\nxyz",
            "+a\rb\r\n",
            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
            "*1\r\n%1\r\n",
            "_\r\n",
        ] {
            assert_eq!(read(input.as_bytes()), Err(Malformed), "{input:?}");
        }
        assert_eq!(read(&[b'+'; MAX_REPLY]), Err(Malformed));
    }

    proptest! {
        #[test]
        fn no_input_makes_it_panic(input in "[-+:$*0-9a\r\n]{0,64}") {
            if let Ok(Some((_, length))) = read(input.as_bytes()) {
                prop_assert!(length <= input.len());
            }
        }
    }
}
