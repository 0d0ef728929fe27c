"""buildah, which builds an image, pushes it, pulls it elsewhere and keeps several platforms in one list, as a pipeline does."""
import json
import os
import re

import pytest
from support.installation import Installation
from support.oci import INDEX, Client, Image

CONTENT = "what was built\n"
# What the kernel keeps from a container that has no rights of its own.
FORBIDDEN = re.compile(rb"not permitted|permission denied|user namespace|uid_map", re.IGNORECASE)


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    """A server with a repository of images, and a key of its administrator."""
    installation = Installation(binary, tmp_path_factory.mktemp("images") / "data")
    with installation.server() as server:
        server.wait_for_log("serving")
        installation.say("repository", "create", "images", "--app", "main", "--format", "oci")
        yield server, installation.say("key", "create", "--user", "admin", "--quiet").strip()


class Buildah:
    """With storage of its own, and nothing of the machine's configuration."""

    def __init__(self, client, folder, store):
        self.client, self.folder = client, folder
        for name, text in (("policy.json", '{"default": [{"type": "insecureAcceptAnything"}]}'), ("registries.conf", ""), ("storage.conf", '[storage]\ndriver = "vfs"\n')):
            (folder / name).write_text(text)
        if not (folder / "auth.json").exists():
            (folder / "auth.json").write_text("{}")
        self.storage = ("--storage-driver", "vfs", "--root", folder / store / "root", "--runroot", folder / store / "run")
        self.environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder), "NO_PROXY": "*",
                            "REGISTRY_AUTH_FILE": str(folder / "auth.json"), "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
                            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"), "BUILDAH_ISOLATION": "chroot"}

    def run(self, *words, stdin=b""):
        return self.client("buildah", *self.storage, *words, stdin=stdin, env=self.environment)

    def say(self, *words, stdin=b"") -> str:
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, f"{words}: {done.stderr.decode()}"
        return done.stdout.decode().strip()

    def trusting(self, command, *words) -> str:
        """Of a command that reads or writes images: it asks for a policy."""
        return self.say(command, "--signature-policy", self.folder / "policy.json", *words)


@pytest.fixture
def buildah(client, world, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("buildah builds without a mapping of users only for root")
    server, key = world
    one = Buildah(client, tmp_path, "first")
    tried = one.run("from", "scratch")
    if tried.returncode != 0 and FORBIDDEN.search(tried.stderr):
        pytest.skip(f"buildah may not build on this machine: {tried.stderr.decode().strip()}")
    one.registry = f"127.0.0.1:{server.port}"
    one.say("login", "--tls-verify=false", "--username", "admin", "--password-stdin", one.registry, stdin=key.encode())
    return one


def build(buildah, name) -> str:
    """An image with one file; answers the name."""
    (buildah.folder / "file").write_text(CONTENT)
    container = buildah.say("from", "scratch")
    buildah.say("copy", container, buildah.folder / "file", "/built")
    buildah.say("config", "--label", "made=here", "--cmd", "/built", container)
    buildah.trusting("commit", container, name)
    return name


def push(buildah, name, place):
    buildah.trusting("push", "--tls-verify=false", "--authfile", buildah.folder / "auth.json", name, f"docker://{buildah.registry}/default/images/{place}")


def test_built_pushed_pulled_and_deleted(buildah, client, world):
    push(buildah, build(buildah, "localhost/built:1.0"), "team/built:1.0")
    elsewhere = Buildah(client, buildah.folder, "second")
    place = f"{buildah.registry}/default/images/team/built:1.0"
    elsewhere.trusting("pull", "--tls-verify=false", "--authfile", buildah.folder / "auth.json", f"docker://{place}")
    told = json.loads(elsewhere.say("inspect", "--type", "image", place))
    assert (told["OCIv1"]["config"]["Labels"]["made"], told["OCIv1"]["config"]["Cmd"]) == ("here", ["/built"])
    server, key = world
    image = Image(Client(server, key), "default/images/team/built")
    assert told["FromImageDigest"] == image.ask("GET", "manifests/1.0").header("Docker-Content-Digest")
    container = elsewhere.trusting("from", "--pull-never", place)
    folder = elsewhere.say("mount", container)
    with open(f"{folder}/built") as file:
        assert file.read() == CONTENT

    assert image.ask("DELETE", f"manifests/{told['FromImageDigest']}").status == 202
    third = Buildah(client, buildah.folder, "third")
    gone = third.run("pull", "--signature-policy", buildah.folder / "policy.json", "--tls-verify=false", f"docker://{place}")
    assert gone.returncode != 0 and b"manifest unknown" in gone.stderr.lower(), gone.stderr


def test_a_list_of_platforms(buildah, world):
    build(buildah, "localhost/listed:1.0")
    buildah.say("manifest", "create", "localhost/list")
    buildah.say("manifest", "add", "localhost/list", "containers-storage:localhost/listed:1.0")
    buildah.say("manifest", "push", "--signature-policy", buildah.folder / "policy.json", "--all", "--format", "oci", "--tls-verify=false", "--authfile",
                buildah.folder / "auth.json", "localhost/list", f"docker://{buildah.registry}/default/images/listed:all")
    server, key = world
    got = Image(Client(server, key), "default/images/listed").ask("GET", "manifests/all")
    assert got.header("Content-Type") == INDEX and len(json.loads(got.body)["manifests"]) == 1


def test_without_the_key_nothing_is_pushed(buildah):
    name = build(buildah, "localhost/refused:1.0")
    buildah.say("logout", buildah.registry)
    done = buildah.run("push", "--signature-policy", buildah.folder / "policy.json", "--tls-verify=false", name, f"docker://{buildah.registry}/default/images/refused:1.0")
    assert done.returncode != 0 and b"unauthorized" in done.stderr.lower(), done.stderr
