"""What can be wrong with a whole file or profile. What is wrong with one row is a ``RowError`` of the model."""

from gangmu.kit.errors import HouseError


class BadProfile(HouseError):
    """A profile that cannot be used: ``name`` and ``reason``."""

    code, status = "intake.bad_profile", 422


class UnknownProfile(HouseError):
    """No profile of that name is shipped and no file lies there: ``name``, ``known``."""

    code, status = "intake.unknown_profile", 404


class FileMissing(HouseError):
    """There is no such file: ``path``."""

    code, status = "intake.file_missing", 404


class FileEmpty(HouseError):
    """The file has no bytes, or nothing but blanks: ``path``."""

    code, status = "intake.file_empty", 422


class FileKind(HouseError):
    """Not a kind of file that is read: ``path``, ``kind``."""

    code, status = "intake.file_kind", 422


class FileOldXls(HouseError):
    """An old .xls workbook, or one locked by a password: ``path``."""

    code, status = "intake.file_old_xls", 422


class FileNotWorkbook(HouseError):
    """A zip that holds no workbook, or one whose XML is no workbook's: ``path``."""

    code, status = "intake.file_not_workbook", 422


class FileMisnamed(HouseError):
    """The name says one kind and the content is another: ``path``, ``named``, ``kind``."""

    code, status = "intake.file_misnamed", 422


class FileTooWide(HouseError):
    """More columns than are read: ``path``, ``columns``, ``limit``."""

    code, status = "intake.file_too_wide", 422


class FileTooLarge(HouseError):
    """Larger than the house unpacks: ``path``, ``what``, ``limit``. A bomb, or a file to be split."""

    code, status = "intake.file_too_large", 413


class FileDamaged(HouseError):
    """The file ends or breaks where it should not: ``path``, ``reason``."""

    code, status = "intake.file_damaged", 422


class WrongColumns(HouseError):
    """The file is not one of this profile: ``path``, ``profile``, ``missing``, ``found``."""

    code, status = "intake.wrong_columns", 422


class NoCity(HouseError):
    """The data folder holds no city and the profile founds none: ``profile``."""

    code, status = "intake.no_city", 409


class OtherCity(HouseError):
    """The data folder holds another city than the one the profile is about: ``profile``, ``holds``, ``wants``."""

    code, status = "intake.other_city", 409


class UnknownBatch(HouseError):
    """No import batch by that name: ``batch``."""

    code, status = "intake.unknown_batch", 404


class NothingToRead(HouseError):
    """A folder that holds no table of the profile: ``path``, ``profile``."""

    code, status = "intake.nothing_to_read", 404


class UploadTooLarge(HouseError):
    """An upload beyond the setting: ``limit`` in MB."""

    code, status = "intake.upload_too_large", 413


class UnknownChange(HouseError):
    """No changed row by that name in this batch: ``change``."""

    code, status = "intake.unknown_change", 404


class AlreadyDecided(HouseError):
    """Somebody has decided on this changed row: ``row``, ``state``."""

    code, status = "intake.already_decided", 409


class NotKept(HouseError):
    """The row was too large to keep, or its time to be kept is over: ``row``. Import the file again."""

    code, status = "intake.not_kept", 409


class ChangeUnreadable(HouseError):
    """The changed row cannot be taken: ``row``, ``field``, ``reason``."""

    code, status = "intake.change_unreadable", 409
