"""Start, join and leave the database of a data folder."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from gangmu.kit.engine import account, folder, programs, roles, server
from gangmu.kit.engine.errors import InUse, StartFailed
from gangmu.kit.engine.options import Options
from gangmu.kit.log import log

PATIENCE_AFTER_A_CRASH_S = 20.0


class Engine:
    """A running database and the addresses of its three roles. Several processes may hold the same one;
    it is stopped by the last that leaves. ``began`` tells that this one started it."""

    def __init__(self, data_dir: Path | str, options: Options) -> None:
        self.options = options
        self.began = False
        self._folder = folder.open_folder(data_dir)
        self._held: int | None = None
        self._server: server.Server
        self._passwords: dict[str, str]

    @property
    def pid(self) -> int:
        return self._server.pid

    @property
    def log(self) -> Path:
        return self._folder.log

    @property
    def uri_owner(self) -> str:
        """For migrations: the owner of the tables."""
        return self.uri(roles.OWNER)

    @property
    def uri_app(self) -> str:
        """For the application: may work with rows, may not change tables."""
        return self.uri(roles.APP)

    @property
    def uri_admin(self) -> str:
        """For making databases; used by tests and repair."""
        return self.uri(server.ADMIN, "postgres")

    def uri(self, role: str, database: str = roles.DATABASE) -> str:
        return roles.uri(self._server, role, self._passwords[role], database)

    def is_alive(self) -> bool:
        return self._server.is_alive()

    def ensure_running(self) -> bool:
        """Start the server unless it runs. True when it had to be started."""
        with folder.start_lock(self._folder, self.options.start_within_s):
            if self._held is None:
                self._held = folder.hold(self._folder)
            found = server.running(self._folder)
            if found is not None:
                if not self.began or found.pid != self._server.pid:
                    self._server = found
                    self._passwords = self._read_passwords()
                return False
            self._start()
            self.began = True
            return True

    def stop(self) -> bool:
        """Leave; the last one out stops the server. True when it was stopped. May be called twice."""
        if self._held is None:
            return False
        with folder.start_lock(self._folder, self.options.start_within_s):
            held, self._held = self._held, None
            if not folder.let_go(held):
                return False
            found = server.running(self._folder)
            if found is not None:
                own = self.began and self._server.pid == found.pid
                server.stop(self._server if own else found, self._folder, self.options.stop_within_s)
                log.info("database stopped", pid=found.pid)
            return found is not None

    def _start(self) -> None:
        ours = self._folder
        tools = programs.find()
        runs_as = account.choose(ours.database, self.options.account)
        tools = programs.reachable(tools, runs_as)
        is_new = not ours.database.exists()
        passwords = None if is_new else folder.read_secrets(ours)
        if is_new:
            passwords = folder.write_secrets(ours, roles.ROLES)
            server.make(ours, tools, runs_as, passwords[server.ADMIN], self.options.durable)
        server.check(ours, tools)
        if passwords is None or not set(roles.ROLES) <= set(passwords):
            passwords = folder.write_secrets(ours, roles.ROLES)
            server.set_password(ours, tools, runs_as, passwords[server.ADMIN])
            log.warning("the passwords of the database were missing and are new", folder=str(ours.root))
        self._passwords = passwords
        self._server = self._launched(tools, runs_as)
        try:
            roles.put_right(self._server, passwords)
        except psycopg.Error as error:
            server.stop(self._server, ours, self.options.stop_within_s)
            raise StartFailed(reason=str(error).splitlines()[0], log=str(ours.log)) from error
        log.info("database started", pid=self._server.pid, version=tools.version, is_new=is_new)

    def _launched(self, tools: programs.Programs, runs_as: account.Account) -> server.Server:
        """After kill -9 the dead server's children need a moment to notice and let go of its memory."""
        until = time.monotonic() + PATIENCE_AFTER_A_CRASH_S
        while True:
            try:
                return server.launch(self._folder, tools, runs_as, self.options)
            except InUse:
                if time.monotonic() > until:
                    raise
                time.sleep(0.25)

    def _read_passwords(self) -> dict[str, str]:
        found = folder.read_secrets(self._folder)
        if found is None:
            raise StartFailed(reason=f"{self._folder.secrets} is missing while the server runs", log=str(self.log))
        return found


def start(data_dir: Path | str, options: Options | None = None) -> Engine:
    """The database of the data folder: started, or joined when it runs. Call ``stop`` at the end."""
    engine = Engine(data_dir, options or Options())
    with ExitStack() as on_failure:
        on_failure.callback(engine.stop)
        engine.ensure_running()
        on_failure.pop_all()
    return engine


@contextmanager
def started(data_dir: Path | str, options: Options | None = None) -> Iterator[Engine]:
    """``start`` and ``stop`` around a block."""
    engine = start(data_dir, options)
    try:
        yield engine
    finally:
        engine.stop()
