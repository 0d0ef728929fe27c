"""Python's own clients, on which many tools stand: urllib.request and http.client."""
import contextlib
import http.client
import json
import urllib.error
import urllib.request

import pytest

# Neither proxies nor anything else of the machine's.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def open_url(server, path, **options):
    return OPENER.open(urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", **options), timeout=20)


def test_urllib_reads_json(plain):
    with open_url(plain, "/api/v1/status") as response:
        assert response.headers.get_content_type() == "application/json"
        assert json.load(response)["name"] == "lodestone"


def test_urllib_is_told_what_is_wrong(plain):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        open_url(plain, "/nowhere")
    with contextlib.closing(refusal.value) as response:
        assert (response.code, response.headers.get_content_type()) == (404, "application/problem+json")
        assert json.load(response)["status"] == 404


def test_urllib_asks_only_for_what_changed(plain):
    with open_url(plain, "/") as response:
        etag = response.headers["ETag"]
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        open_url(plain, "/", headers={"If-None-Match": etag})
    with contextlib.closing(unchanged.value) as response:
        assert response.code == 304 and response.read() == b""


def test_http_client_keeps_its_connection(plain):
    connection = http.client.HTTPConnection("127.0.0.1", plain.port, timeout=20)
    with contextlib.closing(connection):
        connection.connect()
        socket = connection.sock
        for method, path in (("GET", "/ready"), ("HEAD", "/"), ("GET", "/nowhere"), ("OPTIONS", "/ready"), ("GET", "/")):
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read()
            assert bool(body) == (method == "GET"), (method, path)
            assert connection.sock is socket, "nothing closed it"


def test_http_client_sends_chunks(plain):
    connection = http.client.HTTPConnection("127.0.0.1", plain.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", "/ready", body=iter([b"one", b"two"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        response = connection.getresponse()
        assert response.status == 405 and "GET" in response.headers["Allow"]


def test_http_client_over_tls(secure, certificate):
    connection = http.client.HTTPSConnection("localhost", secure, timeout=20, context=certificate.client_context())
    with contextlib.closing(connection):
        for _ in range(2):
            connection.request("GET", "/ready")
            assert connection.getresponse().read()
