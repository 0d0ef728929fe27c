"""The raw client reads strictly: it must refuse what a broken server would send, else the tests above it see nothing."""
import socket
import threading
from contextlib import contextmanager

import pytest
from support.raw import Closed, Connection


@contextmanager
def answered_with(data: bytes):
    """A connection to a peer that says this and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def answer():
            peer, _ = listener.accept()
            peer.sendall(data)
            peer.close()
        thread = threading.Thread(target=answer)
        thread.start()
        with Connection("127.0.0.1", listener.getsockname()[1]) as connection:
            thread.join()
            yield connection


def test_reads_answers_that_follow_each_other():
    data = (b"HTTP/1.1 100 Continue\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A:  b \r\n\r\nhi"
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nSum: 1\r\n\r\n"
            b"HTTP/1.0 200 OK\r\n\r\nuntil the end")
    with answered_with(data) as connection:
        assert connection.read_response().status == 100
        second = connection.read_response()
        assert (second.body, second.header("x-a")) == (b"hi", "b")
        third = connection.read_response()
        assert (third.body, third.trailers) == (b"abc0123456789", [("Sum", "1")])
        assert connection.read_response().body == b"until the end"
        connection.expect_close()


def test_an_answer_to_head_has_no_body():
    with answered_with(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") as connection:
        assert connection.read_response("HEAD").header("Content-Length") == "5"


@pytest.mark.parametrize("data", [
    b"HTTP/1.1 OK\r\n\r\n",
    b"HTTP/2 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBad header\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nName : space\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1x\r\na\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
])
def test_refuses_a_malformed_answer(data):
    with answered_with(data) as connection, pytest.raises(AssertionError):
        connection.read_response()


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
                                  b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"])
def test_a_cut_answer_is_not_an_answer(data):
    with answered_with(data) as connection, pytest.raises(Closed):
        connection.read_response()


def test_bytes_before_the_end_are_not_a_close():
    with answered_with(b"x") as connection, pytest.raises(AssertionError, match="more bytes"):
        connection.expect_close()
