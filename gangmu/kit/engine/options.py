"""How an embedded server is run. Every field has a default that suits a city on one machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """``port`` opens a loopback port besides the socket; ``durable`` is fsync and full pages;
    ``shared_buffers_mb`` 0 means an eighth of the memory, between 128 and 2,048; ``ephemeral`` lets the
    server end with the process that started it (tests and benchmarks)."""

    port: int | None = None
    durable: bool = True
    max_connections: int = 100
    shared_buffers_mb: int = 0
    account: str = "gangmu"
    ephemeral: bool = False
    start_within_s: float = 300
    stop_within_s: float = 60
    extra: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def for_tests(**changes: object) -> "Options":
        """A server that may lose its data and ends with its parent: never for a city."""
        given: dict[str, object] = {"durable": False, "ephemeral": True, "shared_buffers_mb": 64, **changes}
        return Options(**given)  # type: ignore[arg-type]

    def buffers_mb(self) -> int:
        if self.shared_buffers_mb:
            return self.shared_buffers_mb
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1024 * 1024)
        return max(128, min(2048, memory // 8))

    def server_settings(self) -> dict[str, str]:
        """What the server is started with, besides where its files and sockets are."""
        chosen = {
            "listen_addresses": "127.0.0.1" if self.port else "",
            "port": str(self.port or 5432),
            "unix_socket_permissions": "0700",
            "max_connections": str(self.max_connections),
            "shared_buffers": f"{self.buffers_mb()}MB",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            # the values of a refused row may be personal: neither its key nor its statement goes to the log
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            "log_checkpoints": "off",
            "jit": "off",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
        }
        if not self.durable:
            chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
            chosen |= {"max_wal_size": "512MB", "wal_level": "minimal", "max_wal_senders": "0"}
        return chosen | dict(self.extra)
