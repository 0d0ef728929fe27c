"""Requests that two servers in a row could read differently: nothing that hides behind the first is ever answered."""
import json

import pytest

HIDDEN = "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"


def post(*fields, body=""):
    return "POST /health HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{field}\r\n" for field in fields) + "\r\n" + body


# What one reads as a body, the other as the next request; each name says who believes what.
PAIRS = {
    "length-then-chunked": post(f"Content-Length: {len(HIDDEN) + 5}", "Transfer-Encoding: chunked", body="0\r\n\r\n" + HIDDEN),
    "chunked-then-length": post("Transfer-Encoding: chunked", "Content-Length: 4", body="0\r\n\r\n" + HIDDEN),
    "chunked-twice": post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body="0\r\n\r\n" + HIDDEN),
    "chunked-and-identity": post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body="0\r\n\r\n" + HIDDEN),
    "chunked-not-last": post("Transfer-Encoding: chunked, gzip", body="0\r\n\r\n" + HIDDEN),
    "chunked-misspelt": post("Transfer-Encoding: xchunked", body=HIDDEN),
    "chunked-with-vertical-tab": post("Transfer-Encoding:\x0bchunked", body="0\r\n\r\n" + HIDDEN),
    "space-before-colon": post("Transfer-Encoding : chunked", f"Content-Length: {len(HIDDEN)}", body=HIDDEN),
    "folded-coding": post("Transfer-Encoding:\r\n chunked", body="0\r\n\r\n" + HIDDEN),
    "hidden-by-a-bare-return": post("X: y\rTransfer-Encoding: chunked", body="0\r\n\r\n" + HIDDEN),
    "hidden-by-a-bare-newline": post("X: y\nTransfer-Encoding: chunked", body="0\r\n\r\n" + HIDDEN),
    "two-lengths": post("Content-Length: 0", f"Content-Length: {len(HIDDEN)}", body=HIDDEN),
    "two-equal-lengths": post("Content-Length: 0", "Content-Length: 0", body=HIDDEN),
    "a-list-of-lengths": post(f"Content-Length: 0, {len(HIDDEN)}", body=HIDDEN),
    "a-signed-length": post("Content-Length: +0", body=HIDDEN),
    "a-length-in-hexadecimal": post("Content-Length: 0x0", body=HIDDEN),
    "a-length-that-overflows": post("Content-Length: 18446744073709551616", body=HIDDEN),
    "a-negative-length": post("Content-Length: -1", body=HIDDEN),
    "chunked-in-http-1.0": post("Transfer-Encoding: chunked", body="0\r\n\r\n" + HIDDEN).replace("1.1", "1.0", 1),
    "two-hosts": post("Host: internal", body=HIDDEN),
}
# The head is sound, the chunks are not: they are found out only after the answer, which is 405 here.
BROKEN_CHUNKS = {
    "size-with-sign": "+0\r\n\r\n",
    "size-with-prefix": "0x0\r\n\r\n",
    "size-that-overflows": "10000000000000000\r\n\r\n",
    "size-with-space": "0 \r\n\r\n",
    "size-ended-by-newline": "0\n\r\n",
    "size-missing": "\r\n\r\n",
    "data-longer-than-its-size": "1\r\nab\r\n0\r\n\r\n",
    "data-ended-by-newline": "1\r\na\n0\r\n\r\n",
    "extension-with-newline": "1;a\nb\r\na\r\n0\r\n\r\n",
    "trailer-with-bare-newline": "0\r\nX: y\n\r\n",
    "trailer-without-colon": "0\r\njunk\r\n\r\n",
}


@pytest.mark.parametrize("name", PAIRS)
def test_an_ambiguous_head_is_the_last_that_is_read(steady, name):
    with steady.connect() as connection:
        connection.send(PAIRS[name].encode("latin-1"))
        answer = connection.read_response()
        assert answer.status in (400, 501) and answer.header("Connection") == "close"
        connection.expect_close()


@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_a_broken_chunk_ends_the_connection(steady, name):
    with steady.connect() as connection:
        connection.send(post("Transfer-Encoding: chunked", body=BROKEN_CHUNKS[name] + HIDDEN))
        assert connection.read_response().status in (400, 405)
        connection.expect_close()


def test_what_follows_a_sound_body_is_the_next_request(steady):
    with steady.connect() as connection:
        connection.send(post(f"Content-Length: {len(HIDDEN)}", body=HIDDEN)
                        + post("Transfer-Encoding: chunked", body=f"{len(HIDDEN):x}\r\n{HIDDEN}\r\n0\r\nSum: 1\r\n\r\n")
                        + HIDDEN.replace("/api/v1/status", "/health"))
        assert [connection.read_response().status for _ in range(3)] == [405, 405, 200]
        assert json.loads(connection.request("GET", "/health").body)["status"] == "ok"
