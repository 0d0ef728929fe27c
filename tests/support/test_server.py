"""The server fixture against a stand-in program: it must find the address, see the log, and leave no process behind."""
import os
import sys

import pytest
from support.server import Server

STAND_IN = """#!{python}
# Prints an address and logs; what it does next is the first extra argument.
import json, signal, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
if "silent" in sys.argv:
    sys.exit("no luck today")
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, lambda *_: print(json.dumps({{"event": "reloaded"}}), file=sys.stderr, flush=True))
print("Console and API:", flush=True)
print(f"  http://127.0.0.1:{{listener.getsockname()[1]}}/", flush=True)
print("not json", file=sys.stderr, flush=True)
print(json.dumps({{"level": "info", "event": "listening", "port": 1}}), file=sys.stderr, flush=True)
while True:
    signal.pause()
"""


@pytest.fixture
def stand_in(tmp_path):
    program = tmp_path / "stand-in"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    return program


def is_running(pid) -> bool:
    return os.path.exists(f"/proc/{pid}")


def test_address_log_signal_and_end(stand_in):
    with Server(stand_in) as server:
        pid, data = server.pid, server.data
        assert data.is_dir()
        server.connect().close()
        assert server.wait_for_log("listening", port=1)["level"] == "info"
        server.send_signal(1)
        server.wait_for_log("reloaded")
        assert {"raw": "not json"} in server.log()
    assert not is_running(pid) and not data.exists()


def test_waiting_for_a_line_that_never_comes_fails_with_the_log(stand_in):
    with Server(stand_in) as server:
        server.wait_for_log("listening")
        with pytest.raises(AssertionError, match="not json"):
            server.wait_for_log("listening", limit_s=0.2, port=2)


def test_a_program_that_does_not_start_fails_with_its_output(stand_in):
    with pytest.raises(AssertionError, match="no luck today"):
        Server(stand_in, ["silent"]).start()


def test_a_stubborn_program_is_ended(stand_in):
    server = Server(stand_in, ["stubborn"]).start()
    pid = server.pid
    server.stop(limit_s=0.1)
    assert server.exit_code == -9 and not is_running(pid)
