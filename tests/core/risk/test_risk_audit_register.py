import json

from winnow.core.risk.answer_window import Mark
from winnow.core.risk.audit_register import AuditRegister, AuditState

FIRST, SECOND = Mark(0, 1), Mark(0, 2)


def noted(*closings, settled_from=99):
    register = AuditRegister(remembered_s=100.0)
    for offset, closing in enumerate(closings):
        state = AuditState(offset, Mark(0, offset + 1), closing, offset >= settled_from)
        register.note("r", 7, state, now=0.0)
    return register


def test_what_counts_as_wrong_is_the_last_word_before_release_and_any_later_one():
    assert not noted("wrong", "right").find("r", 0.0).counted_wrong
    assert noted("right", "wrong").find("r", 0.0).counted_wrong
    assert noted("wrong", "right", settled_from=1).find("r", 0.0).counted_wrong
    assert noted("right", "reopened", "right", settled_from=1).find("r", 0.0).counted_wrong
    assert noted("expired").find("r", 0.0).counted_wrong


def test_audits_are_forgotten_in_time():
    register = noted("right")
    assert register.find("r", 100.0) is not None
    assert register.find("r", 100.1) is None
    assert register.find("other", 0.0) is None


def test_a_bucket_stays_small():
    register = AuditRegister(remembered_s=1e9)
    numbers = [n for n in range(400_000) if AuditRegister.bucket_of(f"r{n}") == 5][:450]
    assert len(numbers) > 380
    for number in (*numbers, *range(400_000, 440_000)):
        if AuditRegister.bucket_of(f"r{number}") == 5:
            register.note(f"r{number}", 1, AuditState(number, FIRST, "right", True), 0.0)
    assert len(register.bucket(5)) <= 400
    assert len(json.dumps(register.bucket(5))) < 64 * 1024


def test_buckets_ahead_of_the_head_are_read_as_they_were():
    register = noted("right", "wrong", "right")
    register.note("later", 9, AuditState(5, FIRST, "wrong", False), 0.0)
    buckets = json.loads(json.dumps({n: register.bucket(n) for n in register.used_buckets()}))
    back = AuditRegister(100.0)
    back.restore({int(n): bucket for n, bucket in buckets.items()}, offset=1)
    assert back.find("r", 0.0).newest == AuditState(1, SECOND, "wrong", False)
    assert back.find("later", 0.0) is None
