"""wrk, the load that benchmarks put on servers: many connections that ask one address again and again, or what a Lua
script makes up. A single request that failed, or was refused, spoils the round."""
import dataclasses
import subprocess
import tempfile

PROGRAM_LIMIT_S = 1800
THREADS = 2

# What every script ends with; `tell` adds its own numbers.
DONE = """
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("%d %d %d %d %s\\n", summary.requests, latency:percentile(99), summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout, tell and tell() or ""))
end
"""


@dataclasses.dataclass
class Load:
    requests: int
    p99_ms: float
    seconds: float
    told: list[int]  # what the script counted


def run_wrk(port: int, path: str, seconds: float, headers: dict[str, str] | None = None, connections: int = 64, script: str = "",
            arguments=()) -> Load:
    """`arguments` are for the script's init()."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script + DONE)
        file.flush()
        shown = [word for name, value in (headers or {}).items() for word in ("-H", f"{name}: {value}")]
        command = ["wrk", f"-t{THREADS}", f"-c{connections}", f"-d{max(1, round(seconds))}s", *shown, "-s", file.name,
                   f"http://127.0.0.1:{port}{path}", *(["--", *map(str, arguments)] if arguments else [])]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=PROGRAM_LIMIT_S).stdout
    requests, p99_us, duration_us, errors, *told = map(int, output.splitlines()[-1].split())
    if errors:
        raise RuntimeError(f"{errors} requests failed: {output}")
    return Load(requests=requests, p99_ms=p99_us / 1000, seconds=duration_us / 1e6, told=told)
