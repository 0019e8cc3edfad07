"""What the verb "instruct" of a flow does: it becomes an instruction with a receipt."""

from gangmu.core.event import Acted, effect
from gangmu.core.instruct import service


@effect("record_instruction")
def keep_instruction(acted: Acted) -> None:
    """Given on the event's page it goes to whoever has the event; given with an addressee it is kept already."""
    if acted.args.reason.strip() and "instruction" not in acted.args.extra:
        service.from_act(acted.unit, acted.actor, acted.args.reason, acted.event, acted.act_id)
