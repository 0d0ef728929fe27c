"""skopeo, which speaks the protocol of images as podman, buildah and the cluster's nodes do: login by key, push, pull, copy, inspect, delete."""
import hashlib
import io
import json
import tarfile

import pytest
from support.installation import Installation

IMAGE = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    """A server with a repository of images, and a key of its administrator."""
    installation = Installation(binary, tmp_path_factory.mktemp("images"))
    with installation.server() as server:
        server.wait_for_log("serving")
        installation.say("app", "create", "Shop", "--id", "shop")
        installation.say("repository", "create", "images", "--app", "shop", "--format", "oci")
        installation.say("repository", "create", "shown", "--app", "shop", "--format", "oci", "--public")
        yield server, installation.say("key", "create", "--user", "admin", "--quiet").strip()


@pytest.fixture
def skopeo(client, world, tmp_path):
    """skopeo(*arguments), signed in; nothing of the user's own configuration."""
    server, key = world
    policy = tmp_path / "policy.json"
    policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json"), "NO_PROXY": "*"}

    def run(*arguments, stdin=b"", status=0):
        done = client("skopeo", "--policy", policy, *arguments, stdin=stdin, env=environment)
        assert done.returncode == status, done.stderr.decode()
        return done

    registry = f"127.0.0.1:{server.port}"
    run("login", "--tls-verify=false", "--username", "admin", "--password-stdin", registry, stdin=key.encode())
    run.registry = registry
    run.environment = environment
    return run


def store(folder, content: bytes) -> dict:
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)
    (folder / "blobs/sha256" / digest).write_bytes(content)
    return {"digest": f"sha256:{digest}", "size": len(content)}


@pytest.fixture
def image(tmp_path):
    """A folder with an image, as `oci:` reads it: one layer of 3 MB."""
    folder = tmp_path / "image"
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        entry = tarfile.TarInfo("data")
        entry.size = 3_000_000
        archive.addfile(entry, io.BytesIO(bytes(i * 7 % 256 for i in range(entry.size))))
    config = {"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers", "diff_ids": [
        "sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()]}}
    manifest = {"schemaVersion": 2, "mediaType": IMAGE, "config": {"mediaType": CONFIG, **store(folder, json.dumps(config).encode())},
                "layers": [{"mediaType": LAYER, **store(folder, layer.getvalue())}]}
    top = {"mediaType": IMAGE, **store(folder, json.dumps(manifest).encode()), "annotations": {"org.opencontainers.image.ref.name": "1.0"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def push(skopeo, image, name):
    place = f"docker://{skopeo.registry}/default/{name}"
    skopeo("copy", "--preserve-digests", "--dest-tls-verify=false", f"oci:{image}:1.0", place)  # it would compress the layer
    return place


def test_pushed_inspected_and_pulled(skopeo, image, tmp_path):
    place = push(skopeo, image, "images/team/web:1.0")
    told = json.loads(skopeo("inspect", "--tls-verify=false", place).stdout)
    assert (told["Os"], told["Architecture"], told["RepoTags"]) == ("linux", "amd64", ["1.0"])
    skopeo("copy", "--preserve-digests", "--src-tls-verify=false", f"{place.rpartition(':')[0]}@{told['Digest']}", f"oci:{tmp_path / 'pulled'}:1.0")
    pulled = {path.name for path in (tmp_path / "pulled/blobs/sha256").iterdir()}
    assert pulled == {path.name for path in (image / "blobs/sha256").iterdir()}, "byte for byte"


def test_copied_within_the_registry_and_listed(skopeo, image):
    place = push(skopeo, image, "images/copied:1.0")
    other = f"docker://{skopeo.registry}/default/shown/web"
    skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", place, f"{other}:2.0")
    assert json.loads(skopeo("list-tags", "--tls-verify=false", other).stdout)["Tags"] == ["2.0"]


def test_what_is_public_is_pulled_by_anybody(skopeo, image, client):
    place = push(skopeo, image, "shown/public:1.0")
    private = push(skopeo, image, "images/private:1.0")
    skopeo("logout", skopeo.registry)
    skopeo("inspect", "--tls-verify=false", place)
    done = client("skopeo", "inspect", "--tls-verify=false", private, env=skopeo.environment)
    assert done.returncode != 0 and b"unauthorized" in done.stderr.lower()


def test_deleted(skopeo, image):
    place = push(skopeo, image, "images/gone:1.0")
    skopeo("delete", "--tls-verify=false", place)
    skopeo("inspect", "--tls-verify=false", place, status=1)
    push(skopeo, image, "images/gone:1.0")


def test_a_wrong_key_is_refused(skopeo, client):
    done = client("skopeo", "login", "--tls-verify=false", "--username", "admin", "--password-stdin", skopeo.registry, stdin=b"wrong",
                  env=skopeo.environment)
    assert done.returncode != 0 and b"invalid username/password" in done.stderr
