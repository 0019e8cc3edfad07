"""Keeps a database running: starts it again when it dies, with longer and longer pauses."""

import threading

from gangmu.kit import clock
from gangmu.kit.engine.engine import Engine
from gangmu.kit.errors import HouseError
from gangmu.kit.log import log

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
CALM_S = 60.0


class Keeper:
    """Watches an engine from a thread until ``close``. Starting is done under the folder's lock, so that two
    keepers of one folder do not get in each other's way."""

    def __init__(self, engine: Engine, look_every_s: float = 0.5) -> None:
        self.engine = engine
        self.restarts = 0
        self._look_every_s = look_every_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="engine keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching; the engine itself goes on."""
        self._closing.set()
        self._thread.join()

    def _watch(self) -> None:
        pause, calm_since = FIRST_PAUSE_S, clock.monotonic()
        while not self._closing.wait(self._look_every_s):
            if self.engine.is_alive():
                continue
            if clock.monotonic() - calm_since > CALM_S:
                pause = FIRST_PAUSE_S
            log.error("database died, starting it again", pid=self.engine.pid)
            try:
                self.restarts += self.engine.ensure_running()
            except HouseError as error:
                log.error("database does not start", error=error.code, again_in_s=pause, **error.params)
                if self._closing.wait(pause):
                    return
                pause = min(LONGEST_PAUSE_S, pause * 2)
            calm_since = clock.monotonic()
