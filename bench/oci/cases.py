"""What is measured: each case runs its rounds, ours and the peer's in turn, and answers rows of the table."""
import contextlib
import dataclasses
import hashlib
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from peers import Nginx, on_core
from pushes import IMAGE, Content, push_blob, push_bytes, push_manifest, push_together, store_alone
from registries import Client, DockerRegistry, Lodestone
from report import MIB, Row, Setup
from rows import add_tags, image_name, tag_name
from wrk import THREADS, run_wrk

PROGRAM_LIMIT_S = 1800
SMALL_BYTES = 4096
SMALL_CLIENTS = 32
PAGE_NAMES = 50
HERE = Path(__file__).resolve().parent


@dataclasses.dataclass
class Bench(Setup):
    """Each case has a folder of its own, which goes when it ends."""
    large_bytes: int
    push_bytes: int
    pushes: int
    tags: int

    def ours(self, core=None, name: str = "ours") -> Lodestone:
        return Lodestone(self.build / "lodestone", self.folder / name, core=core)

    def peer(self, core=None) -> DockerRegistry:
        return DockerRegistry(self.folder / "peer", core=core)


@contextlib.contextmanager
def running(bench: Bench):
    """Ours and the peer."""
    with bench.ours() as ours, bench.peer() as peer:
        yield ours.furnish(), peer


def measure_fetches(bench: Bench) -> list[Row]:
    """What small requests cost: with a key on our side, without any on the peer's."""
    what = {"manifest by tag": 20, "manifest by digest": 20, "1 KiB blob": 20}
    per_cpu = {name: ([], []) for name in what}
    rate = {name: ([], []) for name in what}
    with running(bench) as servers:
        targets = [list_targets(server) for server in servers]
        for name in what:
            for number in range(bench.rounds + 1):
                for which, server in enumerate(servers):
                    before = server.cpu_seconds()
                    # The peer answers a manifest only to who says that they know its type.
                    load = run_wrk(server.port, targets[which][name], bench.seconds if number else 1, {**server.headers, "Accept": IMAGE})
                    if number == 0:
                        continue  # the first one pays for what the others find warm
                    per_cpu[name][which].append(load.requests / (server.cpu_seconds() - before) / 1000)
                    rate[name][which].append(load.requests / load.seconds / 1000)
    return [row for name, target in what.items() for row in (
        Row(f"GET of a {name}, requests per CPU second", "k", *per_cpu[name], target=target, is_at_least=True),
        Row(f"GET of a {name}, requests per second", "k/s", *rate[name], target=None))]


def list_targets(server) -> dict[str, str]:
    place = server.place("bench")
    with Client(server) as client:
        layer = push_bytes(client, place, os.urandom(1024))
        digest = push_manifest(client, place, layer, "1.0")
    return {"manifest by tag": f"{place}/manifests/1.0", "manifest by digest": f"{place}/manifests/{digest}", "1 KiB blob": f"{place}/blobs/{layer['digest']}"}


def measure_pull(bench: Bench) -> list[Row]:
    """One large blob, again and again, from a public repository beside a plain file of nginx, which is the same file: the
    servers have one core and the client another, since where the kernel puts them decides more than what they do."""
    cores = sorted(os.sched_getaffinity(0))
    core, client_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    root = bench.folder / "nginx"
    root.mkdir()
    per_cpu, rate = {name: [] for name in ("ours", "nginx", "peer")}, {name: [] for name in ("ours", "nginx", "peer")}
    with bench.ours(core) as ours, bench.peer(core) as peer, Nginx(root, root, 2, core) as nginx, Content(bench.large_bytes) as content:
        ours.furnish()
        content.renew()
        for server in (ours, peer):
            with Client(server) as client:
                push_blob(client, server.place("bench", "shown"), content)
                push_manifest(client, server.place("bench", "shown"), {"digest": content.digest, "size": content.size_bytes}, "1.0")
        os.link(ours.find_bytes(content.sha256), root / "file")
        asked = {"ours": (ours, f"{ours.place('bench', 'shown')}/blobs/{content.digest}"), "nginx": (nginx, "/file"),
                 "peer": (peer, f"{peer.place('bench', 'shown')}/blobs/{content.digest}")}
        for _ in range(bench.rounds):
            for name, (server, path) in asked.items():
                before = server.cpu_seconds()
                size, took = map(float, run_downloader(bench, server.port, path, client_core).split())
                per_cpu[name].append(size / 1e9 / (server.cpu_seconds() - before))
                rate[name].append(size / 1e9 / took)
    what = f"pull of {bench.large_bytes // MIB} MiB"
    return [Row(f"{what}, bytes per CPU second, beside nginx", "GB", per_cpu["ours"], per_cpu["nginx"], 0.95, is_at_least=True),
            Row(f"{what}, throughput, beside nginx", "GB/s", rate["ours"], rate["nginx"], 0.95, is_at_least=True),
            Row(f"{what}, bytes per CPU second", "GB", per_cpu["ours"], per_cpu["peer"], None),
            Row(f"{what}, throughput", "GB/s", rate["ours"], rate["peer"], None)]


def run_downloader(bench: Bench, port: int, path: str, core) -> str:
    command = on_core(core, [bench.build / "bench/http_bench_downloader", port, path, 1, bench.seconds])
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PROGRAM_LIMIT_S).stdout


def measure_push(bench: Bench) -> list[Row]:
    """One large blob, begun, streamed and finished, another one each time; alone it is hashed, written and confirmed."""
    took = {"ours": [], "peer": [], "alone": []}
    cpu = {"ours": [], "peer": []}
    alone = bench.folder / "alone"
    alone.mkdir()
    with running(bench) as (ours, peer), Content(bench.large_bytes) as content:
        for number in range(bench.rounds + 1):
            content.renew()
            for name, server in (("ours", ours), ("peer", peer), ("alone", None)):
                os.sync()  # what the one before left is not this one's to wait for
                before, start = server.cpu_seconds() if server else 0, time.monotonic()
                if server:
                    with Client(server) as client:
                        push_blob(client, server.place("bench"), content)
                else:
                    store_alone(content, alone)
                if number > 0:  # the first one pays for what the others find warm
                    took[name].append(time.monotonic() - start)
                    if server:
                        cpu[name].append(server.cpu_seconds() - before)
            (alone / content.sha256).unlink()
            ours.find_bytes(content.sha256).unlink()  # or some rounds fill the disk
    what = f"push of {bench.large_bytes // MIB} MiB"
    speed = {name: [bench.large_bytes / MIB / seconds for seconds in took[name]] for name in took}
    return [Row(f"{what}, throughput", "MiB/s", speed["ours"], speed["peer"], 2, is_at_least=True),
            Row(f"{what}, time, beside hashing and writing alone", "s", took["ours"], took["alone"], 1.3),
            Row(f"{what}, CPU time", "s", cpu["ours"], cpu["peer"], None)]


def measure_pushes(bench: Bench) -> list[Row]:
    """Many at once and in step, and what that takes of memory; the bytes are on the disk all at the same time."""
    note, size = "", bench.push_bytes
    room = shutil.disk_usage(bench.folder).free * 9 // 10 // bench.pushes // MIB * MIB
    if room < size:
        size, note = room, f"the disk has no room for {bench.push_bytes // MIB} MiB each"
    with bench.ours() as ours, Content(size) as content:
        ours.furnish()
        before, start = ours.cpu_seconds(), time.monotonic()
        push_together(ours, [ours.place(f"bench-{number}") for number in range(bench.pushes)], content.renew())
        speed = bench.pushes * size / MIB / (time.monotonic() - start)
        cpu = (ours.cpu_seconds() - before) / (bench.pushes * size / 1e9)
        peak = ours.memory_kib("VmHWM") / 1024
    told = f"{speed:.0f} MiB/s in all, {cpu:.2f} s of CPU per GB"
    return [Row(f"{bench.pushes} pushes at once of {size // MIB} MiB, peak resident", "MiB", [peak], [], 128, note=", ".join(filter(None, [note, told])))]


def write_small_blobs(folder: Path, seconds: float, token: str):
    """For the script of each thread of wrk: beginnings of blobs and their digests, none like another."""
    for thread in range(1, THREADS + 1):
        with open(folder / f"blobs-{thread}", "w") as file:
            for number in range(int(20_000 * max(1, seconds))):
                seed = f"{token}-{thread}-{number:012d}".encode().ljust(64, b".")
                file.write(f"{seed.decode()} {hashlib.sha256(seed.ljust(SMALL_BYTES, b'x')).hexdigest()}\n")


def measure_small_pushes(bench: Bench) -> list[Row]:
    """Blobs of 4 KiB that are begun and finished in two requests, as clients do it, by as many as there are connections;
    and in one, which only ours can."""
    script = (HERE / "small_pushes.lua").read_text()
    rate = {"ours": [], "peer": [], "one": []}
    cpu = {"ours": [], "peer": [], "one": []}
    with running(bench) as (ours, peer):
        for number in range(bench.rounds + 1):
            for name, server in (("ours", ours), ("peer", peer), ("one", ours)):
                write_small_blobs(bench.folder, bench.seconds, f"{name}-{number}")
                before = server.cpu_seconds()
                load = run_wrk(server.port, "/", bench.seconds, server.headers, SMALL_CLIENTS, script,
                               [server.place("bench"), bench.folder, "one" if name == "one" else "two"])
                pushed, refused = load.told
                if refused or not pushed:
                    raise RuntimeError(f"{refused} pushes were refused, {pushed} were not")
                if number > 0:
                    rate[name].append(pushed / load.seconds)
                    cpu[name].append((server.cpu_seconds() - before) * 1e6 / pushed)
    what = f"4 KiB blobs by {SMALL_CLIENTS} clients"
    return [Row(f"{what}, pushes", "/s", rate["ours"], rate["peer"], 10, is_at_least=True,
                note=f"CPU {statistics.median(cpu['ours']):.0f} beside {statistics.median(cpu['peer']):.0f} µs"),
            Row(f"{what}, in one request each, beside two requests of the peer", "/s", rate["one"], rate["peer"], None,
                note=f"CPU {statistics.median(cpu['one']):.0f} µs")]


def measure_lists(bench: Bench) -> list[Row]:
    """A page of 50 names from a quarter of the way on: of many, beside one of a hundred."""
    targets = {"tags": lambda server, count: f"{server.place('bench')}/tags/list?n={PAGE_NAMES}&last={tag_name(count // 4)}",
               "the catalog": lambda server, count: f"/v2/_catalog?n={PAGE_NAMES}&last=default/images/{image_name(count // 4)}"}
    cost = {name: ([], []) for name in targets}
    with contextlib.ExitStack() as stack:
        servers = []
        for count in (bench.tags, 100):
            server = bench.ours(name=f"names-{count}")
            with server:
                server.furnish()
                with Client(server) as client:
                    push_manifest(client, server.place("bench"), push_bytes(client, server.place("bench"), b"layer"), "1.0")
            add_tags(server.database, "bench", count)
            servers.append((stack.enter_context(server), count))
        for name, target in targets.items():
            for number in range(bench.rounds + 1):
                for which, (server, count) in enumerate(servers):
                    check_page(server, target(server, count))
                    before = server.cpu_seconds()
                    load = run_wrk(server.port, target(server, count), bench.seconds if number else 1, server.headers)
                    if number > 0:
                        cost[name][which].append((server.cpu_seconds() - before) * 1e6 / load.requests)
    return [Row(f"a page of {name}, of {bench.tags} beside one of 100, CPU", "µs", *cost[name], target=1.2) for name in targets]


def check_page(server, target: str):
    with Client(server) as client:
        answer = client.ask(200, "GET", target)
    if answer.text.count(b'"') < 2 * PAGE_NAMES or "Link" not in answer.headers:
        raise RuntimeError(f"{target} is no whole page: {answer.text[:200]}")


CASES = {"small-pushes": measure_small_pushes, "fetches": measure_fetches, "lists": measure_lists, "pull": measure_pull, "push": measure_push,
         "pushes": measure_pushes}
