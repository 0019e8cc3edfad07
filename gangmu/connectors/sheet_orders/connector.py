"""Orders by spreadsheet: what a system without an interface exports comes in, our acts go out, receipts come back.

Headings in Chinese as hotlines export them, or our own words. A line with something under 动作 is an act, any other an
order. The same file twice changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gangmu.sdk import rows
from gangmu.sdk.exchange import Ask, Bad, Batch, Cursor, Exchange, Health, OutAct, Receipt, Sheet, Step

HEADS = {
    "工单编号": "number",
    "消息编号": "message",
    "序号": "seq",
    "交办时间": "at",
    "开始计时": "started_at",
    "办理时限": "due_at",
    "诉求类型": "kind",
    "诉求分类": "class_code",
    "区划": "area",
    "承办单位": "unit",
    "状态": "state",
    "标题": "title",
    "诉求内容": "text",
    "地址": "address",
    "经度": "lon",
    "纬度": "lat",
    "坐标系": "datum",
    "诉求人": "reporter_name",
    "联系电话": "reporter_phone",
    "匿名": "anonymous",
    "保密": "confidential",
    "要求回复": "want_reply",
    "紧急": "urgent",
    "动作": "act",
    "办理人": "by",
    "满意度": "satisfaction",
    "办理结果": "outcome",
    "办理过程": "history",
}
OUT = ("回执编号", "工单编号", "动作", "时间", "内容", "结果", "状态", "办理人", "我方时限", "回执", "回执说明")
VERDICTS = {
    "成功": "taken",
    "接收": "taken",
    "taken": "taken",
    "拒收": "refused",
    "退回": "refused",
    "refused": "refused",
    "稍后": "later",
    "later": "later",
}


class Connector(Exchange):
    """Carried by hand."""

    headings = (*HEADS, *HEADS.values(), *OUT)

    def check(self, ask: Ask) -> Health:
        return Health(True, "waits for workbooks")

    def read(self, body: Any) -> Batch:
        return Batch(tuple(self._row(line) for line in body), Cursor())

    def _row(self, line: Mapping[str, str]) -> Any:
        plain: dict[str, Any] = {HEADS.get(head, head): value for head, value in line.items() if value}
        told = str(plain.pop("history", ""))
        if plain.get("act") and not plain.get("message"):
            plain["message"] = f"{plain.get('number', '')}:{plain['act']}:{plain.get('at', '')}"
        row = rows.read(plain)
        if not told or isinstance(row, Bad) or not hasattr(row, "history"):
            return row
        steps = _steps(told)
        if isinstance(steps, str):
            return Bad(row.message, "history", steps, dict(line))
        return rows.with_history(row, steps)

    def export(self, acts: Sequence[OutAct]) -> Sheet:
        lines = []
        for act in acts:
            due = act.due_at.isoformat(sep=" ", timespec="seconds") if act.due_at else ""
            at = act.at.isoformat(sep=" ", timespec="seconds")
            lines.append((act.id, act.number, act.act, at, act.text, act.outcome, act.state, act.by, due, "", ""))
        return Sheet("办理结果", OUT, tuple(lines))

    def read_receipts(self, lines: Sequence[Mapping[str, str]]) -> tuple[Receipt, ...]:
        found = []
        for line in lines:
            verdict = VERDICTS.get(line.get("回执", "").strip().lower())
            if verdict and line.get("回执编号"):
                found.append(Receipt(line["回执编号"], verdict, "", line.get("回执说明", "")[:500]))  # type: ignore[arg-type]
        return tuple(found)


def _steps(text: str) -> tuple[Step, ...] | str:
    """A history of lines: time | what | by whom | words."""
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if not any(parts):
            continue
        at = rows.moment(parts[0])
        if at is None or len(parts) < 2:
            return f"{line[:40]!r} is not time | what | by | words"
        found.append(Step(at, parts[1], *(parts[2:4])))
    return tuple(found)
