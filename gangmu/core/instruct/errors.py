"""What can be refused about instructions."""

from gangmu.kit.errors import HouseError


class InstructionOver(HouseError):
    """The instruction was answered or withdrawn already."""

    code, status = "instruct.over", 409


class NobodyThere(HouseError):
    """Nobody in the organisation addressed can read and answer an instruction."""

    code, status = "instruct.nobody_there", 409
