"""Many who publish the same thing at the same moment: one file has one winner, one tag has one manifest, and nobody is told that something
is broken."""
import threading

from support.files import Files, make_files_repository
from support.oci import CONFIG, IMAGE, LAYER, Client, Image, describe, digest_of, encode

PUBLISHERS, ROUNDS = 8, 5
SIZES = (10, 200_000)  # taken into memory whole, and more


def at_once(function) -> list:
    """What each publisher was answered."""
    gate, answers = threading.Barrier(PUBLISHERS), [None] * PUBLISHERS

    def run(number):
        gate.wait()
        answers[number] = function(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(PUBLISHERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_many_files_of_one_name_one_is_published(begun):
    key = make_files_repository(begun)
    with begun.server() as server:
        files = Files(server, key)
        for round_number in range(ROUNDS):
            for size in SIZES:
                name = f"file-{round_number}-{size}"
                bodies = [bytes([number]) * size for number in range(PUBLISHERS)]
                answers = at_once(lambda number: files.put(name, bodies[number]))
                assert sorted(answer.status for answer in answers) == [201] + [409] * (PUBLISHERS - 1)
                [winner] = [number for number, answer in enumerate(answers) if answer.status == 201]
                assert files.fetch(name).body == bodies[winner]


def make_manifest(image, number) -> bytes:
    config, layer = encode({"os": "linux", "architecture": "amd64"}), b"layer %d" % number
    for content in (config, layer):
        image.push_blob(content)
    return encode({"schemaVersion": 2, "mediaType": IMAGE, "config": describe(CONFIG, config), "layers": [describe(LAYER, layer)]})


def test_of_many_manifests_pushed_to_one_tag_it_names_one(begun):
    begun.say("repository", "create", "images", "--app", "main", "--format", "oci")
    key = begun.say("key", "create", "--user", "admin", "--quiet").strip()
    with begun.server() as server:
        for round_number in range(ROUNDS):  # each time of an image that is not there yet
            image = Image(Client(server, key), f"default/images/raced{round_number}")
            manifests = [make_manifest(image, number) for number in range(PUBLISHERS)]
            answers = at_once(lambda number: image.push_manifest("latest", manifests[number]))
            statuses = [answer.status for answer in answers]
            assert 201 in statuses and all(status == 201 or 400 <= status < 500 for status in statuses), statuses
            pushed = [manifest for manifest, status in zip(manifests, statuses, strict=True) if status == 201]
            assert image.ask("GET", "manifests/latest").body in pushed
            for manifest in pushed:
                assert image.ask("GET", f"manifests/{digest_of(manifest)}").body == manifest
