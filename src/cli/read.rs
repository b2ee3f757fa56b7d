//! Reads settings and secrets from files and from standard input. A signal ends the wait for them.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::signals::SignalFlag;
use crate::sys::{Access, file};

/// The longest line of standard input and the longest key, in bytes. Real ones are far shorter.
const LINE_LONGEST: usize = 4096;
/// The longest message, in bytes.
const MESSAGE_LONGEST: usize = 64 * 1024;
/// The longest configuration file, in bytes.
const CONFIG_LONGEST: usize = 64 * 1024;

/// The key in a file, without the line break at its end.
pub(super) fn key(path: &Path, signal: &SignalFlag) -> io::Result<Zeroizing<String>> {
    let path = path.to_owned();
    let read =
        move |key: &mut Vec<u8>| File::open(path)?.take(limit(LINE_LONGEST)).read_to_end(key);
    signal.read(move || text(LINE_LONGEST, read).map(|key| without_line_break(&key)))
}

/// A configuration file, and who may do what with it.
pub(super) fn config(path: &Path, signal: &SignalFlag) -> io::Result<(Zeroizing<String>, Access)> {
    let path = path.to_owned();
    signal.read(move || {
        let file = File::open(path)?;
        let mut access = file::access(&file)?;
        // Whoever names a device or a pipe knows who writes to it.
        access.others_write &= file.metadata()?.is_file();
        let read = |bytes: &mut Vec<u8>| file.take(limit(CONFIG_LONGEST)).read_to_end(bytes);
        Ok((text(CONFIG_LONGEST, read)?, access))
    })
}

/// The next line of standard input. The end of the input is no line.
pub(super) fn line(signal: &SignalFlag) -> io::Result<Zeroizing<String>> {
    let read = |line: &mut Vec<u8>| match io::stdin()
        .lock()
        .take(limit(LINE_LONGEST))
        .read_until(b'\n', line)?
    {
        0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it has no line for it")),
        length => Ok(length),
    };
    signal.read(move || text(LINE_LONGEST, read).map(|line| without_line_break(&line)))
}

/// A message from all of standard input, without its last line break.
pub(super) fn message(signal: &SignalFlag) -> io::Result<String> {
    let read =
        |bytes: &mut Vec<u8>| io::stdin().lock().take(limit(MESSAGE_LONGEST)).read_to_end(bytes);
    let message = signal.read(move || text(MESSAGE_LONGEST, read))?;
    Ok(without_line_break(&message).to_string())
}

/// How much is read, to notice what is too long.
fn limit(longest: usize) -> u64 {
    longest as u64 + 1
}

/// What `read` reads, as a text of at most `longest` bytes.
fn text(
    longest: usize,
    read: impl FnOnce(&mut Vec<u8>) -> io::Result<usize>,
) -> io::Result<Zeroizing<String>> {
    let invalid = |rule: String| io::Error::new(io::ErrorKind::InvalidData, rule);
    // Room for all of it: what grows leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(longest + 1));
    read(&mut bytes)?;
    if bytes.len() > longest {
        return Err(invalid(format!("it is longer than {longest} bytes")));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| invalid("it is not UTF-8".to_owned()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn without_line_break(text: &str) -> Zeroizing<String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
