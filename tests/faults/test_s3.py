"""The bytes of packages in a real S3-compatible server: every store's rules hold there, and the program keeps files there
that it can serve again after a restart, in whole and in part, and says so when the server is away."""
import base64
import hashlib
import os
import random
import subprocess
import urllib.error
import urllib.request

import pytest
from support import swift
from support.installation import Installation
from support.process import wait_until
from support.server import Server

pytestmark = pytest.mark.skipif(bool(swift.find_missing()), reason="OpenStack Swift is not installed (Debian packages swift-proxy, "
                                "swift-account, swift-container, swift-object, memcached)")


@pytest.fixture(scope="module")
def store():
    with swift.Swift() as running:
        yield running


@pytest.fixture
def arguments(store, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(swift.SECRET_KEY + "\n")
    secret.chmod(0o600)
    return [word for setting in [*store.settings(), f"s3.prefix={tmp_path.name}", f"s3.secret_key_file={secret}"] for word in ("--set", setting)]


class Registry:
    """A server with a repository of generic files and a key for it."""

    def __init__(self, binary, data, arguments):
        self.server = Server(binary, arguments, data=data).start()
        self.server.wait_for_log("serving")
        if not (data / "test-key").exists():
            self.make_repository(binary, data)
        self.authorization = "Basic " + base64.b64encode(b"_:" + (data / "test-key").read_bytes()).decode()

    def make_repository(self, binary, data):
        where = Installation(binary, data)
        (data / "test-key").write_text(where.say("key", "create", "--user", "admin", "--quiet").strip())
        where.say("repository", "create", "files", "--app", "main", "--format", "generic")

    def ask(self, method, file, body=b"", headers=None):
        fields = {"Authorization": self.authorization, **({"Content-Length": str(len(body))} if method == "PUT" else {}), **(headers or {})}
        return self.server.request(method, f"/generic/default/files/tool/1.0/{file}", fields, body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()


def test_every_rule_of_stores_holds(binary, store):
    tests = binary.parent / "tests/blobs_tests"
    if not tests.exists():
        pytest.skip(f"{tests} was not built")
    words = " ".join([store.url, swift.BUCKET, swift.REGION, swift.ACCESS_KEY, swift.SECRET_KEY])
    done = subprocess.run([tests, "--gtest_filter=*StoreTest*/s3_named", "--gtest_brief=1"], env={**os.environ, "LODESTONE_TEST_S3": words},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout and "[  PASSED  ] 0 tests" not in done.stdout


def test_files_are_kept_there(binary, store, arguments, tmp_path):
    large = random.Random(1).randbytes(20 << 20)
    files = {"empty": b"", "small": b"a few bytes", "large": large}
    data = tmp_path / "data"
    data.mkdir()
    with Registry(binary, data, arguments) as registry:
        for name, content in files.items():
            assert registry.ask("PUT", name, content).status == 201
        assert registry.ask("PUT", "wrong", b"a few bytes", {"X-Checksum-Sha256": "0" * 64}).status == 400
    assert any(f"{tmp_path.name}/large/" in name for name in store.objects())
    with Registry(binary, data, arguments) as registry:
        for name, content in files.items():
            answer = registry.ask("GET", name)
            assert answer.status == 200 and answer.body == content
            assert answer.header("X-Checksum-Sha256") == hashlib.sha256(content).hexdigest()
        part = registry.ask("GET", "large", headers={"Range": f"bytes={9 << 20}-{(9 << 20) + 99}"})
        assert part.status == 206 and part.body == large[9 << 20:(9 << 20) + 100]
        head = registry.ask("HEAD", "large")
        assert head.status == 200 and head.header("Content-Length") == str(len(large))
        log = registry.server.log_text()
    assert swift.SECRET_KEY not in log


def test_large_files_are_fetched_from_there(binary, store, arguments, tmp_path):
    large = random.Random(2).randbytes(2 << 20)
    data = tmp_path / "data"
    data.mkdir()
    with Registry(binary, data, [*arguments, "--set", "s3.redirect=true"]) as registry:
        for name, content in {"large": large, "small": b"a few bytes"}.items():
            assert registry.ask("PUT", name, content).status == 201
        assert registry.ask("GET", "small").body == b"a few bytes"
        assert registry.server.request("GET", "/generic/default/files/tool/1.0/large").status in (401, 404)
        answer = registry.ask("GET", "large")
        assert answer.status == 307 and answer.body == b"" and answer.header("Cache-Control") == "no-store"
        link = answer.header("Location")
        assert link.startswith(store.url) and "X-Amz-Expires=300&" in link and swift.SECRET_KEY not in link
        with urllib.request.urlopen(link, timeout=30) as fetched:
            assert fetched.read() == large
        part = urllib.request.Request(link, headers={"Range": "bytes=100-199"})
        with urllib.request.urlopen(part, timeout=30) as fetched:
            assert fetched.status == 206 and fetched.read() == large[100:200]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(link.replace("X-Amz-Expires=300", "X-Amz-Expires=301"), timeout=30)
        log = registry.server.log_text()
    assert "X-Amz-" not in log


def test_says_that_the_store_refuses_it(binary, store, arguments, tmp_path):
    (tmp_path / "secret").write_text("another")
    data = tmp_path / "data"
    data.mkdir()
    with Registry(binary, data, arguments) as registry:
        answer = registry.ask("PUT", "file", b"bytes")
        assert answer.status == 503 and b"storage" in answer.body
        health = wait_until(lambda: find_storage_fault(registry.server))
        assert "SignatureDoesNotMatch" in health
        assert "another" not in registry.server.log_text()


def find_storage_fault(server) -> str | None:
    answer = server.request("GET", "/health", server.operator_headers())
    text = answer.body.decode()
    return text if '"fault":"' in text else None
