"""What can be refused in the knowledge base."""

from gangmu.kit.errors import HouseError


class EntryEnded(HouseError):
    """The entry was withdrawn and takes no more change."""

    code, status = "knowledge.entry_ended", 409


class NotADraft(HouseError):
    """Only a draft is put in force."""

    code, status = "knowledge.not_a_draft", 409


class CorrectionAnswered(HouseError):
    """The request was answered already."""

    code, status = "knowledge.correction_answered", 409


class NumberMalformed(HouseError):
    """The value of a service number cannot be read: a limit such as 2d, or a count."""

    code, status = "knowledge.number_malformed", 422
