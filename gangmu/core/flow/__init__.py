"""Flows (流程): how a matter goes through the city, as versioned data.

Comes in: a definition (TOML, JSON), the facts of an event, the permissions of an actor.
Goes out: the flow that an event pins, the verbs offered with what they ask for and why not, the step of an act
(state, holder, stage clocks, effects). Nothing here knows events: their stage keeps the facts.
"""

from gangmu.core.flow.errors import NotAllowed
from gangmu.core.flow.model import ActFact, Acting, EvidenceFact, Facts, Flow, Step
from gangmu.core.flow.predicates import predicate
from gangmu.core.flow.service import current_flow, get_flow
from gangmu.core.flow.stepping import available, step

__all__ = [
    "ActFact",
    "Acting",
    "EvidenceFact",
    "Facts",
    "Flow",
    "NotAllowed",
    "Step",
    "available",
    "current_flow",
    "get_flow",
    "predicate",
    "step",
]
