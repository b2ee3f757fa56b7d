//! Wake-ups, selectors, locks, owners.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::windows::io::AsRawSocket;
use std::time::Duration;

use super::*;
use crate::sys::{Interest, PollResult};

#[test]
fn a_wake_up_before_the_wait_counts() {
    let wake = WakeFd::new().unwrap();
    wake.wake();
    let waits = [(wake.descriptor(), Interest::Readable)];
    let woken = PollResult::Ready { last: true };
    assert_eq!(poll(&waits, Duration::from_secs(60)).unwrap(), woken);
    wake.clear();
    assert_eq!(poll(&waits, Duration::ZERO).unwrap(), PollResult::Timeout);
}

/// The sockets that have events within a second.
fn events(selector: &Selector) -> Vec<Descriptor> {
    let waits = [(selector.descriptor(), Interest::Readable)];
    let mut taken = Vec::new();
    if poll(&waits, Duration::from_secs(1)).unwrap() != PollResult::Timeout {
        selector.take(|socket| taken.push(socket));
    }
    taken
}

#[test]
fn a_selector_tells_of_data_once_and_of_more_again() {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let (mut peer, _) = server.accept().unwrap();
    client.set_nonblocking(true).unwrap();
    let selector = Selector::new().unwrap();
    let socket = client.as_raw_socket();
    let registration = selector.watch(socket).unwrap();
    // The first, and that it can be written to, perhaps together.
    while !events(&selector).is_empty() {}
    for _ in 0..3 {
        peer.write_all(b"data").unwrap();
        assert!(events(&selector).contains(&socket));
        while std::io::Read::read(&mut &client, &mut [0; 16]).is_ok() {}
        while !events(&selector).is_empty() {}
    }
    drop(registration);
    peer.write_all(b"data").unwrap();
    assert!(events(&selector).is_empty());
}

#[test]
fn a_selector_tells_of_its_timer_and_of_a_wake_up() {
    let selector = Selector::new().unwrap();
    let waits = [(selector.descriptor(), Interest::Readable)];
    let ready = PollResult::Ready { last: true };
    selector.set_timer(Duration::from_millis(20));
    assert_eq!(poll(&waits, Duration::from_secs(60)).unwrap(), ready);
    assert!(!selector.take(|_| panic!("no socket is watched")));
    selector.wake();
    assert_eq!(poll(&waits, Duration::from_secs(60)).unwrap(), ready);
}

#[test]
fn a_connection_that_is_refused_ends_the_wait() {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let socket = new_socket(socket2::Domain::IPV4).unwrap();
    assert!(is_in_progress(&socket.connect(&address.into()).unwrap_err()));
    let waits = [(descriptor_of(&socket), Interest::Writable)];
    let ready = PollResult::Ready { last: true };
    assert_eq!(poll(&waits, Duration::from_secs(60)).unwrap(), ready);
    assert!(socket.take_error().unwrap().is_some());
}

#[test]
fn a_new_file_is_this_users_alone_and_locked_once() {
    let folder = std::env::temp_dir().join(format!("verifysms-sys-{}", std::process::id()));
    // An earlier process may have had the same number.
    let _ = fs::remove_dir_all(&folder);
    file::make_private_folder(&folder).unwrap();
    let access = file::folder_access(&folder).unwrap();
    // Wine lets everybody read every folder.
    assert!(access.is_own && !access.others_write, "{access:?}");
    let path = folder.join("file");
    let first = file::open(&path, true).unwrap();
    let access = file::access(&first).unwrap();
    assert!(access.is_own && !access.others_read && !access.others_write, "{access:?}");
    let second = file::open(&path, false).unwrap();
    assert_eq!(file::identity(&first).unwrap(), file::identity(&second).unwrap());
    assert!(file::try_lock(&first).unwrap() && !file::try_lock(&second).unwrap());
    file::unlock(&first);
    assert!(file::try_lock(&second).unwrap());
    assert_eq!(file::names(&second).unwrap(), 1);
    fs::hard_link(&path, folder.join("other")).unwrap();
    assert_eq!(file::names(&second).unwrap(), 2);
    drop((first, second));
    fs::remove_dir_all(folder).unwrap();
}
