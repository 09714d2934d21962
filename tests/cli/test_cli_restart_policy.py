"""When a service that ended is started again."""

from winnow.cli.restart_policy import GiveUp, RestartPlan, RestartPolicy, StartAgain

POLICY = RestartPolicy(first_s=1, longest_s=5, healthy_s=30, most_failures=4)


def plan_after(*runs: tuple[float, float], policy: RestartPolicy = POLICY) -> list[StartAgain | GiveUp]:
    plan = RestartPlan(policy)
    steps = []
    for started, ended in runs:
        plan.started(started)
        steps.append(plan.ended(1, ended))
    return steps


def test_each_failure_in_a_row_waits_longer_up_to_a_limit() -> None:
    steps = plan_after((0, 0), (10, 10), (20, 20), (30, 30))

    assert steps == [StartAgain(1), StartAgain(12), StartAgain(24), StartAgain(35)]


def test_a_long_good_run_forgets_the_failures_before() -> None:
    assert plan_after((0, 0), (1, 1), (10, 100))[-1] == StartAgain(101)


def test_too_many_failures_in_a_row_are_the_end() -> None:
    assert isinstance(plan_after((0, 0), (0, 0), (0, 0), (0, 0), (0, 0))[-1], GiveUp)


def test_without_a_limit_it_is_started_for_ever() -> None:
    steps = plan_after(*[(0.0, 0.0)] * 200, policy=RestartPolicy(longest_s=5))

    assert steps[-1] == StartAgain(5)


def test_a_service_that_was_used_wrongly_is_not_started_again() -> None:
    plan = RestartPlan(POLICY)
    plan.started(0)

    assert isinstance(plan.ended(2, 0), GiveUp)
