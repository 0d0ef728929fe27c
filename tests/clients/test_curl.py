"""curl, as people and scripts use it: plain, ranges, conditions, compression, uploads, reuse, HTTP/1.0 and TLS, and files that it publishes
and fetches with a key."""
import gzip
import hashlib
import json

import pytest
from support.files import make_files_repository
from support.installation import Installation

FILE = bytes(number * 7 % 256 for number in range(3_000_000))


@pytest.fixture
def curl(client):
    """curl(*arguments): nothing of the user's own configuration, proxies or progress meter."""

    def run(*arguments, **options):
        return client("curl", "--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", 20, *arguments, **options)

    return run


def url(server, path="/") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def test_plain(curl, plain):
    done = curl("--fail", url(plain, "/api/v1/status"))
    assert done.returncode == 0 and json.loads(done.stdout)["name"] == "lodestone"


def test_what_is_not_there_is_a_failure_for_scripts(curl, plain):
    assert curl("--fail", url(plain, "/nowhere")).returncode == 22


def test_head_says_what_a_download_would_bring(curl, plain, script):
    head = curl("--head", url(plain, script)).stdout.decode().lower()
    body = curl(url(plain, script)).stdout
    assert head.startswith("http/1.1 200") and f"content-length: {len(body)}\r\n" in head


@pytest.mark.parametrize("asked,part", [("0-9", slice(0, 10)), ("100-", slice(100, None)), ("-7", slice(-7, None))])
def test_a_range_is_that_part(curl, plain, script, asked, part):
    whole = curl(url(plain, script)).stdout
    done = curl("--range", asked, "--write-out", "%{stderr}%{http_code}", url(plain, script))
    assert (done.stdout, done.stderr) == (whole[part], b"206")


def test_several_ranges_come_in_parts(curl, plain, script):
    done = curl("--range", "0-1,10-11", "--write-out", "%{stderr}%{content_type}", url(plain, script))
    assert done.stderr.startswith(b"multipart/byteranges") and done.stdout.count(b"Content-Range: bytes ") == 2


def test_a_broken_download_goes_on_where_it_ended(curl, plain, script, tmp_path):
    whole = curl(url(plain, script)).stdout
    file = tmp_path / "main.js"
    file.write_bytes(whole[:1000])
    assert curl("--continue-at", "-", "--output", file, url(plain, script)).returncode == 0
    assert file.read_bytes() == whole


def test_what_did_not_change_is_not_sent_again(curl, plain, tmp_path):
    etag = tmp_path / "etag"
    codes = [curl("--etag-save", etag, "--etag-compare", etag, "--output", tmp_path / "page", "--write-out",
                  "%{http_code} %{size_download}", url(plain)).stdout.decode().split() for _ in range(2)]
    assert codes[0][0] == "200" and int(codes[0][1]) > 0
    assert codes[1] == ["304", "0"]


def test_compressed(curl, plain, script):
    whole = curl(url(plain, script)).stdout
    done = curl("--compressed", "--write-out", "%{stderr}%header{content-encoding} %{size_download}", url(plain, script))
    encoding, size = done.stderr.decode().split()
    assert done.stdout == whole and encoding in ("gzip", "zstd") and int(size) < len(whole)
    packed = curl("--header", "Accept-Encoding: gzip", url(plain, script)).stdout
    assert gzip.decompress(packed) == whole


def test_an_upload_that_is_not_wanted_is_answered_before_it_is_sent(curl, plain, tmp_path):
    file = tmp_path / "package.tar"
    file.write_bytes(b"x" * 8_000_000)
    done = curl("--expect100-timeout", 15, "--header", "Expect: 100-continue", "--upload-file", file, "--verbose", "--output", "/dev/null",
                "--write-out", "%{http_code} %{size_upload}", url(plain, "/ready"))
    assert done.stdout == b"405 0", done.stderr.decode()
    assert b"< Allow: " in done.stderr and b"100 Continue" not in done.stderr


def test_one_connection_serves_many_requests(curl, plain, script):
    several = [part for path in ("/ready", "/health", script) for part in ("--output", "/dev/null", url(plain, path))]
    done = curl("--write-out", "%{num_connects} %{http_code}\n", *several)
    assert done.stdout.decode().splitlines() == ["1 200", "0 200", "0 200"]


def test_http_1_0(curl, plain, script):
    done = curl("--http1.0", "--write-out", "%{stderr}%{http_code}", url(plain, script))
    assert done.stderr == b"200" and done.stdout == curl(url(plain, script)).stdout


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_tls(curl, secure, certificate, version):
    done = curl("--fail", f"--tlsv{version}", "--tls-max", version, "--cacert", certificate.certificate_file,
                f"https://127.0.0.1:{secure}/ready")
    assert done.returncode == 0 and json.loads(done.stdout), done.stderr.decode()


def test_a_certificate_that_nobody_vouches_for_is_refused(curl, secure):
    unknown_authority = 60
    assert curl(f"https://127.0.0.1:{secure}/ready").returncode == unknown_authority


@pytest.fixture(scope="module")
def files(binary, tmp_path_factory):
    """Where a package's files are, and the key to them."""
    installation = Installation(binary, tmp_path_factory.mktemp("files") / "data")
    with installation.server() as server:
        server.wait_for_log("serving")
        yield url(server, "/generic/default/files/tool/1.0"), make_files_repository(installation)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(FILE)
    return path


@pytest.fixture
def publish(curl, files, file):
    """publish(name, *arguments) answers the status, and how much was sent for it."""
    address, key = files

    def run(name, *arguments, key=key):
        done = curl("--user", f"_:{key}", "--upload-file", file, "--expect100-timeout", 15, "--header", "Expect: 100-continue", "--output", "/dev/null",
                    "--write-out", "%{http_code} %{size_upload}", *arguments, f"{address}/{name}")
        assert done.returncode == 0, done.stderr.decode()
        return tuple(map(int, done.stdout.split()))

    return run


@pytest.mark.parametrize("shown", [("--user", "_:{}"), ("--header", "Authorization: Bearer {}"), ("--header", "X-API-Key: {}")])
def test_a_file_is_published_and_fetched_with_a_key(curl, files, publish, file, shown):
    address, key = files
    name, shown = f"key-{shown[1][0]}", (shown[0], shown[1].format(key))
    done = curl("--fail", *shown, "--upload-file", file, "--write-out", "%{http_code} %header{x-checksum-sha256}", f"{address}/{name}")
    assert done.stdout.decode() == f"201 {hashlib.sha256(FILE).hexdigest()}", done.stderr.decode()
    assert curl("--fail", *shown, f"{address}/{name}").stdout == FILE
    for nobody in ((), ("--user", "_:wrong")):
        assert curl("--write-out", "%{http_code}", "--output", "/dev/null", *nobody, f"{address}/{name}").stdout == b"401"


def test_nothing_is_sent_that_would_be_refused(publish):
    assert publish("once") == (201, len(FILE))
    assert publish("once") == (409, 0)
    assert publish("never", key="wrong") == (401, 0)


@pytest.mark.parametrize("asked,part", [("0-9", slice(0, 10)), ("100-", slice(100, None)), ("-7", slice(-7, None))])
def test_a_range_of_a_file_is_that_part(curl, files, publish, asked, part):
    address, key = files
    assert publish(f"range{asked}")[0] == 201
    done = curl("--user", f"_:{key}", "--range", asked, "--write-out", "%{stderr}%{http_code} %header{content-range}", f"{address}/range{asked}")
    first, last, _ = part.indices(len(FILE))
    assert (done.stdout, done.stderr.decode()) == (FILE[part], f"206 bytes {first}-{last - 1}/{len(FILE)}")


def test_a_broken_download_of_a_file_goes_on_where_it_ended(curl, files, publish, tmp_path):
    address, key = files
    assert publish("broken")[0] == 201
    half = tmp_path / "half"
    half.write_bytes(FILE[:1_000_000])
    done = curl("--user", f"_:{key}", "--continue-at", "-", "--output", half, "--write-out", "%{http_code} %{size_download}", f"{address}/broken")
    assert done.stdout == b"206 2000000" and half.read_bytes() == FILE


def test_a_checksum_that_is_sent_along_is_checked(curl, files, publish):
    address, key = files
    right, wrong = hashlib.sha256(FILE).hexdigest(), hashlib.sha256(b"another").hexdigest()
    assert publish("checked", "--header", f"X-Checksum-Sha256: {wrong}")[0] == 400
    assert curl("--fail", "--user", f"_:{key}", f"{address}/checked").returncode == 22, "nothing is there"
    assert publish("checked", "--header", f"X-Checksum-Sha256: {right}")[0] == 201
    assert curl("--fail", "--user", f"_:{key}", f"{address}/checked").stdout == FILE
