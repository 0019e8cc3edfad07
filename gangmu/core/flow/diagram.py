"""A flow as a picture: an SVG drawn here, and Mermaid text for documents.

The states stand below each other in the order of the way. On their left run the lines from state to state, each in
a lane of its own: solid forward, dashed back; on their right stand the verbs of each state with where they lead, so
that every word can be read whatever the size of the flow. Verbs offered everywhere are told once, at the foot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from gangmu.core.flow.check import targets
from gangmu.core.flow.model import CHOICE, ORIGIN, SAME, Flow, State, StateKind, Verb, VerbKind

BOX_H, ROW_GAP, PAD, LANE, CHIP_H, CHIP_GAP = 44, 18, 24, 9, 24, 8
CHIPS_WIDE = 900
STYLE = """
text{font-family:"Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei","PingFang SC",sans-serif;fill:#1f2933}
.paper{fill:#fff}.box{fill:#f5f8fc;stroke:#3b6ea5;stroke-width:1.4}
.box.side{fill:#fff8ec;stroke:#a8741a;stroke-dasharray:5 3}.box.final{fill:#edf6ee;stroke:#2f7d4f;stroke-width:2.4}
.box.void{fill:#f4f4f5;stroke:#6b7280;stroke-width:2.4}.name{font-size:14px;font-weight:600;text-anchor:middle}
.sub{font-size:11px;text-anchor:middle;fill:#52606d}.edge{fill:none;stroke:#3b6ea5;stroke-width:1.4}
.edge.back{stroke:#a23b3b;stroke-dasharray:6 4}.edge.side{stroke:#a8741a;stroke-dasharray:2 3}
.chip{fill:#eef3f9;stroke:none}.chip.back{fill:#f9eeee}.chip.side{fill:#fdf5e6}.verb{font-size:12px}
.state.on .box{stroke-width:4}.state.wrong .box{stroke:#b3211a;stroke-width:3}
.state.added .box,.act.added .chip{fill:#e4f3e9}.state.changed .box,.act.changed .chip{fill:#fbf3d3}
.act.added .chip,.act.changed .chip{stroke:#6b5200;stroke-width:1;stroke-dasharray:3 2}
.legend{font-size:12px}.title{font-size:17px;font-weight:700}
"""
WORDS = {
    "zh": {
        "origin": "原状态",
        "any": "任何办理中状态",
        "same": "不改变状态",
        "colon": "：",
        "list": "、",
        "then": "；",
    },
    "en": {
        "origin": "where it was",
        "any": "From every open state",
        "same": "Without moving",
        "colon": ": ",
        "list": ", ",
        "then": "; ",
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the left: between the rows of two states, in a lane, with its look."""

    source: str
    target: str
    look: str
    lane: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A verb beside its state: what is written, how it looks, how wide it is."""

    text: str
    look: str
    wide: float
    verb: str


def look_of(verb: Verb) -> str:
    return {VerbKind.step: "step", VerbKind.aside: "side", VerbKind.note: "side"}.get(verb.kind, "back")


def width_of(text: str, size: float = 14) -> float:
    """Roughly how wide a text is drawn; a Chinese character is as wide as its height."""
    return sum(size if ord(ch) > 0x2E7F else size * 0.58 for ch in text)


def moves(flow: Flow, lang: str) -> dict[tuple[str, str, str], list[str]]:
    """Every way between two states: (from, to, look) and the titles of the verbs."""
    drawn: dict[tuple[str, str, str], list[str]] = {}
    for verb in flow.verbs:
        if verb.to == SAME or verb.anywhere:
            continue
        for source in verb.sources:
            for after in sorted(targets(flow, verb, source)):
                drawn.setdefault((source, after, look_of(verb)), []).append(verb.title.get(lang, verb.id))
    return drawn


def lines(flow: Flow) -> list[Line]:
    """The lines on the left, the shortest in the innermost lane, none crossing another in its lane. The ways back
    from a side state to where it came from are left to the words."""
    row = {state.id: n for n, state in enumerate(flow.states)}
    wanted = {
        (source, verb.to, look_of(verb))
        for verb in flow.verbs
        if not verb.anywhere and not verb.to.startswith("@")
        for source in verb.sources
        if source != verb.to
    }
    taken: list[list[tuple[int, int]]] = []
    found = []
    for source, target, look in sorted(wanted, key=lambda w: (abs(row[w[0]] - row[w[1]]), w)):
        low, high = sorted((row[source], row[target]))
        lane = next((n for n, spans in enumerate(taken) if all(high < a or b < low for a, b in spans)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        found.append(Line(source, target, look, lane))
    return found


def _chips(flow: Flow, state: State, lang: str) -> list[list[Chip]]:
    """The verbs of a state as rows of chips."""
    said: list[Chip] = []
    for verb in flow.verbs:
        if state.id not in verb.sources or verb.anywhere or verb.to == SAME:
            continue
        text = f"{verb.title.get(lang, verb.id)} → {_where(flow, verb, lang)}"
        said.append(Chip(text, look_of(verb), width_of(text, 12) + 18, verb.id))
    rows: list[list[Chip]] = [[]]
    wide = 0.0
    for chip in said:
        if rows[-1] and wide + chip.wide > CHIPS_WIDE:
            rows.append([])
            wide = 0.0
        rows[-1].append(chip)
        wide += chip.wide + CHIP_GAP
    return rows


def _where(flow: Flow, verb: Verb, lang: str) -> str:
    words = WORDS.get(lang, WORDS["en"])
    if verb.to == ORIGIN:
        return words["origin"]
    named = verb.choices if verb.to == CHOICE else (verb.to,)
    return words["list"].join(flow.state(s).title.get(lang, s) for s in named)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked in a picture: the state chosen, states and verbs that a draft adds or changes, and findings."""

    chosen: str = ""
    states: Mapping[str, str] = field(default_factory=dict)  # id: added | changed
    verbs: Mapping[str, str] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()

    def of(self, state: str) -> str:
        found = [
            self.states.get(state, ""),
            "wrong" if state in self.wrong else "",
            "on" if state == self.chosen else "",
        ]
        return " ".join(name for name in found if name)


NO_MARKS = Marks()


def svg(flow: Flow, lang: str = "zh", marks: Marks = NO_MARKS) -> str:
    """The flow as an SVG document with a title and a description for readers who do not see it. Every box carries its
    state (``data-state``) and every chip its verb (``data-verb``), so that a screen can let them be chosen."""
    drawn = lines(flow)
    gutter = PAD + LANE * (max((line.lane for line in drawn), default=0) + 2)
    box_w = max(width_of(s.title.get(lang, s.id)) for s in flow.states) + 34
    chips_x = gutter + box_w + 24
    title = flow.title.get(lang, flow.id)
    shown = f"{title} v{flow.version}" if flow.version else title
    middle: dict[str, float] = {}
    boxes: list[str] = []
    y = PAD + 34.0
    for state in flow.states:
        rows = _chips(flow, state, lang)
        tall = max(BOX_H, len(rows) * (CHIP_H + 4) - 4)
        middle[state.id] = y + tall / 2
        boxes.append(_box(flow, state, lang, gutter, y + (tall - BOX_H) / 2, box_w, marks.of(state.id)))
        boxes += _drawn_chips(rows, chips_x, y + (tall - len(rows) * (CHIP_H + 4) + 4) / 2, marks)
        y += tall + ROW_GAP
    notes = _notes(flow, lang)
    width = max(chips_x + CHIPS_WIDE + PAD, max((width_of(n, 12) for n in notes), default=0) + 2 * PAD)
    height = y + 20 * len(notes) + PAD
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="img" aria-labelledby="flow-title flow-desc">',
            f'<title id="flow-title">{escape(shown)}</title>',
            f'<desc id="flow-desc">{escape(_told(flow, lang))}</desc>',
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0 10 5 0 10z" fill="#52606d"/></marker></defs>',
            f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>',
            f'<text class="title" x="{PAD}" y="{PAD + 8}">{escape(shown)}</text>',
            *_drawn_lines(drawn, middle, gutter),
            *boxes,
            *[
                f'<text class="legend" x="{PAD}" y="{y + 12 + 20 * n:.0f}">{escape(note)}</text>'
                for n, note in enumerate(notes)
            ],
            "</svg>",
        ]
    )


def _box(flow: Flow, state: State, lang: str, x: float, y: float, w: float, marked: str) -> str:
    look = "void" if state.status == "void" else state.kind.value
    clocks = WORDS.get(lang, WORDS["en"])["list"].join(
        stage.title.get(lang, stage.id) for c in state.clocks if (stage := flow.find_stage(c)) is not None
    )
    under = ("‖ " if state.pauses else "") + (f"◔ {clocks}" if clocks else state.id)
    middle = x + w / 2
    return (
        f'<g class="state {marked}" data-state="{escape(state.id)}">'
        f'<rect class="box {look}" x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{BOX_H}" '
        f'rx="{22 if state.kind is StateKind.final else 6}"/>'
        f'<text class="name" x="{middle:.0f}" y="{y + 19:.0f}">{escape(state.title.get(lang, state.id))}</text>'
        f'<text class="sub" x="{middle:.0f}" y="{y + 36:.0f}">{escape(under)}</text></g>'
    )


def _drawn_chips(rows: list[list[Chip]], x: float, y: float, marks: Marks) -> list[str]:
    drawn = []
    for row in rows:
        at = x
        for chip in row:
            marked = marks.verbs.get(chip.verb, "")
            drawn.append(
                f'<g class="act {marked}" data-verb="{escape(chip.verb)}"><rect class="chip {chip.look}" x="{at:.0f}" '
                f'y="{y:.0f}" width="{chip.wide:.0f}" height="{CHIP_H}" rx="12"/>'
                f'<text class="verb" x="{at + 9:.0f}" y="{y + 16:.0f}">{escape(chip.text)}</text></g>'
            )
            at += chip.wide + CHIP_GAP
        y += CHIP_H + 4
    return drawn


def _drawn_lines(drawn: list[Line], middle: dict[str, float], gutter: float) -> list[str]:
    """Each line leaves its box below the middle and enters the other above it, so that ends do not meet."""
    paths = []
    for line in drawn:
        x = gutter - LANE * (line.lane + 1.6)
        down = middle[line.target] > middle[line.source]
        shift = 4 + (line.lane * 3) % 13
        y1 = middle[line.source] + (shift if down else -shift)
        y2 = middle[line.target] + (-shift if down else shift)
        turn = 5 if down else -5
        paths.append(
            f'<path class="edge {line.look}" marker-end="url(#tip)" d="M{gutter:.0f} {y1:.1f}H{x + 5:.1f}'
            f"Q{x:.1f} {y1:.1f} {x:.1f} {y1 + turn:.1f}V{y2 - turn:.1f}Q{x:.1f} {y2:.1f} {x + 5:.1f} {y2:.1f}"
            f'H{gutter:.0f}"/>'
        )
    return paths


def _notes(flow: Flow, lang: str) -> list[str]:
    words = WORDS.get(lang, WORDS["en"])
    led = [f"{v.title.get(lang, v.id)} → {_where(flow, v, lang)}" for v in flow.verbs if v.anywhere and v.to != SAME]
    staying = [v.title.get(lang, v.id) for v in flow.verbs if v.to == SAME]
    notes = [words["any"] + words["colon"] + words["then"].join(led)] if led else []
    return [*notes, words["same"] + words["colon"] + words["list"].join(staying)] if staying else notes


def _told(flow: Flow, lang: str) -> str:
    named = {s.id: s.title.get(lang, s.id) for s in flow.states}
    return "; ".join(f"{named[a]} → {named[b]}: {', '.join(t)}" for (a, b, _), t in moves(flow, lang).items())


def mermaid(flow: Flow, lang: str = "zh") -> str:
    """The flow as Mermaid `stateDiagram-v2` text."""
    said = ["stateDiagram-v2", f"  [*] --> {flow.start}"]
    said += [f"  {s.id}: {_plain(s.title.get(lang, s.id))}" for s in flow.states]
    for (source, after, _), titles in moves(flow, lang).items():
        said.append(f"  {source} --> {after}: {_plain(' / '.join(dict.fromkeys(titles)))}")
    said += [f"  {s.id} --> [*]" for s in flow.states if s.kind is StateKind.final]
    return "\n".join(said) + "\n"


def _plain(text: str) -> str:
    return text.replace(":", "：").replace(";", "；").replace("\n", " ")
