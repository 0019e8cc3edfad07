"""What can go wrong in the care of a house, each one line that says what to do."""

from gangmu.kit.errors import HouseError


class NoHouse(HouseError):
    """There is no house in the data folder."""

    code, status = "care.no_house", 404


class NoSpace(HouseError):
    """The disk took no more; nothing that was begun there looks whole."""

    code, status = "care.no_space", 507


class NotWritten(HouseError):
    """The file or folder cannot be written or read."""

    code, status = "care.not_written", 500


class TakenAlready(HouseError):
    """A file of this name is there already, or another backup is being written to it."""

    code, status = "care.taken_already", 409


class Damaged(HouseError):
    """A part of the backup is not what it was when it was taken."""

    code, status = "care.damaged", 422


class NoBackup(HouseError):
    """The file is no backup of a house."""

    code, status = "care.no_backup", 422


class TooNew(HouseError):
    """The backup was taken by a newer version than this one."""

    code, status = "care.too_new", 409


class WrongPassphrase(HouseError):
    """The keys in the backup do not open with this passphrase."""

    code, status = "care.wrong_passphrase", 422


class ShortPassphrase(HouseError):
    """A passphrase that would be guessed."""

    code, status = "care.short_passphrase", 422


class WrongKeys(HouseError):
    """The keys given are those of another house."""

    code, status = "care.wrong_keys", 422


class OtherSigner(HouseError):
    """The backup is signed with another key than the one that was given."""

    code, status = "care.other_signer", 422


class NotEmpty(HouseError):
    """Where a house is to be restored there is something already."""

    code, status = "care.not_empty", 409


class NotEqual(HouseError):
    """What was restored is not what was backed up."""

    code, status = "care.not_equal", 500


class StillRunning(HouseError):
    """Processes of the house are at work while its tables are to change."""

    code, status = "care.still_running", 409


class TooLittleSpace(HouseError):
    """Not enough room for a backup and for tables that are written anew."""

    code, status = "care.too_little_space", 507


class BackupWanted(HouseError):
    """An upgrade without a backup that is young enough."""

    code, status = "care.backup_wanted", 409


class NoWayBack(HouseError):
    """No upgrade of this folder is known that could be taken back."""

    code, status = "care.no_way_back", 409


class WouldLose(HouseError):
    """Going back would throw something away."""

    code, status = "care.would_lose", 409


class WouldForget(HouseError):
    """Going back to a backup takes what was done since out of the house."""

    code, status = "care.would_forget", 409


class OwnDatabase(HouseError):
    """The house lives in a PostgreSQL of its owner's, where nothing is put in the place of anything."""

    code, status = "care.own_database", 409


class BackupGone(HouseError):
    """The backup that the upgrade took is not where it was put."""

    code, status = "care.backup_gone", 409


class NotThatBackup(HouseError):
    """The backup is of other tables than those that the upgrade began with."""

    code, status = "care.not_that_backup", 409


class NotAsExpected(HouseError):
    """After the tables were changed something is not as it must be."""

    code, status = "care.not_as_expected", 500
