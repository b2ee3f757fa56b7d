"""Forked children and subinterpreters, each in processes of their own."""

from __future__ import annotations

import re

import pytest
from servers import RecordingServer

from verifysms.testing import Sandbox


def test_parent_and_children_call_after_a_fork(python, sandbox: Sandbox):
    done = python(
        """
        import os, sys, threading
        import verifysms
        client = verifysms.Client("sandbox-key", sender="Acme", guard=None, url=sys.argv[1], timeout=10)
        client.send("0501234567")
        stop = threading.Event()
        def load():
            while not stop.is_set():
                client.send("0501234567")
        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads: thread.start()
        children = []
        for number in range(8):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    for _ in range(5):
                        assert client.check("0501234567", "no code").status == 2
                    assert client.send("0501234567").to == "0501234567"
                    status = 0
                finally:
                    os._exit(status)
            children.append(child)
        statuses = [os.waitpid(child, 0)[1] for child in children]
        client.send("0501234567")
        stop.set()
        for thread in threads: thread.join()
        print(statuses)
        """,
        sandbox.url,
    )
    assert done.stdout == f"{[0] * 8}\n"


def test_no_connection_is_shared_with_a_child(python, recording_server: RecordingServer):
    python(
        """
        import os, sys
        import verifysms
        client = verifysms.Client("the key", sender="Acme", url=sys.argv[1])
        client.send("0501234567")
        child = os.fork()
        if child == 0:
            client.send("0501234568")
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        client.send("0501234569")
        """,
        recording_server.url,
    )
    assert [request.connection for request in recording_server.requests] == [1, 2, 1]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes_calls(method: str, python, sandbox: Sandbox, tmp_path):
    program = tmp_path / "pool.py"
    program.write_text(
        """
import multiprocessing, sys
import verifysms

client = verifysms.Client("sandbox-key", sender="Acme", guard=None, url=sys.argv[1], timeout=10)

def verify(number):
    return client.check(f"050{number:07}", "no code")

def refuse(number):
    return client.send("12")

if __name__ == "__main__":
    client.send("0501234567")
    with multiprocessing.get_context(sys.argv[2]).Pool(2) as pool:
        results = pool.map(verify, range(6))
        assert [result.to for result in results] == [f"050{number:07}" for number in range(6)], results
        try:
            pool.apply(refuse, (1,))
        except verifysms.InvalidArgumentError as error:
            assert error.argument == "to", error
    client.send("0501234567")
"""
    )
    python("import runpy, sys; sys.argv[0] = sys.argv.pop(1)\nimport subprocess\n"
           "sys.exit(subprocess.call([sys.executable, *sys.argv]))", str(program), sandbox.url, method)  # fmt: skip


def test_asyncio_works_in_a_child(python, sandbox: Sandbox):
    python(
        """
        import asyncio, os, sys
        import verifysms
        client = verifysms.AsyncClient("sandbox-key", sender="Acme", guard=None, url=sys.argv[1], timeout=10)
        asyncio.run(client.send("0501234567"))
        child = os.fork()
        if child == 0:
            asyncio.run(client.send("0501234567"))
            asyncio.run(client.close())
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        asyncio.run(client.send("0501234567"))
        """,
        sandbox.url,
    )
    assert len(sandbox.messages()) == 3


def test_a_fork_in_the_middle_of_calls_leaves_them_to_the_parent(python, sandbox: Sandbox):
    sandbox.fail_next(20, failure={"delay": 500})
    python(
        """
        import asyncio, gc, os, sys
        import verifysms

        async def one(client):
            assert (await client.check("0501234567", "no code")).status == 2

        async def main():
            client = verifysms.AsyncClient("sandbox-key", sender="Acme", url=sys.argv[1], timeout=10)
            tasks = [asyncio.create_task(client.send(f"050{number:07}")) for number in range(20)]
            await asyncio.sleep(0.2)
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    tasks.clear()
                    gc.collect()
                    asyncio.run(one(client))
                    asyncio.run(one(client))
                    status = 0
                finally:
                    os._exit(status)
            sent = await asyncio.gather(*tasks)
            assert [one.to for one in sent] == [f"050{number:07}" for number in range(20)], sent
            assert os.waitpid(child, 0)[1] == 0
            await client.send("0501234567")

        asyncio.run(main())
        """,
        sandbox.url,
    )
    assert len(sandbox.messages()) == 21


def test_a_child_waits_for_no_thread_that_was_inside_a_queue(python, sandbox: Sandbox):
    python(
        """
        import os, signal, sys, threading
        import verifysms
        client = verifysms.AsyncClient("sandbox-key", sender="Acme", url=sys.argv[1])
        queue = client._queue()
        stop = threading.Event()

        def work():
            while not stop.is_set():
                for _ in range(300):
                    queue.cancel(queue.connect())
                while queue.take() is not None:
                    pass

        thread = threading.Thread(target=work)
        thread.start()
        statuses = []
        for _ in range(100):
            child = os.fork()
            if child == 0:
                signal.alarm(5)
                status = 1
                try:
                    queue.cancel(1)
                    assert queue.take() is None
                    assert queue.fileno() > 2
                    try:
                        queue.connect()
                    except verifysms.InvalidArgumentError:
                        del queue
                        status = 0
                finally:
                    os._exit(status)
            statuses.append(os.waitpid(child, 0)[1])
            if statuses[-1]:
                break
        stop.set()
        thread.join()
        assert not any(statuses), statuses
        """,
        sandbox.url,
    )


def test_the_sandbox_is_its_process_own(python):
    done = python(
        """
        import os
        from verifysms.testing import Sandbox
        sandbox = Sandbox()
        client = sandbox.client()
        client.send("0501234567")
        child = os.fork()
        if child == 0:
            client.send("0501234568")
            try:
                sandbox.messages()
            except RuntimeError as error:
                print(error, flush=True)
            sandbox.close()
            del sandbox
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert len(sandbox.messages()) == 2
        sandbox.close()
        """
    )
    assert done.stdout == "the sandbox lives in the process that started it, not in one forked from it\n"


@pytest.mark.parametrize("first", [True, False])
def test_a_subinterpreter_is_told_why_it_cannot(first: bool, python):
    done = python(
        """
        import sys
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        if sys.argv[1] == "True":
            import verifysms
        lines = [
            "try:",
            "    import verifysms",
            "except ImportError as error:",
            "    print(error, flush=True)",
        ]
        failure = interpreters.run_string(interpreters.create(), "\\n".join(lines))
        assert failure is None, failure
        """,
        str(first),
    )
    assert re.search("(?i)verifysms.* subinterpreters", done.stdout), done.stdout
