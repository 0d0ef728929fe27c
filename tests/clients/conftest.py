"""What the tests with real clients share: running one, or a skip that names it, a browser, and a server that speaks TLS, too."""
import re
import shutil
import subprocess

import pytest
from support.browser import Browser
from support.certificates import Certificate
from support.server import Server

LIMIT_S = 30


@pytest.fixture(scope="session")
def client():
    """client(program, *arguments) answers a CompletedProcess; its output is bytes, its exit code is the test's to judge."""

    def run(program, *arguments, package=None, stdin=b"", env=None):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian package {package or program})")
        return subprocess.run([program, *map(str, arguments)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=LIMIT_S, env=env)

    return run


@pytest.fixture
def browser(tmp_path):
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed (Debian package chromium)")
    with Browser("chromium", tmp_path) as browser:
        yield browser


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Certificate:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return Certificate(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture(scope="module")
def plain(binary):
    """One server for the tests of a module: they only ask."""
    with Server(binary) as server:
        yield server


@pytest.fixture(scope="module")
def secure(binary, certificate):
    """The port at which one speaks HTTPS."""
    arguments = ("--tls-listen", "127.0.0.1:0", "--tls-certificate-file", certificate.certificate_file,
                 "--tls-key-file", certificate.key_file)
    with Server(binary, arguments) as server:
        yield next(int(url.rpartition(":")[2]) for url in server.urls if url.startswith("https"))


@pytest.fixture(scope="module")
def script(plain) -> str:
    """The path of the console's script: it has an ETag, and compressed forms beside the plain one."""
    return re.search(r"/assets/main[\w-]*\.js", plain.request("GET", "/").body.decode())[0]
