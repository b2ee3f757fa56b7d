"""The guard's store in Redis: what is counted, how a call ends when Redis fails, and how soon."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from harness.authority import Authority
from harness.caller import KEY, Caller, Calls
from harness.proxies import free_ports
from harness.redis import Redis, RefusalError, Settings, wait_until
from harness.sandbox import Sandbox
from harness.tools import run

OK = ("OK", "YES")
LIMITED = ("LIMITED", "NO")
DOWN = ("GUARD_DOWN", "NO")
REFUSE = "1"
"""VERIFYSMS_GUARD_REFUSE: a call ends when the store cannot be asked."""
TIMEOUT = 250
"""Milliseconds that a step has."""
SOON = 200
"""Milliseconds in which a call is done that waits for nothing, even on a busy machine."""
ACL = "~{verifysms}:* +eval +evalsha +time +get +set"
"""The rights of a user, as the manual has them."""

Start = Callable[..., Redis]
Guarded = Callable[..., Calls]


@pytest.fixture
def start(new_folder: Callable[[], Path]) -> Iterator[Start]:
    """Starts servers, and kills them at the end."""
    with ExitStack() as stack:

        def start_one(kind: str = "server", **settings: str | int | Path) -> Redis:
            named: Settings = {name.replace("_", "-"): value for name, value in settings.items()}
            redis = Redis(new_folder(), named, kind)
            stack.callback(redis.kill)
            return redis

        yield start_one


@pytest.fixture
def redis(start: Start) -> Redis:
    """A server."""
    return start()


@pytest.fixture
def guarded(call: Caller, running: Sandbox) -> Guarded:
    """Makes calls that end when their store cannot be asked."""

    def make(store: Redis | str, *calls: str, **more: object) -> Calls:
        guard = store if isinstance(store, str) else store.url
        usual = {"url": running.url, "guard": guard, "guard_failure": REFUSE}
        return call(*calls, secrets=("hunter2",), **usual | more)  # type: ignore[arg-type]

    return make


def assert_down(made: Calls, why: str, longest: int = SOON) -> None:
    """The last call ended because of the store, for this reason, in time."""
    assert made.ends[-1] == DOWN, made
    assert why in made.last.message
    assert made.last.milliseconds < longest


def test_processes_share_the_counts(guarded: Guarded, redis: Redis) -> None:
    """By TCP and by a socket of the machine; each database has its own."""
    assert guarded(redis, "send", "send").ends == [OK, LIMITED]
    assert guarded(redis, "send").ends == [LIMITED]
    assert guarded(f"redis+unix://{redis.path}", "send").ends == [LIMITED]
    assert redis.counted() == 1
    assert guarded(f"{redis.url}/1", "send").ends == [OK]
    assert guarded(f"redis+unix://{redis.path}?db=1", "send").ends == [LIMITED]


def test_a_check_gives_back(guarded: Guarded, redis: Redis) -> None:
    """A verified number may be sent to at once, by anybody."""
    assert guarded(redis, "send", "check").ends == [OK, OK]
    assert guarded(redis, "send").ends == [OK]
    assert redis.counted() == 2


def test_nobody_listens(guarded: Guarded, redis: Redis) -> None:
    """The call ends at once, and nothing leaves."""
    redis.kill()
    made = guarded(redis, "send")
    assert_down(made, f"127.0.0.1:{redis.port}: connection refused")
    assert_down(guarded(f"redis+unix://{redis.path}", "send"), "connection refused")
    assert_down(guarded("redis+unix:///nowhere", "send"), "it does not exist")


def test_a_black_hole(guarded: Guarded) -> None:
    """The time of a step ends it: neither the connect timeout nor the deadline."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent, ExitStack() as stack:
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        made = guarded(f"redis://127.0.0.1:{silent.getsockname()[1]}", "send")
    assert_down(made, "no answer in time", TIMEOUT + SOON)
    assert made.last.milliseconds >= TIMEOUT


def test_a_stopped_server(guarded: Guarded, redis: Redis) -> None:
    """What it reads later is counted, and is no answer to anything."""
    made = guarded(redis, "send")
    with redis.stopped():
        made = guarded(redis, "send")
    assert_down(made, "no answer in time", TIMEOUT + SOON)
    assert guarded(redis, "send").ends == [LIMITED]
    assert redis.counted() == 1


def test_a_server_that_is_killed_during_a_step(guarded: Guarded, redis: Redis) -> None:
    """On a connection that was used before: the step may have been counted, and is not sent again."""

    def stop_and_kill() -> None:
        os.kill(redis.process.pid, signal.SIGSTOP)
        threading.Timer(0.1, redis.kill).start()

    longest = 10_000
    settings = {"before_check": stop_and_kill, "guard_timeout_ms": str(longest)}
    made = guarded(redis, "send", "check", **settings)
    assert made.ends[0] == OK
    assert_down(made, "connection", longest)
    assert "refused" not in made.last.message


def test_a_server_that_was_killed(guarded: Guarded, redis: Redis) -> None:
    """The kept connection is closed, and there is no other."""
    made = guarded(redis, "send", "check", before_check=redis.kill)
    assert made.ends[0] == OK
    assert_down(made, "connection refused")


def test_a_slow_server(guarded: Guarded, redis: Redis) -> None:
    """A step waits for it while there is time."""
    redis("CLIENT", "PAUSE", 100, "ALL")
    made = guarded(redis, "send")
    assert made.ends == [OK]
    assert 50 <= made.last.milliseconds < TIMEOUT


@pytest.mark.parametrize("fault", ["SCRIPT FLUSH", "restart", "CLIENT KILL"])
def test_the_store_is_found_again(guarded: Guarded, redis: Redis, fault: str) -> None:
    """Without the script, after a restart, on a new connection: no call notices."""

    def restart() -> None:
        redis("SAVE")
        redis.kill()
        redis.start()

    faults: dict[str, Callable[[], object]] = {
        "SCRIPT FLUSH": lambda: redis("SCRIPT", "FLUSH"),
        "restart": restart,
        "CLIENT KILL": lambda: redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"),
    }
    assert guarded(redis, "send", "check", before_check=faults[fault]).ends == [OK, OK]


def test_an_append_only_file_keeps_the_counts(guarded: Guarded, start: Start) -> None:
    """After kill -9."""
    redis = start(appendonly="yes", appendfsync="always")
    assert guarded(redis, "send").ends == [OK]
    redis.kill()
    redis.start()
    assert guarded(redis, "send").ends == [LIMITED]


def test_full_memory(guarded: Guarded, start: Start) -> None:
    """Without eviction the step fails; nothing is counted."""
    redis = start(maxmemory="1", maxmemory_policy="noeviction")
    assert_down(guarded(redis, "send"), "answers OOM")
    redis("CONFIG", "SET", "maxmemory", 0)
    assert redis.counted() == 0


def test_a_replica(guarded: Guarded, redis: Redis, start: Start) -> None:
    """It cannot count."""
    replica = start(replicaof=f"127.0.0.1 {redis.port}")
    wait_until(lambda: replica.replicates("master_link_status:up"))
    assert_down(guarded(replica, "send"), "answers READONLY")
    # Nor does one that has lost its master, and may not answer.
    replica("CONFIG", "SET", "replica-serve-stale-data", "no")
    redis.kill()
    wait_until(lambda: replica.replicates("master_link_status:down"))
    assert_down(guarded(replica, "send"), "answers MASTERDOWN")


def test_too_many_clients(guarded: Guarded, redis: Redis) -> None:
    """The server says so and closes."""
    with socket.create_connection(("127.0.0.1", redis.port)) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(64) == b"+PONG\r\n"
        redis("CONFIG", "SET", "maxclients", 1)
        assert_down(guarded(redis, "send"), "too many clients")


def test_a_value_of_another_program(guarded: Guarded, redis: Redis) -> None:
    """It is an error of the store, not a count."""
    assert guarded(redis, "send").ends == [OK]
    keys = redis("KEYS", "{verifysms}:n:*")
    assert isinstance(keys, list)
    key = str(keys[0])
    redis("SET", key, "text")
    assert_down(guarded(redis, "send"), "answers an error")
    redis("DEL", key)
    redis("LPUSH", key, "element")
    assert_down(guarded(redis, "send"), "answers WRONGTYPE")


def test_passwords(guarded: Guarded, redis: Redis) -> None:
    """A wrong one, one too few, one too many."""
    login = f"redis://:hunter2@127.0.0.1:{redis.port}"
    assert_down(guarded(login, "send"), "ERR (it wants no password)")
    redis("CONFIG", "SET", "requirepass", "hunter2")
    assert guarded(login, "send").ends == [OK]
    assert_down(guarded(redis, "send"), "answers NOAUTH")
    assert_down(guarded(login.replace("hunter2", "hunter2%21"), "send"), "answers WRONGPASS")


def test_the_fewest_rights(guarded: Guarded, redis: Redis) -> None:
    """A user with the rights of the manual can count; without any of them it cannot."""
    redis("ACL", "SETUSER", "guard", "on", ">hunter2", *ACL.split())
    login = f"redis://guard:hunter2@127.0.0.1:{redis.port}"
    assert guarded(login, "send", "check").ends == [OK, OK]
    assert guarded(login, "send", guard_namespace="other").ends == [DOWN]
    for right in ACL.split()[1:]:
        redis("SCRIPT", "FLUSH")
        redis("ACL", "SETUSER", "guard", f"-{right[1:]}")
        assert_down(guarded(login, "send"), "answers NOPERM")
        redis("ACL", "SETUSER", "guard", right)
    assert_down(guarded(f"{login}/1", "send"), "answers NOPERM")
    redis("ACL", "SETUSER", "guard", "+select")
    assert guarded(f"{login}/1", "send").ends == [OK]


def server_certificate(authority: Authority) -> dict[str, str | Path]:
    """The settings of a server with TLS."""
    return {
        "tls_cert_file": authority.server,
        "tls_key_file": authority.server_key,
        "tls_ca_cert_file": authority.certificate,
        "tls_auth_clients": "optional",
    }


def test_tls(guarded: Guarded, start: Start, authority: Authority, new_folder: Callable[[], Path]) -> None:
    """With the authority of the store, which need not be that of the service."""
    port = free_ports(1)[0]
    redis = start(port=0, tls_port=port, **server_certificate(authority))
    url = f"rediss://127.0.0.1:{port}"
    assert guarded(f"{url}?ca_file={authority.certificate}", "send", "check").ends == [OK, OK]
    assert guarded(url, "send", ca_file=authority.certificate).ends == [OK]
    other = Authority(new_folder())
    refused = guarded(f"{url}?ca_file={other.certificate}", "send")
    assert_down(refused, "its certificate")
    assert_down(guarded(f"redis://127.0.0.1:{port}", "send"), "")
    redis("CONFIG", "SET", "tls-auth-clients", "yes")
    assert_down(guarded(f"{url}?ca_file={authority.certificate}", "send"), "certificate")


@contextmanager
def cluster(start: Start) -> Iterator[list[Redis]]:
    """Three nodes, each with a third of the slots."""
    nodes = [start(cluster_enabled="yes", cluster_node_timeout=2000) for _ in range(3)]
    ends = [0, 5461, 10923, 16384]
    for node, first, last in zip(nodes, ends, ends[1:], strict=False):
        node("CLUSTER", "ADDSLOTS", *range(first, last))
        node("CLUSTER", "SET-CONFIG-EPOCH", nodes.index(node) + 1)
        nodes[0]("CLUSTER", "MEET", "127.0.0.1", node.port)
    wait_until(lambda: all("cluster_state:ok" in str(node("CLUSTER", "INFO")) for node in nodes))
    yield nodes


def test_a_cluster(guarded: Guarded, start: Start) -> None:
    """Any node leads to the one that has the keys, also while they are being moved."""
    with cluster(start) as nodes:
        slot = nodes[0]("CLUSTER", "KEYSLOT", "{verifysms}:n:")
        assert isinstance(slot, int)
        owner = nodes[slot * 3 // 16384]
        others = [node for node in nodes if node is not owner]
        for number, node in enumerate(nodes):
            assert guarded(node, "send").ends == [LIMITED if number else OK]
        seeds = ",".join(f"127.0.0.1:{port}" for port in (1, others[0].port))
        assert guarded(f"redis+cluster://{seeds}", "send", "send").ends == [LIMITED, LIMITED]
        # The keys are being moved: those that are not there any more are asked for at the new node.
        target, ids = others[0], [str(node("CLUSTER", "MYID")) for node in (owner, others[0])]
        target("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
        owner("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        assert guarded(owner, "send").ends == [LIMITED]
        keys = owner("CLUSTER", "GETKEYSINSLOT", slot, 10)
        assert isinstance(keys, list) and len(keys) == 1
        owner("MIGRATE", "127.0.0.1", target.port, str(keys[0]), 0, 1000)
        assert guarded(others[1], "send").ends == [LIMITED]
        for node in (target, owner, others[1]):
            node("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        assert guarded(owner, "send").ends == [LIMITED]
        assert target.counted() == 1
        # Nobody has them any more.
        target.kill()
        assert_down(guarded(owner, "send"), f"127.0.0.1:{target.port}: connection refused")


def test_sentinels(guarded: Guarded, start: Start) -> None:
    """After a failover the calls of the same process find the new master."""
    redis = start()
    replica = start(replicaof=f"127.0.0.1 {redis.port}")
    wait_until(lambda: replica.replicates("master_link_status:up"))
    sentinel = start("sentinel")
    with suppress(RefusalError):
        # Before version 7 it takes longer.
        sentinel("SENTINEL", "DEBUG", "INFO-PERIOD", 500, "PUBLISH-PERIOD", 100)
    sentinel("SENTINEL", "MONITOR", "main", "127.0.0.1", redis.port, 1)
    wait_until(lambda: redis.replicates(f"port={replica.port}"))
    wait_until(lambda: str(replica.port) in str(sentinel("SENTINEL", "REPLICAS", "main")))

    def fail_over() -> None:
        def begins() -> bool:
            try:
                sentinel("SENTINEL", "FAILOVER", "main")
            except RefusalError:
                return False
            return True

        # What is not replicated yet would be lost.
        wait_until(lambda: replica.counted() == 1)
        wait_until(begins)
        wait_until(lambda: replica.replicates("role:master"))
        wait_until(lambda: redis.replicates("role:slave"))

    url = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel.port}/main"
    made = guarded(url, "send", "check", "send", before_check=fail_over)
    assert made.ends == [OK, OK, OK]
    assert replica.counted() == 2, "one of before"
    assert_down(guarded(url.replace("/main", "/other"), "send"), "does not know the service")


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_threads_and_children(
    parts: Path, running: Sandbox, start: Start, authority: Authority, scheme: str
) -> None:
    """Exactly as many calls pass as a limit allows; a child leaves the connections of its parent alone."""
    port = free_ports(1)[0]
    redis = start(tls_port=port, **server_certificate(authority)) if scheme == "rediss" else start()
    url = redis.url if scheme == "redis" else f"rediss://127.0.0.1:{port}?ca_file={authority.certificate}"
    service = {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": running.url}
    assert run(parts / "limited", url, env=service).endswith(" 0 failed\n")


@pytest.mark.parametrize("program", ["forks", "processes"])
def test_children_of_threads(parts: Path, running: Sandbox, redis: Redis, program: str) -> None:
    """All calls of all processes succeed while other threads are in a step."""
    service = {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": running.url, "GUARD": redis.url}
    assert run(parts / program, env=service).endswith(" 0 failed\n")


def test_a_store_that_fails_is_told_once(call: Caller, running: Sandbox, redis: Redis) -> None:
    """And this process counts alone meanwhile."""
    redis.kill()
    made = call("send", "send", url=running.url, guard=redis.url)
    assert made.ends == [OK, LIMITED]
