"""A real PostgreSQL for tests: a server in a temporary folder that can be stopped, killed and frozen, and databases of
a test's own. support/postgres.hpp is the same for the C++ tests."""
import contextlib
import os
import secrets
import select
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

# Runs when the test ends, however it ends: its standard input closes with us.
GUARD = 'read -r _; p=$(head -n 1 "$1/data/postmaster.pid") && kill -9 $p $(cat /proc/$p/task/$p/children); rm -rf "$1"'
VARIABLE = "LODESTONE_TEST_POSTGRES"


def find_programs() -> Path | None:
    """The folder of the newest PostgreSQL's own programs."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def programs() -> Path:
    folder = find_programs()
    assert folder, "PostgreSQL is not installed"
    return folder


def run_as_postgres_prefix() -> list[str]:
    """PostgreSQL and PgBouncer do not run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def run_as_postgres(*command):
    done = subprocess.run([*run_as_postgres_prefix(), *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"


def run_sql(url: str, sql: str) -> str:
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{sql}: {done.stderr}"
    return done.stdout.strip()


def dump(url: str) -> str:
    """Everything in the database, as text."""
    done = subprocess.run(["pg_dump", "--no-password", url], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def find_memory() -> Path | None:
    """A folder in memory, if there is one with room: each test's database is hundreds of files, made and removed again, for which a
    file system on a disk takes several times as long as PostgreSQL itself."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK | os.X_OK) or shutil.disk_usage(memory).free < 4 << 30:
        return None
    return memory


class PostgresServer:
    """Running until the block ends; `settings` are lines of postgresql.conf."""

    def __init__(self, *settings: str, where: Path | None = None):
        self.settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="lodestone-postgres-", dir=where))

    def __enter__(self):
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.guard = subprocess.Popen(["/bin/sh", "-c", GUARD, "guard", str(self.folder)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, start_new_session=True)
        if not self.data.exists():  # else a standby's
            run_as_postgres(programs() / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        with open(self.data / "postgresql.conf", "a") as settings:
            settings.write("\n".join([f"unix_socket_directories = '{self.folder}'", "listen_addresses = ''", *self.settings, ""]))
        self.start()
        return self

    def __exit__(self, *_):
        self.guard.stdin.close()
        self.guard.wait()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database="postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def start(self):
        run_as_postgres(programs() / "pg_ctl", "start", "-s", "-w", "-D", self.data, "-l", self.folder / "log")

    def stop(self, mode="fast"):
        run_as_postgres(programs() / "pg_ctl", "stop", "-s", "-w", "-D", self.data, "-m", mode)

    def restart(self):
        self.stop()
        self.start()

    def processes(self) -> list[int]:
        """The postmaster, then what it started."""
        pid = (self.data / "postmaster.pid").read_text().split()[0]
        return [int(pid), *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def signal_all(self, number):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        """All its processes at once, as when the machine loses power."""
        watched = []
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                watched.append(os.pidfd_open(pid))
        self.signal_all(signal.SIGKILL)
        for descriptor in watched:
            select.select([descriptor], [], [], 30)
            os.close(descriptor)
        # Where nobody reaps zombies, their locks look alive.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def pause(self):
        """A black hole: the kernel accepts connections and bytes, nobody answers."""
        self.signal_all(signal.SIGSTOP)

    def resume(self):
        self.signal_all(signal.SIGCONT)


@contextlib.contextmanager
def standby_of(primary: PostgresServer):
    """A server that repeats what `primary` does, and takes no changes itself."""
    standby = PostgresServer()
    copy = primary.folder / "copy"
    run_as_postgres(programs() / "pg_basebackup", "-d", primary.url(), "-D", copy, "-R", "-c", "fast", "--no-sync")
    copy.rename(standby.data)
    with standby:
        yield standby


@contextlib.contextmanager
def database(server_url: str):
    """The URL of a fresh, empty database, gone with the block."""
    name = f"test_{secrets.token_hex(8)}"
    run_sql(server_url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield server_url.replace("@/postgres?", f"@/{name}?")
    finally:
        run_sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def shared_server():
    """For a whole run of tests, in the variable that they look into; nothing where PostgreSQL is not installed, or
    when the variable names a server already."""
    if os.environ.get(VARIABLE) or not find_programs():
        yield
        return
    with PostgresServer("max_connections = 200\nfsync = off\nfull_page_writes = off", where=find_memory()) as server:
        os.environ[VARIABLE] = server.url()
        try:
            yield
        finally:
            del os.environ[VARIABLE]
