"""Ctrl-C and other signal handlers run while a call waits, in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from sandboxes import SilentSandbox

HERE = Path(__file__).parent


# A program that a shell has put into the background ignores Ctrl-C, and so does all that it starts.
HEEDED = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", HEEDED + textwrap.dedent(program), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )


WAITS = """
    import sys, time, traceback
    import verifysms
    client = verifysms.Client("planted-key-93571", sender="Acme", url=sys.argv[1], timeout=30)
    try:
        client.check("0523456789", "918273")
    except KeyboardInterrupt as error:
        print("interrupted", time.time())
        print(type(error.__context__).__name__, error.__context__.reached.name)
        print(len(__import__("os").listdir("/proc/self/task")), "threads")
        traceback.print_exc()
        try:
            client.send("0523456789", sender="Again")
        except KeyboardInterrupt:
            print("again")
"""


def test_ctrl_c_raises_keyboard_interrupt_within_a_tenth_of_a_second(silent_sandbox: SilentSandbox):
    with start(WAITS, silent_sandbox.url) as process:
        silent_sandbox.wait_for_request()
        assert len(list(Path(f"/proc/{process.pid}/task").iterdir())) == 1, "a helper thread was started"
        signalled = time.time()
        process.send_signal(signal.SIGINT)
        name, when = process.stdout.readline().split()
        assert name == "interrupted"
        late = float(when) - signalled
        print(f"KeyboardInterrupt after {1000 * late:.0f} ms")
        assert late < 0.1
        # The caller can learn how far the request had got.
        assert process.stdout.readline().split() == ["CancelledError", "UNKNOWN"]
        assert process.stdout.readline() == "1 threads\n"
        silent_sandbox.wait_for_request()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "again\n", "the client works after an interruption"
        assert process.wait(10) == 0
        told = process.stderr.read()
        assert "KeyboardInterrupt" in told
        for secret in ("planted-key-93571", "918273"):
            # The traceback quotes the line of the program, which is an argument here and no secret.
            quoted = [line for line in told.splitlines() if secret in line and not line.lstrip().startswith("client")]
            assert quoted == []


def test_a_handler_that_raises_ends_the_call(silent_sandbox: SilentSandbox, python):
    done = python(
        """
        import signal, sys, time
        import verifysms
        class Alarm(Exception): pass
        def ring(*_): raise Alarm
        signal.signal(signal.SIGALRM, ring)
        client = verifysms.Client("the key", sender="Acme", url=sys.argv[1], timeout=30)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        begun = time.monotonic()
        try:
            client.send("0501234567")
        except Alarm as error:
            print(time.monotonic() - begun, error.__context__.code.name)
        """,
        silent_sandbox.url,
    )
    seconds, code = done.stdout.split()
    assert 0.2 <= float(seconds) < 0.3
    assert code == "CANCELLED"


def test_a_handler_that_returns_lets_the_call_go_on(silent_sandbox: SilentSandbox, python):
    done = python(
        """
        import signal, sys
        import verifysms
        rung = []
        signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
        client = verifysms.Client("the key", sender="Acme", url=sys.argv[1], timeout=0.5)
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        try:
            client.send("0501234567")
        except verifysms.TimeoutError as error:
            signal.setitimer(signal.ITIMER_REAL, 0)
            print(len(rung), error.reached.name)
        """,
        silent_sandbox.url,
    )
    count, reached = done.stdout.split()
    assert int(count) >= 5
    assert reached == "UNKNOWN"


def test_a_handler_may_make_a_call_of_its_own(python, silent_sandbox: SilentSandbox):
    done = python(
        """
        import signal, sys
        import verifysms
        from verifysms.testing import Sandbox
        with Sandbox() as sandbox:
            inner = sandbox.client()
            def ring(*_): print("inner", inner.send("0501234567").to, flush=True)
            signal.signal(signal.SIGALRM, ring)
            outer = verifysms.Client("the key", sender="Acme", url=sys.argv[1], timeout=0.4)
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            try:
                outer.send("0501234567")
            except verifysms.TimeoutError:
                print("outer timed out")
        """,
        silent_sandbox.url,
    )
    assert done.stdout == "inner 0501234567\nouter timed out\n"


def test_ctrl_c_ends_only_the_main_threads_call(silent_sandbox: SilentSandbox):
    program = """
        import sys, threading
        import verifysms
        client = verifysms.Client("the key", sender="Acme", guard=None, url=sys.argv[1], timeout=1.5)
        def other():
            try:
                client.send("0501234567")
            except verifysms.VerifySmsError as error:
                print("other", error.code.name, flush=True)
        thread = threading.Thread(target=other)
        thread.start()
        try:
            client.send("0501234567")
        except KeyboardInterrupt:
            print("main", flush=True)
        thread.join()
    """
    with start(program, silent_sandbox.url) as process:
        silent_sandbox.wait_for_request()
        silent_sandbox.wait_for_request()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().split("\n")[:2] == ["main", "other TIMEOUT"]
        assert process.wait(10) == 0


def test_ctrl_c_ends_a_program_of_asyncio(silent_sandbox: SilentSandbox):
    program = """
        import asyncio, sys
        import verifysms
        async def main():
            async with verifysms.AsyncClient("the key", sender="Acme", url=sys.argv[1], timeout=30) as client:
                await client.send("0501234567")
        asyncio.run(main())
    """
    with start(program, silent_sandbox.url) as process:
        silent_sandbox.wait_for_request()
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(10)
        assert time.monotonic() - begun < 1, "the process waited for its call"
        assert process.returncode in (1, -signal.SIGINT, 130)
        assert "KeyboardInterrupt" in process.stderr.read()


def test_the_process_ends_while_a_daemon_thread_is_in_a_call(silent_sandbox: SilentSandbox):
    program = """
        import sys, threading
        import verifysms
        client = verifysms.Client("the key", sender="Acme", url=sys.argv[1], timeout=30)
        threading.Thread(target=client.send, args=("0501234567",), daemon=True).start()
        sys.stdin.read(0)
        print("ready", flush=True)
        import time
        time.sleep(0.2)
    """
    with start(program, silent_sandbox.url) as process:
        silent_sandbox.wait_for_request()
        assert process.wait(10) == 0, process.stderr.read()
        assert process.stderr.read() == ""
