"""Clients that are slow, stop halfway, or vanish: each costs its own connection, after a time, and nobody else's."""
import contextlib
import json
import threading

import pytest
from support.process import descriptor_count, is_sanitized, read_metrics, resident_bytes, settled_descriptors, wait_until
from support.raw import Closed, Connection
from support.slow_reader import ask_without_reading, narrow_connection

HEAD = "GET /health HTTP/1.1\r\nHost: localhost\r\n"
UPLOAD = "POST /health HTTP/1.1\r\nHost: localhost\r\n"
MIB = 1024 * 1024


def drip(connection, data, is_over):
    """Sends 20 bytes a second until the server is rid of us. The pauses are the client's pace; no test waits for them."""
    with contextlib.suppress(OSError):
        for byte in data:
            connection.send(bytes([byte]))
            if is_over.wait(0.05):
                return


@contextlib.contextmanager
def dripping(connection, data):
    is_over = threading.Event()
    thread = threading.Thread(target=drip, args=(connection, data, is_over))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def wait_for_close(connection):
    """A reset is fine: the client was told, and goes on sending what nobody reads."""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        connection.read_to_end()


def wait_for_sweep(server):
    """Once an idle connection was closed, the server has looked at the deadlines of all others too."""
    with server.connect() as idle:
        idle.expect_close()


@pytest.mark.parametrize("begun", ["G", HEAD, HEAD + "X: y"])
def test_a_head_that_is_not_finished_is_told_so(hasty, begun):
    with hasty.connect() as connection:
        connection.send(begun)
        answer = connection.read_response()
        assert (answer.status, answer.header("Connection")) == (408, "close")
        connection.expect_close()


def test_a_head_that_drips_is_not_waited_for(hasty):
    with hasty.connect() as connection, dripping(connection, (HEAD + "X: y\r\n" * 1000).encode()):
        assert connection.read_response().status == 408


def test_a_slow_head_is_in_the_log(hasty):
    with hasty.connect() as connection:
        connection.send(HEAD)
        hasty.wait_for_log("request", status=408)


def test_a_connection_without_a_request_is_closed_without_a_word(hasty):
    with hasty.connect() as connection:
        connection.expect_close()


def test_an_idle_connection_is_closed_after_its_last_answer(hasty):
    with hasty.connect() as connection:
        assert connection.request("GET", "/health").status == 200
        connection.expect_close()


@pytest.mark.parametrize("framing, body", [("Content-Length: 1000", b"x" * 1000), ("Transfer-Encoding: chunked", b"1\r\nx\r\n" * 1000)],
                         ids=["length", "chunked"])
def test_a_body_that_drips_is_not_waited_for(hasty, framing, body):
    with hasty.connect() as connection:
        connection.send(f"{UPLOAD}{framing}\r\n\r\n")
        with dripping(connection, body):
            assert connection.read_response().status == 405
            wait_for_close(connection)


@pytest.mark.parametrize("framing, body", [("Content-Length: 1000", b"x" * 1000), ("Transfer-Encoding: chunked", b"1\r\nx\r\n" * 1000)],
                         ids=["length", "chunked"])
def test_a_body_that_is_read_and_drips_is_told_so(hasty, framing, body):
    with hasty.connect() as connection:
        connection.send(f"POST /api/v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n\r\n")
        with dripping(connection, body):
            answer = connection.read_response()
            assert (answer.status, answer.header("Connection")) == (408, "close")
            assert json.loads(answer.body)["code"] == "request-timeout"
            wait_for_close(connection)


def test_a_body_that_stops_is_not_waited_for(hasty):
    with hasty.connect() as connection:
        connection.send(UPLOAD + "Content-Length: 100000\r\n\r\n" + "x" * 50000)
        assert connection.read_response().status == 405
        wait_for_close(connection)


def test_an_unread_body_is_not_drained_for_long(start_server):
    """However patient the server is with bodies that are read."""
    server = start_server("--set", "server.body_grace=60s", "--set", "server.body_rate=1")
    with server.connect() as connection:
        connection.send(UPLOAD + "Content-Length: 100000\r\n\r\n")
        assert connection.read_response().status == 405
        with dripping(connection, b"x" * 100000):
            wait_for_close(connection)


def test_without_a_body_rate_any_pace_is_allowed(start_server):
    server = start_server("--set", "server.body_grace=1s", "--set", "server.body_rate=0", "--set", "server.idle_timeout=2s")
    with narrow_connection(server) as reader:
        ask_without_reading(reader)
        wait_for_sweep(server)
        for _ in range(100):
            assert reader.read_response().status == 200


def test_a_reader_that_takes_nothing_is_cut_off(hasty, binary):
    before = resident_bytes(hasty.pid)
    with narrow_connection(hasty) as connection:
        ask_without_reading(connection)
        grown = resident_bytes(hasty.pid) - before  # unsent answers wait as requests, not as memory
        assert grown < 4 * MIB or is_sanitized(binary)
        hasty.wait_for_log("slow request", status=499)
        with pytest.raises((Closed, ConnectionResetError)):
            while True:
                connection.read_response()
    assert hasty.request("GET", "/ready").status == 200


def test_a_reader_that_makes_up_its_mind_gets_everything(steady):
    with narrow_connection(steady) as connection:
        ask_without_reading(connection)
        for _ in range(200):
            assert connection.read_response().status == 200


@pytest.mark.parametrize("request_text, status", [
    (HEAD + "\r\n", 200),
    (UPLOAD + "Content-Length: 5\r\n\r\nhello", 405),
    (UPLOAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 405),
    (HEAD, 400),
], ids=["whole", "body", "chunks", "cut"])
def test_who_closes_one_way_is_still_answered(steady, request_text, status):
    with steady.connect() as connection:
        connection.send(request_text)
        connection.finish_sending()
        assert connection.read_response().status == status
        connection.expect_close()


def test_who_closes_one_way_gets_all_its_answers(steady):
    with steady.connect() as connection:
        connection.send((HEAD + "\r\n") * 50)
        connection.finish_sending()
        assert [connection.read_response().status for _ in range(50)] == [200] * 50
        connection.expect_close()


@pytest.mark.parametrize("leave", [Connection.close, Connection.reset], ids=["close", "reset"])
@pytest.mark.parametrize("stage", ["silent", "in the head", "in the body", "in a chunk", "before the answer", "in the answer"])
def test_who_vanishes_leaves_nothing_behind(steady, stage, leave):
    sent = {"silent": "", "in the head": HEAD, "in the body": UPLOAD + "Content-Length: 1000\r\n\r\nxxx",
            "in a chunk": UPLOAD + "Transfer-Encoding: chunked\r\n\r\nFFFF\r\nxxx", "before the answer": HEAD + "\r\n"}
    with steady.connect() as witness:
        assert witness.request("GET", "/health").status == 200
        wait_until(lambda: read_metrics(witness)["lodestone_connections_open"] == 1)
        token = witness.operator_headers["Authorization"]
        operators_head = HEAD.replace("/health", "/metrics") + f"Authorization: {token}\r\n"
        descriptors = settled_descriptors(steady.pid, witness)
        before = read_metrics(witness)
        for _ in range(20):
            connection = narrow_connection(steady) if stage == "in the answer" else steady.connect()
            connection.send(sent.get(stage, (operators_head + "\r\n") * 100))
            leave(connection)

        def is_over():
            now = read_metrics(witness)
            all_came = now["lodestone_connections_accepted_total"] - before["lodestone_connections_accepted_total"] == 20
            return all_came and now["lodestone_connections_open"] == 1
        wait_until(is_over)
        assert descriptor_count(steady.pid) == descriptors
