from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.core.decision import Case, Coins, Scored, decide, policy_for, tossed
from winnow.core.risk.coin import coins
from winnow_schemas.base import NO_MODEL, NO_POLICY
from winnow_schemas.policies import LabelRule, Policy

NOW = 1_800_000_000.0
AT = datetime.fromtimestamp(NOW, UTC)


def policy(**changes):
    values = {
        "version": 7,
        "epoch": 2,
        "state": "auto",
        "thresholds": {"spam": 0.9, "ham": 0.8},
        "audit_rate": 0.16,
        "ledger_rate": 0.08,
        "target": 0.05,
        "confidence": 0.95,
        "salt_id": "salt",
        "at": AT,
        "valid_until": AT + timedelta(seconds=60),
    }
    return Policy(**{**values, **changes})


def decided(spam=0.95, policy_=None, audit=0.5, budget=0.0, model=3):
    scores = None if spam is None else {"ham": 1 - spam, "spam": spam}
    case = Case("stream01/0/12", Scored(model, scores), Coins(audit, budget))
    return decide(case, policy_, "entropy", NOW)


def outcome(decision):
    return decision.look, decision.reason, decision.propensity


def test_above_its_labels_threshold_the_machine_labels():
    decision = decided(policy_=policy())
    assert outcome(decision) == ("none", "confident", 0.16)
    assert (decision.label, decision.top_probability, decision.threshold) == ("spam", 0.95, 0.9)
    assert (decision.audit_rate, decision.ledger_rate) == (0.16, 0.08)
    assert (decision.model_version, decision.policy_version, decision.epoch) == (3, 7, 2)
    assert decision.decided_at == AT


@pytest.mark.parametrize("spam", [0.9, 0.6, 0.21])
def test_at_or_below_the_threshold_people_review(spam):
    assert outcome(decided(spam, policy())) == ("review", "uncertain", 1.0)


def test_the_coin_chooses_extra_looks_then_ledger_audits_then_none():
    extra = (0.16 - 0.08) / (1 - 0.08)
    looks = [decided(policy_=policy(), audit=toss).look for toss in (0.0, extra - 1e-9, extra, 0.16 - 1e-9, 0.16, 1.0)]
    assert looks == ["extra", "extra", "ledger", "ledger", "none", "none"]
    assert decided(policy_=policy(), audit=0.1).reason == "audit"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "cold"}, "cold"),
        ({"state": "building"}, "uncertain"),
        ({"state": "suspended"}, "suspended"),
        ({"state": "halted"}, "suspended"),
        ({"thresholds": {}}, "uncertain"),
        ({"thresholds": {"ham": 0.1}}, "uncertain"),
        ({"thresholds": {"spam": 1.0}}, "uncertain"),
        ({"valid_until": AT - timedelta(seconds=1)}, "stale"),
    ],
)
def test_a_gate_that_is_not_open_sends_everything_to_people(changes, reason):
    assert outcome(decided(1.0, policy(**changes))) == ("review", reason, 1.0)


def test_without_a_policy_everything_goes_to_people():
    decision = decided(1.0, None)
    assert outcome(decision) == ("review", "cold", 1.0)
    assert (decision.policy_version, decision.epoch, decision.audit_rate) == (NO_POLICY, None, None)


def test_without_a_model_everything_goes_to_people():
    decision = decided(None, policy(), model=NO_MODEL)
    assert outcome(decision) == ("review", "cold", 1.0)
    assert (decision.label, decision.scores, decision.confidence) == (None, None, None)


def test_a_record_the_model_has_no_score_for_goes_to_people():
    decision = decided(None, policy())
    assert outcome(decision) == ("review", "uncertain", 1.0)
    assert decision.label is None


def test_a_stale_decision_still_says_under_which_version_it_was_made():
    decision = decided(1.0, policy(valid_until=AT - timedelta(seconds=1)))
    assert (decision.policy_version, decision.epoch) == (7, 2)


def test_thresholds_hold_for_the_model_that_earned_them_and_not_for_the_next():
    earned = policy(model_since=300)
    assert policy_for(earned, 300) is earned
    assert policy_for(earned, 0) is earned
    assert policy_for(None, 300) is None
    decision = decided(policy_=policy_for(earned, 400))
    assert (outcome(decision), decision.threshold) == (("review", "cold", 1.0), None)
    assert (decision.policy_version, decision.epoch) == (earned.version, earned.epoch)


def test_for_the_next_model_each_label_begins_anew_and_what_was_stopped_stays_so():
    rules = {
        label: LabelRule(state=state, epoch=2, audit_rate=0.16, ledger_rate=0.08)
        for label, state in (("ham", "auto"), ("spam", "halted"))
    }
    per_label = policy_for(policy(per_label=rules), 400)
    reasons = [decided(spam, per_label).reason for spam in (0.05, 0.95)]
    assert reasons == ["cold", "suspended"]
    assert decided(policy_=policy_for(policy(state="halted"), 400)).reason == "suspended"


def test_where_only_a_share_is_open_the_rest_is_reviewed_and_the_propensity_says_so():
    half = policy(open_share=0.5)
    chance = pytest.approx(0.5 + 0.5 * 0.16)
    assert outcome(decided(policy_=half, budget=0.5)) == ("review", "uncertain", chance)
    assert outcome(decided(policy_=half, budget=0.49)) == ("none", "confident", chance)
    assert outcome(decided(policy_=half, budget=0.49, audit=0.15)) == ("ledger", "audit", chance)
    assert outcome(decided(0.5, half, budget=0.99)) == ("review", "uncertain", 1.0)


def test_a_label_with_a_rule_of_its_own_follows_it():
    rules = {
        "spam": LabelRule(state="probation", epoch=9, audit_rate=0.5, ledger_rate=0.25),
        "ham": LabelRule(state="suspended", epoch=1, audit_rate=0.08, ledger_rate=0.08),
    }
    spam, ham = decided(0.95, policy(per_label=rules)), decided(0.05, policy(per_label=rules))
    assert outcome(spam) == ("none", "confident", 0.5)
    assert (spam.epoch, spam.audit_rate, spam.ledger_rate) == (9, 0.5, 0.25)
    assert outcome(ham) == ("review", "suspended", 1.0)


def test_among_equal_labels_the_first_is_the_machines():
    assert decided(0.5, policy()).label == "ham"


@pytest.mark.parametrize("kind", ["entropy", "margin", "top"])
def test_confidence_rises_with_certainty(kind):
    def confidence(spam):
        case = Case("a/0/0", Scored(1, {"ham": 1 - spam, "spam": spam}), Coins(0.5, 0.5))
        return decide(case, None, kind, NOW).confidence

    rising = [confidence(spam) for spam in (0.5, 0.6, 0.9, 1.0)]
    assert rising == sorted(set(rising))
    assert rising[-1] == 1.0
    assert rising[0] == (0.5 if kind == "top" else 0.0)


UNIT = st.floats(0, 1)
STATES = st.sampled_from(["cold", "building", "probation", "auto", "suspended", "halted"])


@st.composite
def policies(draw):
    ledger = draw(st.floats(0.001, 0.5))
    return policy(
        state=draw(STATES),
        thresholds=draw(st.dictionaries(st.sampled_from(["ham", "spam"]), UNIT, max_size=2)),
        ledger_rate=ledger,
        audit_rate=draw(st.floats(ledger, 1)),
        open_share=draw(UNIT),
        valid_until=AT + timedelta(seconds=draw(st.integers(-5, 5))),
    )


@given(st.none() | policies(), st.none() | UNIT, UNIT, UNIT, st.sampled_from([NO_MODEL, 0, 5]))
@settings(max_examples=400, deadline=None)
def test_the_decision_is_a_function_and_fails_closed(chosen, spam, audit, budget, model):
    decision = decided(spam, chosen, audit, budget, model)
    assert decision == decided(spam, chosen, audit, budget, model)
    if decision.look == "none":
        assert decision.reason == "confident"
        assert chosen is not None
        assert chosen.state in ("probation", "auto")
        assert chosen.valid_until >= AT
        assert model != NO_MODEL
        assert decision.top_probability > chosen.thresholds[decision.label]
    if decision.propensity < 1:
        assert decision.top_probability > decision.threshold


@given(policies(), st.floats(0.5, 1))
@settings(max_examples=20, deadline=None)
def test_the_propensity_is_the_share_of_coins_that_lead_to_people(chosen, spam):
    offsets = range(1000)
    decisions = [decided(spam, chosen, *tossed("salt", "stream01", 0, offset)) for offset in offsets]
    propensity = decisions[0].propensity
    assert {decision.propensity for decision in decisions} == {propensity}
    seen = sum(decision.look != "none" for decision in decisions)
    assert abs(seen - 1000 * propensity) <= 5 * (1000 * propensity * (1 - propensity)) ** 0.5 + 1e-6


def test_audits_come_at_their_rate():
    tosses = coins("salt", "abcdefgh", 3, range(100_000))
    looks = [decided(policy_=policy(), audit=toss).look for toss in tosses[:20_000]]
    audits = 20_000 - looks.count("none")
    assert abs(audits - 3200) < 4 * (20_000 * 0.16 * 0.84) ** 0.5
    in_ledger = looks.count("ledger") + looks.count("none")
    assert abs(looks.count("ledger") - 0.08 * in_ledger) < 4 * (in_ledger * 0.08 * 0.92) ** 0.5
