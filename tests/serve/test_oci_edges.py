"""What clients of images do besides the cases of test_oci_conformance.py: manifests at their limit, Content-Ranges that lie, mounts with and
without the right to, Docker's own types, and whoever is too quick."""
import json

import pytest
from support.oci import CONFIG, IMAGE, INDEX, LAYER, Client, Image, describe, digest_of, encode, once_let_go, push_in_two, refusal
from support.process import wait_until

MANIFEST_LIMIT_BYTES = 8 << 20  # limits::manifest_bytes
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG, DOCKER_LAYER = "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip"
PLATFORM = {"os": "linux", "architecture": "amd64"}
CONTENT = bytes(number * 7 % 256 for number in range(3000))


@pytest.fixture
def image(registry):
    return registry.image()


def make_manifest(image, media_type=IMAGE, config_type=CONFIG, layer_type=LAYER, **members) -> bytes:
    """Of an image whose blobs are there."""
    config, layer = encode(PLATFORM), b"layer"
    for content in (config, layer):
        image.push_blob(content)
    return encode({"schemaVersion": 2, "mediaType": media_type, "config": describe(config_type, config),
                   "layers": [describe(layer_type, layer)], **members})


def padded(image, size) -> bytes:
    bare = make_manifest(image, annotations={"padding": ""})
    return make_manifest(image, annotations={"padding": "A" * (size - len(bare))})


def test_a_manifest_may_be_as_large_as_the_limit(image):
    manifest = padded(image, MANIFEST_LIMIT_BYTES)
    assert image.push_manifest("largest", manifest).status == 201
    assert image.ask("GET", "manifests/largest").body == manifest
    streamed = image.client.stream("PUT", image.at("manifests/streamed"), manifest[:100_000], manifest[100_000:], Content_Type=IMAGE)
    assert streamed.status == 201, streamed.body


def test_a_larger_manifest_is_refused_however_it_comes(image):
    manifest = padded(image, MANIFEST_LIMIT_BYTES + 1)
    streamed = image.client.stream("PUT", image.at("manifests/larger"), manifest[:100_000], manifest[100_000:], Content_Type=IMAGE)
    assert refusal(streamed) == "413 SIZE_INVALID"
    with image.client.server.connect() as connection:  # which says how much it is, and is refused before it comes
        fields = {"Host": "localhost", "Content-Type": IMAGE, "Content-Length": str(len(manifest)), **image.client.basic}
        connection.send(f"PUT {image.at('manifests/larger')} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n")
        assert refusal(connection.read_response("PUT")) == "413 SIZE_INVALID"
    assert image.status("manifests/larger") == 404


def test_an_upload_is_called_the_same_by_every_answer(image):
    begun = image.ask("POST", "blobs/uploads/")
    location, name = begun.header("Location"), begun.header("Docker-Upload-UUID")
    assert location == image.at(f"blobs/uploads/{name}")
    for answer in (image.send(location, CONTENT, 0), image.client.ask("GET", location), image.send(location, CONTENT, 9)):
        assert (answer.header("Docker-Upload-UUID"), answer.header("Location"), answer.header("Range")) == (name, location, "0-2999")


@pytest.mark.parametrize("said", [2999, 3001])
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_stream_of_another_length_than_its_content_range_says_changes_nothing(image, method, said):
    location = image.begin()
    assert image.send(location, b"before", 0).status == 202
    digest = digest_of(b"before" + CONTENT)
    target = location if method == "PATCH" else f"{location}?digest={digest}"
    lying = image.client.stream(method, target, CONTENT[:1000], CONTENT[1000:], Content_Range=f"6-{5 + said}")
    assert refusal(lying) == "400 SIZE_INVALID"
    assert image.progress(location) == "0-5"
    right = once_let_go(lambda: image.client.stream(method, target, CONTENT, Content_Range=f"6-{5 + len(CONTENT)}"))
    assert right.status == (202 if method == "PATCH" else 201), right.body
    if method == "PATCH":
        assert image.finish(location, digest).status == 201
    assert image.ask("GET", f"blobs/{digest}").body == b"before" + CONTENT


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("first", [0, 5, 7, 10_000])
def test_bytes_that_do_not_go_on_where_the_upload_ends_are_refused(image, method, first):
    location = image.begin()
    assert image.send(location, b"before", 0).status == 202
    target = location if method == "PATCH" else f"{location}?digest={digest_of(b'before' + CONTENT)}"
    refused = image.client.ask(method, target, CONTENT, Content_Range=f"{first}-{first + len(CONTENT) - 1}")
    assert refusal(refused) == "416 BLOB_UPLOAD_INVALID"
    assert (refused.header("Range"), refused.header("Location")) == ("0-5", location)
    assert image.finish(location, digest_of(b"before" + CONTENT), CONTENT, 6).status == 201


def mount(image, digest, source):
    return image.ask("POST", f"blobs/uploads/?mount={digest}&from={source}")


def test_a_mount_takes_the_right_to_pull_from_the_source(registry):
    source, mine = registry.image(), registry.image()
    digest = source.push_blob(CONTENT)
    name = mine.name.removeprefix("default/")
    for by_token in (False, True):
        narrow = Image(registry.client("--scope", f"package:*@package:{name}", by_token=by_token), mine.name)
        begun = mount(narrow, digest, source.name)
        assert begun.status == 202, begun.body
        assert narrow.status(f"blobs/{digest}") == 404, "nothing is told of what is there"
    reader = f"package:read,package:download@package:{source.name.removeprefix('default/')}"
    wide = Image(registry.client("--scope", f"package:*@package:{name}", "--scope", reader), mine.name)
    made = mount(wide, digest, source.name)
    assert (made.status, made.header("Location")) == (201, mine.at(f"blobs/{digest}"))
    assert wide.ask("GET", f"blobs/{digest}").body == CONTENT
    assert mount(wide, digest, "default/images/nothing/here").status == 202


def test_a_token_for_both_images_mounts(registry):
    source = registry.image()
    mine = registry.image(registry.client(by_token=True))
    digest = source.push_blob(CONTENT)
    mine.client.tokens[mine.name, "push"] = mine.client.fetch_token(
        service="registry", scope=f"repository:{mine.name}:pull,push repository:{source.name}:pull")
    assert mount(mine, digest, source.name).status == 201
    assert mine.ask("GET", f"blobs/{digest}").body == CONTENT


def test_a_token_for_one_image_is_traded_for_one_that_mounts(registry):
    source = registry.image()
    mine = registry.image(registry.client(by_token=True))
    digest = source.push_blob(CONTENT)
    mine.begin()  # from now on it has one, for itself
    assert mount(mine, digest, source.name).status == 201
    assert mine.ask("GET", f"blobs/{digest}").body == CONTENT


def test_nothing_is_mounted_from_another_tenant(registry):
    here = registry.here
    here.say("tenant", "create", "Other", "--id", "other", "--owner", "ola")
    here.say("app", "create", "Shop", "--id", "shop", "--tenant", "other")
    here.say("repository", "create", "images", "--app", "shop", "--format", "oci", "--tenant", "other")
    theirs = Image(Client(registry.server, here.say("key", "create", "--user", "ola", "--tenant", "other", "--quiet").strip()), "other/images/web")
    digest = theirs.push_blob(CONTENT)
    for by_token in (False, True):
        mine = registry.image(registry.client(by_token=by_token))
        assert mount(mine, digest, theirs.name).status == 202
        assert mine.status(f"blobs/{digest}") == 404
        assert refusal(mine.client.ask("GET", theirs.at(f"blobs/{digest}"))) == "404 NAME_UNKNOWN"


def test_images_of_docker_come_back_as_what_they_are(image):
    manifest = make_manifest(image, DOCKER, DOCKER_CONFIG, DOCKER_LAYER)
    assert image.push_manifest("image", manifest, DOCKER).status == 201
    entry = {**describe(DOCKER, manifest), "platform": PLATFORM}
    listed = encode({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": [entry]})
    assert image.push_manifest("list", listed, DOCKER_LIST).status == 201
    for reference, media_type, content in (("image", DOCKER, manifest), ("list", DOCKER_LIST, listed), (entry["digest"], DOCKER, manifest)):
        for accepted in (f"{DOCKER}, {DOCKER_LIST}, {IMAGE}, {INDEX}", "*/*"):
            got = image.ask("GET", f"manifests/{reference}", Accept=accepted)
            assert (got.status, got.header("Content-Type"), got.body) == (200, media_type, content)


@pytest.mark.parametrize("written", ["; charset=utf-8", ";charset=utf-8", " ; a=b; c=d"])
def test_parameters_of_a_content_type_say_nothing(image, written):
    manifest = make_manifest(image)
    assert image.push_manifest("1.0", manifest, IMAGE + written).status == 201
    assert image.ask("GET", "manifests/1.0").header("Content-Type") == IMAGE
    assert refusal(image.push_manifest("2.0", manifest, INDEX + written)) == "400 MANIFEST_INVALID"


def test_what_stands_under_a_fallback_tag_is_listed_and_filtered(image):
    manifest = make_manifest(image)
    assert image.push_manifest("1.0", manifest).status == 201
    signature = make_manifest(image, artifactType="application/vnd.example.signature", annotations={"by": "me"})
    assert image.push_manifest(digest_of(signature), signature).status == 201
    index = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": [describe(IMAGE, signature)]})
    tag = digest_of(manifest).replace(":", "-")
    assert image.push_manifest(tag, index, INDEX).status == 201
    url = f"referrers/{digest_of(manifest)}"
    told = {**describe(IMAGE, signature), "artifactType": "application/vnd.example.signature", "annotations": {"by": "me"}}
    for query, found in (("", [told]), ("?artifactType=application/vnd.example.signature", [told]), ("?artifactType=application/vnd.example.none", [])):
        assert json.loads(image.ask("GET", url + query).body)["manifests"] == found, query
    assert image.ask("DELETE", f"manifests/{tag}").status == 202
    assert json.loads(image.ask("GET", url).body)["manifests"] == []


def test_a_blob_that_came_by_its_sha512_is_found_by_its_sha256_too(image):
    digests = [digest_of(CONTENT, algorithm) for algorithm in ("sha512", "sha256")]
    assert push_in_two(image, CONTENT, digests[0]).status == 201
    assert [image.status(f"blobs/{digest}") for digest in digests] == [200, 200]


def test_whoever_is_too_quick_is_told_in_the_protocols_words(start_server):
    server = start_server("--set", "server.requests_per_second_per_client=1", "--set", "server.request_burst_per_client=1")
    refused = wait_until(lambda: (answer := server.request("GET", "/v2/")).status == 429 and answer)
    assert refusal(refused) == "429 TOOMANYREQUESTS" and int(refused.header("Retry-After")) >= 1
    assert refused.header("Docker-Distribution-Api-Version") == "registry/2.0"
