"""Mutants of the scripts: each breaks one promise in one place, and the schedules must see it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """In lua/`file`.lua the text `old`, which stands there once, becomes `new`."""

    breaks: str
    file: str
    old: str
    new: str

    def apply(self, folder: Path) -> None:
        """Break the scripts in the folder, a copy of them."""
        file = folder / f"{self.file}.lua"
        text = file.read_text("utf-8")
        assert text.count(self.old) == 1
        file.write_text(text.replace(self.old, self.new), "utf-8")


MUTANTS = (
    Mutant("leases run out before their deadline", "prelude", "'-inf', stamp, 'BYSCORE'", "'-inf', '+inf', 'BYSCORE'"),
    Mutant(
        "a stale claimer completes",
        "complete",
        "if not exists or job[1] ~= lease then",
        "if not exists or not job[1] or job[1] == '' then",
    ),
    Mutant(
        "a finished job is finished again",
        "complete",
        "if not exists or job[1] ~= lease then",
        "if not exists or not job[1] then",
    ),
    Mutant(
        "a redelivered job waits at the end",
        "prelude",
        "places[#places + 1] = redis.call('HGET', job_key(id), 'score')",
        "places[#places + 1] = redis.call('HGET', job_key(id), 'score') + redis.call('HINCRBY', queue_key(index), "
        "'sequence', 1)",
    ),
    Mutant(
        "an index is used again",
        "create_queue",
        "redis.call('INCR', KEY.QUEUE_SEQUENCE)",
        "(redis.call('ZRANGE', KEY.QUEUES, -1, -1)[1] or 0) + 1",
    ),
    Mutant(
        "a paused queue hands out jobs", "claim", "== 'paused' then return {0} end", "== 'never' then return {0} end"
    ),
    Mutant("a release counts the attempt", "release", "'attempts', -1)", "'attempts', 0)"),
    Mutant("a job is released twice", "release", "redis.call('HSET', job_key(id), 'lease', '')", ""),
    Mutant(
        "a cancelled job keeps its lease", "transition", "'queue', '', 'lease', '', 'reason'", "'queue', '', 'reason'"
    ),
    Mutant(
        "pulling passes over jobs whose lease ran out", "pull", "if reap(index, REAP_PIECE) == REAP_PIECE", "if false"
    ),
    Mutant(
        "a claim passes over jobs whose lease ran out", "claim", "if reap(index, REAP_PIECE) == REAP_PIECE", "if false"
    ),
    Mutant(
        "purging takes claimed jobs",
        "purge",
        "'ZRANGE', ready_key(index), ARGV[5]",
        "'ZRANGE', leased_key(index), ARGV[5]",
    ),
    Mutant("purging leaves the last job", "purge", "<= last then", "< last then"),
    Mutant("redriving keeps the attempts", "prelude", "redis.call('HSET', job_key(id), 'attempts', 0)\n", "\n"),
    Mutant("priorities are ignored", "prelude", "(9 - tonumber(priority)) * 281474976710656", "9 * 281474976710656"),
    Mutant("a job's attempts never end", "prelude", "if tonumber(job[1]) >= most then", "if false then"),
    Mutant("a lease id is used again", "claim", "redis.call('INCR', KEY.LEASE_SEQUENCE)", "1"),
    Mutant("a renewal revives a lost lease", "renew", "'lease') == lease then", "'lease') then"),
    Mutant(
        "half a push is seen",
        "prelude",
        "if push[1] and tonumber(id) <= tonumber(push[1]) then",
        "if false then",
    ),
    Mutant("a push is given up while it goes on", "drop_push", "string.format('%.6f', now - ARGV[2])", "'+inf'"),
    Mutant("a push given up stays listed", "drop_push", "in_pieces(ids, 'ZREM', KEY.JOBS)", ""),
    Mutant("a push given up stays its owner's", "drop_push", "in_pieces(ids, 'ZREM', KEY.JOBS_OF .. owner)", ""),
    Mutant("a finished job stays in the queue", "complete", "in_pieces(finished, 'ZREM', leased_key(index))", ""),
    Mutant("a finished job is kept for ever", "complete", "in_pieces(ends, 'ZADD', KEY.FINISHED_JOBS)", ""),
    Mutant("a job pushed again is swept away", "requeue", "in_pieces(ids, 'ZREM', KEY.FINISHED_JOBS)", ""),
    Mutant(
        "a deleted job stays its owner's",
        "prelude",
        "in_pieces(owned, 'ZREM', KEY.JOBS_OF .. owner)",
        "local _ = owned",
    ),
    Mutant("dead letters do not die", "prelude", "redis.call('ZADD', dead_key(index), stamp, id)", ""),
)
