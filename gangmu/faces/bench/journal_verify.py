"""``gangmu bench journal-verify``: entries verified a second, chain, signed heads and index columns included."""

from gangmu import boot
from gangmu.faces.bench import Args, Measured, private_folder, say
from gangmu.kit import clock, ids, journal, seal
from gangmu.kit.unit import canonical, transaction

USUAL, FULL = 300_000, 5_000_000
BATCH = 20_000


def run(args: Args) -> Measured:
    """Seal generated entries of the usual size (about 700 bytes), then verify them all."""
    wanted = args.size(USUAL, FULL)
    with private_folder() as folder, boot.node(folder) as node:
        made = 0
        while made < wanted:
            made += _entries(min(BATCH, wanted - made))
            say(f"{made:,} entries")
        began = clock.monotonic()
        while journal.seal_tail(node.journal_folder, most=BATCH):
            pass
        sealed_s = clock.monotonic() - began
        began = clock.monotonic()
        verdict = journal.verify(node.journal_folder, seal.keys().verifier)
        took = clock.monotonic() - began
    assert verdict.ok, verdict.broken
    figures = {"entries_per_s": verdict.sealed / took, "sealed_per_s": verdict.sealed / sealed_s}
    return Measured(figures, verdict.sealed, notes={"heads_checked": verdict.heads_checked})


def _entries(count: int) -> int:
    """Entries as a unit writes them, loaded by COPY."""
    rows = []
    for _ in range(count):
        entry, about = ids.new("jrn"), str(ids.new("evt"))
        change = {
            "do": "update",
            "table": "event",
            "key": about,
            "before": {"state": "accepted", "version": 3, "holder_role": "shift_leader", "moved_at": clock.real_now()},
            "after": {"state": "registered", "version": 4, "holder_role": "dispatcher", "moved_at": clock.real_now()},
        }
        actor = {"kind": "person", "name": "测试", "person": about, "post": about, "org": about}
        body = {"id": entry, "unit": entry, "recorded_at": clock.real_now(), "now": clock.real_now(), "actor": actor}
        body |= {"cause": "POST /api/events/{event_id}/acts/{verb}", "about": [about], "changes": [change]}
        rows.append({"id": entry, "recorded_at": clock.real_now(), "about": [about], "body": canonical(body)})
    with transaction() as conn, conn.connection.cursor() as cursor:
        with cursor.copy("COPY journal_entry (id, recorded_at, about, body) FROM STDIN") as stream:
            for row in rows:
                stream.write_row((row["id"].uuid, row["recorded_at"], row["about"], row["body"]))
        with cursor.copy("COPY journal_unsealed (entry) FROM STDIN") as stream:
            for row in rows:
                stream.write_row((row["id"].uuid,))
    return count
