"""What PostgreSQL says when it does not start, turned into one line that tells what to do."""

import re

from gangmu.kit.engine.errors import Broken, DiskFull, InUse, NoMemory, OtherVersion, PortBusy, StartFailed
from gangmu.kit.engine.folder import Folder
from gangmu.kit.engine.options import Options
from gangmu.kit.errors import HouseError

SEGMENT_IN_USE = "pre-existing shared memory block"
LOCKED = re.compile(r'lock file ".*" already exists')
DAMAGED = re.compile(
    r"could not (open|read|locate|find) .*(file|directory|checkpoint|control)|invalid (checkpoint|primary checkpoint)"
    r"|incorrect checksum|incompatible with server"
    r"|control file|is not a valid|could not load|syntax error in file|invalid page|invalid data in"
)


def understood(said: str, folder: Folder, options: Options) -> HouseError:
    """The error that the server's last words mean."""
    reason = last_words(said)
    path, log = str(folder.root), str(folder.log)
    if "No space left on device" in said or "Disk quota exceeded" in said or "File too large" in said:
        return DiskFull(path=path, free_mb=folder.free_mb())
    if options.port and "Address already in use" in said:
        return PortBusy(port=options.port, host="127.0.0.1")
    if LOCKED.search(said) or SEGMENT_IN_USE in said:
        return InUse(path=path, pid=(folder.pid_lines() or ["?"])[0].strip())
    if "Cannot allocate memory" in said or "could not create shared memory" in said:
        return NoMemory(reason=reason)
    version = re.search(r"initialized by PostgreSQL version (\S+), .* version (\S+?)\.?$", said, re.M)
    if version:
        return OtherVersion(path=path, found=version[1], wanted=version[2])
    if DAMAGED.search(said):
        return Broken(path=str(folder.database), reason=reason, log=log)
    return StartFailed(reason=reason, log=log)


def last_words(said: str) -> str:
    """The last fatal line without its time and process, else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    grave = [line for line in lines if re.search(r"\b(FATAL|PANIC|error):", line)]
    if not (grave or lines):
        return "it said nothing"
    return re.sub(r"^.*?(FATAL|PANIC|error):\s*", "", (grave or lines)[-1])
