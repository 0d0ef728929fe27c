"""A real PgBouncer in transaction mode before a real PostgreSQL, for tests: in a temporary folder, gone with the block."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.postgres import run_as_postgres_prefix, run_sql
from support.process import end, find_program, wait_until

SETTINGS = """[databases]
* = host={server} port=5432
[pgbouncer]
pool_mode = transaction
unix_socket_dir = {folder}
listen_addr =
listen_port = 6432
auth_type = trust
auth_file = {folder}/users
logfile = {folder}/log
default_pool_size = {pool_size}
max_client_conn = 200
"""


class PgBouncer:
    """`server_folder`: where PostgreSQL has its socket; `pool_size`: server connections for each database."""

    def __init__(self, server_folder, pool_size: int):
        self.server_folder, self.pool_size = server_folder, pool_size
        self.folder = Path(tempfile.mkdtemp(prefix="lodestone-pgbouncer-"))

    def __enter__(self):
        self.folder.chmod(0o755)
        (self.folder / "users").write_text('"postgres" ""\n')
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(SETTINGS.format(server=self.server_folder, folder=self.folder, pool_size=self.pool_size))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        command = [*run_as_postgres_prefix(), find_program("pgbouncer"), str(settings)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        try:
            wait_until(lambda: self.socket.exists() or self.process.poll() is not None)
            assert self.process.poll() is None, self.log()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        end(self.process, limit_s=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def socket(self) -> Path:
        return self.folder / ".s.PGSQL.6432"

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def through(self, url: str) -> str:
        """The same database by way of the pooler."""
        return url.replace(str(self.server_folder), str(self.folder)) + "&port=6432"

    def ask(self, command: str) -> str:
        """Of its own console: SHOW POOLS and the like."""
        return run_sql(f"postgresql://pgbouncer@/pgbouncer?host={self.folder}&port=6432", command)
