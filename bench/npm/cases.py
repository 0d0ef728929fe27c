"""What is measured: each case runs its rounds, ours and the peers' in turn, and answers rows of the table."""
import json
import os
import shutil
import statistics
import subprocess
import time

from gets import Asked, Visitor, measure_gets
from package_cases import (SOURCE_BYTES, TINY_BYTES, PackageBench, check_index, measure_beside_nginx, measure_memory, measure_publishes,
                           measure_versions, name_of, publish_numbers, version_name)
from packages import ABBREVIATED, FULL, describe, pack, write_document, write_project
from publishes import publish_together, render_request
from registries import outer_environment
from report import Row
from servers import NpmLodestone, Verdaccio, find_npm_program
from words import write_text

# How many times less than Verdaccio a packument costs, by its versions.
TARGETS = {5: 30, 100: 200, 2000: 2000}
TARBALLS = {"50 KB": 100_000, "5 MB": 10_000_000}  # the size of what is packed
INSTALL_LIMIT_S = 600


class Npm:
    """What packages are here, for the cases that other formats have, too."""
    peer_name, one_more, index = "Verdaccio", "version", "packument"
    index_headers = {"Accept": ABBREVIATED["Accept"]}

    def make_ours(self, bench: PackageBench, name: str = "ours") -> NpmLodestone:
        return NpmLodestone(bench.build / "lodestone", bench.folder / name)

    def make_peer(self, bench: PackageBench) -> Verdaccio:
        return Verdaccio(bench.folder / "peer")

    def render_publication(self, server, name: str, number: int, source: bytes, repository: str = "shown") -> bytes:
        manifest = describe(name, version_name(number))
        return render_archive(server, manifest, pack(manifest, source), repository)

    def find_index(self, server, name: str) -> str:
        return server.place(name)

    def list_versions(self, index: bytes) -> list[str]:
        return list(json.loads(index)["versions"])


def render_archive(server, manifest: dict, archive: bytes, repository: str = "shown") -> bytes:
    place = server.place(manifest["name"], repository)
    document = write_document(manifest, archive, f"http://127.0.0.1:{server.port}{place}")
    return render_request(server, "PUT", place, "application/json", document)


KIND = Npm()


def measure_packuments(bench: PackageBench) -> list[Row]:
    """As npm asks for them, packed: from a public repository, beside nginx, which asks nobody who they are."""
    rows = []
    with KIND.make_ours(bench) as ours, KIND.make_peer(bench) as peer:
        ours.furnish()
        anyone = Visitor(ours)
        for number, count in enumerate(sorted({min(versions, bench.versions) for versions in TARGETS})):
            name, target = name_of(number), TARGETS.get(count)
            publish_numbers(KIND, ours, [name], range(count))
            publish_numbers(KIND, peer, [name], range(1))
            peer.repeat_version(name, version_name(0), [version_name(other) for other in range(1, count)])
            for server in (ours, peer):
                check_index(KIND, server, name, count)
            for what, headers in (("full", FULL), ("abbreviated", ABBREVIATED)):
                rows += measure_beside_nginx(bench, Asked(anyone, ours.place(name), headers), Asked(peer, peer.place(name), headers),
                                             f"packument of {count} versions, {what}", (0.8, target))
        rows.append(measure_private(bench, ours))
    return rows


def measure_private(bench: PackageBench, ours: NpmLodestone) -> Row:
    """What it costs to ask who asks, and whether they may."""
    name, count = name_of(0), min(TARGETS)
    requests = [KIND.render_publication(ours, name, number, write_text(TINY_BYTES), "kept") for number in range(count)]
    publish_together(ours, requests, 1)
    per_cpu = measure_gets({"kept": Asked(ours, ours.place(name, "kept"), ABBREVIATED), "shown": Asked(Visitor(ours), ours.place(name), ABBREVIATED)},
                           bench.rounds, bench.seconds)
    return Row(f"packument of {count} versions, private and with a key, requests per CPU second, beside a public one", "req", per_cpu["kept"],
               per_cpu["shown"], None)


def measure_tarballs(bench: PackageBench) -> list[Row]:
    rows = []
    with KIND.make_ours(bench) as ours, KIND.make_peer(bench) as peer:
        ours.furnish()
        for number, (size, source_bytes) in enumerate(TARBALLS.items()):
            name, source = name_of(number), write_text(source_bytes)
            for server in (ours, peer):
                publish_together(server, [KIND.render_publication(server, name, 0, source)], 1)
            path = f"/-/{name}-{version_name(0)}.tgz"
            rows += measure_beside_nginx(bench, Asked(Visitor(ours), ours.place(name) + path), Asked(peer, peer.place(name) + path),
                                         f"tarball of {size}", (0.95, None))
    return rows


def measure_installation(bench: PackageBench) -> list[Row]:
    """With nothing in npm's cache: `npm ci` asks for the archives that the lockfile names, `npm install` for packuments first."""
    took = {"ci": ([], []), "install": ([], [])}
    cpu = {"ci": ([], []), "install": ([], [])}
    with KIND.make_ours(bench) as ours, KIND.make_peer(bench) as peer:
        ours.furnish()
        projects = [(server, publish_project(bench, server)) for server in (ours, peer)]
        for number in range(bench.rounds + 1):
            for command, seconds in took.items():
                for which, (server, files) in enumerate(projects):
                    needed = files if command == "ci" else {"package.json": files["package.json"]}
                    before, one = server.cpu_seconds(), install_project(bench, server, needed, command)
                    if number > 0:
                        seconds[which].append(one)
                        cpu[command][which].append((server.cpu_seconds() - before) * 1e3)
    notes = {command: "the server's CPU {:.0f} beside {:.0f} ms".format(*map(statistics.median, both)) for command, both in cpu.items()}
    return [Row(f"npm ci of {bench.locked} packages, cold, time, beside Verdaccio", "s", *took["ci"], target=1, note=notes["ci"]),
            Row(f"npm install of {bench.locked} packages without a lockfile, cold, time, beside Verdaccio", "s", *took["install"], target=None,
                note=notes["install"])]


def publish_project(bench: PackageBench, server) -> dict[str, str]:
    packages, requests = {}, []
    for number in range(bench.locked):
        manifest = {**describe(name_of(number), "1.0.0"), "dependencies": {}}
        archive = pack(manifest, write_text(SOURCE_BYTES // 4 + 100 * number, number))
        packages[manifest["name"]] = ("1.0.0", archive)
        requests.append(render_archive(server, manifest, archive))
    if publish_together(server, requests, 1).count != bench.locked:
        raise RuntimeError("not all packages were published in time")
    return write_project(packages, lambda name, version: f"http://127.0.0.1:{server.port}{server.place(name)}/-/{name}-{version}.tgz")


def install_project(bench: PackageBench, server, files: dict[str, str], command: str) -> float:
    """Seconds; project and cache are new each time."""
    folder = bench.folder / "project"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / ".npmrc").write_text(f"registry={server.registry()}\ncache={folder}/cache\nupdate-notifier=false\n")
    environment = {name: value for name, value in outer_environment().items() if not name.lower().startswith("npm_config_")}
    os.sync()  # what the one before left is not this one's to wait for
    start = time.monotonic()
    done = subprocess.run([find_npm_program("npm"), command, "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, stdin=subprocess.DEVNULL,
                          env={**environment, "HOME": str(folder)}, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False)
    seconds = time.monotonic() - start
    installed = len(list((folder / "node_modules").glob("bench*/index.js")))
    if done.returncode != 0 or installed != bench.locked:
        raise RuntimeError(f"npm {command} installed {installed} of {bench.locked} packages: {done.stdout}{done.stderr}")
    return seconds


CASES = {"packuments": measure_packuments, "tarballs": measure_tarballs, "publishes": lambda bench: measure_publishes(bench, KIND),
         "versions": lambda bench: measure_versions(bench, KIND), "ci": measure_installation, "memory": lambda bench: measure_memory(bench, KIND)}
