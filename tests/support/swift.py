"""A real S3-compatible server for tests: OpenStack Swift with its S3 interface, one node of it with one disk, in a temporary
folder, gone with the block. It verifies signatures and knows uploads in parts."""
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from support.local_server import free_port
from support.process import end, find_program, wait_until

PROGRAMS = ("swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server", "swift-ring-builder", "memcached")
BUCKET, ACCESS_KEY, SECRET_KEY, REGION = "lodestone", "test:tester", "testing", "us-east-1"
STORAGE = """[DEFAULT]
devices = {folder}/devices
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
log_address = {folder}/no-syslog
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
log_address = {folder}/no-syslog
[pipeline:main]
pipeline = catch_errors cache s3api tempauth bulk slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {secret} .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def find_missing() -> str:
    """The programs that are not there, for a test's reason to be skipped."""
    return ", ".join(name for name in PROGRAMS if not find_program(name))


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Swift:
    """`url` is the endpoint; the bucket is there."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lodestone-swift-"))
        self.ports = {kind: free_port() for kind in ("account", "container", "object", "proxy", "memcached")}
        self.processes = []

    def __enter__(self):
        try:
            self.configure()
            self.start("memcached", "-l", "127.0.0.1", "-p", str(self.ports["memcached"]), *(["-u", "root"] if os.geteuid() == 0 else []))
            for kind in ("account", "container", "object", "proxy"):
                self.start(f"swift-{kind}-server", str(self.folder / f"{kind}.conf"))
            wait_until(lambda: all(map(is_listening, self.ports.values())) or any(process.poll() is not None for process in self.processes), limit_s=60)
            assert all(process.poll() is None for process in self.processes), self.log()
            self.make_bucket()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            end(process, limit_s=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['proxy']}"

    def settings(self) -> list[str]:
        """Of our server, but for the secret."""
        return ["blobs.store=s3", f"s3.endpoint={self.url}", f"s3.bucket={BUCKET}", f"s3.region={REGION}", f"s3.access_key={ACCESS_KEY}"]

    def configure(self):
        (self.folder / "devices" / "disk").mkdir(parents=True)
        (self.folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = tests\nswift_hash_path_prefix = tests\n")
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        for kind in ("account", "container", "object"):
            port = self.ports[kind]
            (self.folder / f"{kind}.conf").write_text(STORAGE.format(folder=self.folder, port=port, kind=kind, user=user))
            builder = str(self.folder / f"{kind}.builder")
            for step in (["create", "4", "1", "0"], ["add", f"r1z1-127.0.0.1:{port}/disk", "1"], ["rebalance"]):
                subprocess.run([find_program("swift-ring-builder"), builder, *step], check=True, capture_output=True, cwd=self.folder)
        (self.folder / "proxy.conf").write_text(PROXY.format(
            folder=self.folder, port=self.ports["proxy"], memcached=self.ports["memcached"], user=user, region=REGION, secret=SECRET_KEY))

    def start(self, name: str, *arguments: str):
        with (self.folder / "log").open("ab") as log:
            environment = {**os.environ, "SWIFT_CONF_FILE": str(self.folder / "swift.conf")}
            self.processes.append(subprocess.Popen([find_program(name), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                   cwd=self.folder, env=environment))

    def ask(self, method: str, url: str, headers: dict[str, str]):
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=30) as answer:
            return answer.headers, answer.read().decode()

    def sign_in(self) -> tuple[str, dict[str, str]]:
        """Swift's own interface: the account's URL, and what to send along."""
        headers, _ = self.ask("GET", f"{self.url}/auth/v1.0", {"X-Storage-User": ACCESS_KEY, "X-Storage-Pass": SECRET_KEY})
        return headers["X-Storage-Url"], {"X-Auth-Token": headers["X-Auth-Token"]}

    def make_bucket(self):
        account, token = self.sign_in()
        self.ask("PUT", f"{account}/{BUCKET}", token)

    def objects(self) -> list[str]:
        account, token = self.sign_in()
        return self.ask("GET", f"{account}/{BUCKET}", token)[1].split()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-4000:]
