"""What a try-out finds, gathered: pure. Histories are played one by one, the findings grouped with a few examples."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gangmu.core.flow.model import Flow, Refusal
from gangmu.core.flow.replay import Past, Permits, play

EXAMPLES = 20


@dataclass(slots=True)
class Group:
    """Events that met the same fate: ``verb`` refused in ``state`` for ``refusal``, or that end in another state."""

    verb: str
    state: str
    refusal: Refusal | None = None
    now: str = ""
    n: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, event: str) -> None:
        self.n += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(event)


@dataclass(slots=True)
class FlowTrial:
    """``events = through + refused + unclear + untouched``. ``unclear`` would be refused under the flow of their own
    time too (imported, or not everything of their history is kept), so they tell nothing of the draft; ``untouched``
    have no act of the flow yet. ``elsewhere`` of those that go through end in another state than they did."""

    events: int = 0
    acts: int = 0
    through: int = 0
    refused: int = 0
    unclear: int = 0
    untouched: int = 0
    elsewhere: int = 0
    groups: dict[tuple[str, str, str], Group] = field(default_factory=dict)
    moved: dict[tuple[str, str], Group] = field(default_factory=dict)

    def sorted_groups(self) -> list[Group]:
        return sorted(self.groups.values(), key=lambda group: (-group.n, group.verb, group.state))

    def sorted_moved(self) -> list[Group]:
        return sorted(self.moved.values(), key=lambda group: (-group.n, group.state, group.now))


def try_flow(
    draft: Flow, histories: Iterable[Past], own_of: Callable[[int], Flow | None], permits: Permits | None = None
) -> FlowTrial:
    """Play every history on the draft. One that the draft refuses is played on the flow of its own time too, up to the
    same act."""
    found = FlowTrial()
    for past in histories:
        found.events += 1
        own = own_of(past.version)
        if own is None:
            found.unclear += 1
            continue
        played = play(draft, past, own, permits)
        found.acts += played.steps
        if played.refused is not None:
            then = play(own, past, own)
            if then.refused is not None and then.at <= played.at:
                found.unclear += 1
                continue
            found.refused += 1
            key = (played.verb, played.state, played.refused.reason)
            group = found.groups.setdefault(key, Group(played.verb, played.state, played.refused))
            group.add(past.id)
        elif played.steps == 0:
            found.untouched += 1
        else:
            found.through += 1
            if played.state != past.state:
                before = play(own, past, own).state
                if before == past.state:
                    found.elsewhere += 1
                    found.moved.setdefault((past.state, played.state), Group("", past.state, None, played.state)).add(
                        past.id
                    )
    return found


def summary(found: FlowTrial) -> Mapping[str, int]:
    """The counts alone, to be kept with a draft."""
    names = ("events", "acts", "through", "refused", "unclear", "untouched", "elsewhere")
    return {name: getattr(found, name) for name in names}
