"""The cases of the public conformance suite for registries of images, in the order of its run and by its names, with a key and with tokens:
https://github.com/opencontainers/distribution-spec/tree/main/conformance. What it leaves to chance or does not ask is in test_oci_edges.py."""
import base64
import functools
import json
import random

import pytest
from support.oci import (CHUNK_BYTES, CONFIG, IMAGE, INDEX, LAYER, all_of, describe, digest_of, encode, push_in_chunks, push_in_two,
                         push_streamed, push_whole, refusal)

ALGORITHMS = ("sha256", "sha512")
EMPTY_JSON, EXAMPLE, OTHER = "application/vnd.oci.empty.v1+json", "application/vnd.example.one+json", "application/vnd.example.two"
PLATFORMS = ({"os": "linux", "architecture": "amd64"}, {"os": "linux", "architecture": "arm64"})
WAYS = {"post only": push_whole, "post+put": push_in_two, "stream": push_streamed,
        "chunked single": functools.partial(push_in_chunks, size=1 << 20), "chunked multi": push_in_chunks,
        "chunked multi and put chunk": functools.partial(push_in_chunks, is_last_put=True),
        "chunked out-of-order": functools.partial(push_in_chunks, goes_astray=True),
        "chunked out-of-order and put chunk": functools.partial(push_in_chunks, is_last_put=True, goes_astray=True)}
BAD_WAYS = ["post only", "post+put", "chunked multi", "chunked multi and put chunk", "stream"]


def bytes_of(name, size=3 * CHUNK_BYTES - 5) -> bytes:
    return random.Random(name).randbytes(size)


@pytest.fixture(params=["key", "token"])
def image(registry, request):
    return registry.image(registry.client(by_token=request.param == "token"))


def check_blob(image, content, digest):
    """It is there by HEAD and by GET, and then deleted at once."""
    head = image.ask("HEAD", f"blobs/{digest}")
    assert (head.status, head.header("Content-Length"), head.header("Docker-Content-Digest")) == (200, str(len(content)), digest)
    got = image.ask("GET", f"blobs/{digest}")
    assert (got.status, got.body, got.header("Docker-Content-Digest")) == (200, content, digest)
    delete_blob(image, digest)


def delete_blob(image, digest):
    assert image.ask("DELETE", f"blobs/{digest}").status == 202
    assert image.status(f"blobs/{digest}") == 404


def check_pushed(image, answer, content, digest):
    assert (answer.status, answer.header("Docker-Content-Digest")) == (201, digest), answer.body
    assert image.client.ask("GET", answer.header("Location")).body == content


def test_ping(image):
    answer = image.client.ask("GET", "/v2/")
    assert (answer.status, answer.header("Docker-Distribution-Api-Version")) == (200, "registry/2.0")


def test_empty(image):
    assert refusal(image.ask("GET", "tags/list")) == "404 NAME_UNKNOWN"
    listed = image.ask("GET", f"referrers/{digest_of(b'nothing')}")
    assert (listed.status, listed.header("Content-Type")) == (200, INDEX)
    assert json.loads(listed.body) == {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_blobs_get_missing(image, algorithm):
    assert refusal(image.ask("GET", f"blobs/{digest_of(b'never pushed', algorithm)}")) == "404 BLOB_UNKNOWN"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("way", WAYS)
def test_blobs_pushed_by(image, way, algorithm):
    content = bytes_of(way)
    digest = digest_of(content, algorithm)
    check_pushed(image, WAYS[way](image, content, digest), content, digest)
    check_blob(image, content, digest)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_blobs_mount(registry, image, algorithm):
    content = bytes_of("mounted")
    source = registry.image()
    digest = source.push_blob(content, algorithm)
    check_pushed(image, image.ask("POST", f"blobs/uploads/?mount={digest}&from={source.name}"), content, digest)
    check_blob(image, content, digest)
    check_blob(source, content, digest)


# Nobody may take what is not named as another image's: it is sent as always.
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("case", ["mount anonymous", "mount missing"])
def test_blobs_mount_comes_to_nothing(registry, image, algorithm, case):
    content = bytes_of(case)
    digest = digest_of(content, algorithm)
    source = registry.image()
    if case == "mount anonymous":
        source.push_blob(content, algorithm)
    begun = image.ask("POST", f"blobs/uploads/?mount={digest}" + (f"&from={source.name}" if case == "mount missing" else ""))
    assert begun.status == 202, begun.body
    check_pushed(image, image.finish(begun.header("Location"), digest, content), content, digest)
    check_blob(image, content, digest)


def test_blobs_post_cancel(image):
    location = image.begin()
    assert image.client.ask("DELETE", location).status == 204
    assert refusal(image.client.ask("GET", location)) == "404 BLOB_UPLOAD_UNKNOWN"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_blobs_range_requests(image, algorithm):
    content = bytes_of("ranges", 2048)
    digest = image.push_blob(content, algorithm)
    for asked, first, last in (("500-1499", 500, 1499), ("500-", 500, 2047), ("-500", 1548, 2047), ("2000-5000", 2000, 2047)):
        part = image.ask("GET", f"blobs/{digest}", Range=f"bytes={asked}")
        assert (part.status, part.header("Content-Range"), part.header("Content-Length")) == (206, f"bytes {first}-{last}/2048", str(last - first + 1))
        assert part.body == content[first:last + 1], asked
    for asked in ("500-0", "5000-10000"):
        refused = image.ask("GET", f"blobs/{digest}", Range=f"bytes={asked}")
        assert (refused.status, refused.header("Content-Range")) == (416, "bytes */2048"), asked
    delete_blob(image, digest)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("content", [b"", b"{}"], ids=["empty", "emptyJSON"])
def test_blobs_well_known(image, content, algorithm):
    digest = digest_of(content, algorithm)
    for push in (push_whole, push_in_two):
        check_pushed(image, push(image, content, digest), content, digest)
    check_blob(image, content, digest)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("way", BAD_WAYS)
def test_blobs_bad_digest(image, way, algorithm):
    content = bytes_of(way)
    digest, sent = digest_of(content, algorithm), content + b"oh no"
    assert refusal(WAYS[way](image, sent, digest)) == "400 DIGEST_INVALID"
    assert image.status(f"blobs/{digest}") == image.status(f"blobs/{digest_of(sent, algorithm)}") == 404


class Content:
    """What one case pushes: blobs, manifests in their order, tags, and what is about what."""

    def __init__(self, algorithm="sha256"):
        self.algorithm = algorithm
        self.blobs, self.manifests, self.tags, self.referrers = {}, {}, {}, {}

    def blob(self, media_type, content, **more) -> dict:
        entry = describe(media_type, content, self.algorithm, **more)
        self.blobs[entry["digest"]] = content
        return entry

    def config(self, media_type=CONFIG, content=None, **more) -> dict:
        return self.blob(media_type, content or encode({**PLATFORMS[0], "rootfs": {"type": "layers", "diff_ids": []}, **more}))

    def layers(self, count=2, media_type=LAYER) -> list[dict]:
        return [self.blob(media_type, bytes_of(f"layer {number}", 600)) for number in range(count)]

    def keep(self, media_type, tag=None, **members) -> dict:
        document = {"schemaVersion": 2, "mediaType": media_type, **members}
        content = encode(document)
        entry = describe(media_type, content, self.algorithm)
        self.manifests[entry["digest"]] = (media_type, content)
        if tag:
            self.tags[tag] = entry["digest"]
        if subject := document.get("subject"):
            kind = document.get("artifactType") or document["config"]["mediaType"]
            told = {**entry, "artifactType": kind, **{name: document[name] for name in ("annotations",) if name in document}}
            self.referrers.setdefault(subject["digest"], []).append(told)
        return entry

    def image(self, tag=None, **members) -> dict:
        return self.keep(IMAGE, tag, **{"config": self.config(), "layers": self.layers(), **members})

    def artifact(self, tag=None, kind=EXAMPLE, **members) -> dict:
        parts = {"config": self.config(EMPTY_JSON, b"{}"), "layers": self.layers(1, kind)}
        return self.keep(IMAGE, tag, **{"artifactType": kind, **parts, **members})

    def index(self, tag=None, entries=None, **members) -> dict:
        if entries is None:
            entries = [{**self.image(annotations={"for": platform["architecture"]}), "platform": platform} for platform in PLATFORMS]
        return self.keep(INDEX, tag, manifests=entries, **members)


def make_artifacts_with_subject(content):
    about = content.image("image")
    content.image(subject=about)
    for number, kind in enumerate((EXAMPLE, OTHER), 1):
        content.artifact(f"tagged-artifact{number}", kind, subject=about, annotations={"said": "hello", "number": str(number)})


def make_index_with_subject(content):
    about = content.index("index")
    content.index("tagged-artifact", artifactType=EXAMPLE, subject=about, annotations={"said": "hello"})


def make_data_field(content):
    config, layer = content.config(), content.layers(1)[0]
    for entry in (config, layer):
        entry["data"] = base64.b64encode(content.blobs[entry["digest"]]).decode()
    content.keep(IMAGE, "data-field", config=config, layers=[layer])


def make_nondistributable(content):
    far = [describe(f"application/vnd.oci.image.layer.nondistributable.v1.tar{form}", bytes_of(form), urls=[f"https://store.example/{number}"])
           for number, form in enumerate(("+gzip", ""))]
    content.image("non-distributable-image", layers=[*far, *content.layers(1)])


def make_custom_fields(content):
    extra = {"org.example.field": {"deep": [1, 2.5, None, "x"]}}
    entries = [{**content.image(config={**content.config(**extra), **extra}, layers=content.layers(), **extra), "platform": {**platform, **extra}, **extra}
               for platform in PLATFORMS[:1]]
    content.index("custom-fields", entries, **extra)


def make_tag_param(content):
    content.index("several")
    content.tags |= {f"tag-{number}": digest for number, digest in enumerate(content.manifests)}


# By the suite's names, in its order; "tag-param" pushes tags along with the digest.
CASES = {
    "image": lambda content: content.image("image"),
    "image-uncompressed": lambda content: content.image("image", layers=content.layers(2, "application/vnd.oci.image.layer.v1.tar")),
    "large-manifest": lambda content: content.image("large", annotations={f"large-annotation-{number}": "A" * 10_000 for number in range(450)}),
    "index": lambda content: content.index("index"),
    "nested-index": lambda content: content.index("index-of-index", [content.index(), content.index(annotations={"which": "second"})]),
    "empty-index": lambda content: content.index("index", []),
    "artifact": lambda content: content.artifact("artifact"),
    "artifact-index": lambda content: content.index(
        "artifact-index", [{**content.artifact(annotations={"for": platform["architecture"]}), "platform": platform} for platform in PLATFORMS],
        artifactType=EXAMPLE),
    "artifact-without-layers": lambda content: content.artifact("artifact-without-layers", layers=[content.blob(EMPTY_JSON, b"{}")]),
    "artifacts-with-subject": make_artifacts_with_subject,
    "index-with-subject": make_index_with_subject,
    "missing-subject": lambda content: content.artifact("tagged-artifact", subject=describe(IMAGE, b"missing content"), annotations={"said": "hello"}),
    "data-field": make_data_field,
    "non-distributable-layers": make_nondistributable,
    "custom-fields": make_custom_fields,
    "no-layers": lambda content: content.image("no-layers", layers=[]),
    "sha512": lambda content: content.index(),
    "tag-param-sha256": make_tag_param,
    "tag-param-sha512": make_tag_param,
}


def push_content(image, content, has_tag_params):
    ways = list(WAYS.values())
    for number, (digest, blob) in enumerate(content.blobs.items()):
        way = ways[number % 3]  # in one, in two and streamed
        check_pushed(image, way(image, blob, digest), blob, digest)
    for digest, (media_type, manifest) in content.manifests.items():
        tags = sorted(tag for tag, tagged in content.tags.items() if tagged == digest)
        query = "?" + "&".join(f"tag={tag}" for tag in tags) if has_tag_params else ""
        for reference in [digest + query, *([] if has_tag_params else tags)]:
            pushed = image.push_manifest(reference, manifest, media_type)
            check_pushed(image, pushed, manifest, digest)
            subject = json.loads(manifest).get("subject")
            assert pushed.header("OCI-Subject") == (subject and subject["digest"])
        assert not has_tag_params or sorted(all_of(pushed, "OCI-Tag")) == tags


def check_tags(image, content):
    tags = sorted(content.tags)
    listed = json.loads(image.ask("GET", "tags/list").body)
    assert listed == {"name": image.name, "tags": tags}
    if len(tags) >= 2:
        half = len(tags) // 2
        assert json.loads(image.ask("GET", f"tags/list?last={tags[half - 1]}").body)["tags"] == tags[half:]


def check_pulled(image, content):
    for reference, digest in [*content.tags.items(), *((digest, digest) for digest in content.manifests)]:
        media_type, manifest = content.manifests[digest]
        for method, body in (("HEAD", b""), ("GET", manifest)):
            got = image.ask(method, f"manifests/{reference}", Accept=f"{INDEX}, {IMAGE}")
            assert (got.status, got.body, got.header("Content-Type"), got.header("Content-Length")) == (200, body, media_type, str(len(manifest)))
            assert got.header("Docker-Content-Digest") == digest
    for digest, blob in content.blobs.items():
        assert image.status(f"blobs/{digest}") == 200
        assert image.ask("GET", f"blobs/{digest}").body == blob


def by_digest(manifests):
    return sorted(manifests, key=lambda one: one["digest"])


def check_referrers(image, content):
    for subject, about in content.referrers.items():
        listed = image.ask("GET", f"referrers/{subject}")
        assert (listed.status, listed.header("Content-Type"), listed.header("OCI-Filters-Applied")) == (200, INDEX, None)
        assert by_digest(json.loads(listed.body)["manifests"]) == by_digest(about)
        for kind in {one["artifactType"] for one in about}:
            filtered = image.ask("GET", f"referrers/{subject}?artifactType={kind.replace('+', '%2B')}")
            assert filtered.header("OCI-Filters-Applied") == "artifactType"
            assert by_digest(json.loads(filtered.body)["manifests"]) == by_digest(one for one in about if one["artifactType"] == kind)


def delete_content(image, content):
    for reference in [*content.tags, *reversed(content.manifests)]:
        assert image.ask("DELETE", f"manifests/{reference}").status == 202, reference
        assert image.status(f"manifests/{reference}") == 404
    for subject in content.referrers:
        assert json.loads(image.ask("GET", f"referrers/{subject}").body)["manifests"] == []
    for digest in content.blobs:
        delete_blob(image, digest)


@pytest.mark.parametrize("case", CASES)
def test_content(image, case):
    content = Content("sha512" if "sha512" in case else "sha256")
    CASES[case](content)
    push_content(image, content, case.startswith("tag-param"))
    check_tags(image, content)
    check_pulled(image, content)
    check_referrers(image, content)
    delete_content(image, content)


# The suite asks for them only where a registry says that it takes them; ours does not (docs/adr/0019-images.md).
def test_content_sparse(image):
    content = Content()
    made = content.image(layers=content.layers(1))
    layer = next(digest for digest, blob in content.blobs.items() if blob == bytes_of("layer 0", 600))
    for digest, blob in content.blobs.items():
        if digest != layer:
            image.push_blob(blob)
    assert refusal(image.push_manifest("sparse", content.manifests[made["digest"]][1])) == "404 MANIFEST_BLOB_UNKNOWN"
    image.push_blob(content.blobs[layer])
    assert image.push_manifest(made["digest"], content.manifests[made["digest"]][1]).status == 201
    index = content.index(entries=[made, describe(IMAGE, b"another manifest")])
    assert refusal(image.push_manifest("sparse", content.manifests[index["digest"]][1], INDEX)) == "404 MANIFEST_BLOB_UNKNOWN"


def test_content_bad_digest_image(image):
    content = Content()
    made = content.image()
    for blob in content.blobs.values():
        image.push_blob(blob)
    assert refusal(image.push_manifest(made["digest"], content.manifests[made["digest"]][1] + b"  ")) == "400 DIGEST_INVALID"
    assert image.status(f"manifests/{made['digest']}") == 404


def test_manifest_errors(image):
    content = Content()
    made = content.image(layers=content.layers(1))
    for blob in content.blobs.values():
        image.push_blob(blob)
    for reference in (digest_of(b"no manifest"), "missing-tag"):
        assert refusal(image.ask("GET", f"manifests/{reference}")) == "404 MANIFEST_UNKNOWN"
    assert image.push_manifest("sha256:baddigeststring", content.manifests[made["digest"]][1]).status == 400
    assert image.ask("GET", "manifests/sha256:baddigeststring").status in (400, 404)
