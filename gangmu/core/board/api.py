"""Routes of the wall screen: the figures, the map, and the events behind any of them."""

from typing import Annotated, Literal

from fastapi import Query

from gangmu.core.board import model, service, store, views
from gangmu.core.board.schema import BoardEvents, BoardMap, BoardOut, Spot
from gangmu.core.board.store import Wanted
from gangmu.kit import geo
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.page import Page
from gangmu.kit.web import Edge, Routes

routes = Routes("board")
Key = Annotated[str, Query(max_length=40, pattern=r"^[a-z_0-9]*$")]
MOST = 200
ABNORMAL = 30
SPOTS = 1500
POINTS = 800


@routes.get("/board", can="board.read", answers=BoardOut)
def board(at: Edge) -> BoardOut:
    """大屏 / All figures of the wall screen but the map, each as of its time."""
    fresh = views.freshness(at.unit)
    figures = views.Figures(at.unit, at.actor)
    worst = store.list_open(at.unit, ABNORMAL, Wanted(abnormal=True), seen_by=at.actor)
    return BoardOut(
        place=views.place_of(at.unit, at.actor),
        day=figures.today,
        total=figures.total(),
        stages=figures.stages(),
        sources=figures.sources(),
        departments=figures.departments(),
        reasons=figures.reasons(),
        abnormal=views.of_standings(at.unit, worst, at.lang),
        troubles=views.troubles(at.unit, at.actor),
        opens=views.opens(at.actor),
        is_key=at.actor.kind != "person",
        as_of=fresh.as_of,
        quality=fresh.quality,
    )


@routes.get("/board/map", can="board.read", answers=BoardMap, errors=[Invalid])
def board_map(
    at: Edge,
    bbox: Annotated[str, Query(max_length=120)],
    zoom: Annotated[float, Query(ge=0, le=24)] = 10,
) -> BoardMap:
    """大屏地图 / Open events of a part of the map: by squares from afar, single ones from near."""
    fresh = views.freshness(at.unit)
    box = geo.Box.parse(bbox)
    near = zoom >= model.POINTS_FROM
    level = model.FINEST if near else model.level_of(zoom)
    xs = model.span(box.west, box.east, 180, level)
    ys = model.span(box.south, box.north, 90, level)
    if near:
        found = store.list_open(at.unit, POINTS + 1, Wanted(box=(xs, ys)), seen_by=at.actor)
        spots = [
            Spot(
                lon=one.lon,
                lat=one.lat,
                n=1,
                late=int(one.lateness == "late"),
                near=int(one.lateness == "near"),
                id=one.event,
            )
            for one in found[:POINTS]
            if one.lon is not None and one.lat is not None
        ]
        return BoardMap(spots=spots, level=None, more=len(found) > POINTS, as_of=fresh.as_of, quality=fresh.quality)
    squares = store.list_squares(at.unit, level, xs, ys, SPOTS + 1, seen_by=at.actor)
    spots = [
        Spot(lon=one.lon, lat=one.lat, n=one.n, late=one.late, near=one.near, square=f"{level}_{one.x}_{one.y}")
        for one in squares[:SPOTS]
    ]
    return BoardMap(spots=spots, level=level, more=len(squares) > SPOTS, as_of=fresh.as_of, quality=fresh.quality)


@routes.get("/board/events", can="board.read", answers=BoardEvents, errors=[Invalid])
def board_events(
    at: Edge,
    figure: Literal["open", "stage", "in", "out", "heard", "why", "abnormal", "verdict", "square", "nowhere", "one"],
    key: Key = "",
    lateness: Annotated[str, Query(pattern="^(late|near|calm)?$")] = "",
    org: Id | None = None,
    days: Annotated[int, Query(ge=1, le=7)] = 1,
    verdict: Annotated[str, Query(pattern="^(on_time|late)?$")] = "",
    event: Id | None = None,
    after: Annotated[str | None, Query(max_length=400)] = None,
) -> BoardEvents:
    """数字背后 / The events that a figure of the screen counted, page by page, as far as the viewer's reach goes."""
    fresh = views.freshness(at.unit)
    unit, actor, page = at.unit, at.actor, Page(MOST, after)
    if figure in ("in", "out", "heard"):
        moves = store.page_moved(unit, page, service.day_of(unit.now), figure, key, seen_by=actor)
    elif figure == "verdict":
        if org is None:
            raise Invalid(field="org", reason="whose verdicts")
        wanted = None if not verdict else verdict == "on_time"
        since = service.since_days(unit, days)
        moves = store.page_judged(unit, page, org, since, seen_by=actor, on_time=wanted)
    else:
        which = Wanted(
            stage=key if figure == "stage" else "",
            lateness=lateness,
            reason=key if figure == "why" else "",
            abnormal=figure == "abnormal",
            square=_square(key) if figure == "square" else None,
            nowhere=figure == "nowhere",
            event=event if figure == "one" else None,
        )
        found = store.page_open(unit, page, which, seen_by=actor)
        items = views.of_standings(unit, found.items, at.lang)
        return BoardEvents(
            items=items,
            more=found.next is not None,
            next=found.next,
            as_of=fresh.as_of,
            quality=fresh.quality,
        )
    items = views.of_moves(unit, moves.items, at.lang, actor)
    return BoardEvents(
        items=items, more=moves.next is not None, next=moves.next, as_of=fresh.as_of, quality=fresh.quality
    )


def _square(key: str) -> tuple[int, int, int]:
    parts = key.split("_")
    if len(parts) != 3 or not all(one.isdigit() and len(one) < 9 for one in parts) or int(parts[0]) not in model.LEVELS:
        raise Invalid(field="key", reason="a square is level_x_y")
    return int(parts[0]), int(parts[1]), int(parts[2])
